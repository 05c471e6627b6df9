"""Tiers: who is in which tier, what they bring, and where models disagree."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from tierwise.language import Text
from tierwise_console.access.guards import require
from tierwise_console.access.permissions import Permission
from tierwise_console.pages.answers import may
from tierwise_console.runs import reading
from tierwise_console.runs import tiers as door
from tierwise_console.runs.tier_names import model_names
from tierwise_console.shell.menu import Entry

MENU = (Entry(Text("Tiers", "分层结果"), "chart-treemap", "pages:tiers", 40, Permission.RESULTS_VIEW),)


@require(Permission.RESULTS_VIEW)
@require_GET
def tiers(request: HttpRequest) -> HttpResponse:
    """One model of the published run, whole."""
    run = reading.current_run()
    if run is None:
        return render(request, "pages/no_run.html", {"title": Text("Tiers", "分层结果")})
    names = model_names()
    model = request.GET.get("model", "")
    model = model if model in names else next(iter(names))
    disputes = door.disputes(run) if model in door.DISAGREE else None
    shown: dict[str, Any] = {
        "facts": reading.facts(run), "models": [(name, each.title) for name, each in names.items()], "model": model,
        "title": names[model].title, "rows": reading.tiers(run, model), "grid": door.grid(run, model),
        "charts": door.section_charts(run, model), "disputes": _worded(disputes, names),
        "may_list": may(request.user, Permission.CUSTOMERS_VIEW),
    }  # fmt: skip
    return render(request, "pages/tiers.html", shown)


def _worded(disputes: door.Disputes | None, names: dict[str, Any]) -> dict[str, Any] | None:
    """The disagreement with titles and tier names in both languages."""
    if disputes is None:
        return None
    tier = {(m, t.key): t.name for m in disputes.models for t in names[m].tiers}
    return {
        "titles": [names[model].title for model in disputes.models],
        "customers": [
            (each, [(tier[m, each.opinions[m].tier], each.opinions[m].standing) for m in disputes.models])
            for each in disputes.customers
        ],
        "pairs": [(names[pair.one].title, names[pair.other].title, pair) for pair in disputes.pairs],
    }


urlpatterns = [path("tiers/", tiers, name="tiers")]
