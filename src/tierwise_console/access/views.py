"""Signing in and out, and one's own account: password, second factor, sessions."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView
from django.forms.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.safestring import mark_safe
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from tierwise_console.access import demo, second_factor, sessions
from tierwise_console.access import first_owner as first
from tierwise_console.access.forms import FirstOwnerForm, OwnPasswordForm, SignInForm
from tierwise_console.access.models import User
from tierwise_console.access.services import set_password
from tierwise_console.audit.services import record
from tierwise_console.shell.language import say


@method_decorator([login_not_required, sensitive_post_parameters()], name="dispatch")
class SignIn(LoginView):
    """The sign-in page; in the demo it names the demo's people."""

    template_name = "access/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True
    extra_context = {  # noqa: RUF012
        "people": demo.PEOPLE if settings.DEMO else {},
        "password": demo.PASSWORD,
        "nobody_yet": first.nobody_yet,
    }

    def form_valid(self, form: BaseForm) -> HttpResponse:
        """Sign in, and say so in the audit log."""
        answer = super().form_valid(cast(SignInForm, form))
        record("session.begin", actor=self.request.user, address=sessions.address_of(self.request))
        return answer

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        """Count what failed in the audit log too, by the name that was tried."""
        tried = str(form.data.get("username", ""))[:150]
        record("session.refused", actor=tried or "-", address=sessions.address_of(self.request))
        return super().form_invalid(cast(SignInForm, form))


@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def first_owner(request: HttpRequest, key: str) -> HttpResponse:
    """Make the first owner, by the address that the terminal told; once there is one, it is the way to sign in."""
    if not first.opens(key):
        return redirect("access:sign_in")
    form = FirstOwnerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        owner = first.make_first_owner(
            given["username"], given["password"], given["full_name"], sessions.address_of(request)
        )
        if owner is not None:
            login(request, owner)
            return redirect("/")
        return redirect("access:sign_in")
    return render(request, "access/first_owner.html", {"form": form})


sign_out = LogoutView.as_view()


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """One's own page: password, second factor, sessions."""
    me = _me(request)
    form = OwnPasswordForm(me, request.POST or None)
    if request.method == "POST" and form.is_valid():
        set_password(me, me, form.cleaned_data["new_password1"], keep_session=request.session.session_key or "")
        update_session_auth_hash(request, me)
        messages.success(
            request, say("Your password was changed; other sessions have ended.", "密码已修改，其他会话已结束。")
        )
        return redirect("access:account")
    shown = {
        "form": form,
        "sessions": sessions.sessions_of(me),
        "this_session": request.session.session_key,
        "second_factor": second_factor.has_second_factor(me),
    }
    return render(request, "access/account.html", shown)


@require_http_methods(["GET", "POST"])
def set_up_second_factor(request: HttpRequest) -> HttpResponse:
    """Show the QR code, take the first code, and show the spare codes once."""
    me, wrong, soon = _me(request), False, False
    if request.method == "POST":
        soon = second_factor.too_soon(me)
        codes = second_factor.confirm(me, request.POST.get("code", "").strip().replace(" ", ""))
        if codes:
            return render(request, "access/spare_codes.html", {"codes": codes})
        wrong = not soon
    device = second_factor.begin(me)
    picture = mark_safe(second_factor.picture(device))  # nosec B308 B703: drawn by segno from our own address
    shown = {"picture": picture, "url": device.config_url, "wrong": wrong, "soon": soon}
    return render(request, "access/second_factor.html", shown)


@require_POST
def turn_off_second_factor(request: HttpRequest) -> HttpResponse:
    """Off again, by one's password."""
    me = _me(request)
    if me.check_password(request.POST.get("password", "")):
        second_factor.turn_off(me, me)
        messages.success(request, say("Signing in asks for no code any more.", "登录不再要求动态验证码。"))
    else:
        messages.error(request, say("This is not your password.", "密码不正确。"))
    return redirect("access:account")


@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """End a session of one's own."""
    sessions.end_session(_me(request), pk)
    messages.success(request, say("The session has ended.", "会话已结束。"))
    return redirect("access:account")
