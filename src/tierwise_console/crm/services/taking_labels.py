"""Write one batch of labels: labels, the tiers that came to an end, and the changes, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db import connection
from django.utils import timezone

from tierwise_console.crm import bulk
from tierwise_console.crm.models import NEVER, ChangeHead, Label, TakeOver, TierChange, TierSpell
from tierwise_console.runs.label_differences import LabelRow

LABEL = ("customer", "model", "tier", "rank", "score", "cell", "since", "run", "monetary", "last_order_on")
SPELL = ("customer", "model", "tier", "rank", "since", "until", "run")
CHANGE = (
    "position", "customer", "model", "before", "after", "rank_before", "rank_after", "as_of", "run", "recorded_at",
)  # fmt: skip
CENT, MILLIONTH = Decimal("0.01"), Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Written:
    """How many labels differed from those in the database, and how many tiers changed."""

    labels: int
    changes: int


@dataclass(frozen=True, slots=True)
class _Held:
    """A label as the database has it."""

    tier: str
    rank: int
    score: Decimal
    cell: str
    since: date
    run: str

    def same(self, row: LabelRow) -> bool:
        return (self.tier, self.rank, self.score, self.cell) == (row.tier, row.rank, row.score, row.cell)


def write_labels(state: TakeOver, rows: Sequence[LabelRow]) -> Written:
    """Bring the labels of these customers in the model of `state` to what the run says."""
    held = {} if state.baseline else _held(state.model, [row.customer_id for row in rows])
    fresh = [row for row in rows if row.tier is not None or row.customer_id in held]
    fresh = [row for row in fresh if row.customer_id not in held or not held[row.customer_id].same(row)]
    figures = _figures([row.customer_id for row in fresh])
    _write_labels(state, [row for row in fresh if row.tier is not None], held, figures)
    _remove_labels(state.model, [row.customer_id for row in fresh if row.tier is None])
    moved = [row for row in fresh if row.customer_id not in held or held[row.customer_id].tier != row.tier]
    ended = ((row.customer_id, held[row.customer_id]) for row in moved if row.customer_id in held)
    spells = [
        (customer, state.model, was.tier, was.rank, was.since, state.as_of, was.run)
        for customer, was in ended
        if was.since < state.as_of
    ]
    bulk.insert(TierSpell, SPELL, spells)
    changes = 0 if state.baseline else _write_changes(state, moved, held)
    return Written(len(fresh), changes)


def _write_labels(
    state: TakeOver, rows: Sequence[LabelRow], held: dict[str, _Held], figures: dict[str, tuple[Any, Any]]
) -> None:
    written = []
    for row in rows:
        was = held.get(row.customer_id)
        since = was.since if was and was.tier == row.tier else (row.since or state.as_of)
        monetary, last = figures.get(row.customer_id, (Decimal(0), NEVER))
        written.append(
            (row.customer_id, state.model, row.tier, row.rank, row.score, row.cell, since, state.run, monetary, last)
        )
    bulk.upsert(Label, LABEL, written, ("customer", "model"), ("tier", "rank", "score", "cell", "since", "run"))


def _remove_labels(model: str, customers: Sequence[str]) -> None:
    if customers:
        where, parameters = bulk.among("customer_id", customers)
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM crm_label WHERE model = %s AND {where}", [model, *parameters])


def _write_changes(state: TakeOver, moved: Sequence[LabelRow], held: dict[str, _Held]) -> int:
    """Give each change the next position; the lock on the head lets nobody commit a later one before."""
    if not moved:
        return 0
    head, _ = ChangeHead.objects.select_for_update().get_or_create(pk=1)
    now = timezone.now()
    rows = []
    for position, row in enumerate(moved, start=head.position + 1):
        was = held.get(row.customer_id)
        before, rank_before = (was.tier, was.rank) if was else ("", None)
        after, rank_after = (row.tier, row.rank) if row.tier is not None else ("", None)
        ranks = (rank_before, rank_after)
        rows.append((position, row.customer_id, state.model, before, after, *ranks, state.as_of, state.run, now))
    bulk.insert(TierChange, CHANGE, rows)
    head.position += len(rows)
    head.save()
    return len(rows)


def _held(model: str, customers: Sequence[str]) -> dict[str, _Held]:
    """The labels of these customers, read by the driver itself: objects of the ORM cost more than the database does."""
    where, parameters = bulk.among("customer_id", customers)
    sql = f"SELECT customer_id, tier, rank, score, cell, since, run FROM crm_label WHERE model = %s AND {where}"
    with connection.cursor() as cursor:
        cursor.execute(sql, [model, *parameters])
        return {
            customer: _Held(tier, rank, _number(score, MILLIONTH), cell, _day(since), run)
            for customer, tier, rank, score, cell, since, run in cursor.fetchall()
        }


def _figures(customers: Sequence[str]) -> dict[str, tuple[Any, Any]]:
    """What each customer spent and when it ordered last, as the database has it."""
    if not customers:
        return {}
    where, parameters = bulk.among("customer_id", customers)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT customer_id, monetary, last_order_on FROM crm_customer WHERE {where}", parameters)
        return {customer: (_number(monetary, CENT), last) for customer, monetary, last in cursor.fetchall()}


def _number(value: Any, step: Decimal) -> Decimal:
    """A number as a decimal: SQLite hands out what is whole as whole, and the rest as floats."""
    return Decimal(str(value)).quantize(step)


def _day(value: date | str) -> date:
    return value if isinstance(value, date) else _day_of(value)


@lru_cache(maxsize=4096)
def _day_of(text: str) -> date:
    return date.fromisoformat(text)
