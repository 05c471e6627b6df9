"""Advisor: which model suits which question: the seven models and the eight methods side by side."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from tierwise.language import Text
from tierwise_console.access.guards import require
from tierwise_console.access.permissions import Permission
from tierwise_console.runs import catalogue, reading
from tierwise_console.shell.menu import Entry

MENU = (Entry(Text("Advisor", "模型推荐"), "bulb", "pages:advisor", 50, Permission.RESULTS_VIEW),)


@require(Permission.RESULTS_VIEW)
def advisor(request: HttpRequest) -> HttpResponse:
    """The two tables, and how to ask for a back-test on one's own data."""
    tables = (catalogue.seven_models(), catalogue.eight_methods())
    return render(request, "pages/advisor.html", {"tables": tables, "run": reading.current_run()})


urlpatterns = [path("advisor", advisor, name="advisor")]
