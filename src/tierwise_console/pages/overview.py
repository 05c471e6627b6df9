"""Overview: how far the goal is, who is in which tier, who moved, what to look at, and on which data."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from tierwise.language import Text
from tierwise_console.access.guards import require
from tierwise_console.access.permissions import Permission
from tierwise_console.crm.selectors.choices import tasks_of
from tierwise_console.pages.answers import may
from tierwise_console.runs import overview as door
from tierwise_console.runs import reading
from tierwise_console.shell.menu import Entry

MENU = (Entry(Text("Overview", "总览"), "home", "pages:overview", 10, Permission.RESULTS_VIEW),)


@require(Permission.RESULTS_VIEW)
def overview(request: HttpRequest) -> HttpResponse:
    """The first page: of the published run, or what to do where there is none yet."""
    run = reading.current_run()
    if run is None:
        return render(request, "pages/no_run.html", {"title": Text("Overview", "总览")})
    model = reading.main_model(run)
    page = reading.page(run)
    shown: dict[str, Any] = {
        "facts": reading.facts(run),
        "figures": page.figures,
        "model_title": reading.model_title(run, model) if model else None,
        "charts": door.charts(run, model) if model else [],
        "goal": door.goal(run),
        "moved": door.moved(run, model) if model else None,
        "alerts": door.alerts(run),
        "tasks": tasks_of(request.user) if may(request.user, Permission.TASKS_EDIT) else None,
        "may_customers": may(request.user, Permission.CUSTOMERS_VIEW),
    }
    return render(request, "pages/overview.html", shown)


urlpatterns = [path("", overview, name="overview")]
