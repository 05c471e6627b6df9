"""What can be seen of events."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count
from django.utils import timezone

from tierwise_console.events.models import Batch, Event, Rejected, Sender


def senders() -> list[Sender]:
    """All senders, by name."""
    return list(Sender.objects.order_by("name"))


def stream(limit: int = 50) -> list[Event]:
    """The newest events first."""
    return list(Event.objects.select_related("sender").order_by("-id")[:limit])


def rejected(limit: int = 100, before: int | None = None) -> list[Rejected]:
    """The newest refused events first; `before` goes on below a number."""
    found = Rejected.objects.select_related("sender").order_by("-id")
    return list((found.filter(pk__lt=before) if before else found)[:limit])


def reasons(days: int = 7) -> list[dict[str, Any]]:
    """How often each reason refused an event in the last days."""
    since = timezone.now() - timedelta(days=days)
    found = Rejected.objects.filter(received_at__gte=since).values("code").annotate(times=Count("id"))
    return [dict(each) for each in found.order_by("-times")]


def figures() -> dict[str, Any]:
    """How many events wait, came today, and when the core last took some."""
    day = timezone.now() - timedelta(days=1)
    last = Batch.objects.exclude(imported_at=None).order_by("-id").first()
    return {
        "waiting": Event.objects.filter(batch=None).count(),
        "last_day": Event.objects.filter(received_at__gte=day).count(),
        "rejected_last_day": Rejected.objects.filter(received_at__gte=day).count(),
        "imported_at": last.imported_at if last else None,
    }
