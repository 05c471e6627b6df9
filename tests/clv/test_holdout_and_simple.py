"""Scores by hand-computed tables; the simple value, CAC and payback by arithmetic a reader can redo."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from tierwise.clv.bg_nbd import BGNBD
from tierwise.clv.holdout import actual_tracking, expected_tracking, judge
from tierwise.clv.simple import (
    historic_by_cohort,
    lifetime_years,
    payback_periods,
    returns_by_channel,
    simple_value,
)
from tierwise.clv.summary import Summary
from tierwise.errors import TierwiseError


def test_scores_of_a_small_table() -> None:
    expected, actual = [0.5, 1.0, 2.0, 0.5], [0.0, 2.0, 3.0, 0.0]
    report = judge(expected, actual, bands=2)
    assert report.expected_total == 4.0
    assert report.actual_total == 5.0
    assert report.bias == pytest.approx(-0.2)
    assert report.mae == pytest.approx((0.5 + 1 + 1 + 0.5) / 4)
    assert report.rmse == pytest.approx(np.sqrt(2.5 / 4))
    assert report.zero_mae == pytest.approx(1.25)
    assert report.zero_rmse == pytest.approx(np.sqrt(13 / 4))
    assert report.rank_correlation == pytest.approx(stats.spearmanr(expected, actual).statistic)
    assert [band.customers for band in report.bands] == [2.0, 2.0]
    assert [band.actual_mean for band in report.bands] == [0.0, 2.5]


def test_weights_stand_for_repeated_rows() -> None:
    rng = np.random.default_rng(0)
    expected, actual = rng.random(30), rng.poisson(1.0, 30).astype(float)
    weight = rng.integers(1, 5, 30)
    once = judge(expected, actual, weight).to_dict()
    again = judge(np.repeat(expected, weight), np.repeat(actual, weight)).to_dict()
    for name, value in once.items():
        if name != "bands":
            assert value == pytest.approx(again[name]), name


def test_the_top_tenth_is_shared_among_ties() -> None:
    forecast, actual = np.r_[np.ones(20), np.zeros(80)], np.r_[np.full(20, 3.0), np.zeros(80)]
    report = judge(forecast, actual)
    assert report.top_decile_share == pytest.approx(0.5)
    assert report.top_decile_best == pytest.approx(0.5)


def test_nothing_happened_is_not_a_number_not_a_crash() -> None:
    report = judge([0.1, 0.2], [0.0, 0.0])
    assert np.isnan(report.bias)
    assert np.isnan(report.rank_correlation)
    assert np.isnan(report.top_decile_share)


def test_lengths_must_agree() -> None:
    with pytest.raises(TierwiseError) as caught:
        judge([1.0, 2.0], [1.0])
    assert caught.value.code == "clv.lengths_differ"


@pytest.mark.shared_data
def test_tracking_of_cdnow(shared_data: Path) -> None:
    """The actual curve is the published one, week by week; the expected one comes within 6 % of it at week 78."""
    with (shared_data / "clv" / "cdnow_sample_transactions.csv").open(encoding="utf-8") as lines:
        orders = [(r["customer_id"], dt.date.fromisoformat(r["date"]).toordinal()) for r in csv.DictReader(lines)]
    actual = actual_tracking([o[0] for o in orders], [o[1] for o in orders], period_days=7, periods=78)
    known = np.genfromtxt(shared_data / "clv" / "cdnow_weekly_tracking.csv", delimiter=",", names=True)
    assert np.array_equal(actual, known["cum_repeat_transactions"])
    table = np.genfromtxt(shared_data / "clv" / "cdnow_summary.csv", delimiter=",", names=True)
    summary = Summary(table["x"], table["t_x"], table["T_cal"], days_per_unit=7)
    expected = expected_tracking(BGNBD().fit(summary), summary, period_days=7, periods=78)
    assert (np.diff(expected) > 0).all()
    assert abs(expected[38] / actual[38] - 1) < 0.02
    assert abs(expected[77] / actual[77] - 1) < 0.06


def test_expected_tracking_lets_customers_enter_at_their_first_order() -> None:
    model = BGNBD.from_parameters({"r": 0.8, "alpha": 8.0, "a": 0.9, "b": 2.5}, days_per_unit=7)
    summary = Summary([0, 0], [0, 0], [10, 4], [1, 3], days_per_unit=7)
    found = expected_tracking(model, summary, period_days=7, periods=12)
    assert found[4] == pytest.approx(model.expected_transactions(35))
    late = 3 * model.expected_transactions(6 * 7)
    assert found[11] == pytest.approx(model.expected_transactions(84) + late)


def test_simple_value_is_the_product() -> None:
    assert simple_value(120.0, 4.0, lifetime_years(0.25)) == 1920.0
    assert simple_value([100.0, 50.0], [2.0, 6.0], [3.0, 3.0], margin=0.5).tolist() == [300.0, 450.0]


@pytest.mark.parametrize("rate", [0.0, -0.1, 1.5, float("nan")])
def test_churn_must_be_a_share(rate: float) -> None:
    with pytest.raises(TierwiseError) as caught:
        lifetime_years(rate)
    assert caught.value.code == "clv.bad_churn"


@pytest.mark.parametrize("bad", [-1.0, float("inf"), float("nan")])
def test_factors_must_be_amounts(bad: float) -> None:
    with pytest.raises(TierwiseError, match="orders_per_year") as caught:
        simple_value(10.0, [1.0, bad], 2.0)
    assert caught.value.code == "clv.bad_factor"


def test_cohorts_add_up() -> None:
    found = historic_by_cohort(["2024-02", "2024-01", "2024-01"], [1, 3, 2], [50.0, 90.0, 60.0])
    assert [c.cohort for c in found] == ["2024-01", "2024-02"]
    assert (found[0].customers, found[0].orders, found[0].revenue) == (2, 5.0, 150.0)
    assert found[0].average_order == 30.0
    assert found[0].value_per_customer == 75.0


def test_channels_are_judged_on_customers_whose_cost_is_known() -> None:
    channel = ["ads", "ads", "shop", "ads", "gift"]
    by_period = [[10, 10, 10], [0, 20, 0], [5, 0, 0], [99, 99, 99], [1, 1, 1]]
    ads, gift, store = returns_by_channel(
        channel, [20.0, 20.0, 30.0, np.nan, 0.0], [60.0, 40.0, 15.0, 500.0, 3.0], by_period
    )
    assert (ads.channel, ads.customers, ads.cost_per_customer, ads.value_per_customer) == ("ads", 2, 20.0, 50.0)
    assert ads.value_to_cost == 2.5
    assert ads.cost_to_value == 0.4
    assert ads.payback_periods == 2
    assert store.payback_periods is None
    assert store.value_to_cost == 0.5
    assert (gift.payback_periods, gift.value_to_cost) == (0, float("inf"))


def test_payback_counts_whole_periods() -> None:
    assert payback_periods(30.0, [10, 10, 10, 10]) == 3
    assert payback_periods(30.0, [10, 10]) is None
    assert payback_periods(0.0, [10]) == 0
