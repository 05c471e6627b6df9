"""What single imports are worth: a score for each source, and how its newest import differs from the one before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tierwise.contracts.drift import Drift, DriftLimits
from tierwise.contracts.imports import ImportRecord
from tierwise.contracts.ingest import ROWS_PER_SHARE, CanonicalTable, Finding, QualityCard
from tierwise.contracts.quality import Rule
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.quality.assessment import Examination
from tierwise.quality.compile import BY_ROW
from tierwise.quality.drift import drift
from tierwise.quality.setting_aside import results_of_reading
from tierwise.snapshots.imports import records, table_of
from tierwise.snapshots.visible import Visible
from tierwise.snapshots.workspace import Workspace

EARLIER, LATER = "import_before", "import_now"


def source_scores(engine: DuckDBEngine, visible: Visible, rules: Sequence[Rule]) -> list[dict[str, Any]]:
    """The score of each import that holds: what was set aside of it, and the rules that look at one row at a time."""
    found = []
    for imports in visible.records.values():
        for record in imports:
            table = table_of(visible.workspace, record)
            if table.rows <= ROWS_PER_SHARE and table.files:
                found.append({**_named(record), **_scored(engine, table, rules)})
    return found


def _named(record: ImportRecord) -> dict[str, Any]:
    return {
        "source": record.source, "table": record.table, "import": record.id,
        "imported_at": record.imported_at.isoformat(), "rows_read": record.rows_read, "rows_used": record.rows_used,
    }  # fmt: skip


def _scored(engine: DuckDBEngine, table: CanonicalTable, rules: Sequence[Rule]) -> dict[str, Any]:
    engine.attach(table.name, table.files)
    asked = [rule for rule in rules if rule.table == table.name and isinstance(rule.check, BY_ROW)]
    available = {table.name: frozenset(table.columns)}
    scores = Examination(engine, available).assess(asked, results_of_reading(table)).scores
    return {
        "score": None if scores.overall is None else round(scores.overall, 6),
        "dimensions": {str(name): round(score, 6) for name, score in scores.dimensions.items()},
    }


def drifts(engine: DuckDBEngine, visible: Visible, limits: DriftLimits) -> list[Drift]:
    """The newest import of each source against the one before it, where there is one and neither is very large."""
    known = records(visible.workspace)
    newest = {(record.source, record.table): record for found in visible.records.values() for record in found}
    pairs = [(before, now) for now in newest.values() if (before := _before(known, now))]
    return [_compared(engine, visible.workspace, before, now, limits) for before, now in pairs]


def _before(known: Sequence[ImportRecord], now: ImportRecord) -> ImportRecord | None:
    earlier = [
        record
        for record in known
        if (record.source, record.table) == (now.source, now.table) and record.id < now.id and not record.undone
    ]
    if not earlier or max(earlier[-1].rows, now.rows) > ROWS_PER_SHARE or not min(earlier[-1].rows, now.rows):
        return None
    return earlier[-1]


def _compared(
    engine: DuckDBEngine, workspace: Workspace, before: ImportRecord, now: ImportRecord, limits: DriftLimits
) -> Drift:
    for name, record in ((EARLIER, before), (LATER, now)):
        engine.attach(name, table_of(workspace, record).files)
    return drift(engine, now.table, (EARLIER, LATER), (before.id, now.id), now.source, limits)


def with_imports(
    card: QualityCard, sources: Sequence[dict[str, Any]], found: Sequence[Drift], stale: Sequence[Finding] = ()
) -> QualityCard:
    """A quality card with the scores of sources and their drift; drift beyond the limits and stale sources are findings."""
    warned = [Finding("drift", text, "warning", each.rows_after) for each in found for text in each.warnings]
    kept = tuple(each.to_json() for each in found)
    return replace(card, sources=tuple(sources), drift=kept, findings=(*card.findings, *warned, *stale))
