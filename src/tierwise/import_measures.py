"""What is counted of each import, once, so that a version is judged by adding up what its imports hold.

The counts lie in the folder of the import, in `measures/`. A run counts in what arrived; imports without counts, as
those of before or after an erasure, are counted when they are first asked about, and so is a rule that is new.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from tierwise.contracts.imports import ImportRecord
from tierwise.contracts.ingest import CanonicalTable
from tierwise.contracts.quality import FarOut, Rule
from tierwise.contracts.tables import TABLES
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.progress import Observer
from tierwise.language import Text
from tierwise.quality.adding import Known, Part
from tierwise.quality.measures import Measures, adds_up, count_rules, key_of, measure, measures_from_json
from tierwise.snapshots.imports import table_of
from tierwise.snapshots.kept import COUNTS, MEASURES, keep, read_kept
from tierwise.snapshots.visible import Visible
from tierwise.snapshots.workspace import Workspace

COUNTING = 1
"""Counts up when the same rows would be counted otherwise: what is kept is then made anew."""
_WHOLE = Text("{table}: looked at whole, for {why}", "{table}：整体检查，因为{why}")


def known_of(engine: DuckDBEngine, visible: Visible, rules: Sequence[Rule], today: date, told: Observer) -> Known:
    """What is kept of the imports of a version, or counted now; says of which tables that does not add up, and why."""
    filled, parts = [], {}
    for table, imports in visible.records.items():
        asked = [rule for rule in rules if rule.table == table]
        found = [_part(engine, visible.workspace, record, asked, today) for record in imports]
        filled += [part.measures.filled for part in found]
        if why := visible.why_not_imports(table):
            told.detail(_WHOLE.fill(table=TABLES[table].label, why=why))
        elif any(part.measures.rows for part in found):
            parts[table] = [part for part in found if part.measures.rows]
    return Known(filled, parts, today)


def _part(engine: DuckDBEngine, workspace: Workspace, record: ImportRecord, rules: Sequence[Rule], today: date) -> Part:
    table, folder = table_of(workspace, record), workspace.imports / record.id / MEASURES
    if not table.files:
        nothing = Measures(0, dict.fromkeys(table.columns, 0), {}, {}, 0, {})
        return Part(nothing, table.folder, folder)
    return Part(_measures(engine, workspace, record, table, rules, today), table.folder, folder)


def _measures(
    engine: DuckDBEngine,
    workspace: Workspace,
    record: ImportRecord,
    table: CanonicalTable,
    rules: Sequence[Rule],
    today: date,
) -> Measures:
    """The counts of an import: those that are kept, with what they lack; or all of them, where none can be used."""
    basis = f"{COUNTING} {record.id} {record.erasures}"
    kept = read_kept(workspace, record, COUNTS, basis)
    found = None if kept is None else measures_from_json(kept)
    lacking = [] if found is None else found.lacking(rules, today)
    if found is not None and not lacking:
        return found
    if found is None or any(isinstance(rule.check, FarOut) for rule in lacking):
        found = measure(engine, record.table, table.files, rules, today, _empty(workspace, record))
    else:
        news = count_rules(engine, record.table, table.files, lacking, today)
        asked = {key_of(rule, today) for rule in rules if adds_up(rule)}
        found = replace(found, rules={key: each for key, each in {**found.rules, **news}.items() if key in asked})
    keep(workspace, record, COUNTS, basis, found.to_json())
    return found


def _empty(workspace: Workspace, record: ImportRecord) -> Path:
    """The folder of an import's counts, emptied: the counts go first, for they speak of what lies beside them."""
    (workspace.imports / record.id / COUNTS).unlink(missing_ok=True)
    folder = workspace.imports / record.id / MEASURES
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder
