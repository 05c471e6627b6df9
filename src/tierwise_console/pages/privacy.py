"""Privacy requests: what is known of one person, handed out or erased, with a look before and two steps."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tierwise.errors import TierwiseError
from tierwise.language import Text
from tierwise_console.access.guards import require
from tierwise_console.access.permissions import Permission
from tierwise_console.access.second_factor import has_second_factor
from tierwise_console.access.sessions import address_of
from tierwise_console.jobs import selectors as jobs
from tierwise_console.pages.answers import tell, telling
from tierwise_console.privacy import services
from tierwise_console.privacy.selectors import request_of, requests
from tierwise_console.shell.language import say
from tierwise_console.shell.menu import Entry

TITLE = Text("Privacy requests", "隐私请求")
MENU = (Entry(TITLE, "hand-stop", "pages:privacy", 192, Permission.PRIVACY_MANAGE),)


@require(Permission.PRIVACY_MANAGE)
@require_http_methods(["GET", "POST"])
def privacy(request: HttpRequest) -> HttpResponse:
    """The requests, and a form for a new one."""
    if request.method == "POST":
        form = request.POST
        try:
            made = services.ask(request.user, form.get("kind", ""), form.get("customer", ""), form.get("reason", ""))
            return redirect("pages:privacy_request", made.pk)
        except TierwiseError as error:
            tell(request, error)
    shown = {"requests": requests(request.user), "customer": request.GET.get("customer", "")}
    return render(request, "pages/privacy/list.html", shown)


@require(Permission.PRIVACY_MANAGE)
@require_GET
def one(request: HttpRequest, number: int) -> HttpResponse:
    """One request; the part that changes is asked for again while a job is at work."""
    found = request_of(request.user, number)
    if found is None:
        raise Http404
    busy = found.job is not None and found.job.status in ("queued", "running")
    failed = found.job is not None and found.job.status in ("failed", "dead", "cancelled")
    shown = {
        "found": found, "line": found.line, "busy": busy, "failed": failed, "workers": jobs.workers_alive(),
        "second_factor": has_second_factor(request.user),  # type: ignore[arg-type]
    }  # fmt: skip
    part = request.headers.get("HX-Request") == "true"
    return render(request, "pages/privacy/request_part.html" if part else "pages/privacy/request.html", shown)


@require(Permission.PRIVACY_MANAGE)
@require_POST
def confirm(request: HttpRequest, number: int) -> HttpResponse:
    """Erase: the customer's id was typed, and the password."""
    form = request.POST
    try:
        services.confirm(
            request.user,
            number,
            form.get("typed", ""),
            form.get("password", ""),
            form.get("code", ""),
            address_of(request),
        )
    except TierwiseError as error:
        tell(request, error)
    return redirect("pages:privacy_request", number)


@require(Permission.PRIVACY_MANAGE)
@require_POST
@telling("pages:privacy")
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """Drop a request."""
    services.withdraw(request.user, number)
    messages.success(request, say("The request was withdrawn; nothing was changed.", "请求已撤回，未做任何更改。"))
    return redirect("pages:privacy")


@require(Permission.PRIVACY_MANAGE)
@require_POST
@telling("pages:privacy")
def archive(request: HttpRequest, number: int) -> HttpResponseBase:
    """Send the archive, or remove it."""
    if request.POST.get("remove"):
        services.remove_archive(request.user, number)
        messages.success(request, say("The archive was removed.", "归档文件已删除。"))
        return redirect("pages:privacy_request", number)
    file = services.take_archive(request.user, number)
    return FileResponse(file.open("rb"), as_attachment=True, filename=f"subject-{number}.zip")


urlpatterns = [
    path("privacy/", privacy, name="privacy"),
    path("privacy/<int:number>", one, name="privacy_request"),
    path("privacy/<int:number>/confirm", confirm, name="privacy_confirm"),
    path("privacy/<int:number>/withdraw", withdraw, name="privacy_withdraw"),
    path("privacy/<int:number>/archive", archive, name="privacy_archive"),
]
