"""Adding to the audit log, and verifying its chain."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from tierwise_console.audit.models import AuditEntry

FIRST = "0" * 64
"""What the first entry holds as the hash before it."""
_LOCK = 0x7469657277697365
"""The number under which PostgreSQL lets one transaction at a time add an entry ("tierwise" in ASCII)."""
SYSTEM = "system"


@transaction.atomic
def record(
    action: str,
    *,
    actor: Any = None,
    subject_type: str = "",
    subject_id: object = "",
    detail: Mapping[str, Any] | None = None,
    address: str = "",
) -> AuditEntry:
    """Add an entry, in the transaction of what it tells of: either both happen or neither.

    `actor` is a user, a name, or None for the system itself. Put no personal data of customers into `detail`.
    """
    _wait_for_our_turn()
    last = AuditEntry.objects.order_by("-number").values_list("number", "hash").first()
    number, before = (last[0] + 1, last[1]) if last else (1, FIRST)
    entry = AuditEntry(
        number=number,
        at=timezone.now(),
        actor=_name(actor),
        action=action,
        subject_type=subject_type,
        subject_id=str(subject_id),
        detail=json.loads(json.dumps(dict(detail or {}), default=str)),
        address=address,
        before_hash=before,
    )
    entry.hash = hash_of(entry)
    entry.save(force_insert=True)
    return entry


def hash_of(entry: AuditEntry) -> str:
    """The SHA-256 over all that an entry says and the hash of the one before."""
    said = [
        entry.number, entry.at.isoformat(), entry.actor, entry.action, entry.subject_type, entry.subject_id,
        entry.detail, entry.address, entry.before_hash,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying found: how many entries were read, and the number of the first that does not fit."""

    entries: int
    broken_at: int | None
    last_hash: str

    @property
    def sound(self) -> bool:
        """Whether the chain holds."""
        return self.broken_at is None


def verify() -> Verdict:
    """Walk the chain from its first entry."""
    count, before = 0, FIRST
    for entry in AuditEntry.objects.order_by("number").iterator(chunk_size=2000):
        if entry.number != count + 1 or entry.before_hash != before or entry.hash != hash_of(entry):
            return Verdict(count, count + 1, before)
        count, before = count + 1, entry.hash
    return Verdict(count, None, before)


def _wait_for_our_turn() -> None:
    """On PostgreSQL take a lock until the transaction ends; on SQLite the transaction itself is the lock."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _name(actor: Any) -> str:
    if actor is None:
        return SYSTEM
    return str(actor if isinstance(actor, str) else getattr(actor, "username", actor))
