"""Taking events: what is acknowledged is on disk, and what comes twice is kept once."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from tierwise_console.access.guards import check_may
from tierwise_console.access.permissions import Permission
from tierwise_console.audit.services import record
from tierwise_console.events.incoming import Incoming, Reading
from tierwise_console.events.models import Event, Rejected, Sender
from tierwise_console.jobs.queueing import enqueue

KEY_BYTES = 24
IMPORT = "events.import"
"""The kind of job that takes waiting events to the core."""
_SEEN_EVERY = timedelta(minutes=1)
_COLUMNS = {
    "sender_id": "bigint", "message_id": "text", "kind": "text", "event": "text", "customer_id": "text",
    "occurred_at": "timestamptz", "received_at": "timestamptz", "channel": "text", "properties": "text",
}  # fmt: skip
"""What is kept of an event, and of which kind PostgreSQL takes it."""


def key_hash(key: str) -> str:
    """What is kept of a write key: keys are long and random, so that one pass of SHA-256 is enough."""
    return hashlib.sha256(key.encode()).hexdigest()


@transaction.atomic
def make_sender(actor: Any, name: str) -> tuple[Sender, str]:
    """Make a sender and return it with its write key, which nobody can read again."""
    check_may(actor, Permission.KEYS_MANAGE)
    key = secrets.token_urlsafe(KEY_BYTES)
    sender = Sender.objects.create(name=name, key_hash=key_hash(key), key_hint=key[-4:])
    record("sender.made", actor=actor, subject_type="sender", subject_id=sender.pk, detail={"name": name})
    return sender, key


@transaction.atomic
def revoke_sender(actor: Any, number: int) -> None:
    """Take nothing more from a sender."""
    check_may(actor, Permission.KEYS_MANAGE)
    if Sender.objects.filter(pk=number, revoked_at=None).update(revoked_at=timezone.now()):
        record("sender.revoked", actor=actor, subject_type="sender", subject_id=number)


def sender_of(key: str) -> Sender | None:
    """The sender of a write key, unless it was revoked."""
    return Sender.objects.filter(key_hash=key_hash(key), revoked_at=None).first() if key else None


def take(sender: Sender, reading: Reading, received_at: datetime) -> None:
    """Keep what a request brought, in one transaction that the disk has confirmed when this returns."""
    with transaction.atomic():
        if reading.taken:
            _insert(sender, reading.taken, received_at)
        if reading.refused:
            Rejected.objects.bulk_create(
                Rejected(sender=sender, code=each.code, en=each.reason.en, zh=each.reason.zh, body=each.body)
                for each in reading.refused
            )
        if sender.seen_at is None or received_at - sender.seen_at > _SEEN_EVERY:
            Sender.objects.filter(pk=sender.pk).update(seen_at=received_at)
            _ask_for_import(received_at)


def _ask_for_import(received_at: datetime) -> None:
    """Have the core take what waits a minute from now; whatever comes within that minute goes with it."""
    wait = _SEEN_EVERY.total_seconds() + 1
    enqueue(IMPORT, unique_key=f"{IMPORT}:{int(received_at.timestamp() // 60)}", delay_seconds=wait)


def _insert(sender: Sender, events: Sequence[Incoming], received_at: datetime) -> None:
    """Insert rows by the driver itself: the ORM's objects would take three times as long as the database."""
    adapt = connection.ops.adapt_datetimefield_value
    received = adapt(received_at)
    rows = [
        (
            sender.pk, e.message_id, e.kind, e.event, e.customer_id, adapt(e.occurred_at), received, e.channel,
            json.dumps(e.properties, separators=(",", ":")),
        )
        for e in events
    ]  # fmt: skip
    head, tail = f"INSERT INTO events_event ({', '.join(_COLUMNS)})", "ON CONFLICT DO NOTHING"
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(f"{head} VALUES ({', '.join(['%s'] * len(_COLUMNS))}) {tail}", rows)
        else:  # a column an array: thousands of marks would take the driver longer to read than the rows to write
            arrays = ", ".join(f"%s::{kind}[]" for kind in _COLUMNS.values())
            cursor.execute(f"{head} SELECT * FROM unnest({arrays}) {tail}", [list(c) for c in zip(*rows, strict=True)])


def waiting() -> int:
    """How many events the core has not heard of."""
    return Event.objects.filter(batch=None).count()
