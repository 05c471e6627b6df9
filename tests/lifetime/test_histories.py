"""Histories by hand: same-day orders, refunds, voids, one customer, one-time buyers, the split, and the unit."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from tests.lifetime.conftest import START, OpenShop, attach_shop, busy_shop

from tierwise.clv.summary import summarise
from tierwise.engine.base import Engine
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.lifetime.clock import DAYS
from tierwise.lifetime.histories import Histories
from tierwise.lifetime.parquet import batches
from tierwise.lifetime.reading import Shop, read_shop

ORDERS = [
    # two orders on the first day are one; a third day, a refund later, and one after the last day seen
    ("anna", 0, "10.00"), ("anna", 0, "5.50"), ("anna", 10, "20.00"), ("anna", 10, "0.00"), ("anna", 12, "-4.00"),
    ("anna", 40, "30.00"), ("anna", 99, "1000.00"),
    # bought once, returned it in part on the same day and again later: never an order, never negative time
    ("bert", 5, "8.00"), ("bert", 5, "-2.00"), ("bert", 20, "-1.00"),
    # nothing but refunds and voids: not a customer
    ("carl", 3, "-9.00"), ("dora", 4, "void 50.00"),
    # a free order is an order; a void one is none
    ("eva", 30, "0.00"), ("eva", 33, "void 7.00"), ("eva", 37, "7.77"),
    # first order after the end of calibration
    ("fred", 45, "1.00"),
]  # fmt: skip


def by_customer(histories: Histories) -> dict[str, dict[str, float]]:
    ids = [name for batch in batches(histories.files, ["customer_id"]) for name in batch.column(0).to_pylist()]
    return {
        name: {column: float(values[i]) for column, values in histories.columns.items()} for i, name in enumerate(ids)
    }


def read(shop: Shop, calibration_day: int | None = 35, gaps: bool = True) -> Histories:
    end = None if calibration_day is None else START + timedelta(days=calibration_day)
    return read_shop(shop, DAYS, end, gaps=gaps)


def test_histories_by_hand(open_shop: OpenShop) -> None:
    histories = read(open_shop(ORDERS, 50))
    found, zero = by_customer(histories), float(DAYS.tick(START))
    assert list(found) == ["anna", "bert", "eva", "fred"]
    anna, bert, eva, fred = found.values()
    assert (anna["first_tick"] - zero, anna["last_tick"] - zero, anna["orders"]) == (0, 40, 3)
    assert (anna["first_money"], anna["net"]) == (15.5, 61.5)
    assert (anna["last_tick_cal"] - zero, anna["orders_cal"], anna["net_cal"]) == (10, 2, 31.5)
    assert (bert["orders"], bert["first_money"], bert["net"], bert["net_cal"]) == (1, 6.0, 5.0, 5.0)
    assert (eva["orders"], eva["orders_cal"], eva["net"], eva["first_money"]) == (2, 1, 7.77, 0.0)
    assert (fred["orders"], fred["orders_cal"]) == (1, 0)


def test_the_summary_by_hand(open_shop: OpenShop) -> None:
    histories = read(open_shop(ORDERS, 50))
    everyone = histories.summary(1.0)
    assert everyone.x.tolist() == [2, 0, 1, 0]
    assert everyone.t_x.tolist() == [40, 0, 7, 0]
    assert everyone.age.tolist() == [50, 45, 20, 5]
    assert everyone.mean_spend is not None
    assert everyone.mean_spend.tolist() == [23.0, 0.0, 7.77, 0.0]  # (20 - 4 + 30) / 2; refunds of one-time buyers: none
    before = histories.summary(1.0, calibration=True)
    assert (before.x.tolist(), before.t_x.tolist(), before.age.tolist()) == ([1, 0, 0], [10, 0, 0], [35, 30, 5])
    assert before.mean_spend is not None
    assert before.mean_spend.tolist() == [16.0, 0.0, 0.0]
    assert histories.holdout_days == 15
    assert histories.holdout_orders().tolist() == [1, 0, 1]
    assert histories.holdout_money().tolist() == [30.0, 0.0, 7.77]


def test_gaps_are_summed_from_their_histogram(open_shop: OpenShop) -> None:
    histories = read(open_shop(ORDERS, 50))
    assert histories.gaps is not None
    assert [column.tolist() for column in histories.gaps] == [[7, 10, 30], [1, 1, 1], [0, 1, 0]]
    everyone, before = histories.summary(1.0), histories.summary(1.0, calibration=True)
    assert everyone.log_gaps is not None
    assert before.log_gaps is not None
    assert everyone.log_gaps.sum() == pytest.approx(math.log(7) + math.log(10) + math.log(30))
    assert before.log_gaps.sum() == pytest.approx(math.log(10))
    weeks = histories.summary(7.0)
    assert weeks.log_gaps is not None
    assert weeks.log_gaps.sum() == pytest.approx(math.log(7 * 10 * 30 / 7**3))


def test_returns_that_outweigh_repeat_orders_count_as_next_to_nothing(open_shop: OpenShop) -> None:
    shop = open_shop([("a", 0, 50), ("a", 5, 10), ("a", 9, -30)], 20)
    histories = read(shop, None, gaps=False)
    plain, floored = histories.summary(1.0), histories.summary(1.0, floor=True)
    assert plain.mean_spend is not None
    assert floored.mean_spend is not None
    assert plain.mean_spend.tolist() == [-20.0]
    assert 0 < floored.mean_spend[0] < 0.01
    assert histories.own_mean().tolist() == [15.0]  # 30 net of two orders


def test_dates_before_1970_and_large_amounts_are_exact(open_shop: OpenShop) -> None:
    old = -25_000
    shop = open_shop([("a", old, "9999999999999.99"), ("a", old, "-0.01"), ("a", old + 1, "0.01")], 0)
    histories = read(shop, None, gaps=False)
    assert histories.columns["first_money"].tolist() == [9999999999999.98]
    assert histories.summary(1.0).t_x.tolist() == [1.0]


def test_equals_the_numerics_own_summary(open_shop: OpenShop) -> None:
    """The engine's histories are what `clv.summarise` makes of the same orders in memory."""
    orders = busy_shop(300)
    histories = read(open_shop(orders, 400), None)
    customer, day, amount = zip(*orders, strict=True)
    _, plain = summarise(customer, day, np.array(amount, dtype=float), as_of_day=400)
    found = histories.summary(1.0)
    for name in ("x", "t_x", "age", "mean_spend"):
        np.testing.assert_allclose(getattr(found, name), getattr(plain, name), rtol=1e-12)
    assert found.log_gaps is not None
    assert plain.log_gaps is not None
    assert found.log_gaps.sum() == pytest.approx(plain.log_gaps.sum(), rel=1e-12)


@pytest.mark.slow
@pytest.mark.spark
def test_spark_and_duckdb_agree(make_spark: Callable[..., Engine], duck: DuckDBEngine, tmp_path: Path) -> None:
    orders = [*busy_shop(200), *(("x" + c, d, a) for c, d, a in ORDERS)]
    cents = [(*order, "3.33") for order in orders]
    spark = make_spark()
    try:
        found = [read(attach_shop(e, tmp_path / e.name, cents, 300, cost=True), 150) for e in (duck, spark)]
    finally:
        spark.close()
    assert by_customer(found[0]) == by_customer(found[1])
    assert list(by_customer(found[0])) == list(by_customer(found[1]))
    assert found[0].gaps is not None
    assert found[1].gaps is not None
    for ours, theirs in zip(found[0].gaps, found[1].gaps, strict=True):
        assert ours.tolist() == theirs.tolist()
