"""What is counted in the rows of one import, so that the counts of several imports add up to those of a version.

Counted are the rows, the filled cells, the words of the status, the newest dates, what each rule by row checked and
what failed it. A fence for far-out numbers needs the sizes of all imports: how often each size comes lies beside, in
`sizes.parquet`, and so do the ids of the customers of orders, in `customers.parquet`, for customers are not to be
counted twice. No value of a row is kept: examples are found again by file and row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from tierwise.contracts.quality import FarOut, Holds, Rule
from tierwise.contracts.tables import TABLES, Kind
from tierwise.engine.duckdb import DuckDBEngine, quoted
from tierwise.quality.compile import BY_ROW, counting_step, failing
from tierwise.quality.examples import EXAMPLES, shown_columns
from tierwise.sql.expressions import literal
from tierwise.sql.portable import to_dialect

ROWS, _WHOLE = "measured_rows", "measured_whole"
SIZES, CUSTOMERS = "sizes.parquet", "customers.parquet"
LARGEST_KEPT = 100
"""Of so many of the largest sizes it is kept where they stand: as many may lie beyond a fence and still be found again."""
Place = tuple[str, int]
"""A row of an import: the name of its file, and its number there."""


@dataclass(frozen=True, slots=True)
class Count:
    """What a rule checked on `day` and what failed it; where the first failing rows stand, in the order of examples.

    Of a rule for far-out numbers what failed is known once there is a fence: `largest` are sizes and their places.
    """

    checked: int
    failed: int
    day: date
    first: Sequence[Place] | None = None
    largest: Sequence[tuple[Decimal, Place]] = ()


@dataclass(frozen=True, slots=True)
class Measures:
    """The counts of one import. `rules` are called by `key_of`; `customers` are counted in orders only."""

    rows: int
    filled: Mapping[str, int]
    statuses: Mapping[str, int]
    newest: Mapping[str, date]
    customers: int
    rules: Mapping[str, Count]

    def lacking(self, rules: Sequence[Rule], today: date) -> list[Rule]:
        """The rules whose counts add up and of which there is none here that still holds today."""
        found = ((rule, self.rules.get(key_of(rule, today))) for rule in rules if adds_up(rule))
        return [rule for rule, count in found if count is None or not _still_holds(count, rule, today)]

    def to_json(self) -> dict[str, Any]:
        """As it is kept with an import."""
        return {
            "rows": self.rows,
            "filled": dict(self.filled),
            "statuses": dict(self.statuses),
            "newest": dict(self.newest),
            "customers": self.customers,
            "rules": {
                key: {
                    "checked": each.checked, "failed": each.failed, "day": each.day,
                    "first": each.first, "largest": [[size, *place] for size, place in each.largest],
                }
                for key, each in self.rules.items()
            },
        }  # fmt: skip


def measures_from_json(kept: Mapping[str, Any]) -> Measures:
    """The counts that are kept with an import."""
    rules = {
        key: Count(
            each["checked"], each["failed"], date.fromisoformat(each["day"]),
            None if each["first"] is None else [(file, row) for file, row in each["first"]],
            [(Decimal(size), (file, row)) for size, file, row in each["largest"]],
        )
        for key, each in kept["rules"].items()
    }  # fmt: skip
    newest = {name: date.fromisoformat(day) for name, day in kept["newest"].items()}
    return Measures(kept["rows"], kept["filled"], kept["statuses"], newest, kept["customers"], rules)


def adds_up(rule: Rule) -> bool:
    """Whether the counts of a rule in several imports add up: where it looks at one row at a time."""
    return isinstance(rule.check, BY_ROW) and (not isinstance(rule.check, FarOut) or len(rule.columns) == 1)


def key_of(rule: Rule, today: date) -> str:
    """What a rule demands, in short: its words and its weight do not matter, nor on which day it is asked."""
    check = "not later than today" if _is_not_later(rule, today) else repr(rule.check)
    return hashlib.sha256(repr((rule.columns, rule.when, check)).encode()).hexdigest()[:16]


def _is_not_later(rule: Rule, today: date) -> bool:
    return rule.check == Holds(f"{rule.field} <= {literal(today)}")


def _still_holds(count: Count, rule: Rule, today: date) -> bool:
    """What did not lie in the future on some day does not lie in it later."""
    return not _is_not_later(rule, today) or count.day == today or (count.day < today and not count.failed)


@dataclass(frozen=True, slots=True)
class Gone:
    """Which rows of an import count no longer: those whose keys later imports bring again, as their lists have them."""

    import_id: str
    keys: Sequence[str]
    lists: Sequence[Path]


def attach_rows(engine: DuckDBEngine, table: str, files: Sequence[Path], gone: Gone | None = None) -> frozenset[str]:
    """Make the rows of an import readable, without those that are gone; returns the columns that it has."""
    kinds = {column.name: str(column.kind) for column in TABLES[table].columns}
    if gone is None:
        return engine.attach_placed(ROWS, files, kinds)
    have = engine.attach_placed(_WHOLE, files, kinds)
    listed, keys = ", ".join(quoted(str(file)) for file in gone.lists), ", ".join(gone.keys)
    again = f"SELECT {keys} FROM read_parquet([{listed}]) WHERE import_id = {quoted(gone.import_id)}"
    sql = f"SELECT r.* FROM {_WHOLE} AS r ANTI JOIN ({again}) AS s USING ({keys})"
    engine.native("rows that count", f"CREATE OR REPLACE TEMP VIEW {ROWS} AS {sql}")
    return have


def measure(
    engine: DuckDBEngine, table: str, have: frozenset[str], rules: Sequence[Rule], today: date, folder: Path
) -> Measures:
    """Count the rows that `attach_rows` attached, and write what lies beside the counts into `folder`."""
    asked = _by_key(rules, today)
    counts = count_rules(engine, table, have, rules, today)
    _write_sizes(engine, asked, folder / SIZES)
    filled = [column.name for column in TABLES[table].columns if column.name in have]
    dates = [name for name in filled if TABLES[table].column(name).kind is Kind.DATE]
    whole = ", ".join(["count(*)", *(f"count({name})" for name in filled), *(f"max({name})" for name in dates)])
    row = engine.native(f"completeness of {table}", f"SELECT {whole} FROM {ROWS}")[0]
    newest = {name: day for name, day in zip(dates, row[1 + len(filled) :], strict=True) if day is not None}
    statuses: dict[str, int] = {}
    customers = 0
    if table == "orders":
        status = engine.native("count orders by status", f"SELECT status, count(*) FROM {ROWS} GROUP BY status")
        statuses = {str(name): int(times) for name, times in status}
        customers = _write_customers(engine, folder / CUSTOMERS)
    counted = dict(zip(filled, map(int, row[1 : 1 + len(filled)]), strict=True))
    return Measures(int(row[0]), counted, statuses, newest, customers, counts)


def count_rules(
    engine: DuckDBEngine, table: str, have: frozenset[str], rules: Sequence[Rule], today: date
) -> dict[str, Count]:
    """What each rule checked in the rows that `attach_rows` attached and what failed it, by its key."""
    asked = _by_key(rules, today)
    counts = _counts(engine, table, asked)
    return {key: _count(engine, table, rule, have, today, *counts[key]) for key, rule in asked}


def _by_key(rules: Sequence[Rule], today: date) -> list[tuple[str, Rule]]:
    return list({key_of(rule, today): rule for rule in rules if adds_up(rule)}.items())


def _counts(engine: DuckDBEngine, table: str, asked: Sequence[tuple[str, Rule]]) -> dict[str, tuple[int, int]]:
    """What each rule checked and what failed it, without a fence: in one pass."""
    name = f"quality_{table}"
    engine.run(counting_step(ROWS, name, [rule for _, rule in asked], {}))
    row = engine.records(name, f"SELECT * FROM {name}")[0]
    return {key: (int(row[f"checked_{n}"]), int(row[f"failed_{n}"])) for n, (key, _) in enumerate(asked)}


def _count(
    engine: DuckDBEngine, table: str, rule: Rule, have: frozenset[str], today: date, checked: int, failed: int
) -> Count:
    if isinstance(rule.check, FarOut):
        return Count(checked, 0, today, largest=_largest(engine, rule))
    if not failed:
        return Count(checked, 0, today, ())
    if not set(rule.columns) <= have:
        return Count(checked, failed, today)
    order = ", ".join(shown_columns(table, have, rule))
    sql = (
        f"SELECT file_name, file_row FROM ({failing(rule, ROWS, {}, ())}) AS failing ORDER BY {order} LIMIT {EXAMPLES}"
    )
    return Count(checked, failed, today, _places(engine.records(f"first rows that fail {rule.name}", sql)))


def _places(rows: Sequence[Mapping[str, Any]]) -> list[Place]:
    return [(str(row["file_name"]), int(row["file_row"])) for row in rows]


def sizes_of(rule: Rule) -> str:
    """SQL: the sizes that a fence is made of, of rows that have one."""
    when = f" AND ({rule.when})" if rule.when else ""
    return f"SELECT *, ABS({rule.field}) AS size FROM {ROWS} WHERE {rule.field} <> 0{when}"


def _largest(engine: DuckDBEngine, rule: Rule) -> list[tuple[Decimal, Place]]:
    sql = f"SELECT size, file_name, file_row FROM ({sizes_of(rule)}) AS sizes ORDER BY size DESC LIMIT {LARGEST_KEPT}"
    rows = engine.records(f"largest sizes of {rule.field}", sql)
    return [(Decimal(row["size"]), place) for row, place in zip(rows, _places(rows), strict=True)]


def _write_sizes(engine: DuckDBEngine, asked: Sequence[tuple[str, Rule]], target: Path) -> None:
    """How often each size comes, for every rule that asks for a fence."""
    parts = [
        f"SELECT {quoted(key)} AS rule, CAST(size AS DECIMAL(22, 4)) AS size, count(*) AS times "
        f"FROM ({to_dialect(sizes_of(rule), 'duckdb')}) GROUP BY size"
        for key, rule in asked
        if isinstance(rule.check, FarOut)
    ]
    if parts:
        engine.copy("sizes", f"{' UNION ALL '.join(parts)} ORDER BY rule, size", target)


def _write_customers(engine: DuckDBEngine, target: Path) -> int:
    """The ids of the customers of orders, each once; returns how many."""
    ids = f"SELECT DISTINCT customer_id FROM {ROWS} WHERE customer_id IS NOT NULL ORDER BY customer_id"
    return engine.copy("customers of orders", ids, target)
