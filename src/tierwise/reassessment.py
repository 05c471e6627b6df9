"""Look once more at the data of a published run: with the rules as they are now, whole tables, and what is in doubt."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tierwise.config.document import Document
from tierwise.contracts.imports import ImportRecord, version_from_json
from tierwise.contracts.quality import Rule, result_from_json
from tierwise.engine.base import Engine
from tierwise.quality.assessment import Examination
from tierwise.quality.trend import Point, trend
from tierwise.registry import build_models
from tierwise.sensitivity import Doubter, RunLabels, Sensitivity
from tierwise.snapshots.runs import Run
from tierwise.snapshots.visible import Visible
from tierwise.snapshots.workspace import Workspace

MOST_POINTS = 24


def assess_again(engine: Engine, workspace: Workspace, run: Run, rules: Sequence[Rule]) -> dict[str, Any]:
    """The quality card of a run with every rule held against its tables anew, whatever their size.

    What was set aside while reading is known from the run and stays.
    """
    available = Visible(workspace, version_from_json(run.manifest.version)).attach(engine)
    card = dict(run.manifest.quality)
    read = [result_from_json(found) for found in card.get("rules", ()) if found["of_source"]]
    card |= Examination(engine, available).assess(rules, read).to_json()
    found = doubt_again(engine, workspace, run, rules, available)
    return card | ({"sensitivity": found.to_json()} if found else {})


def doubt_again(
    engine: Engine, workspace: Workspace, run: Run, rules: Sequence[Rule], available: Mapping[str, frozenset[str]]
) -> Sensitivity | None:
    """How far doubtful orders move the tiers of a published run; its tables are attached."""
    manifest = run.manifest
    models = build_models(Document({"models": run.settings()}, run.name), proved=False)
    labelled = RunLabels(
        {name: run.labels(name) for name in manifest.models},
        {name: run.scheme(name).tiers for name in manifest.models},
        run.indicator_files(),
    )
    with tempfile.TemporaryDirectory() as scratch:
        doubter = Doubter(engine, models, available, manifest.as_of, workspace, Path(scratch))
        return doubter.sensitivity(rules, labelled)


def trend_of(workspace: Workspace, until: Run) -> list[Point]:
    """The scores of the runs up to one, in the order in which they were made."""
    names = [name for name in workspace.names() if name <= until.name][-MOST_POINTS:]
    manifests = [Run(workspace.runs / name).manifest for name in names]
    return trend((found.run, found.as_of, found.calculated_at, found.quality) for found in manifests)


def corrected_values(
    engine: Engine, workspace: Workspace, found: Sequence[ImportRecord], limit: int
) -> list[dict[str, Any]]:
    """The first values that were corrected in some imports, of each kind in each field as many as of any other."""
    values: list[dict[str, Any]] = []
    for record in found:
        file = workspace.imports / record.id / "corrections" / f"{record.table}.parquet"
        if not file.exists():
            continue
        engine.attach("corrected", [file])
        ranked = "ROW_NUMBER() OVER (PARTITION BY code, field ORDER BY row_number) AS place"
        rows = engine.records(
            "corrected values",
            "SELECT row_number, field, column_name, code, before, after FROM (SELECT row_number, field, column_name, "
            f"code, before, after, {ranked} FROM corrected) AS ranked ORDER BY place, field, code LIMIT {limit}",
        )
        values += [
            {"source": record.source, "table": record.table, "import": record.id, "row": row.pop("row_number"), **row}
            for row in rows
        ]
    return values[:limit]
