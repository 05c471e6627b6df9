"""Medians of groups without sorting everybody: count per value, then per whole unit, then look into one unit alone.

Amounts have almost as many values as there are customers, and cumulating them means sorting them. Cumulated by whole
units instead, a few thousand rows say in which unit the middle lies and how many values lie below it; only the values
of that unit are then cumulated. How an engine rounds to units does not matter, as long as it never changes the order.
"""

from __future__ import annotations

from tierwise.sql.steps import Plan, Step

_UNIT = "CAST(value AS DECIMAL(18, 0))"
_REACHES_LOW, _REACHES_HIGH = "upto * 2 >= total", "(upto - 1) * 2 >= total - 1"


def median_steps(prefix: str, table: str, column: str, by: str, target: str) -> Plan:
    """Steps ending in `target`: for each value of `by` the two middle values `low` and `high` of a column.

    They are the same where the count is odd; nulls do not count. A group of nulls alone has no row.
    """
    counted = (
        f"SELECT {by}, CAST({column} AS DECIMAL(18, 2)) AS value, COUNT(*) AS customers FROM {table} "
        f"WHERE {column} IS NOT NULL GROUP BY {by}, {column}"
    )
    units = f"SELECT {by}, {_UNIT} AS unit, SUM(customers) AS customers FROM {prefix}_histogram GROUP BY {by}, {_UNIT}"
    cumulated = (
        f"SELECT {by}, unit, customers, CAST(SUM(customers) OVER (PARTITION BY {by} ORDER BY unit) AS BIGINT) AS upto, "
        f"CAST(SUM(customers) OVER (PARTITION BY {by}) AS BIGINT) AS total FROM {prefix}_units"
    )
    around = (
        f"SELECT {by}, MIN(CASE WHEN {_REACHES_LOW} THEN unit END) AS low_unit, "
        f"MIN(CASE WHEN {_REACHES_HIGH} THEN unit END) AS high_unit, "
        f"MIN(CASE WHEN {_REACHES_LOW} THEN upto - customers END) AS below, MAX(total) AS total "
        f"FROM {prefix}_units_upto GROUP BY {by}"
    )
    near = (
        f"SELECT h.{by}, h.value, a.total, a.below, h.customers "
        f"FROM {prefix}_histogram AS h JOIN {prefix}_around AS a ON h.{by} = a.{by} "
        f"WHERE {_UNIT.replace('value', 'h.value')} = a.low_unit OR {_UNIT.replace('value', 'h.value')} = a.high_unit"
    )
    upto = (
        f"SELECT {by}, value, total, "
        f"below + CAST(SUM(customers) OVER (PARTITION BY {by} ORDER BY value) AS BIGINT) AS upto FROM {prefix}_near"
    )
    middle = (
        f"SELECT {by}, MIN(CASE WHEN {_REACHES_LOW} THEN value END) AS low, "
        f"MIN(CASE WHEN {_REACHES_HIGH} THEN value END) AS high FROM {prefix}_upto GROUP BY {by}"
    )
    return (
        Step(f"{prefix}_histogram", counted, stored=True),
        Step(f"{prefix}_units", units),
        Step(f"{prefix}_units_upto", cumulated),
        Step(f"{prefix}_around", around, stored=True),
        Step(f"{prefix}_near", near),
        Step(f"{prefix}_upto", upto),
        Step(target, middle, stored=True),
    )
