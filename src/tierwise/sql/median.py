"""Medians of groups without sorting everybody: count per whole unit, then look into one unit alone.

Amounts have almost as many values as there are customers, and counting or cumulating them takes a table of all of
them. By whole units instead, a few thousand rows say in which unit the middle lies and how many values lie below it;
only the values of that unit are then looked at. How an engine rounds to units does not matter, as long as it never changes the order.
"""

from __future__ import annotations

from tierwise.sql.steps import Plan, Step, in_one

_REACHES_LOW, _REACHES_HIGH = "upto * 2 >= total", "(upto - 1) * 2 >= total - 1"


def median_steps(prefix: str, table: str, column: str, by: str, target: str) -> Plan:
    """Steps ending in `target`: for each value `part` of `by` the two middle values `low` and `high` of a column.

    They are the same where the count is odd; nulls do not count. A group of nulls alone has no row.
    """
    value = f"CAST(t.{column} AS DECIMAL(18, 2))"
    unit = f"CAST({value} AS DECIMAL(18, 0))"
    counted = (
        f"SELECT {by} AS part, {unit} AS unit, COUNT(*) AS customers FROM {table} AS t WHERE {column} IS NOT NULL "
        f"GROUP BY {by}, {unit}"
    )
    cumulated = (
        "SELECT part, unit, customers, CAST(SUM(customers) OVER (PARTITION BY part ORDER BY unit) AS BIGINT) AS upto, "
        f"CAST(SUM(customers) OVER (PARTITION BY part) AS BIGINT) AS total FROM {prefix}_units"
    )
    around = (
        f"SELECT part, MIN(CASE WHEN {_REACHES_LOW} THEN unit END) AS low_unit, "
        f"MIN(CASE WHEN {_REACHES_HIGH} THEN unit END) AS high_unit, "
        f"MIN(CASE WHEN {_REACHES_LOW} THEN upto - customers END) AS below, MAX(total) AS total "
        f"FROM {prefix}_units_upto GROUP BY part"
    )
    near = (
        f"SELECT a.part, {value} AS value, a.total, a.below, COUNT(*) AS customers "
        f"FROM {table} AS t JOIN {prefix}_around AS a ON t.{by} = a.part "
        f"WHERE {unit} = a.low_unit OR {unit} = a.high_unit GROUP BY a.part, {value}, a.total, a.below"
    )
    upto = (
        "SELECT part, value, total, below + CAST(SUM(customers) OVER (PARTITION BY part ORDER BY value) AS BIGINT) "
        f"AS upto FROM {prefix}_near"
    )
    middle = (
        f"SELECT part, MIN(CASE WHEN {_REACHES_LOW} THEN value END) AS low, "
        f"MIN(CASE WHEN {_REACHES_HIGH} THEN value END) AS high FROM {prefix}_upto GROUP BY part"
    )
    units = (Step(f"{prefix}_units", counted), Step(f"{prefix}_units_upto", cumulated))
    values = (Step(f"{prefix}_near", near), Step(f"{prefix}_upto", upto))
    return (
        in_one((*units, Step(f"{prefix}_around", around, stored=True))),
        in_one((*values, Step(target, middle, stored=True))),
    )
