"""Aggregates kept and mended give the indicators of a full computation, for every indicator there is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.incremental.core import all_refs, both_ways

from tierwise.contracts.indicators import ref_of
from tierwise.engine.base import Engine
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.incremental.aggregates import MOST_REACHED, Aggregates
from tierwise.testing.sample import AS_OF, write_sample


def other_rows(duck: DuckDBEngine, before: dict[str, Path], folder: Path, orders: str) -> dict[str, Path]:
    """The same tables with other orders."""
    folder.mkdir()
    duck.native(
        "change", f"COPY ({orders.format(orders=before['orders'])}) TO '{folder}/orders.parquet' (FORMAT parquet)"
    )
    return {**before, "orders": folder / "orders.parquet"}


def mostly_slow(*values: object) -> list[object]:
    """The first value in every run of the tests, the others where time is."""
    return [values[0], *(pytest.param(value, marks=pytest.mark.slow) for value in values[1:])]


@pytest.mark.parametrize("days", mostly_slow(1, 0, 2, 31, 400, -1, -45))
def test_days_that_pass(duck: DuckDBEngine, tmp_path: Path, days: int) -> None:
    files = dict(write_sample(tmp_path / "shop").tables)
    missing, extra, made = both_ways(duck, files, files, all_refs(), (AS_OF, AS_OF + timedelta(days=days)), tmp_path)
    assert (missing, extra) == ([], [])
    if days == 0:
        assert set(made.tally.reached.values()) == {0}


ORDERS_ALONE = [
    ref_of("monetary"), ref_of("monetary", 60), ref_of("frequency", 30), ref_of("recency_days"), ref_of("spend_trend", 90),
    ref_of("active_periods", 90), ref_of("spend_growth_percent", 60), ref_of("average_order_value", 365),
]  # fmt: skip
"""What models of orders ask for: on another day sums are mended, and periods are counted again."""


def mended(made: Aggregates) -> set[str]:
    passing = made.reaches["order_facts"].passing
    assert len(passing.again) == 1 and "BIT_COUNT" in next(iter(passing.again.values()))
    return set(passing.mended)


@pytest.mark.parametrize("days", [1, 9, -1, 200])
def test_sums_are_mended_when_days_pass(duck: DuckDBEngine, tmp_path: Path, days: int) -> None:
    files = dict(write_sample(tmp_path / "shop").tables)
    when = AS_OF - timedelta(days=40), AS_OF - timedelta(days=40 - days)
    missing, extra, made = both_ways(duck, files, files, ORDERS_ALONE, when, tmp_path)
    assert (missing, extra) == ([], [])
    assert len(mended(made)) > 5
    due = duck.native_records("due", due_between(*sorted(when)))[0]["customers"]
    assert made.tally.reached["order_facts"] == (due if due <= _half(duck) else None)


def due_between(first: date, last: date) -> str:
    days = f"order_date > DATE '{first}' AND order_date <= DATE '{last}'"
    return f"SELECT count(DISTINCT customer_id) AS customers FROM orders WHERE {days}"


def _half(duck: DuckDBEngine) -> float:
    return duck.native_records("half", "SELECT count(*) AS n FROM customer_order_facts_before")[0]["n"] * MOST_REACHED


SPARK_WINDOWS = ("monetary", "engagement_score", "preferred_channel", "assets_growth_percent", "spend_trend")
CHANGES = {
    "rows that come": "SELECT * FROM '{orders}' UNION ALL SELECT * REPLACE (order_id || '-again' AS order_id, "
    "amount * 2 AS amount) FROM '{orders}' WHERE customer_id IN ('007', 'C00011')",
    "rows that go": "SELECT * FROM '{orders}' WHERE customer_id NOT IN ('007', 'C00011')",
    "an order that goes": "SELECT * FROM '{orders}' WHERE order_id <> 'N100'",
    "orders that change hands": "SELECT * REPLACE (CASE customer_id WHEN 'C00012' THEN 'C00013' ELSE customer_id END "
    "AS customer_id) FROM '{orders}'",
    "another amount": "SELECT * REPLACE (CASE order_id WHEN 'N50' THEN 1.5 ELSE amount END AS amount) FROM '{orders}'",
    "none": "SELECT * FROM '{orders}'",
}


@pytest.mark.parametrize("days", mostly_slow(0, 1))
@pytest.mark.parametrize("change", mostly_slow(*CHANGES))
def test_rows_that_change(duck: DuckDBEngine, tmp_path: Path, change: str, days: int) -> None:
    before = dict(write_sample(tmp_path / "shop").tables)
    after = other_rows(duck, before, tmp_path / "after", CHANGES[change])
    missing, extra, made = both_ways(duck, before, after, all_refs(), (AS_OF, AS_OF + timedelta(days=days)), tmp_path)
    assert (missing, extra) == ([], [])
    if not days and change != "none":
        assert 0 < (made.tally.reached["order_facts"] or 0) < 10


@pytest.mark.parametrize("change", ["rows that come", "orders that change hands"])
def test_sums_are_mended_beside_rows_that_change(duck: DuckDBEngine, tmp_path: Path, change: str) -> None:
    before = dict(write_sample(tmp_path / "shop").tables)
    after = other_rows(duck, before, tmp_path / "after", CHANGES[change])
    missing, extra, made = both_ways(duck, before, after, ORDERS_ALONE, (AS_OF, AS_OF + timedelta(days=7)), tmp_path)
    assert (missing, extra) == ([], [])
    assert mended(made) and made.tally.reached["order_facts"]


@pytest.mark.slow
@pytest.mark.spark
@pytest.mark.parametrize(("change", "days"), [("rows that come", 1), ("none", 0)])
def test_spark_too(
    duck: DuckDBEngine, make_spark: Callable[..., Engine], tmp_path: Path, change: str, days: int
) -> None:
    before = dict(write_sample(tmp_path / "shop", customers=100).tables)
    after = other_rows(duck, before, tmp_path / "after", CHANGES[change])
    refs = [ref for ref in all_refs() if ref.window_days is None or ref.name in SPARK_WINDOWS]
    missing, extra, made = both_ways(make_spark(), before, after, refs, (AS_OF, AS_OF + timedelta(days=days)), tmp_path)
    assert (missing, extra) == ([], [])
    assert days or set(made.tally.reached.values()) == {0}


@pytest.mark.slow
@pytest.mark.spark
def test_sums_are_mended_on_spark(make_spark: Callable[..., Engine], tmp_path: Path) -> None:
    files = dict(write_sample(tmp_path / "shop", customers=100).tables)
    when = AS_OF, AS_OF + timedelta(days=7)
    missing, extra, made = both_ways(make_spark(), files, files, ORDERS_ALONE, when, tmp_path)
    assert (missing, extra) == ([], [])
    assert mended(made)


def test_a_change_that_nobody_tells_of_would_be_seen(
    duck: DuckDBEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.incremental import core

    before = dict(write_sample(tmp_path / "shop").tables)
    after = other_rows(duck, before, tmp_path / "after", CHANGES["another amount"])
    monkeypatch.setattr(core, "touch", lambda engine, one, _: touch_nobody(engine, one))
    missing, extra, _ = both_ways(duck, before, after, all_refs(), (AS_OF, AS_OF), tmp_path)
    assert missing and extra


def touch_nobody(engine: DuckDBEngine, _: object) -> None:
    engine.native("nobody", "CREATE OR REPLACE TEMP TABLE touched_customers AS SELECT '' AS customer_id WHERE false")
