"""Value: what customers will be worth and how surely, who is still there, cohorts, and how long tiers last."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from tierwise.language import Text
from tierwise_console.access.guards import require
from tierwise_console.access.permissions import Permission
from tierwise_console.jobs import selectors as jobs
from tierwise_console.pages.answers import may
from tierwise_console.runs import evidence, reading
from tierwise_console.runs.charts import Section
from tierwise_console.runs.lift_chart import LIFT
from tierwise_console.runs.published import Run
from tierwise_console.shell.menu import Entry

MENU = (Entry(Text("Value", "价值"), "coin", "pages:value", 110, Permission.RESULTS_VIEW),)


@require(Permission.RESULTS_VIEW)
@require_GET
def value(request: HttpRequest) -> HttpResponse:
    """The forecast of the published run, and what its models say of value; while the forecast is made, how far it is."""
    run = reading.current_run()
    if run is None:
        return render(request, "pages/no_run.html", {"title": MENU[0].title})
    told = evidence.value_of(run)
    waiting = waiting_for(evidence.job_of_value(run), request.user)
    if request.headers.get("HX-Request") == "true":
        return part(request, waiting)
    lift = _lift(run)
    own = [section for section in reading.page(run).sections if section.id in ("model-ltv", "model-pyramid")]
    shown = {
        "facts": reading.facts(run), "figures": told.figures if told else (), "told": told,
        "sections": [*(told.sections if told else ()), *lift, *own], **waiting,
    }  # fmt: skip
    return render(request, "pages/value.html", shown)


def _lift(run: Run) -> list[Section]:
    """The lift curve of the back-test that every run gets, where it is done."""
    advice = evidence.advice_on(run, evidence.FIRST_GOAL)
    found = [chart for section in advice.sections for chart in section.charts] if advice else []
    heading = Text("How well do rankings foretell?", "排序的预测力如何？")
    question = Text(
        "Of the back-test on the page Advisor: each model ranks by what was known then.",
        "来自“模型推荐”页的回测：各模型仅按当时已知的数据排序。",
    )
    return [Section(LIFT, heading, question, found)] if found else []


def waiting_for(job: Any, user: Any) -> dict[str, Any]:
    """What a page says of the job that makes what it shows."""
    return {
        "job": job, "busy": job is not None and job.status in ("queued", "running"), "workers": jobs.workers_alive(),
        "failed": job is not None and job.status in ("failed", "dead"), "may_run": may(user, Permission.JOBS_RUN),
    }  # fmt: skip


def part(request: HttpRequest, waiting: dict[str, Any]) -> HttpResponse:
    """The part that is asked for again; once the job has ended the page is loaded anew."""
    answer = render(request, "pages/evidence_part.html", {**waiting, "again": request.get_full_path()})
    if not waiting["busy"]:
        answer["HX-Refresh"] = "true"
    return answer


@require(Permission.JOBS_RUN)
@require_POST
def forecast(request: HttpRequest) -> HttpResponse:
    """Have the forecast of the published run made."""
    run = reading.current_run()
    if run is None:
        raise Http404
    evidence.ask_value(request.user, run)
    return redirect("pages:value")


urlpatterns = [path("value", value, name="value"), path("value/forecast", forecast, name="value_forecast")]
