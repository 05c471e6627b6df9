"""Make the aggregates per customer of a run: all anew, or those of the customers reached, and the others as kept.

The aggregates of a customer who is reached are made by the very same SQL as in a full run, over all rows of that
customer: what is not reached has not changed but in what another day does to it, so that both ways give the same tables.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tierwise.contracts.tables import TABLES
from tierwise.engine.base import Engine, SharingEngine
from tierwise.engine.plans import run_plan
from tierwise.incremental.passing import joined, kept_value, passed_steps
from tierwise.incremental.reach import DATES, NEW, Reach
from tierwise.indicators.compile import Compiled, CustomerFacts
from tierwise.sql.renaming import renamed
from tierwise.sql.steps import Plan, Step

EVER_TOUCHED = "all_touched_customers"
"""The table with a row, `customer_id`, for every customer any of whose rows came, went or changed."""

TOUCHED = "touched_customers"
"""Those of them that belong to the share of customers that is worked on."""

MOST_REACHED = 0.5
"""Where more than this share of the customers is reached, making all anew is the shorter way."""


@dataclass
class Tally:
    """How many customers' aggregates were made anew, by table of facts; None where everyone's were."""

    reached: dict[str, int | None] = field(default_factory=dict)

    def add(self, facts: str, customers: int | None) -> None:
        """Count one part."""
        before = self.reached.get(facts, 0)
        self.reached[facts] = None if customers is None or before is None else before + customers


@dataclass(frozen=True)
class Aggregates:
    """The aggregates of a run, written part by part below `folder`: one folder for each table of facts.

    Without a folder nothing is kept. `reaches` says what an earlier run, whose aggregates lie below `earlier`, has kept;
    nothing where it is empty. `unsure` are tables whose changes may concern more customers than the touched ones.
    """

    engine: Engine
    compiled: Compiled
    folder: Path | None
    earlier: Path | None = None
    reaches: Mapping[str, Reach] = field(default_factory=dict)
    unsure: Collection[str] = ()
    tally: Tally = field(default_factory=Tally)
    shares: int = 1

    def make(self, part: int = 0) -> None:
        """Write and attach the aggregates of one part; the canonical tables of that part are attached."""
        if self.reaches and self.shares > 1 and isinstance(self.engine, SharingEngine):
            self.engine.take_share(TOUCHED, EVER_TOUCHED, "customer_id", part, self.shares)
        for facts in self.compiled.facts:
            self._make(facts, part)

    def _make(self, facts: CustomerFacts, part: int) -> None:
        reach = self.reaches.get(facts.name, Reach(NEW))
        old = self._old_files(facts, part)
        if reach.everyone or not old or set(facts.grain.tables) & set(self.unsure):
            self._make_all(facts, part)
            return
        self.engine.run(Step(_reached(facts), _whom(facts, reach), stored=True))
        customers = _count(self.engine, _reached(facts))
        if self.folder and not customers and reach.same and not reach.passing:
            self._link(facts, old, part)
            return
        self.engine.attach(f"{facts.table}_before", old)
        if customers > MOST_REACHED * _count(self.engine, f"{facts.table}_before"):
            self._make_all(facts, part)
            return
        self.tally.add(facts.name, customers)
        run_plan(self.engine, _merged(facts, reach, customers > 0))
        self._write(facts, part)

    def _make_all(self, facts: CustomerFacts, part: int) -> None:
        self.tally.add(facts.name, None)
        run_plan(self.engine, (*facts.steps, facts.step()))
        self._write(facts, part)

    def _write(self, facts: CustomerFacts, part: int) -> None:
        if self.folder:
            self.engine.write(facts.table, self.folder / facts.name, part=part)
            self.engine.attach(facts.table, _files(self.folder, facts, part))

    def _link(self, facts: CustomerFacts, old: Sequence[Path], part: int) -> None:
        """Take over files as they are: they are never changed, so that two runs can share them."""
        assert self.folder is not None, "without a folder of its own a run takes no files over"
        folder = self.folder / facts.name
        folder.mkdir(parents=True, exist_ok=True)
        for file in old:
            try:
                os.link(file, folder / file.name)
            except OSError:  # file systems without hard links, or with few of them
                shutil.copyfile(file, folder / file.name)
        self.tally.add(facts.name, 0)
        self.engine.attach(facts.table, _files(self.folder, facts, part))

    def _old_files(self, facts: CustomerFacts, part: int) -> list[Path]:
        return _files(self.earlier, facts, part) if self.earlier else []


def _files(folder: Path, facts: CustomerFacts, part: int) -> list[Path]:
    """The files of one part. An engine that writes no parts names its files as it likes, and has the one part 0."""
    numbered = folder / facts.name / f"part-{part:03d}.parquet"
    return [numbered] if numbered.is_file() else sorted((folder / facts.name).glob("*.parquet"))


def _count(engine: Engine, table: str) -> int:
    return int(engine.records(f"count {table}", f"SELECT COUNT(*) AS customers FROM {table}")[0]["customers"])


def _reached(facts: CustomerFacts) -> str:
    return f"{facts.name}_reached"


def _whom(facts: CustomerFacts, reach: Reach) -> str:
    """The customers whose aggregates are made anew: with rows that changed, or that count differently today."""
    through = facts.grain.through
    whom = [f"SELECT customer_id FROM {TOUCHED}"]
    if through:
        whom.append(
            f"SELECT r.customer_id FROM {through} AS r JOIN {TOUCHED} AS t ON r.referred_customer_id = t.customer_id"
        )
    for column, days in reach.days.items():
        table, test = DATES[column], days.condition(column)
        whom.append(f"SELECT customer_id FROM {table} WHERE {test}")
        if through and table != through:
            found = f"SELECT customer_id FROM {table} WHERE {test}"
            whom.append(
                f"SELECT r.customer_id FROM {through} AS r JOIN ({found}) AS t ON r.referred_customer_id = t.customer_id"
            )
    return " UNION ".join(whom)


def _merged(facts: CustomerFacts, reach: Reach, some: bool) -> Plan:
    """Steps to the aggregates of everyone: those of the reached, if there are some, made over their own rows, the
    others as before but for what another day does to them."""
    reached, table, passing = _reached(facts), facts.table, reach.passing
    values = {alias: kept_value(passing, alias, f"b.{reach.kept[alias]}") for alias in facts.aggregates.values()}
    kept = "".join(f", {value} AS {alias}" for alias, value in values.items())
    others = (
        f"SELECT b.customer_id{kept} FROM {table}_before AS b LEFT JOIN {reached} AS r "
        f"ON b.customer_id = r.customer_id{joined(facts, passing)} WHERE r.customer_id IS NULL"
    )
    steps = passed_steps(facts, passing)
    if not some:
        return *steps, Step(table, others)
    names = "".join(f", {alias}" for alias in facts.aggregates.values())
    both = f"SELECT customer_id{names} FROM {table}_kept UNION ALL SELECT customer_id{names} FROM {table}_anew"
    return *steps, *_anew(facts), Step(f"{table}_kept", others), Step(table, both)


def _anew(facts: CustomerFacts) -> Plan:
    """Steps to `…_anew`, the aggregates of the reached, over the rows that count for them."""
    narrow = {name: f"{name}_reached" for name in facts.grain.tables if _has_customers(name)}
    steps = [Step(narrow[name], _narrowed(name, facts, _reached(facts))) for name in narrow]
    steps += [Step(step.name, renamed(step.sql, narrow), step.stored) for step in facts.steps]
    return *steps, Step(f"{facts.table}_anew", facts.step().sql)


def _has_customers(table: str) -> bool:
    return any(column.name == "customer_id" for column in TABLES[table].columns)


def _narrowed(table: str, facts: CustomerFacts, reached: str) -> str:
    """The rows of a table that count for the customers reached."""
    through = facts.grain.through
    whom = f"SELECT customer_id FROM {reached}"
    if through and table != through:
        whom = f"SELECT referred_customer_id FROM {through} WHERE customer_id IN ({whom})"
    return f"SELECT * FROM {table} WHERE customer_id IN ({whom})"
