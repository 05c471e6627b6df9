"""Medians of groups without sorting everybody: count per unit, then look into one unit alone.

Amounts have almost as many values as there are customers, and counting or cumulating them takes a table of all of
them. By coarse units instead, a few thousand rows say in which unit the middle lies and how many values lie below it;
only the values of that unit are then looked at. How an engine rounds to units does not matter, as long as it never
changes the order. Whole numbers are counted one by one, and there is nothing left to look at.

Several columns of groups are worked through by one statement: what takes long is not the rows but the statements.
"""

from __future__ import annotations

from collections.abc import Sequence

from tierwise.sql.expressions import literal
from tierwise.sql.steps import Plan, Step, in_one

_REACHES_LOW, _REACHES_HIGH = "upto * 2 >= total", "(upto - 1) * 2 >= total - 1"


def unit_of(column: str) -> str:
    """The unit of an amount: whole ones below a thousand, hundreds to a hundred thousand, and so on.

    There are six thousand at most, whatever the amounts, so that cumulating them takes no time, and each holds some per
    cent of the amounts of its size at most.
    """
    whole = f"CAST({column} AS BIGINT)"
    cases = f"WHEN {column} < -1000 THEN -1000 WHEN {column} < 1000 THEN {whole}"
    for level, size in enumerate((100, 10_000, 1_000_000), start=1):
        cases += f" WHEN {column} < {size * 1000} THEN {level * 1000} + {whole} // {size}"
    return f"CAST(CASE {cases} ELSE 4000 + LEAST({whole} // 100000000, 1000) END AS INT)"


def whole_median_step(prefix: str, table: str, column: str, by: Sequence[str], target: str) -> Step:
    """The step that makes of a column of whole numbers what `median_steps` makes of one of amounts."""
    counted = _counted(table, f"CAST({column} AS BIGINT)", column, by)
    middle = (
        f"SELECT grouping_column, part, MIN(CASE WHEN {_REACHES_LOW} THEN unit END) AS low, "
        f"MIN(CASE WHEN {_REACHES_HIGH} THEN unit END) AS high FROM {prefix}_upto GROUP BY grouping_column, part"
    )
    units = (Step(f"{prefix}_units", counted), Step(f"{prefix}_upto", _cumulated(f"{prefix}_units")))
    return in_one((*units, Step(target, middle, stored=True)))


def median_steps(prefix: str, table: str, column: str, by: Sequence[str], target: str, unit: str | None = None) -> Plan:
    """Steps ending in `target`: for each value `part` of each `grouping_column` the two middle values `low` and `high`.

    `by` are these columns, `unit` is a column of the table that has units of the values already. The middle values
    are the same where the count is odd; nulls do not count. A group of nulls alone has no row.
    """
    unit = unit or unit_of(column)
    around = (
        f"SELECT grouping_column, part, MIN(CASE WHEN {_REACHES_LOW} THEN unit END) AS low_unit, "
        f"MIN(CASE WHEN {_REACHES_HIGH} THEN unit END) AS high_unit, "
        f"MIN(CASE WHEN {_REACHES_LOW} THEN upto - customers END) AS below, MAX(total) AS total "
        f"FROM {prefix}_units_upto GROUP BY grouping_column, part"
    )
    near = " UNION ALL ".join(_near(prefix, table, column, unit, name) for name in by)
    groups = "PARTITION BY grouping_column, part ORDER BY value"
    upto = (
        "SELECT grouping_column, part, value, total, "
        f"below + CAST(SUM(customers) OVER ({groups}) AS BIGINT) AS upto FROM {prefix}_near"
    )
    middle = (
        f"SELECT grouping_column, part, MIN(CASE WHEN {_REACHES_LOW} THEN value END) AS low, "
        f"MIN(CASE WHEN {_REACHES_HIGH} THEN value END) AS high FROM {prefix}_upto GROUP BY grouping_column, part"
    )
    counted = Step(f"{prefix}_units", _counted(table, unit, column, by))
    cumulated = Step(f"{prefix}_units_upto", _cumulated(f"{prefix}_units"))
    values = (Step(f"{prefix}_near", near), Step(f"{prefix}_upto", upto))
    return (
        in_one((counted, cumulated, Step(f"{prefix}_around", around, stored=True))),
        in_one((*values, Step(target, middle, stored=True))),
    )


def _counted(table: str, unit: str, column: str, by: Sequence[str]) -> str:
    """How many rows there are by group and unit."""
    return " UNION ALL ".join(
        f"SELECT {literal(name)} AS grouping_column, {name} AS part, {unit} AS unit, COUNT(*) AS customers "
        f"FROM {table} WHERE {column} IS NOT NULL GROUP BY {name}, {unit}"
        for name in by
    )


def _cumulated(units: str) -> str:
    """The same with the rows up to each unit, and those of the group."""
    group = "PARTITION BY grouping_column, part"
    return (
        f"SELECT grouping_column, part, unit, customers, "
        f"CAST(SUM(customers) OVER ({group} ORDER BY unit) AS BIGINT) AS upto, "
        f"CAST(SUM(customers) OVER ({group}) AS BIGINT) AS total FROM {units}"
    )


def _near(prefix: str, table: str, column: str, unit: str, by: str) -> str:
    """The values of the units around the middle, of one column of groups."""
    value = f"CAST(t.{column} AS DECIMAL(18, 2))"
    of = f"(SELECT {by} AS part, {column}, {unit} AS unit FROM {table})"
    return (
        f"SELECT a.grouping_column, a.part, {value} AS value, a.total, a.below, COUNT(*) AS customers "
        f"FROM {of} AS t JOIN {prefix}_around AS a ON t.part = a.part AND a.grouping_column = {literal(by)} "
        f"WHERE t.unit = a.low_unit OR t.unit = a.high_unit "
        f"GROUP BY a.grouping_column, a.part, {value}, a.total, a.below"
    )
