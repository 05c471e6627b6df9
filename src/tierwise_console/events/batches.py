"""Batches: which events go to the core together, and the files they go in.

A batch is fixed in the database before its file is written, and its file is the same however often it is written.
So the core's ledger, which knows content it has, takes each event once whatever was killed when.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db.models import Min
from django.db.models.functions import Now

from tierwise_console.events.incoming import COMPLETED, REFUNDED, amount_of
from tierwise_console.events.models import Batch, Event

MOST_EVENTS = 50_000
EVENTS_HEADER = ("message_id", "customer_id", "event", "occurred_at", "channel", "properties")
ORDERS_HEADER = ("order_id", "customer_id", "order_date", "amount", "status", "coupon", "channel")
_KEPT = {COMPLETED: "sale", REFUNDED: "refund"}


def make() -> int | None:
    """Fix the next batch and return its number; None where no event waits. Call it inside a transaction."""
    first = Event.objects.filter(batch=None).aggregate(first=Min("id"))["first"]
    if first is None:
        return None
    numbers = list(Event.objects.filter(batch=None).order_by("id").values_list("id", flat=True)[:MOST_EVENTS])
    batch = Batch.objects.create()
    taken = Event.objects.filter(batch=None, id__gte=numbers[0], id__lte=numbers[-1]).update(batch=batch)
    Batch.objects.filter(pk=batch.pk).update(events=taken)
    return int(batch.pk)


def settle(number: int, imports: list[str]) -> None:
    """Note that the core has a batch. Call it inside a transaction."""
    Batch.objects.filter(pk=number).update(imported_at=Now(), imports=imports)


def write(number: int, folder: Path) -> dict[str, Path]:
    """Write the files of a batch, by table, each whole or not at all: another claim's child may be reading them."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {table: folder / f"{table}-{number}.csv" for table in ("events", "orders")}
    fresh = {table: file.with_suffix(f".{uuid4().hex}") for table, file in files.items()}
    with (
        fresh["events"].open("w", newline="", encoding="utf-8") as events,
        fresh["orders"].open("w", newline="", encoding="utf-8") as orders,
    ):
        all_events, all_orders = csv.writer(events), csv.writer(orders)
        all_events.writerow(EVENTS_HEADER)
        all_orders.writerow(ORDERS_HEADER)
        count = 0
        for event in _events(number):
            all_events.writerow(_event_row(event))
            if event.event in _KEPT:
                all_orders.writerow(_order_row(event, json.loads(event.properties)))
                count += 1
    if not count:
        files.pop("orders")
        fresh.pop("orders").unlink()
    for table, file in fresh.items():
        file.replace(files[table])
    return files


def _events(number: int) -> Iterator[Event]:
    return Event.objects.filter(batch_id=number).order_by("id").iterator(chunk_size=5000)


def _event_row(event: Event) -> tuple[str, ...]:
    message = f"{event.sender_id}:{event.message_id}"
    return (message, event.customer_id, event.event, event.occurred_at.isoformat(), event.channel, event.properties)


def _order_row(event: Event, properties: dict[str, Any]) -> tuple[str, ...]:
    """A refund is a row of its own: under the number of its order it would take the order's place."""
    number = str(properties["order_id"])
    status = _KEPT[event.event]
    own = number if status == "sale" else f"{number} refund {event.message_id}"
    amount, coupon = amount_of(properties), properties.get("coupon")
    when = event.occurred_at.isoformat()
    return (own, event.customer_id, when, str(amount), status, str(coupon or ""), event.channel)
