"""One job: how far it is, its log, and what can be done with it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from tierwise.errors import TierwiseError
from tierwise_console.access.guards import require
from tierwise_console.access.permissions import Permission
from tierwise_console.jobs import kinds, selectors, services
from tierwise_console.shell.language import current_language

OPEN = ("queued", "running")


@require(Permission.JOBS_VIEW)
def job(request: HttpRequest, number: int) -> HttpResponse:
    """A job with its log; while it is open the part that changes is asked for again."""
    try:
        found = selectors.job(number)
    except TierwiseError as error:
        raise Http404 from error
    shown = {
        "job": found,
        "title": kinds.kind_of(found.kind).title,
        "open": found.status in OPEN,
        "ended_badly": found.status in ("failed", "dead"),
        "lines": selectors.lines(number),
        "workers": selectors.workers_alive(),
        "may_run": request.user.may(Permission.JOBS_RUN),  # type: ignore[union-attr]
    }
    part = request.headers.get("HX-Request") == "true"
    return render(request, "pages/data/job_part.html" if part else "pages/data/job.html", shown)


@require_POST
@require(Permission.JOBS_RUN)
def change(request: HttpRequest, number: int) -> HttpResponse:
    """Cancel a job, or try one again that ended badly."""
    try:
        (services.replay if request.POST.get("replay") else services.cancel)(request.user, number)
    except TierwiseError as error:
        messages.error(request, error.to(current_language()))
    return redirect("pages:data_job", number)


urlpatterns = [
    path("data/jobs/<int:number>", job, name="data_job"),
    path("data/jobs/<int:number>/change", change, name="data_job_change"),
]
