"""Periods counted as bits are the periods counted one by one, up to the last number that a bit can stand for."""

from __future__ import annotations

import pytest

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.indicators.formulas import different, different_periods
from tierwise.sql.steps import Step


@pytest.mark.parametrize("periods", [1, 2, 13, 31, 32, None])
def test_bits_count_what_distinct_counts(duck: DuckDBEngine, periods: int | None) -> None:
    """Nobody, everybody, nulls, the first and the last period, and rows that the condition leaves out."""
    below = periods or 40
    duck.native(
        "rows",
        f"CREATE TEMP TABLE rows_of AS SELECT 'c' || (range % 7) AS customer_id, range % 5 AS kind, "
        f"CASE WHEN range % 11 = 0 THEN NULL ELSE (range * range) % {below} END AS period FROM range(400)",
    )
    counts = {"bits": different_periods("kind = 1", "period", periods), "whole": different("kind = 1", "period")}
    listed = ", ".join(f"{sql} AS {name}" for name, sql in counts.items())
    duck.run(Step("counted", f"SELECT customer_id, {listed} FROM rows_of GROUP BY customer_id", stored=True))
    rows = duck.records("counted", "SELECT bits, whole FROM counted")
    assert len(rows) == 7
    assert all(row["bits"] == row["whole"] for row in rows)
    assert duck.columns("counted") == ["customer_id", "bits", "whole"]
    none = duck.records("none", f"SELECT {different_periods('kind = 9', 'period', periods)} AS n FROM rows_of")
    assert none == [{"n": 0}]
