"""Advisor: which model suits which question: measured on one's own data, and the two tables side by side."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from tierwise.language import Text
from tierwise_console.access.guards import require
from tierwise_console.access.permissions import Permission
from tierwise_console.pages.value import part, waiting_for
from tierwise_console.runs import catalogue, evidence, reading
from tierwise_console.shell.menu import Entry

MENU = (Entry(Text("Advisor", "模型推荐"), "bulb", "pages:advisor", 34, Permission.RESULTS_VIEW),)


@require(Permission.RESULTS_VIEW)
@require_GET
def advisor(request: HttpRequest) -> HttpResponse:
    """The back-test of the published run for a goal, and the two tables."""
    run = reading.current_run()
    goals = evidence.goals()
    goal = request.GET.get("goal", "")
    goal = goal if goal in dict(goals) else evidence.FIRST_GOAL
    shown: dict[str, Any] = {
        "tables": (catalogue.seven_models(), catalogue.eight_methods()), "run": run, "goals": goals, "goal": goal,
        "facts": reading.facts(run) if run else None,
    }  # fmt: skip
    if run is not None:
        waiting = waiting_for(evidence.job_of_advice(run, goal), request.user)
        if request.headers.get("HX-Request") == "true":
            return part(request, waiting)
        shown |= {"told": evidence.advice_on(run, goal), **waiting}
    return render(request, "pages/advisor.html", shown)


@require(Permission.JOBS_RUN)
@require_POST
def back_test(request: HttpRequest) -> HttpResponse:
    """Have the models back-tested for a goal."""
    run, goal = reading.current_run(), request.POST.get("goal", "")
    if run is None or goal not in dict(evidence.goals()):
        raise Http404
    evidence.ask_advice(request.user, run, goal)
    return redirect(f"{reverse('pages:advisor')}?goal={goal}")


urlpatterns = [path("advisor", advisor, name="advisor"), path("advisor/back-test", back_test, name="advisor_test")]
