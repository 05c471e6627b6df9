"""The page Data: what holds, what was imported and can be taken back, what is being done."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from tierwise.contracts.tables import TABLES
from tierwise.errors import TierwiseError
from tierwise_console.access.guards import require
from tierwise_console.access.permissions import Permission
from tierwise_console.events import selectors as events
from tierwise_console.jobs import selectors as jobs
from tierwise_console.jobs.kinds import kind_of
from tierwise_console.pages.answers import not_there
from tierwise_console.runs import importing, ledger, reading
from tierwise_console.runs.schema import schema
from tierwise_console.shell.language import current_language, say

SHOWN_IMPORTS = 100
SHOWN_REJECTS = 200
KINDS = ("import", "undo", "run", "take_over", "events.import")


@require(Permission.DATA_VIEW)
def data(request: HttpRequest) -> HttpResponse:
    """Sources, imports, schema, events and jobs of this workspace."""
    shown = {
        "sources": ledger.sources(),
        "imports": ledger.imports()[:SHOWN_IMPORTS],
        "counting": ledger.counting(),
        "events": events.figures(),
        "jobs": [_titled(job) for job in jobs.recent(KINDS, 8)],
        "tables": TABLES.values(),
        "schema": schema(reading.current_run()),
        "workers": jobs.workers_alive(),
        "may_import": request.user.may(Permission.DATA_IMPORT),  # type: ignore[union-attr]
        "may_run": request.user.may(Permission.JOBS_RUN),  # type: ignore[union-attr]
    }
    return render(request, "pages/data/data.html", shown)


def _titled(job: Any) -> Any:
    """The job with the name of its kind for people."""
    job.title = kind_of(job.kind).title
    return job


@require_POST
@require(Permission.DATA_IMPORT)
def take_back(request: HttpRequest, name: str) -> HttpResponse:
    """Undo an import or have it count again, then show the job."""
    job = importing.ask_take_back(request.user, name, undo=request.POST.get("undo") == "1")
    return redirect("pages:data_job", job.pk)


@require(Permission.DATA_IMPORT)
def rejected(request: HttpRequest, name: str) -> HttpResponse:
    """The first rows that an import set aside, with what stood in them and why; of one reason where one is chosen."""
    reason = request.GET.get("reason", "")
    try:
        found = ledger.rejected(name, reason, SHOWN_REJECTS)
    except TierwiseError as error:
        return not_there(request, error)
    shown = {"found": found.record, "rows": found.rows, "reason": reason, "most": SHOWN_REJECTS}
    return render(request, "pages/data/rejected.html", shown)


@require(Permission.DATA_IMPORT)
def rejects(request: HttpRequest, name: str) -> HttpResponseBase:
    """The rows that an import set aside, as CSV."""
    file = ledger.rejects_file(name)
    if file is None:
        raise Http404
    return FileResponse(file.open("rb"), as_attachment=True, filename=f"rejects-{name}.csv", content_type="text/csv")


@require(Permission.DATA_VIEW)
def template(request: HttpRequest, table: str) -> HttpResponse:
    """An empty CSV with the columns of a table."""
    if table not in TABLES:
        raise Http404
    answer = HttpResponse(importing.template_of(table), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{table}.csv"'
    return answer


@require_POST
@require(Permission.JOBS_RUN)
def compute(request: HttpRequest) -> HttpResponse:
    """Compute tiers from what holds."""
    return redirect("pages:data_job", importing.ask_run(request.user).pk)


@require_POST
@require(Permission.DATA_IMPORT)
def drop(request: HttpRequest) -> HttpResponse:
    """Take a dropped file and go to its wizard."""
    file = request.FILES.get("file")
    if file is None:
        messages.error(request, say("Choose a file first.", "请先选择文件。"))
        return redirect("pages:data")
    try:
        upload = importing.receive(request.user, file)
    except TierwiseError as error:
        messages.error(request, error.to(current_language()))
        return redirect("pages:data")
    return redirect("pages:data_upload", upload.token)


urlpatterns = [
    path("data", data, name="data"),
    path("data/drop", drop, name="data_drop"),
    path("data/run", compute, name="data_run"),
    path("data/templates/<slug:table>.csv", template, name="data_template"),
    path("data/imports/<str:name>/undo", take_back, name="data_take_back"),
    path("data/imports/<str:name>/rejects", rejected, name="data_rejected"),
    path("data/imports/<str:name>/rejects.csv", rejects, name="data_rejects"),
]
