"""The stream of events: who sends, what came last, what was refused and why."""

from __future__ import annotations

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from tierwise_console.access.guards import require
from tierwise_console.access.permissions import Permission
from tierwise_console.events import selectors, services
from tierwise_console.shell.language import say


@require(Permission.DATA_VIEW)
def events(request: HttpRequest) -> HttpResponse:
    """Senders, the newest events, the refused ones. Bodies of refused events are for those who may import."""
    shown = {
        "senders": selectors.senders(),
        "stream": selectors.stream(),
        "rejected": selectors.rejected(),
        "figures": selectors.figures(),
        "may_keys": request.user.may(Permission.KEYS_MANAGE),  # type: ignore[union-attr]
        "may_bodies": request.user.may(Permission.DATA_IMPORT),  # type: ignore[union-attr]
        "fresh_key": request.session.pop("fresh_write_key", None),
    }
    return render(request, "pages/data/events.html", shown)


@require_POST
@require(Permission.KEYS_MANAGE)
def make_sender(request: HttpRequest) -> HttpResponse:
    """Make a sender; its key is shown on the next page and never again."""
    name = request.POST.get("name", "").strip()[:100]
    try:
        if not name:
            messages.error(request, say("Give the sender a name.", "请填写发送方名称。"))
        else:
            request.session["fresh_write_key"] = services.make_sender(request.user, name)[1]
    except IntegrityError:
        messages.error(request, say("There is a sender of that name already.", "已有同名的发送方。"))
    return redirect("pages:data_events")


@require_POST
@require(Permission.KEYS_MANAGE)
def revoke_sender(request: HttpRequest, number: int) -> HttpResponse:
    """Take nothing more from a sender."""
    services.revoke_sender(request.user, number)
    return redirect("pages:data_events")


urlpatterns = [
    path("data/events", events, name="data_events"),
    path("data/senders", make_sender, name="data_sender"),
    path("data/senders/<int:number>/revoke", revoke_sender, name="data_revoke"),
]
