"""Overview: what changed, what is due, and on which data."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from tierwise.language import Text
from tierwise_console.access.guards import require
from tierwise_console.access.permissions import Permission
from tierwise_console.shell.menu import Entry

MENU = (Entry(Text("Overview", "总览"), "home", "pages:overview", 10, Permission.RESULTS_VIEW),)


@require(Permission.RESULTS_VIEW)
def overview(request: HttpRequest) -> HttpResponse:
    """The first page."""
    return render(request, "pages/overview.html")


urlpatterns = [path("", overview, name="overview")]
