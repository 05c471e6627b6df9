"""A version assessed from what is kept of its imports: counts are added up, and only the rest is asked of the rows.

Where the rows of a table are those of its imports, no more and no less, the counts of rules by row add up exactly, a
fence follows from the sizes of all imports, and the first failing rows are among the first failing ones of each. Rules
over several rows are asked of the rows: that two imports share a value is known of neither.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from tierwise.contracts.quality import FarOut, Rule
from tierwise.contracts.tables import TABLES, Kind
from tierwise.engine.duckdb import DuckDBEngine, quoted
from tierwise.quality.assessment import Counted, Examination, fence
from tierwise.quality.examples import EXAMPLES, shown_columns, shown_row
from tierwise.quality.measures import CUSTOMERS, LARGEST_KEPT, SIZES, Count, Measures, adds_up, key_of
from tierwise.sql.expressions import literal

_FOUND = "quality_found"
_ID = re.compile(r"\b(referred_)?customer_id\b")


@dataclass(frozen=True, slots=True)
class Part:
    """One import of a table: its counts, its rows, and what lies beside the counts."""

    measures: Measures
    rows: Path
    beside: Path


Parts = Mapping[str, Sequence[Part]]
"""The imports of each table whose counts add up to those of the version."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is kept of the imports of a version: how often each column of each import is filled, and what adds up.

    In `mapped` tables ids of customers gave way to others.
    """

    filled: Sequence[Mapping[str, int]]
    parts: Parts
    today: date
    mapped: frozenset[str] = frozenset()


@dataclass
class Addition(Examination):
    """An examination that adds up, of tables that `parts` has, and looks at the rows of all others."""

    parts: Parts = field(default_factory=dict)
    today: date = date.min
    mapped: frozenset[str] = frozenset()

    def _summed(self, rule: Rule) -> bool:
        if rule.table not in self.parts or not adds_up(rule):
            return False
        return rule.table not in self.mapped or not _ID.search(repr((rule.columns, rule.when, rule.check)))

    def _counts(self, rule: Rule) -> list[tuple[Part, Count]]:
        key = key_of(rule, self.today)
        return [(part, part.measures.rules[key]) for part in self.parts[rule.table]]

    def _fence(self, rule: Rule, check: FarOut) -> Decimal | None:
        if not self._summed(rule):
            return super()._fence(rule, check)
        self.engine.attach("quality_sizes", [part.beside / SIZES for part in self.parts[rule.table]])
        summed = (
            "SELECT CAST(size AS DECIMAL(18, 2)) AS value, SUM(times) AS customers FROM quality_sizes "
            f"WHERE rule = {literal(key_of(rule, self.today))} GROUP BY CAST(size AS DECIMAL(18, 2))"
        )
        upto = f"SELECT value, SUM(customers) OVER (ORDER BY value) AS upto, SUM(customers) OVER () AS total FROM ({summed}) AS sizes"
        quartiles = (
            "SELECT MIN(CASE WHEN upto * 4 >= total THEN value END) AS low, "
            f"MIN(CASE WHEN upto * 4 >= total * 3 THEN value END) AS high FROM ({upto}) AS cumulated"
        )
        return fence(check, **self.engine.records(f"sizes of {rule.table}.{rule.field}", quartiles)[0])

    def _by_row(self, rules: Sequence[Rule]) -> dict[str, Counted]:
        counted = super()._by_row([rule for rule in rules if not self._summed(rule)])
        for rule in rules:
            if self._summed(rule):
                counts = [count for _, count in self._counts(rule)]
                failed = self._far_out(rule) if isinstance(rule.check, FarOut) else sum(each.failed for each in counts)
                counted[rule.name] = Counted(sum(each.checked for each in counts), failed, self.fences.get(rule.name))
        return counted

    def _far_out(self, rule: Rule) -> int:
        """How many sizes lie beyond the fence, over all imports."""
        if rule.name not in self.fences:
            return 0
        self.engine.attach("quality_sizes", [part.beside / SIZES for part in self.parts[rule.table]])
        beyond = f"rule = {literal(key_of(rule, self.today))} AND size > {literal(self.fences[rule.name])}"
        sql = f"SELECT CAST(COALESCE(SUM(times), 0) AS BIGINT) AS failed FROM quality_sizes WHERE {beyond}"
        return int(self.engine.records(f"beyond the fence of {rule.name}", sql)[0]["failed"])

    def _newest(self, rule: Rule) -> date | None:
        if rule.table not in self.parts or TABLES[rule.table].column(rule.field).kind is not Kind.DATE:
            return super()._newest(rule)
        return max((d for part in self.parts[rule.table] if (d := part.measures.newest.get(rule.field))), default=None)

    def _examples(self, rule: Rule) -> tuple[dict[str, str], ...]:
        summed = self._summed(rule) and rule.table not in self.mapped  # ids are shown, and order the rows
        places = self._places(rule) if summed else None
        if not places or not isinstance(self.engine, DuckDBEngine):
            return super()._examples(rule)
        have = self.available[rule.table]
        shown = ", ".join(shown_columns(rule.table, have, rule))
        kinds = {column.name: str(column.kind) for column in TABLES[rule.table].columns if column.name in have}
        self.engine.take_placed(_FOUND, places, kinds)
        sql = f"SELECT {shown} FROM {_FOUND} ORDER BY {shown} LIMIT {EXAMPLES}"
        return tuple(shown_row(rule.table, row) for row in self.engine.records(f"examples of {rule.name}", sql))

    def _places(self, rule: Rule) -> list[tuple[Path, int]] | None:
        """Where the first failing rows of each import stand; None where that is not known of some import."""
        found: list[tuple[Path, int]] = []
        limit = self.fences.get(rule.name)
        for part, count in self._counts(rule):
            first = count.first
            if isinstance(rule.check, FarOut):
                beyond = [place for size, place in count.largest if limit is not None and size > limit]
                first = None if len(beyond) == LARGEST_KEPT else beyond
            if first is None:
                return None
            found += [(part.rows / file, row) for file, row in first]
        return found


def order_counts(engine: DuckDBEngine, known: Known) -> tuple[Counter[str], int]:
    """How many orders of each status there are, and how many customers they have."""
    parts = known.parts["orders"]
    status: Counter[str] = Counter()
    for part in parts:
        status.update(part.measures.statuses)
    if "orders" in known.mapped:
        return status, _survivors(engine, parts)
    return status, _customers(engine, sorted(parts, key=lambda part: -part.measures.customers))


def _survivors(engine: DuckDBEngine, parts: Sequence[Part]) -> int:
    """How many customers several imports have, where some gave way to others."""
    listed = ", ".join(quoted(str(part.beside / CUSTOMERS)) for part in parts)
    ids = f"SELECT coalesce(m.survivor_id, c.customer_id) AS id FROM read_parquet([{listed}]) AS c LEFT JOIN identity_map AS m"
    sql = f"SELECT count(DISTINCT id) FROM ({ids} USING (customer_id))"
    return int(engine.native("count customers", sql)[0][0])


def _customers(engine: DuckDBEngine, parts: Sequence[Part]) -> int:
    """How many customers several imports have: those of the largest, and of the others those that it has not."""
    largest, *others = parts
    if not others:
        return largest.measures.customers
    known = f"read_parquet({quoted(str(largest.beside / CUSTOMERS))})"
    listed = ", ".join(quoted(str(part.beside / CUSTOMERS)) for part in others)
    ids = f"(SELECT DISTINCT customer_id FROM read_parquet([{listed}]))"
    sql = f"SELECT (SELECT count(*) FROM {ids}) - (SELECT count(*) FROM {known} SEMI JOIN {ids} USING (customer_id))"
    return largest.measures.customers + int(engine.native("count customers", sql)[0][0])
