"""Intervals that agree with one another, warm refits that are fast, totals that add up."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from tierwise.clv.bg_nbd import BGNBD
from tierwise.clv.discount import Discount
from tierwise.clv.gamma_gamma import GammaGamma
from tierwise.clv.intervals import (
    Bootstrap,
    bootstrap,
    normal_draws,
    profile_intervals,
    quantile_intervals,
    wald_intervals,
)
from tierwise.clv.outlook import (
    Outlook,
    bootstrap_total_interval,
    expectation_bounds,
    outcome_bounds,
    total_interval,
)
from tierwise.clv.sbg import SBG, Subscriptions
from tierwise.clv.summary import Summary
from tierwise.clv.value import customer_value
from tierwise.errors import TierwiseError

TRUTH = BGNBD.from_parameters({"r": 0.8, "alpha": 8.0, "a": 0.9, "b": 2.5}, days_per_unit=7)
SPEND = GammaGamma.from_parameters({"p": 6.0, "q": 4.0, "v": 15.0})
COUNT = 3000


def shop(seed: int = 0) -> Summary:
    ages = np.floor(np.linspace(39 * 7, 78 * 7, COUNT)) / 7
    drawn = TRUTH.simulate(Summary(np.zeros(COUNT), np.zeros(COUNT), ages, days_per_unit=7), seed)
    return drawn.with_spend(SPEND.simulate(drawn.x, seed))


@pytest.fixture(scope="module")
def fitted() -> tuple[Summary, BGNBD, GammaGamma]:
    summary = shop()
    return summary, BGNBD().fit(summary), GammaGamma().fit(summary)


def test_three_ways_agree_where_data_are_many(fitted: Any) -> None:
    summary, model, _ = fitted
    wald, profile = wald_intervals(model), profile_intervals(model, summary)
    drawn = quantile_intervals(model, bootstrap(model, summary, draws=100))
    for name in model.parameter_names:
        width = np.log(wald[name].high / wald[name].low)
        for other in (profile, drawn):
            assert np.log(other[name].low / wald[name].low) == pytest.approx(0.0, abs=0.35 * width)
            assert np.log(other[name].high / wald[name].high) == pytest.approx(0.0, abs=0.35 * width)


def test_profile_ends_where_the_likelihood_has_dropped(fitted: Any) -> None:
    summary, model, _ = fitted
    rows = model.rows(summary)
    bound = profile_intervals(model, summary, level=0.95)["a"].high
    fixed = np.array([False, False, True, False])
    start = model.coordinates_.copy()
    start[2] = np.log(bound)
    _, top = model.best_with(rows, model.coordinates_, np.zeros(4, dtype=bool))
    _, value = model.best_with(rows, start, fixed)
    assert top - value == pytest.approx(1.959964**2 / 2, abs=1e-4)


def test_a_profile_without_end_says_so() -> None:
    rows = Subscriptions([1, 1, 2], [1, 0, 0], [3, 2, 40])
    model = SBG(prior=None, strict=False).fit(rows)
    assert any(not np.isfinite(np.log(i.high)) or i.low == 0 for i in profile_intervals(model, rows).values())


@pytest.mark.parametrize("kind", list(Bootstrap))
def test_bootstrap_spreads_like_the_standard_errors(fitted: Any, kind: Bootstrap) -> None:
    summary, model, _ = fitted
    drawn = bootstrap(model, summary, draws=120, kind=kind, seed=4)
    ratio = drawn.std(axis=0) / np.sqrt(np.diag(model.covariance_))
    assert ((ratio > 0.7) & (ratio < 1.4)).all()


def test_bootstrap_is_reproducible(fitted: Any) -> None:
    summary, model, spend = fitted
    for one in (model, spend):
        assert np.array_equal(bootstrap(one, summary, draws=5, seed=2), bootstrap(one, summary, draws=5, seed=2))


def test_a_refit_with_the_same_weights_is_the_fit(fitted: Any) -> None:
    summary, model, _ = fitted
    rows = model.rows(summary)
    assert np.allclose(model.refit(rows, [rows.weight])[0], model.coordinates_, atol=1e-6)


@pytest.mark.slow
@pytest.mark.shared_data
def test_two_hundred_refits_of_cdnow_in_two_seconds(shared_data: Any) -> None:
    table = np.genfromtxt(shared_data / "clv" / "cdnow_summary.csv", delimiter=",", names=True)
    summary = Summary(table["x"], table["t_x"], table["T_cal"], days_per_unit=7)
    model = BGNBD().fit(summary)
    started = time.process_time()
    bootstrap(model, summary, draws=200)
    assert time.process_time() - started <= 2.0


def test_normal_draws_have_the_covariance(fitted: Any) -> None:
    _, model, _ = fitted
    drawn = normal_draws(model, 20_000, seed=1)
    assert np.allclose(np.cov(drawn.T), model.covariance_, rtol=0.1, atol=1e-4)


def test_the_total_is_the_sum_of_the_customers(fitted: Any) -> None:
    summary, model, spend = fitted
    discount = Discount.yearly(0.1)
    outlook = Outlook(summary, 365.0, discount, margin=0.4)
    each = customer_value(model, spend, summary, horizon_days=365.0, discount=discount, margin=0.4)
    assert np.allclose(outlook.values(model, spend), each)
    assert outlook.total(model, spend) == pytest.approx(each.sum())
    assert outlook.total(model) == pytest.approx(model.discounted_transactions(summary, 365.0, discount).sum())


def test_delta_and_bootstrap_give_like_totals(fitted: Any) -> None:
    summary, model, spend = fitted
    outlook = Outlook(summary, 364.0)
    drawn, money = bootstrap(model, summary, draws=150), bootstrap(spend, summary, draws=150)
    for outcome in (False, True):
        delta = total_interval(outlook, model, spend, outcome=outcome)
        other = bootstrap_total_interval(outlook, model, drawn, spend, money, outcome=outcome)
        assert delta.estimate == other.estimate
        assert other.high - other.low == pytest.approx(delta.high - delta.low, rel=0.3)
    assert total_interval(outlook, model, outcome=True).high > total_interval(outlook, model, outcome=False).high


def test_bounds_of_customers(fitted: Any) -> None:
    summary, model, _ = fitted
    outlook = Outlook(summary, 364.0)
    low, high = expectation_bounds(outlook, model)
    middle = outlook.values(model)
    assert ((low <= middle) & (middle <= high)).all()
    assert ((low < middle) & (middle < high)).mean() > 0.99
    least, most = outcome_bounds(outlook, model, draws=200)
    happened = TRUTH.simulate_future(summary, 364.0, seed=99)
    inside = (happened >= least) & (happened <= most)
    assert 0.9 <= inside.mean() <= 0.99  # whole numbers: the bounds hold at least what they promise
    assert (least == np.floor(least)).all()


def test_a_level_outside_0_and_1_is_refused(fitted: Any) -> None:
    for level in (0.0, 1.0, 90.0):
        with pytest.raises(TierwiseError) as caught:
            wald_intervals(fitted[1], level)
        assert caught.value.code == "clv.bad_level"


def test_spend_cannot_be_simulated_whole(fitted: Any) -> None:
    with pytest.raises(TierwiseError) as caught:
        bootstrap(fitted[2], fitted[0], draws=1, kind="parametric")
    assert caught.value.code == "clv.only_counts"
