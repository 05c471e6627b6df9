"""The merges of a workspace on disk: the log of decisions, and the map of each standing that it led to.

    identity/decisions.jsonl         every decision, appended and confirmed by the disk before anything follows from it
    identity/<state>/map.parquet     customer_id, survivor_id: a row for each id that gave way
    identity/<state>/customers.parquet, provenance.parquet   the merged rows, see `survivorship`
    identity/CURRENT                 the state that holds; no file where nobody is merged

The state is written first, then the log, then the pointer: what fails before the log was never decided, and a crash
after it is made good by whoever opens the ledger next. Folders of
earlier states stay: runs that read them can be verified. The holder of the workspace's one writing place alone writes.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from tierwise.identity.decisions import Decision, Verdict, append_log, new_decision, read_log
from tierwise.identity.merges import Standing, check_apart, check_merge, check_undo, standing

MAP, POINTER = "map.parquet", "CURRENT"
Enrich = Callable[[Path, Standing], None]
"""Writes further files into the folder of a new state, given the standing; it lies there already with its map."""


class IdentityLedger:
    """The decisions below `folder`; `enrich` adds the merged rows to each new state, and `basis` says what these depend on.

    A state is named by its map and its basis, so that one name always stands for the same bytes.
    """

    def __init__(self, folder: Path, enrich: Enrich | None = None, basis: str = "") -> None:
        self.folder, self.enrich, self.basis = folder, enrich, basis
        self.decisions = read_log(folder)

    @property
    def now(self) -> Standing:
        """What holds."""
        return standing(self.decisions)

    def merge(self, members: Sequence[str], by: str, reason: str, weight: float | None = None) -> Decision:
        """Merge customers; raises `identity.merge_too_large`, `identity.kept_apart` and `identity.too_few`."""
        decision = new_decision(Verdict.MERGED, members, by, reason=reason, weight=weight)
        check_merge(self.now, decision)
        return self._take([decision])[0]

    def merge_all(self, merges: Sequence[Decision]) -> list[Decision]:
        """Take merges that were checked together, as one; for the many that rules decide."""
        return self._take(merges)

    def keep_apart(self, left: str, right: str, by: str, reason: str) -> Decision:
        """Remember that two customers are not the same; raises `identity.merged_now`."""
        decision = new_decision(Verdict.APART, (left, right), by, reason=reason)
        check_apart(self.now, decision)
        return self._take([decision])[0]

    def put_off(self, left: str, right: str, by: str, reason: str = "") -> Decision:
        """Leave a pair for later: it comes last in the queue."""
        return self._take([new_decision(Verdict.LATER, (left, right), by, reason=reason)])[0]

    def undo(self, name: str, by: str, reason: str = "") -> Decision:
        """Take a decision back; raises `identity.unknown_decision` and `identity.undone_already`."""
        found = check_undo(self.decisions, name)
        return self._take([new_decision(Verdict.UNDONE, found.members, by, reason=reason, undoes=name)])[0]

    def _take(self, decisions: Sequence[Decision]) -> list[Decision]:
        """Have the new state ready first: where it cannot be made, nothing was decided."""
        after = standing([*self.decisions, *decisions])
        self._prepare(after)
        append_log(self.folder, decisions)
        self.decisions += decisions
        self.publish()
        return list(decisions)

    def publish(self) -> str | None:
        """Make what the log says the current state, where it is not; safe to repeat."""
        state = self._prepare(self.now)
        if state is None:
            (self.folder / POINTER).unlink(missing_ok=True)
        elif current_state(self.folder) != state:
            _point(self.folder, state)
        return state

    def _prepare(self, now: Standing) -> str | None:
        """Write the folder of a standing where it is not there; nobody reads it before the pointer names it."""
        state = now.state_on(self.basis)
        if state is not None and not (self.folder / state / MAP).exists():
            self._write(now, state)
        return state

    def _write(self, now: Standing, state: str) -> None:
        making = self.folder / f".writing-{state}-{secrets.token_hex(4)}"
        shutil.rmtree(self.folder / state, ignore_errors=True)
        making.mkdir(parents=True)
        write_map(now, making / MAP)
        if self.enrich:
            self.enrich(making, now)
        making.rename(self.folder / state)


def current_state(folder: Path) -> str | None:
    """The state that holds below a folder; None where nobody is merged."""
    try:
        return (folder / POINTER).read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None


def write_map(now: Standing, file: Path) -> None:
    """Write customer_id and survivor_id, sorted: equal standings give equal bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = sorted(now.survivors.items())
    columns = {
        name: pa.array([row[place] for row in rows], pa.string())
        for place, name in enumerate(("customer_id", "survivor_id"))
    }
    pq.write_table(pa.table(columns), file)
    with file.open("rb") as stream:
        os.fsync(stream.fileno())


def _point(folder: Path, state: str) -> None:
    prepared = folder / f".{POINTER}-{secrets.token_hex(4)}"
    with prepared.open("x", encoding="utf-8") as stream:
        stream.write(state + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    prepared.replace(folder / POINTER)
