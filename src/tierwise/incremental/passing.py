"""What another day does to the aggregates of customers whose rows are the same.

Windows end on another day, so that rows on some days count otherwise. A sum is mended: what these rows bring today
less what they brought then is added. Others that look at the rows of a window alone (periods that were active, say) are
made anew for everyone, by themselves and over these rows. Both are worth it only where the rows of a table are facts as
they are, one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain

from tierwise.contracts.tables import TABLES, Kind
from tierwise.incremental.calendar import Calendar, Days
from tierwise.indicators.compile import CustomerFacts
from tierwise.sql.adding import entering, plain_numbers, summed
from tierwise.sql.differing import Difference
from tierwise.sql.renaming import renamed
from tierwise.sql.steps import Plan, Step

_EXACT = (Kind.MONEY, Kind.INTEGER)


@dataclass(frozen=True, slots=True)
class Mended:
    """An aggregate that is mended: its type, and what a row brings today beyond what it brought then."""

    kind: str
    more: str


@dataclass(frozen=True, slots=True)
class Passing:
    """What is mended and what is made anew of one table of facts, by column, and which of its rows are looked at."""

    table: str = ""
    mended: Mapping[str, Mended] = field(default_factory=dict)
    mended_days: Mapping[str, Days] = field(default_factory=dict)
    again: Mapping[str, str] = field(default_factory=dict)
    again_rows: str = "TRUE"

    def __bool__(self) -> bool:
        return bool(self.mended or self.again)


def passing_of(
    facts: CustomerFacts, pairs: Mapping[str, str], found: Mapping[str, list[Difference]], calendar: Calendar
) -> Passing | None:
    """How the aggregates that differ between two days are mended; None where their customers are all made anew.

    `pairs` has by the SQL of each aggregate what it was then, `found` in what expressions over dates the two differ.
    """
    plain = plain_numbers(facts.steps[0].sql, _numbers) if len(facts.steps) == 1 and not facts.grain.through else None
    if plain is None or facts.grain.tables != (plain[0],):
        return None
    table, numbers, kept = plain
    if any(each.column != TABLES[table].date or each.column not in kept for each in chain(*found.values())):
        return None
    mended, again, looked_at = dict[str, Mended](), dict[str, str](), set[str]()
    differences: list[Difference] = []
    for sql, differing in found.items():
        one, other, alias = summed(sql, numbers), summed(pairs[sql], numbers), facts.aggregates[sql]
        if one is not None and other is not None and one.kind == other.kind:
            mended[alias] = Mended(one.kind, f"{one.value} - {other.value}")
            differences += differing
        elif days := entering(sql, str(TABLES[table].date)):
            again[alias] = sql
            looked_at.add(days)
        else:
            return None
    days_of = calendar.days_of(differences)
    return None if days_of is None else Passing(table, mended, days_of, again, " OR ".join(sorted(looked_at)) or "TRUE")


def _numbers(table: str) -> set[str]:
    return {column.name for column in TABLES[table].columns if column.kind in _EXACT} if table in TABLES else set()


def passed_steps(facts: CustomerFacts, passing: Passing) -> Plan:
    """Steps to `…_mended`, what is to be added by customer, and `…_again`, what is made anew; each where there is any."""
    steps: list[Step] = []
    if passing.mended:
        rows = f"SELECT * FROM {passing.table} WHERE {_on(passing.mended_days)}"
        sums = "".join(f", SUM({each.more}) AS {alias}" for alias, each in passing.mended.items())
        steps += _own_facts(facts, passing.table, "mended", rows)
        made = f"SELECT customer_id{sums} FROM {facts.name}_mended GROUP BY customer_id"
        steps.append(Step(f"{facts.table}_mended", made))
    if passing.again:
        rows = f"SELECT * FROM {passing.table} WHERE {passing.again_rows}"
        made_anew = "".join(f", {sql} AS {alias}" for alias, sql in passing.again.items())
        steps += _own_facts(facts, passing.table, "again", rows)
        made = f"SELECT customer_id{made_anew} FROM {facts.name}_again GROUP BY customer_id"
        steps.append(Step(f"{facts.table}_again", made))
    return tuple(steps)


def _own_facts(facts: CustomerFacts, table: str, kind: str, rows: str) -> Plan:
    """Steps to the facts `…_mended` or `…_again`, of some rows of their table."""
    some = f"{table}_{kind}"
    return Step(some, rows), Step(f"{facts.name}_{kind}", renamed(facts.steps[0].sql, {table: some}))


def _on(days: Mapping[str, Days]) -> str:
    return " OR ".join(f"({each.condition(column)})" for column, each in days.items())


def kept_value(passing: Passing, alias: str, before: str) -> str:
    """The value of one column of a customer whose rows are the same; `before` is what it was, `m` and `g` are joined."""
    if alias in passing.mended:
        return f"CAST({before} + COALESCE(m.{alias}, 0) AS {passing.mended[alias].kind})"
    if alias in passing.again:
        return f"COALESCE(g.{alias}, 0)"
    return before


def joined(facts: CustomerFacts, passing: Passing) -> str:
    """The joins that `kept_value` reads."""
    joins = ""
    if passing.mended:
        joins += f" LEFT JOIN {facts.table}_mended AS m ON b.customer_id = m.customer_id"
    if passing.again:
        joins += f" LEFT JOIN {facts.table}_again AS g ON b.customer_id = g.customer_id"
    return joins
