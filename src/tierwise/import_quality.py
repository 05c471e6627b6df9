"""What single imports are worth: a score for each source, and its trend."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from tierwise.contracts.drift import Drift
from tierwise.contracts.imports import ImportRecord
from tierwise.contracts.ingest import CanonicalTable, Finding, QualityCard
from tierwise.contracts.quality import Rule
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.quality.assessment import Examination
from tierwise.quality.compile import BY_ROW
from tierwise.quality.setting_aside import results_of_reading
from tierwise.snapshots.files import to_json, write_synced
from tierwise.snapshots.imports import records, table_of
from tierwise.snapshots.samples import attach_some
from tierwise.snapshots.visible import Visible
from tierwise.snapshots.workspace import Workspace

MOST_POINTS = 24
"""So many imports of a source a trend shows, the newest."""
KEPT = "quality.json"
"""Where an import keeps its scores: figures only, no values."""


def source_scores(engine: DuckDBEngine, visible: Visible, rules: Sequence[Rule], today: date) -> list[dict[str, Any]]:
    """The score of each import that holds: what was set aside of it, and the rules that look at one row at a time.

    It is kept in the folder of the import, so that a run looks at what is new only; rules that changed, and an erasure,
    have it made anew. Of an import of more rows than one share some are looked at, which `rows_looked_at` says.
    """
    found = []
    for imports in visible.records.values():
        for record in imports:
            table = table_of(visible.workspace, record)
            if table.files:
                scores = _kept_or_made(engine, visible.workspace, record, table, rules, today)
                found.append({**_named(record), **_in_short(scores)})
    return found


def trend_of_imports(workspace: Workspace) -> list[dict[str, Any]]:
    """The scores of all imports that were judged, replaced ones too, by source and age; undone ones are left out."""
    points: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for record in records(workspace):
        file = workspace.imports / record.id / KEPT
        if file.exists() and not record.undone:
            point = {**_named(record), **json.loads(file.read_bytes())["scores"]}
            points.setdefault((record.source, record.table), []).append(point)
    return [point for key in sorted(points) for point in points[key][-MOST_POINTS:]]


def _kept_or_made(
    engine: DuckDBEngine,
    workspace: Workspace,
    record: ImportRecord,
    table: CanonicalTable,
    rules: Sequence[Rule],
    today: date,
) -> dict[str, Any]:
    file = workspace.imports / record.id / KEPT
    asked = [rule for rule in rules if rule.table == table.name and isinstance(rule.check, BY_ROW)]
    basis = _basis(asked, record, today)
    if file.exists() and (kept := json.loads(file.read_bytes()))["basis"] == basis:
        return dict(kept["scores"])
    scores = _scored(engine, table, asked)
    prepared = file.with_name(f".{KEPT}")
    write_synced(prepared, to_json({"basis": basis, "scores": scores}))
    prepared.replace(file)
    return scores


def _basis(asked: Sequence[Rule], record: ImportRecord, today: date) -> str:
    """What kept scores depend on; rules that speak of today are the same rules tomorrow."""
    spoken = repr(asked).replace(today.isoformat(), "today").replace(repr(today), "today")
    return hashlib.sha256(f"{spoken} {record.erasures}".encode()).hexdigest()


def _named(record: ImportRecord) -> dict[str, Any]:
    return {
        "source": record.source, "table": record.table, "import": record.id,
        "imported_at": record.imported_at.isoformat(), "rows_read": record.rows_read, "rows_used": record.rows_used,
        "rows": record.rows,
    }  # fmt: skip


def _in_short(scores: dict[str, Any]) -> dict[str, Any]:
    return {name: scores[name] for name in ("score", "dimensions", "rows_looked_at")}


def _scored(engine: DuckDBEngine, table: CanonicalTable, asked: Sequence[Rule]) -> dict[str, Any]:
    looked_at = attach_some(engine, table.name, table)
    available = {table.name: frozenset(table.columns)}
    scores = Examination(engine, available).assess(asked, results_of_reading(table)).scores
    return {
        "score": None if scores.overall is None else round(scores.overall, 6),
        "dimensions": {str(name): round(score, 6) for name, score in scores.dimensions.items()},
        "fields": {name: round(score, 6) for (_, name), score in scores.fields.items() if name},
        "rows_looked_at": looked_at,
    }


def with_imports(
    card: QualityCard,
    sources: Sequence[dict[str, Any]],
    found: Sequence[Drift],
    stale: Sequence[Finding] = (),
    trend: Sequence[dict[str, Any]] = (),
) -> QualityCard:
    """A quality card with the scores of sources, their drift and their trend.

    Drift beyond the limits and stale sources are findings.
    """
    warned = [Finding("drift", text, "warning", each.rows_after) for each in found for text in each.warnings]
    kept = tuple(each.to_json() for each in found)
    findings = (*card.findings, *warned, *stale)
    return replace(card, sources=tuple(sources), drift=kept, findings=findings, import_trend=tuple(trend))
