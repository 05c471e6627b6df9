"""Settings: users and roles, sessions, and the audit log with its verification."""

from __future__ import annotations

import json
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from tierwise.errors import TierwiseError
from tierwise.language import Text
from tierwise_console.access import second_factor, services, sessions
from tierwise_console.access.confirming import confirm_identity
from tierwise_console.access.forms import UserForm
from tierwise_console.access.guards import require
from tierwise_console.access.permissions import ALLOWED, PERMISSION_NAMES, ROLE_NAMES, Permission, Role
from tierwise_console.access.services import Someone
from tierwise_console.access.sessions import address_of
from tierwise_console.audit import selectors as audit
from tierwise_console.audit.services import verify
from tierwise_console.audit.wording import ACTIONS, SUBJECTS
from tierwise_console.pages.answers import telling
from tierwise_console.shell.language import current_language, say
from tierwise_console.shell.menu import Entry

MENU = (
    Entry(Text("Settings", "设置"), "settings", "pages:settings", 190, Permission.USERS_MANAGE),
    Entry(Text("Audit log", "审计日志"), "history", "pages:audit", 198, Permission.AUDIT_VIEW),
)


@require(Permission.USERS_MANAGE)
@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """Users with their roles, a form for a new one, sessions, and the table of what roles may do."""
    form = UserForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            services.add_user(
                _me(request),
                given["username"],
                Role(given["role"]),
                given["password"],
                given["full_name"],
                given["person_id"],
            )
        except TierwiseError as error:
            form.add_error("username", error.problems[0].to(current_language()))
        else:
            messages.success(request, say("The user was added.", "用户已添加。"))
            return redirect("pages:settings")
    shown = {
        "form": form,
        "users": services.users(),
        "with_codes": second_factor.who_has_one(),
        "own_code": second_factor.has_second_factor(_me(request)),
        "roles": [(role.value, ROLE_NAMES[role]) for role in Role],
        "sessions": sessions.sessions_of(),
        "permissions": [
            (PERMISSION_NAMES[permission], permission, [permission in ALLOWED[role] for role in Role])
            for permission in Permission
        ],
    }
    return render(request, "pages/settings.html", shown)


def _me(request: HttpRequest) -> Someone:
    return cast(Someone, request.user)


@require(Permission.USERS_MANAGE)
@require_POST
def change_user(request: HttpRequest, pk: int) -> HttpResponse:
    """Another role, or the account closed or opened."""
    form = request.POST
    if form.get("role") not in list(Role):
        raise Http404
    active, person = form.get("active") == "1", form.get("person_id", "")
    try:
        services.change_user(_me(request), pk, Role(form["role"]), active, person)
        messages.success(request, say("The user was changed.", "用户已修改。"))
    except ObjectDoesNotExist as error:
        raise Http404 from error
    except TierwiseError as error:
        messages.error(request, error.to(current_language()))
    return redirect("pages:settings")


@require(Permission.USERS_MANAGE)
@require_POST
@telling("pages:settings")
def rescue_user(request: HttpRequest) -> HttpResponse:
    """Another password for somebody who forgot it, or off with the second factor of a lost phone; asks again who asks."""
    form, me = request.POST, _me(request)
    pk = int(form["user"]) if form.get("user", "").isdecimal() else 0
    confirm_identity(me, form.get("own", ""), form.get("code", ""), address_of(request))
    try:
        if form.get("step") == "second_factor":
            user = services.remove_second_factor(me, pk)
            messages.success(
                request, say(f"{user.username} signs in without a code now.", f"{user.username} 登录不再需要验证码。")
            )
        else:
            user = services.reset_password(me, pk, form.get("password", ""))
            messages.success(request, say(f"{user.username} has another password.", f"{user.username} 的密码已重设。"))
    except ObjectDoesNotExist as error:
        raise Http404 from error
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("pages:settings")


@require(Permission.USERS_MANAGE)
@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """End anybody's session."""
    sessions.end_session(_me(request), pk)
    messages.success(request, say("The session has ended.", "会话已结束。"))
    return redirect("pages:settings")


@require(Permission.AUDIT_VIEW)
@require_http_methods(["GET", "POST"])
def audit_log(request: HttpRequest) -> HttpResponse:
    """The log, newest first; POST verifies its chain."""
    verdict = verify() if request.method == "POST" else None
    page = Paginator(audit.entries(), 50).get_page(request.GET.get("page"))
    lines = [
        (entry, ACTIONS.get(entry.action), SUBJECTS.get(entry.subject_type), _detail(entry.detail)) for entry in page
    ]
    return render(request, "pages/audit.html", {"entries": page, "lines": lines, "verdict": verdict})


def _detail(detail: Any) -> str:
    """What an entry says beyond who, when and what; empty where that is all."""
    return json.dumps(detail, ensure_ascii=False, indent=1) if detail else ""


urlpatterns = [
    path("settings", settings, name="settings"),
    path("settings/user/<int:pk>", change_user, name="change_user"),
    path("settings/rescue", rescue_user, name="rescue_user"),
    path("settings/session/<int:pk>/end", end_session, name="end_any_session"),
    path("settings/audit", audit_log, name="audit"),
]
