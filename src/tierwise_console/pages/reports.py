"""Reports: the label table, the report of the run, and the portrait of every model, to read, print and take along."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from tierwise.errors import TierwiseError
from tierwise.language import Text
from tierwise_console.access.guards import check_may, require
from tierwise_console.access.permissions import Permission
from tierwise_console.audit.services import record
from tierwise_console.jobs import selectors as jobs
from tierwise_console.jobs.timing import LAST_DAY_OF_MONTH, WEEKDAYS, timing_of
from tierwise_console.pages.answers import may, telling
from tierwise_console.runs import importing, reading, report_schedules
from tierwise_console.runs.files import left_file, left_files
from tierwise_console.runs.report_schedules import CONTENTS, LANGUAGES, NEEDS
from tierwise_console.runs.results import files_of, folder_of
from tierwise_console.runs.zone import project_zone
from tierwise_console.shell.language import current_language, say
from tierwise_console.shell.menu import Entry

MENU = (Entry(Text("Reports", "报告"), "report", "pages:reports", 180, Permission.RESULTS_VIEW),)
FORMATS = ("csv", "xlsx", "parquet")
SHOWN_MADE = 8


@require(Permission.RESULTS_VIEW)
@require_GET
def reports(request: HttpRequest) -> HttpResponse:
    """The files of the published run, and its portrait; the part with files in the making is asked for again."""
    run = reading.current_run()
    if run is None:
        return render(request, "pages/no_run.html", {"title": MENU[0].title})
    made = _made(request)
    if request.headers.get("HX-Request") == "true":
        return render(request, "pages/reports_made.html", made)
    page = reading.page(run)
    shown = {
        "facts": reading.facts(run),
        "files": left_files(),
        "page": page,
        "figures": page.figures,
        "runs": reading.run_lines(20),
        "may_take": may(request.user, Permission.RESULTS_EXPORT),
        "may_export": may(request.user, Permission.CUSTOMERS_EXPORT),
        "formats": FORMATS,
        **_planned(request),
        **made,
    }
    return render(request, "pages/reports.html", shown)


def _made(request: HttpRequest) -> dict[str, Any]:
    """The newest reports and exports that this person may take, with their files."""
    kinds = [kind for kind, permission in NEEDS.items() if may(request.user, permission)]
    found = jobs.recent(kinds, SHOWN_MADE) if kinds else []
    lines = [{"job": job, "files": files_of(job)} for job in found]
    return {
        "made": lines,
        "busy": any(job.status in ("queued", "running") for job in found),
        "workers": jobs.workers_alive(),
    }


def _planned(request: HttpRequest) -> dict[str, Any]:
    """The schedules that this person may take, and what a form offers."""
    exports = may(request.user, Permission.CUSTOMERS_EXPORT)
    return {
        "schedules": report_schedules.schedule_lines(partial(may, request.user)),
        "contents": [(key, words) for key, words in CONTENTS.items() if key == "html" or exports],
        "titles": CONTENTS, "languages": LANGUAGES.items(), "weekdays": list(enumerate(WEEKDAYS, start=1)),
        "days": range(1, LAST_DAY_OF_MONTH + 1), "lang": str(current_language()), "zone": str(project_zone()),
    }  # fmt: skip


@require(Permission.RESULTS_EXPORT)
@require_POST
@telling("pages:reports")
def schedule(request: HttpRequest, step: str) -> HttpResponse:
    """Plan a report or a label table, change it, turn it off, or remove it."""
    form, name = request.POST, request.POST.get("name", "")
    if step == "remove":
        report_schedules.remove_schedule(request.user, name)
        messages.success(request, say("The schedule is removed; its files stay.", "定时已移除，已生成的文件保留。"))
        return redirect("pages:reports")
    content, lang, every = form.get("content", ""), form.get("lang", ""), form.get("every", "")
    if step not in ("add", "change") or content not in CONTENTS or lang not in LANGUAGES:
        raise Http404
    timing = timing_of(every, form.get("day" if every == "month" else "weekday", ""), form.get("at", ""))
    if step == "add":
        report_schedules.add_schedule(request.user, name, content, lang, timing)
    else:
        report_schedules.change_schedule(request.user, name, content, lang, timing, "enabled" in form)
    messages.success(request, say("Saved.", "已保存。"))
    return redirect("pages:reports")


@require(Permission.RESULTS_VIEW)
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Have the report or the label table of the published run written, in the language of the page."""
    run, lang = reading.current_run(), str(current_language())
    wanted = request.POST.get("format", "")
    if run is None or (wanted != "html" and wanted not in FORMATS):
        raise Http404
    if wanted == "html":
        importing.ask_report(request.user, run.name, lang)
    else:
        importing.ask_export(request.user, run.name, (wanted,), lang)
    return redirect("pages:reports")


@require(Permission.RESULTS_VIEW)
@require_GET
def take_made(request: HttpRequest, number: int, name: str) -> HttpResponseBase:
    """Send a file that a job has written; leaves an audit entry."""
    try:
        job = jobs.job(number)
    except TierwiseError as error:
        raise Http404 from error
    if job.kind not in NEEDS:
        raise Http404
    check_may(request.user, NEEDS[job.kind])
    if name not in files_of(job):
        raise Http404
    file = folder_of(job) / name
    record("report.download", actor=request.user, subject_type="job", subject_id=number, detail={"file": name})
    return FileResponse(file.open("rb"), as_attachment=True, filename=name)


@require(Permission.RESULTS_EXPORT)
def take(request: HttpRequest, name: str) -> HttpResponseBase:
    """Send one file, always as a download: its scripts never run as ours. Leaves an audit entry."""
    file = left_file(name)
    if file is None:
        raise Http404
    record("report.download", actor=request.user, subject_type="file", subject_id=name)
    return FileResponse(file.open("rb"), as_attachment=True, filename=name)


urlpatterns = [
    path("reports", reports, name="reports"),
    path("reports/make", make, name="report_make"),
    path("reports/schedules/<slug:step>", schedule, name="report_schedule"),
    path("reports/made/<int:number>/<str:name>", take_made, name="report_made"),
    path("reports/<str:name>", take, name="report_file"),
]
