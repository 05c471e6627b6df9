"""What the passing of days and new settings reach: for each table of facts, all customers or those with rows on some days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from tierwise.contracts.tables import TABLES
from tierwise.incremental.calendar import Calendar, Days
from tierwise.incremental.passing import Passing, passing_of
from tierwise.indicators.compile import Compiled, CustomerFacts
from tierwise.snapshots.state import KeptFacts
from tierwise.sql.differing import Difference, differences, entered

DATES = {table.date: name for name, table in TABLES.items() if table.date}
"""The table that each date column belongs to."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose aggregates of one table of facts must be made anew, beside those of customers with other rows.

    `everyone` says why nothing can be kept; else `days` has by date column the days whose rows count differently,
    and `kept` the column of the earlier run that each column is; `same` where those are its columns and their names.
    `passing` has the columns that need not be made anew with all the others of whoever has a row on some other day.
    """

    everyone: str | None = None
    days: Mapping[str, Days] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)
    same: bool = False
    passing: Passing = Passing()


NEW, CHANGED, ASKED, DAYS = "new", "changed", "asked", "days"
"""Why everyone is reached: the facts were not kept, are made otherwise, are asked for more, or change on most days."""


def reach_of(now: CustomerFacts, then: CustomerFacts | None, kept: KeptFacts | None, calendar: Calendar) -> Reach:
    """Compare facts compiled for today with the same compiled for the day of an earlier run, and with what that kept."""
    if kept is None or then is None:
        return Reach(NEW)
    if tuple(step.sql for step in then.steps) != kept.steps or len(now.steps) != len(then.steps):
        return Reach(CHANGED)
    columns = {sql: column for column, sql in kept.columns.items()}
    if len(now.asked) != len(then.asked) or not columns.keys() >= set(then.asked):
        return Reach(ASKED)
    pairs = dict(zip(now.asked, then.asked, strict=True))
    by_step = _differences(now, then, [(one.sql, other.sql) for one, other in zip(now.steps, then.steps, strict=True)])
    by_sum = {
        sql: _differences(now, then, [(f"SELECT {sql} AS x", f"SELECT {earlier} AS x")])
        for sql, earlier in pairs.items()
        if sql != earlier
    }
    if by_step is None or any(found is None for found in by_sum.values()):
        return Reach(DAYS)
    differing = {sql: found for sql, found in by_sum.items() if found}
    passing = passing_of(now, pairs, differing, calendar)
    days = calendar.days_of(by_step if passing is not None else [*by_step, *chain(*differing.values())])
    if days is None:
        return Reach(DAYS)
    names = {now.aggregates[sql]: columns[earlier] for sql, earlier in pairs.items()}
    same = len(names) == len(columns) and all(name == column for name, column in names.items())
    return Reach(days=days, kept=names, same=same, passing=passing or Passing())


def _differences(now: CustomerFacts, then: CustomerFacts, texts: Sequence[tuple[str, str]]) -> list[Difference] | None:
    """What makes the texts of today and of then disagree, on days that their rows can have at all."""
    found: list[Difference] = []
    for one, other in texts:
        differing = differences(one, other, DATES)
        if differing is None:
            return None
        found += differing
    return [replace(each, bound=_bound(each.column, now, then)) for each in found]


def _bound(column: str, *both: CustomerFacts) -> str:
    """The days on which rows of the column's table can be among the facts at all, on one of two days."""
    steps = {step.sql for facts in both for step in facts.steps}
    conditions = {entered(sql, DATES[column], column) for sql in steps} - {None}
    return "TRUE" if not conditions or "TRUE" in conditions else " OR ".join(sorted(map(str, conditions)))


def reaches(now: Compiled, then: Compiled, kept: Mapping[str, KeptFacts]) -> dict[str, Reach]:
    """The reach of each table of facts by its name."""
    earlier = {facts.name: facts for facts in then.facts}
    with Calendar() as calendar:
        return {
            facts.name: reach_of(facts, earlier.get(facts.name), kept.get(facts.name), calendar) for facts in now.facts
        }
