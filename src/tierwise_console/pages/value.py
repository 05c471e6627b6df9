"""Value: lifetime value by tier, from the published run; a forecast with intervals comes from `tierwise clv`."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from tierwise.language import Text
from tierwise_console.access.guards import require
from tierwise_console.access.permissions import Permission
from tierwise_console.runs import reading
from tierwise_console.shell.menu import Entry

MENU = (Entry(Text("Value", "价值"), "coin", "pages:value", 110, Permission.RESULTS_VIEW),)


@require(Permission.RESULTS_VIEW)
def value(request: HttpRequest) -> HttpResponse:
    """The section about lifetime value of the published run, or how to get one."""
    run = reading.current_run()
    if run is None:
        return render(request, "pages/no_run.html", {"title": MENU[0].title})
    sections = [section for section in reading.page(run).sections if section.id in ("model-ltv", "model-pyramid")]
    shown = {"facts": reading.facts(run), "sections": sections, "has_ltv": "ltv" in run.manifest.models}
    return render(request, "pages/value.html", shown)


urlpatterns = [path("value", value, name="value")]
