"""What is counted of each import, once, so that a version is judged by adding up what its imports hold.

The counts lie in the folder of the import, in `measures/`; those without the rows that later imports bring again in
`measures_standing/`. A run counts in what arrived and in imports of which rows came again; imports without counts, as
those of before or after an erasure, are counted when they are first asked about, and so is a rule that is new.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from tierwise.contracts.imports import SUPERSEDING_KEYS, ImportRecord
from tierwise.contracts.ingest import CanonicalTable
from tierwise.contracts.quality import FarOut, Rule
from tierwise.contracts.tables import TABLES
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.progress import Observer
from tierwise.language import Text
from tierwise.quality.adding import Known, Part
from tierwise.quality.measures import (
    Gone,
    Measures,
    adds_up,
    attach_rows,
    count_rules,
    key_of,
    measure,
    measures_from_json,
)
from tierwise.snapshots.imports import table_of
from tierwise.snapshots.kept import COUNTS, MEASURES, STANDING, keep, read_kept
from tierwise.snapshots.visible import Visible
from tierwise.snapshots.workspace import Workspace

COUNTING = 1
"""Counts up when the same rows would be counted otherwise: what is kept is then made anew."""
_WHOLE = Text("{table}: looked at whole, for {why}", "{table}：整体检查，因为{why}")


def known_of(engine: DuckDBEngine, visible: Visible, rules: Sequence[Rule], today: date, told: Observer) -> Known:
    """What is kept of the imports of a version, or counted now; says of which tables that does not add up, and why."""
    counting = _Counting(engine, visible.workspace, rules, today)
    filled, parts = [], {}
    for table, imports in visible.records.items():
        whole = [counting.part(record) for record in imports]
        filled += [part.measures.filled for part in whole]
        if why := visible.why_not_imports(table):
            told.detail(_WHOLE.fill(table=TABLES[table].label, why=why))
            continue
        pairs = [(part, record, _younger(record, imports)) for part, record in zip(whole, imports, strict=True)]
        found = [counting.part(record, younger) if younger else part for part, record, younger in pairs]
        if any(part.measures.rows for part in found):
            parts[table] = [part for part in found if part.measures.rows]
    return Known(filled, parts, today, frozenset(table for table in parts if visible.is_mapped(table)))


def _younger(record: ImportRecord, imports: Sequence[ImportRecord]) -> list[ImportRecord]:
    """The imports that bring rows of one again."""
    return [each for each in imports if record.id in each.overlaps]


@dataclass(frozen=True, slots=True)
class _Counting:
    """The counts of imports: kept ones, with what they lack; or made, where none can be used."""

    engine: DuckDBEngine
    workspace: Workspace
    rules: Sequence[Rule]
    today: date

    def part(self, record: ImportRecord, younger: Sequence[ImportRecord] = ()) -> Part:
        """One import, without the rows that `younger` ones bring again: these counts are kept beside those of all rows."""
        table = table_of(self.workspace, record)
        folder = self.workspace.imports / record.id / (STANDING if younger else MEASURES)
        if not table.files:
            nothing = Measures(0, dict.fromkeys(table.columns, 0), {}, {}, 0, {})
            return Part(nothing, table.folder, folder)
        return Part(self._measures(record, table, younger, folder), table.folder, folder)

    def _measures(
        self, record: ImportRecord, table: CanonicalTable, younger: Sequence[ImportRecord], folder: Path
    ) -> Measures:
        basis = " ".join([str(COUNTING), *(f"{each.id} {each.erasures}" for each in (record, *younger))])
        name, rules = f"{folder.name}/{COUNTS}", [rule for rule in self.rules if rule.table == table.name]
        kept = read_kept(self.workspace, record, name, basis)
        found = None if kept is None else measures_from_json(kept)
        lacking = [] if found is None else found.lacking(rules, self.today)
        if found is not None and not lacking:
            return found
        have = attach_rows(self.engine, table.name, table.files, self._gone(record, younger))
        if found is None or any(isinstance(rule.check, FarOut) for rule in lacking):
            found = measure(self.engine, table.name, have, rules, self.today, _emptied(folder))
        else:
            news = count_rules(self.engine, table.name, have, lacking, self.today)
            asked = {key_of(rule, self.today) for rule in rules if adds_up(rule)}
            found = replace(found, rules={key: each for key, each in {**found.rules, **news}.items() if key in asked})
        keep(self.workspace, record, name, basis, found.to_json())
        return found

    def _gone(self, record: ImportRecord, younger: Sequence[ImportRecord]) -> Gone | None:
        if not younger:
            return None
        lists = [self.workspace.imports / each.id / "superseded" / f"{record.table}.parquet" for each in younger]
        return Gone(record.id, SUPERSEDING_KEYS[record.table], lists)


def _emptied(folder: Path) -> Path:
    """The folder of counts, emptied: the counts go first, for they speak of what lies beside them."""
    (folder / COUNTS).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder
