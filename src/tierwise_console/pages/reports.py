"""Reports: the label table, the report of the run, and the portrait of every model, to read, print and take along."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import path

from tierwise.language import Text
from tierwise_console.access.guards import require
from tierwise_console.access.permissions import Permission
from tierwise_console.audit.services import record
from tierwise_console.runs import reading
from tierwise_console.runs.files import left_file, left_files
from tierwise_console.shell.menu import Entry

MENU = (Entry(Text("Reports", "报告"), "report", "pages:reports", 180, Permission.RESULTS_VIEW),)


@require(Permission.RESULTS_VIEW)
def reports(request: HttpRequest) -> HttpResponse:
    """The files of the published run, and its portrait."""
    run = reading.current_run()
    if run is None:
        return render(request, "pages/no_run.html", {"title": MENU[0].title})
    page = reading.page(run)
    shown = {
        "facts": reading.facts(run),
        "files": left_files(),
        "page": page,
        "figures": page.figures,
        "runs": reading.run_lines(20),
    }
    return render(request, "pages/reports.html", shown)


@require(Permission.RESULTS_EXPORT)
def take(request: HttpRequest, name: str) -> HttpResponseBase:
    """Send one file, always as a download: its scripts never run as ours. Leaves an audit entry."""
    file = left_file(name)
    if file is None:
        raise Http404
    record("report.download", actor=request.user, subject_type="file", subject_id=name)
    return FileResponse(file.open("rb"), as_attachment=True, filename=name)


urlpatterns = [path("reports", reports, name="reports"), path("reports/<str:name>", take, name="report_file")]
