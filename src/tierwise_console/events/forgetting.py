"""The event stream's part of privacy requests: the person's events, and the raw bodies of those that were refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db import transaction

from tierwise_console.events.models import Event, Rejected

ERASED = "[erased]"
Theirs = Callable[[str], bool]
"""Whether a body as it came speaks of the person."""


def held(ids: Sequence[str], theirs: Theirs) -> dict[str, int]:
    """How many events, and how many refused ones, are the person's."""
    found = {"events": Event.objects.filter(customer_id__in=ids).count(), "rejected_events": len(_rejected(theirs))}
    return {name: rows for name, rows in found.items() if rows}


def _rejected(theirs: Theirs) -> list[int]:
    rows = Rejected.objects.exclude(body=ERASED).values_list("pk", "body").iterator(chunk_size=2000)
    return [pk for pk, body in rows if theirs(body)]


def told(ids: Sequence[str], theirs: Theirs) -> dict[str, list[dict[str, Any]]]:
    """The person's events, and the bodies of those that were refused."""
    events = Event.objects.filter(customer_id__in=ids).order_by("pk")
    names = ("message_id", "event", "customer_id", "occurred_at", "received_at", "channel", "properties")
    refused = Rejected.objects.filter(pk__in=_rejected(theirs)).order_by("pk")
    found = {
        "events": list(events.values(*names)),
        "rejected_events": list(refused.values("received_at", "en", "body")),
    }
    return {name: rows for name, rows in found.items() if rows}


def known_customers() -> list[str]:
    """The ids that events came with."""
    return list(Event.objects.values_list("customer_id", flat=True).distinct())


@transaction.atomic
def forget(ids: Sequence[str], theirs: Theirs, clean: Callable[[Any], Any]) -> dict[str, int]:
    """Remove the person's events; of refused ones the reason stays, without the body."""
    gone = {"events": Event.objects.filter(customer_id__in=ids).delete()[0], "rejected_events": 0}
    for row in Rejected.objects.filter(pk__in=_rejected(theirs)):
        Rejected.objects.filter(pk=row.pk).update(body=ERASED, en=clean(row.en), zh=clean(row.zh))
        gone["rejected_events"] += 1
    return {name: rows for name, rows in gone.items() if rows}


def bodies() -> Iterator[str]:
    """The bodies of refused events, as they came."""
    yield from Rejected.objects.exclude(body=ERASED).values_list("body", flat=True).iterator(chunk_size=2000)
