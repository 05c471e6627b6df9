"""Indicators: the catalogue in three dimension sets, what this data can carry, and whether the choice is sound."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from tierwise.language import Text
from tierwise_console.access.guards import require
from tierwise_console.access.permissions import Permission
from tierwise_console.runs import catalogue, reading
from tierwise_console.shell.menu import Entry

MENU = (Entry(Text("Indicators", "指标"), "ruler-measure", "pages:indicators", 32, Permission.RESULTS_VIEW),)


@require(Permission.RESULTS_VIEW)
def indicators(request: HttpRequest) -> HttpResponse:
    """The catalogue, as far as the data of the published run reaches."""
    run = reading.current_run()
    if run is None:
        return render(request, "pages/no_run.html", {"title": MENU[0].title})
    shown = {
        "facts": reading.facts(run),
        "gauge": catalogue.gauge(run),
        "advice": catalogue.indicators(run).advice,
        "catalogue": catalogue.catalogue(run),
    }
    return render(request, "pages/indicators.html", shown)


urlpatterns = [path("indicators", indicators, name="indicators")]
