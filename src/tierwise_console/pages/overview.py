"""Overview: how far the goal is, who is in which tier, who moved, what to look at, and on which data."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.http import urlencode

from tierwise.language import Text
from tierwise_console.access.guards import require
from tierwise_console.access.permissions import Permission
from tierwise_console.crm.selectors.choices import tasks_of
from tierwise_console.pages.answers import may
from tierwise_console.runs import overview as door
from tierwise_console.runs import reading
from tierwise_console.runs.alerts import Alert, Place, alerts, further_notes
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
        "alerts": [(alert, *_way(request.user, alert)) for alert in alerts(run)],
        "notes": further_notes(run),
        "tasks": tasks_of(request.user) if may(request.user, Permission.TASKS_EDIT) else None,
        "may_customers": may(request.user, Permission.CUSTOMERS_VIEW),
    }
    return render(request, "pages/overview.html", shown)


_WORDS = {
    Place.CUSTOMERS: Text("These customers", "查看这些客户"),
    Place.REJECTS: Text("Rejected rows", "查看未用的行"),
    Place.FINDINGS: Text("Findings", "查看发现"),
    Place.DRIFT: Text("The two imports side by side", "对比两次导入"),
    Place.RULES: Text("The rule with its rows", "查看规则与例子"),
    Place.DATA: Text("Sources", "查看数据源"),
}
_ANCHORS = {Place.FINDINGS: "findings", Place.DRIFT: "drift", Place.RULES: "rules"}


def _way(user: Any, alert: Alert) -> tuple[str, Text]:
    """Where to act on an alert, and what the link says; those who may not go there are led to the page Quality."""
    place = alert.place
    if place is Place.CUSTOMERS:
        if may(user, Permission.CUSTOMERS_VIEW):
            return f"{reverse('pages:customers')}?{urlencode([('tier', tier) for tier in alert.of])}", _WORDS[place]
        return f"{reverse('pages:tiers')}?{urlencode({'model': alert.of[0].partition(':')[0]})}", _TIERS
    if place is Place.REJECTS and may(user, Permission.DATA_IMPORT):
        return reverse("pages:data_rejected", args=alert.of), _WORDS[place]
    if place is Place.DATA and may(user, Permission.DATA_VIEW):
        return reverse("pages:data"), _WORDS[place]
    shown = place if place in _ANCHORS else Place.FINDINGS
    return f"{reverse('pages:quality')}#{_ANCHORS[shown]}", _WORDS[shown]


_TIERS = Text("Tiers", "查看分层结果")

urlpatterns = [path("", overview, name="overview")]
