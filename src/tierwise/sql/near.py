"""The few values of a column among which its cut-points are, without a table of all its values.

Amounts have almost as many values as there are customers. Counted by coarse units they are some thousand rows, which
say in which unit the count of customers first reaches a number; only the values of these units are looked at.
Whatever order an engine's rounding to units keeps is good enough: no cut-point depends on where a unit begins.
"""

from __future__ import annotations

from collections.abc import Sequence

from tierwise.sql.median import unit_of
from tierwise.sql.steps import Plan, Step, in_one

_OF_ALL = ("total", "lowest", "highest", "cents_part")


def near_steps(prefix: str, table: str, column: str, by: Sequence[str], reached: Sequence[str]) -> Plan:
    """Steps to the values at which conditions first hold; the last ends in `{prefix}_upto`, and nobody else reads it.

    `reached` are conditions over `upto`, the number of customers with at most a value, and `total`. Once one of them
    holds it holds for all greater values, so that it first holds in the unit at whose end it does and at whose
    beginning it does not. Of the group of each value there are the lowest, the highest and the largest part of a unit.
    """
    groups = "".join(f"{name}, " for name in by)
    return (
        in_one((*_units(prefix, table, column, groups), Step(f"{prefix}_near", _wanted(prefix, reached), stored=True))),
        Step(f"{prefix}_values", _values(prefix, table, column, by)),
        Step(f"{prefix}_upto", _cumulated(prefix, groups)),
    )


def _units(prefix: str, table: str, column: str, groups: str) -> Plan:
    """The customers of each unit, cumulated, with what is known of its group."""
    value = f"CAST({column} AS DECIMAL(18, 2))"
    counted = (
        f"SELECT {groups}{unit_of(column)} AS unit, COUNT(*) AS customers, MIN({value}) AS least, "
        f"MAX({value}) AS most, MAX(ABS({value} % 1)) AS part FROM {table} WHERE {column} IS NOT NULL "
        f"GROUP BY {groups}{unit_of(column)}"
    )
    all_of = f"(PARTITION BY {groups.removesuffix(', ')})" if groups else "()"
    in_order = f"(PARTITION BY {groups.removesuffix(', ')} ORDER BY unit)" if groups else "(ORDER BY unit)"
    cumulated = (
        f"SELECT {groups}unit, customers, CAST(SUM(customers) OVER {in_order} AS BIGINT) AS upto, "
        f"CAST(SUM(customers) OVER {all_of} AS BIGINT) AS total, MIN(least) OVER {all_of} AS lowest, "
        f"MAX(most) OVER {all_of} AS highest, MAX(part) OVER {all_of} AS cents_part FROM {prefix}_units"
    )
    return Step(f"{prefix}_units", counted), Step(f"{prefix}_units_upto", cumulated)


def _wanted(prefix: str, reached: Sequence[str]) -> str:
    begun = [condition.replace("upto", "(upto - customers)") for condition in reached]
    tests = " OR ".join(f"({end} AND NOT {begin})" for end, begin in zip(reached, begun, strict=True))
    return f"SELECT *, upto - customers AS below FROM {prefix}_units_upto WHERE {tests}"


def _values(prefix: str, table: str, column: str, by: Sequence[str]) -> str:
    same = "".join(f" AND n.{name} = t.{name}" for name in by)
    kept = ", ".join(f"n.{name}" for name in (*by, "unit", "below", *_OF_ALL))
    value = f"CAST(t.{column} AS DECIMAL(18, 2))"
    return (
        f"SELECT {kept}, {value} AS value, COUNT(*) AS customers FROM {table} AS t JOIN {prefix}_near AS n "
        f"ON {unit_of(f't.{column}')} = n.unit{same} GROUP BY {kept}, {value}"
    )


def _cumulated(prefix: str, groups: str) -> str:
    upto = f"below + CAST(SUM(customers) OVER (PARTITION BY {groups}unit ORDER BY value) AS BIGINT) AS upto"
    return f"SELECT {groups}value, {upto}, {', '.join(_OF_ALL)} FROM {prefix}_values"
