"""Quality: how complete and accurate each field is, what was set aside and why."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from tierwise.language import Text
from tierwise_console.access.guards import require
from tierwise_console.access.permissions import Permission
from tierwise_console.runs import reading
from tierwise_console.shell.menu import Entry

MENU = (Entry(Text("Quality", "质量查重"), "shield-check", "pages:quality", 30, Permission.RESULTS_VIEW),)


@require(Permission.RESULTS_VIEW)
def quality(request: HttpRequest) -> HttpResponse:
    """The quality card of the published run."""
    run = reading.current_run()
    if run is None:
        return render(request, "pages/no_run.html", {"title": Text("Quality", "质量查重")})
    found = reading.page(run).quality
    shown = {
        "facts": reading.facts(run),
        "quality": found,
        "figures": found.figures,
        "inputs": reading.page(run).manifest,
    }
    return render(request, "pages/quality.html", shown)


urlpatterns = [path("quality", quality, name="quality")]
