"""The aggregates of one run: built on the state of the run before where that is valid, and kept for the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tierwise.contracts.imports import Version, version_from_json
from tierwise.contracts.indicators import IndicatorRef
from tierwise.engine.base import Engine
from tierwise.errors import TierwiseError
from tierwise.incremental.aggregates import EVER_TOUCHED, TOUCHED, Aggregates, Tally
from tierwise.incremental.reach import reaches
from tierwise.incremental.validity import ANYONE, FORCED, IMPORTS_GONE, NOT_KEPT, Reason, state_before
from tierwise.indicators.compile import Compiled, compile_indicators
from tierwise.indicators.declaration import Available
from tierwise.language import Text
from tierwise.snapshots.imports import UNKNOWN
from tierwise.snapshots.state import MAIN, Circumstances, KeptFacts, Section, State, StateWriter
from tierwise.snapshots.touched import attach_touched
from tierwise.snapshots.workspace import Workspace
from tierwise.sql.steps import Step

_ID_DEPENDENT = "referrals"
"""Of several referrals of one person the earliest counts: who loses one that way is in no row that changed."""


@dataclass(frozen=True)
class Wishes:
    """What is asked of a run: to keep a state for the next one, and to make everything anew though one is there."""

    keep: bool = False
    full: bool = False


class Making:
    """Makes the aggregates of one run; `sections` are those of its indicators and of the days its models learn from."""

    def __init__(
        self, engine: Engine, workspace: Workspace, run: str, version: Version, now: Circumstances, wishes: Wishes
    ) -> None:
        self.engine, self.workspace, self.run, self.version = engine, workspace, run, version
        self.writer = StateWriter(workspace, run) if wishes.keep else None
        self.base, self.touched = self._base(now, wishes)
        before = self.base.circumstances.shares if isinstance(self.base, State) else now.shares
        self.circumstances = Circumstances(now.engine, now.versions, now.timezone, now.currency, before)
        self.sections: dict[str, Section] = {}
        self.tally = Tally()

    @property
    def shares(self) -> int:
        """Into how many shares the customers are dealt: as they were before, so that what was kept is found again."""
        return self.circumstances.shares

    def aggregates(self, refs: Sequence[IndicatorRef], as_of: date, have: Available, section: str = MAIN) -> Aggregates:
        """What makes the aggregates that indicators need for a day, to be called for each part of the customers."""
        compiled = compile_indicators(refs, as_of, have)
        self.sections[section] = Section(as_of, _kept(compiled))
        folder = self.writer.folder / section if self.writer else None
        earlier = self.base.sections.get(section) if isinstance(self.base, State) else None
        tally = self.tally if section == MAIN else Tally()
        if earlier is None or not isinstance(self.base, State):
            return Aggregates(self.engine, compiled, folder, tally=tally)
        then = compile_indicators(refs, earlier.as_of, have)
        return Aggregates(
            self.engine, compiled, folder, self.base.folder / section, reaches(compiled, then, earlier.facts),
            self._unsure(self.base), tally, self.shares,
        )  # fmt: skip

    @property
    def summary(self) -> Text:
        """How the run is made, in words."""
        if isinstance(self.base, Reason):
            return Text("everything anew: {why}", "全量重算：{why}").fill(why=self.base.text)
        return Text(
            "{touched} customers touched since the run before", "上次运行以来有 {touched} 位客户的数据变化"
        ).fill(touched=self.touched)

    def finish(self) -> None:
        """Give the state its lasting place; its run is not published yet."""
        if self.writer:
            self.writer.publish(self.circumstances, self.version.to_json(), self.sections)

    def told(self) -> dict[str, Any]:
        """How the run was made, for its manifest."""
        if isinstance(self.base, Reason):
            why = {"code": self.base.code, "en": self.base.text.en, "zh-CN": self.base.text.zh}
            return {"kind": "full", "why": why}
        made = {"kind": "incremental", "from": self.base.run, "touched": self.touched}
        return made | {"made_anew": dict(self.tally.reached)}

    def _base(self, now: Circumstances, wishes: Wishes) -> tuple[State | Reason, int]:
        """The state to build on with how many customers are touched since, or why there is none."""
        if not wishes.keep:
            return NOT_KEPT, 0
        if wishes.full:
            return FORCED, 0
        found = state_before(self.workspace, now)
        if isinstance(found, Reason):
            return found, 0
        try:
            before = version_from_json(found.version)
            told = attach_touched(self.engine, self.workspace, before, self.version, EVER_TOUCHED)
        except TierwiseError as error:
            if error.problems[0].kind is not UNKNOWN:
                raise
            return IMPORTS_GONE, 0
        if not told:
            return ANYONE, 0
        self.engine.run(Step(TOUCHED, f"SELECT customer_id FROM {EVER_TOUCHED}"))
        counted = self.engine.records("touched", f"SELECT COUNT(*) AS customers FROM {TOUCHED}")
        return found, int(counted[0]["customers"])

    def _unsure(self, base: State) -> set[str]:
        before = version_from_json(base.version)
        same = before.identity == self.version.identity
        same = same and before.imports.get(_ID_DEPENDENT) == self.version.imports.get(_ID_DEPENDENT)
        return set() if same else {_ID_DEPENDENT}


def _kept(compiled: Compiled) -> dict[str, KeptFacts]:
    return {
        facts.name: KeptFacts(
            tuple(step.sql for step in facts.steps), {alias: sql for sql, alias in facts.aggregates.items()}
        )
        for facts in compiled.facts
    }
