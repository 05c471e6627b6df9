"""Write one batch of labels: labels, the tiers that came to an end, and the changes, in one transaction.

The batch is staged beside the labels, and the database compares and writes: no label travels to be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from tierwise_console.crm import bulk
from tierwise_console.crm.models import NEVER, ChangeHead, Label, TakeOver
from tierwise_console.runs.label_differences import LabelRow

STAGED = ("customer", "tier", "rank", "score", "cell", "since")
MOVED = """
SELECT t.customer_id, t.tier, t.rank, t.score, t.cell,
  CASE WHEN l.tier = t.tier THEN l.since ELSE COALESCE(t.since, %s) END AS since,
  l.id AS label, l.tier AS tier_before, l.rank AS rank_before, l.since AS since_before, l.run AS run_before
FROM {taken} AS t LEFT JOIN crm_label AS l ON l.customer_id = t.customer_id AND l.model = %s
WHERE (t.tier IS NOT NULL OR l.id IS NOT NULL)
  AND (l.tier = t.tier AND l.rank = t.rank AND l.score = t.score AND l.cell = t.cell) IS NOT TRUE
"""
"""What differs from the labels that are there, beside these; as parameters the day of the run, and the model."""
OTHER_TIER = "(m.tier = m.tier_before) IS NOT TRUE"
ENDED = f"""
INSERT INTO crm_tierspell (customer_id, model, tier, rank, since, until, run)
SELECT m.customer_id, %s, m.tier_before, m.rank_before, m.since_before, %s, m.run_before FROM {{moved}} AS m
WHERE m.label IS NOT NULL AND {OTHER_TIER} AND m.since_before < %s ORDER BY m.customer_id
"""
CHANGED = f"""
INSERT INTO crm_tierchange
  (position, customer_id, model, before, after, rank_before, rank_after, as_of, run, recorded_at)
SELECT %s + ROW_NUMBER() OVER (ORDER BY m.customer_id), m.customer_id, %s,
  COALESCE(m.tier_before, ''), COALESCE(m.tier, ''), m.rank_before, CASE WHEN m.tier IS NOT NULL THEN m.rank END,
  %s, %s, %s
FROM {{moved}} AS m WHERE {OTHER_TIER}
"""
UPDATED = """
UPDATE crm_label SET tier = m.tier, rank = m.rank, score = m.score, cell = m.cell, since = m.since, run = %s
FROM {moved} AS m WHERE crm_label.id = m.label AND m.tier IS NOT NULL
"""
INSERTED = """
INSERT INTO crm_label (customer_id, model, tier, rank, score, cell, since, run, monetary, last_order_on)
SELECT m.customer_id, %s, m.tier, m.rank, m.score, m.cell, m.since, %s,
  COALESCE(c.monetary, 0), COALESCE(c.last_order_on, %s)
FROM {moved} AS m LEFT JOIN crm_customer AS c ON c.customer_id = m.customer_id
WHERE m.label IS NULL ORDER BY m.customer_id
"""
DELETED = "DELETE FROM crm_label WHERE id IN (SELECT m.label FROM {moved} AS m WHERE m.tier IS NULL)"


@dataclass(frozen=True, slots=True)
class Written:
    """How many labels differed from those in the database, and how many tiers changed."""

    labels: int
    changes: int


def write_labels(state: TakeOver, rows: Sequence[LabelRow]) -> Written:
    """Bring the labels of these customers in the model of `state` to what the run says."""
    fields = bulk.fields_of(Label, STAGED)
    values = [(row.customer_id, row.tier, row.rank, row.score, row.cell, row.since) for row in rows]
    taken = bulk.stage("taken_labels", fields, values)
    moved = bulk.stage_query("moved_labels", MOVED.format(taken=taken), [state.as_of, state.model])
    labels, others = _counts(moved)
    if others and not state.baseline:
        _write_changes(state, moved, others)
    if labels and not state.baseline:
        _do(ENDED, moved, state.model, state.as_of, state.as_of)
        _do(UPDATED, moved, state.run)
        _do(DELETED, moved)
    _do(INSERTED, moved, state.model, state.run, NEVER)
    return Written(labels, 0 if state.baseline else others)


def _write_changes(state: TakeOver, moved: str, count: int) -> None:
    """Give each change the next position; the lock on the head lets nobody commit a later one before."""
    head, _ = ChangeHead.objects.select_for_update().get_or_create(pk=1)
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    _do(CHANGED, moved, head.position, state.model, state.as_of, state.run, now)
    head.position += count
    head.save()


def _do(sql: str, moved: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.format(moved=moved), parameters)


def _counts(moved: str) -> tuple[int, int]:
    """How many labels differ, and how many of them in their tier."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*), COUNT(CASE WHEN {OTHER_TIER} THEN 1 END) FROM {moved} AS m")
        labels, others = cursor.fetchone()
    return int(labels), int(others)
