"""How the newest import of each source differs from the one before, without reading that one again.

Each import keeps a profile of itself (`profile.json`) and how it differs from the import before it (`drift.json`): a
run looks at the rows of an import once. Imports that have none yet are looked at when they are first asked about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from tierwise.contracts.drift import Drift, DriftLimits, FieldDrift
from tierwise.contracts.imports import ImportRecord
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.quality.drift import Side, field_drifts, with_words
from tierwise.quality.profile import Profile, profile, profile_from_json
from tierwise.snapshots.imports import records, table_of
from tierwise.snapshots.kept import DRIFT, PROFILE, keep, read_kept
from tierwise.snapshots.samples import attach_some, is_sampled
from tierwise.snapshots.visible import Visible
from tierwise.snapshots.workspace import Workspace

COUNTING = 1
"""Counts up when the same rows would give another profile: what is kept is then made anew."""
EARLIER, LATER = "import_before", "import_now"


def drifts(engine: DuckDBEngine, visible: Visible, limits: DriftLimits) -> list[Drift]:
    """The newest import of each source against the one before it, where there is one; large ones by a sample."""
    known = records(visible.workspace)
    newest = {(record.source, record.table): record for found in visible.records.values() for record in found}
    found = []
    for now in newest.values():
        after = _Looked(engine, visible.workspace, now, LATER)
        if now.rows:
            after.side()
        if before := _before(known, now):
            found.append(_compared(engine, _Looked(engine, visible.workspace, before, EARLIER), after, limits))
    return found


def _before(known: Sequence[ImportRecord], now: ImportRecord) -> ImportRecord | None:
    earlier = [
        record
        for record in known
        if (record.source, record.table) == (now.source, now.table) and record.id < now.id and not record.undone
    ]
    if not earlier or not min(earlier[-1].rows, now.rows):
        return None
    return earlier[-1]


class _Looked:
    """One import that is looked at: its profile, kept or made; its rows, attached where somebody asks for them."""

    def __init__(self, engine: DuckDBEngine, workspace: Workspace, record: ImportRecord, name: str) -> None:
        self.engine, self.workspace, self.record, self.name = engine, workspace, record, name
        self.table = table_of(workspace, record)
        self._attached = False

    @property
    def basis(self) -> str:
        """What the profile rests on: a sample also on how this version of the engine deals rows into shares."""
        dealt = f" {self.engine.name} {self.engine.version}" if is_sampled(self.table) else ""
        return f"{COUNTING} {self.record.id} {self.record.erasures}{dealt}"

    def side(self) -> Side:
        """It, to be compared."""
        kept = read_kept(self.workspace, self.record, PROFILE, self.basis)
        return Side(self._made() if kept is None else profile_from_json(kept), self.attached)

    def _made(self) -> Profile:
        found = profile(self.engine, self.table.name, self.attached())
        keep(self.workspace, self.record, PROFILE, self.basis, found.to_json())
        return found

    def attached(self) -> str:
        """Attach its rows, of a large import some; return the name of the table."""
        if not self._attached:
            attach_some(self.engine, self.name, self.table)
            self._attached = True
        return self.name


def _compared(engine: DuckDBEngine, before: _Looked, after: _Looked, limits: DriftLimits) -> Drift:
    earlier, now = before.record, after.record
    sides, basis = (before.side(), after.side()), f"{before.basis} {after.basis}"
    kept = read_kept(after.workspace, now, DRIFT, basis)
    if kept is None:
        fields = field_drifts(engine, now.table, *sides)
        keep(after.workspace, now, DRIFT, basis, [asdict(each) for each in fields])
    else:
        fields = [FieldDrift(**each) for each in kept]
    found = Drift(now.table, now.source, earlier.id, now.id, earlier.rows, now.rows, fields)
    return with_words(found, sides[0].profile, sides[1].profile, limits)
