"""Duplicates: pairs side by side with what speaks for and against, and the log of merges with its undo."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from tierwise_console.access.guards import require
from tierwise_console.access.permissions import Permission
from tierwise_console.crm.selectors.listing import listed
from tierwise_console.jobs import selectors as jobs
from tierwise_console.pages.answers import may, telling
from tierwise_console.runs import duplicates as door
from tierwise_console.runs import reading


@require(Permission.CUSTOMERS_MERGE)
@require_GET
def duplicates(request: HttpRequest) -> HttpResponse:
    """The queue and the log; while something is being searched or decided, how far it is."""
    waiting = door.open_jobs()
    shown: dict[str, Any] = {
        "busy": waiting[-1] if waiting else None, "workers": jobs.workers_alive(), "failed": _failed(),
    }  # fmt: skip
    if request.headers.get("HX-Request") == "true":
        answer = render(request, "pages/duplicates_busy.html", shown)
        if not waiting:
            answer["HX-Refresh"] = "true"
        return answer
    pairs, count = door.queue()
    asked = request.GET.get("customer", "")
    cards = listed([each for pair in pairs for each in (pair.left, pair.right)], request.user)
    shown |= {
        "pairs": [(pair, cards.get(pair.left), cards.get(pair.right)) for pair in pairs], "count": count,
        "searched": door.searched(), "log": door.log(asked), "asked": asked, "currency": reading.currency(),
        "may_list": may(request.user, Permission.CUSTOMERS_VIEW), "may_run": may(request.user, Permission.JOBS_RUN),
    }  # fmt: skip
    return render(request, "pages/duplicates.html", shown)


def _failed() -> Any:
    """The newest search or decision, where it ended badly."""
    last = jobs.recent((door.SEARCH, door.DECIDE), 1)
    return last[0] if last and last[0].status in ("failed", "dead") else None


@require(Permission.CUSTOMERS_MERGE)
@require_POST
def search(request: HttpRequest) -> HttpResponse:
    """Search, and take the certain merges."""
    door.ask_search(request.user)
    return redirect("pages:duplicates")


@require(Permission.CUSTOMERS_MERGE)
@require_POST
@telling("pages:duplicates")
def decide(request: HttpRequest) -> HttpResponseBase:
    """Take a word on a pair, or take a decision back."""
    form = request.POST
    if form.get("undoes"):
        door.ask_undo(request.user, form["undoes"][:80])
    else:
        door.ask_decision(request.user, form.get("verdict", ""), form.get("left", ""), form.get("right", ""))
    return redirect("pages:duplicates")


urlpatterns = [
    path("quality/duplicates", duplicates, name="duplicates"),
    path("quality/duplicates/search", search, name="duplicates_search"),
    path("quality/duplicates/decide", decide, name="duplicates_decide"),
]
