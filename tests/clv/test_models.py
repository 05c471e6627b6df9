"""Models of counts: the contract, predictions beyond the reference figures, regular buyers, subscribers."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from scipy import stats
from tests.clv.truths import K, newcomers, truth_of

from tierwise.clv import COUNT_MODELS, model_class
from tierwise.clv.base import BuyTillYouDieModel
from tierwise.clv.discount import NO_DISCOUNT, Discount
from tierwise.clv.mbg_cnbd_k import MBGCNBDk
from tierwise.clv.mbg_nbd import MBGNBD
from tierwise.clv.sbg import SBG, Subscriptions
from tierwise.clv.summary import Summary, summarise
from tierwise.errors import TierwiseError


@pytest.mark.parametrize("name", COUNT_MODELS)
def test_every_model_keeps_the_contract(name: str) -> None:
    model = model_class(name)(**K.get(name, {}))
    assert isinstance(model, BuyTillYouDieModel)
    drawn = truth_of(name).simulate(newcomers(1500), 3)
    assert model.fit(drawn) is model
    again = model_class(name).from_dict(json.loads(json.dumps(model.to_dict())))
    assert again.parameters_ == model.parameters_
    assert again.standard_errors_ == model.standard_errors_
    assert again.diagnostics_ == model.diagnostics_
    before, after = (m.conditional_expected_transactions(drawn, 364) for m in (model, again))
    assert np.array_equal(before, after)
    alive = model.probability_alive(drawn)
    assert ((alive >= 0) & (alive <= 1)).all()


@pytest.mark.parametrize("name", COUNT_MODELS)
def test_true_parameters_lie_within_four_standard_errors(name: str) -> None:
    drawn = truth_of(name).simulate(newcomers(6000), 8)
    model = model_class(name)(prior=None, **K.get(name, {})).fit(drawn)
    errors = np.sqrt(np.diag(model.covariance_))
    assert (np.abs(model.coordinates_ - truth_of(name).coordinates_) < 4 * errors).all()


@pytest.mark.parametrize("name", COUNT_MODELS)
def test_expected_orders_are_the_mean_of_simulated_ones(name: str) -> None:
    """Population: simulate whole customers. Individuals: simulate on from a history. Both within 4 standard errors."""
    truth = truth_of(name)
    x = truth.simulate(Summary([0], [0], [52], [60_000], days_per_unit=7), 1).x
    assert abs(x.mean() - truth.expected_transactions(364)) < 4 * x.std() / np.sqrt(x.size)
    histories = Summary([0, 2, 5], [0, 20, 37], [39, 39, 39], days_per_unit=7)
    expected = truth.conditional_expected_transactions(histories, 364)
    chance = truth.probability_of_order(histories, 364)
    for row in range(3):
        many = histories.take(np.full(40_000, row))
        orders = truth.simulate_future(many, 364, seed=row)
        assert abs(orders.mean() - expected[row]) < 4 * orders.std() / 200
        assert abs((orders > 0).mean() - chance[row]) < 4 * 0.5 / 200


@pytest.mark.parametrize("name", COUNT_MODELS)
def test_conditional_expectation_continues_the_same_customers(name: str) -> None:
    """Watch simulated customers for 39 weeks, forecast 39 more, and compare with what the same ones then did."""
    truth, count = truth_of(name), 40_000
    whole = truth.simulate(Summary([0], [0], [78], [count], days_per_unit=7), 5)
    mean = truth.expected_transactions(78 * 7)
    first = truth.simulate(Summary([0], [0], [39], [count], days_per_unit=7), 6)
    later = truth.conditional_expected_transactions(first, 39 * 7)
    assert (first.x.mean() + later.mean()) == pytest.approx(mean, rel=0.03)
    assert whole.x.mean() == pytest.approx(mean, rel=0.03)


@pytest.mark.parametrize("name", COUNT_MODELS)
def test_the_next_order_comes_when_said(name: str) -> None:
    truth = truth_of(name)
    rows = Summary([1, 6], [10, 38], [39, 39], days_per_unit=7)
    for chance in (0.2, 0.5):
        days = truth.days_to_next_order(rows, chance)
        for row, wait in enumerate(days):
            if np.isfinite(wait):
                within = truth._order_within(truth._natural(rows), rows, np.full(2, wait / 7))[row]
                assert within >= chance - 1e-9
                if name != "bg_bb":
                    assert within == pytest.approx(chance, abs=1e-6)
    assert days[1] < days[0]


@pytest.mark.parametrize("name", COUNT_MODELS)
def test_discounting_month_by_month_surrounds_the_continuous_value(name: str) -> None:
    truth = truth_of(name)
    rows = Summary([0, 3], [0, 30], [39, 39], days_per_unit=7)
    year = 12 * 365.25 / 12
    plain = truth.discounted_transactions(rows, year, NO_DISCOUNT)
    smooth = truth.discounted_transactions(rows, year, Discount.yearly(0.2))
    at_month_end = truth.discounted_transactions(rows, year, Discount.monthly(1.2 ** (1 / 12) - 1))
    assert np.allclose(plain, truth.conditional_expected_transactions(rows, year), rtol=1e-9)
    assert (at_month_end <= smooth * (1 + 1e-12)).all()
    assert (smooth < plain).all()
    if name != "bg_bb":
        assert (smooth < at_month_end * 1.2 ** (1 / 12)).all()


def test_one_time_buyers_fade_where_the_model_lets_them() -> None:
    silent = Summary([0, 0], [0, 0], [4, 60], days_per_unit=7)
    assert truth_of("bg_nbd").probability_alive(silent).tolist() == [1.0, 1.0]
    for name in ("mbg_nbd", "mbg_cnbd_k", "pareto_nbd"):
        early, late = truth_of(name).probability_alive(silent)
        assert 1 > early > late


def test_cnbd_of_order_one_is_mbg_nbd() -> None:
    drawn = truth_of("mbg_nbd").simulate(newcomers(1000), 2)
    one, other = MBGCNBDk(k=1).fit(drawn), MBGNBD().fit(drawn)
    assert one.log_likelihood_ == pytest.approx(other.log_likelihood_)
    pair = [m.conditional_expected_transactions(drawn, 500) for m in (one, other)]
    assert np.allclose(*pair, rtol=1e-8)
    pair = [m.discounted_transactions(drawn, 365, Discount.yearly(0.1)) for m in (one, other)]
    assert np.allclose(*pair, rtol=1e-8)


@pytest.mark.parametrize("history", [(0, 0.0, 20.0), (3, 17.0, 20.0), (12, 3.0, 20.0)])
def test_cnbd_expectation_by_integration_over_rate_and_dropout(history: tuple[float, float, float]) -> None:
    """Second derivation: Poisson steps at a known rate, averaged over rate and drop-out by quadrature."""
    k, t, (r, alpha, a, b) = 3, 26.0, (1.5, 5.0, 0.8, 3.0)
    x, t_x, age = history
    points, weights = np.polynomial.legendre.leggauss(240)
    u = (points + 1) / 2  # smoothed at both ends, where the quantile functions are steep
    weights = weights / 2 * 140 * u**3 * (1 - u) ** 3
    u = np.minimum(u**4 * (35 - 84 * u + 70 * u**2 - 20 * u**3), np.nextafter(1, 0))  # rounding may pass 1
    lam = stats.gamma(r + k * x + 1, scale=1 / (alpha + age)).ppf(u)[:, None]
    slide = stats.gamma(r, scale=1 / alpha).pdf(lam) / stats.gamma(r + k * x + 1, scale=1 / (alpha + age)).pdf(lam)
    p = stats.beta(a, b + x + 1).ppf(u)[None, :]
    steps = [stats.poisson(lam * (age - t_x)).pmf(j) for j in range(k)]
    seen = slide * lam ** (k * x) * np.exp(-lam * t_x)
    silent = seen * sum(steps)
    orders = np.zeros((240, 240))
    for j in range(k):
        for m in range(1, 200):
            orders += steps[j] * (1 - p) ** (m - 1) * stats.poisson(lam * t).sf(k * m - j - 1)
    exact = (weights @ (seen * orders) @ weights) / (weights @ np.broadcast_to(silent, (240, 240)) @ weights)
    model = MBGCNBDk.from_parameters({"r": r, "alpha": alpha, "a": a, "b": b}, k=k)
    rows = Summary([x], [t_x], [age])
    found = model.conditional_expected_transactions(rows, t) / model.probability_alive(rows)
    assert found[0] == pytest.approx(exact, rel=1e-5)


def test_the_far_tail_of_regular_orders_is_summed_in_panels() -> None:
    """Thousands of orders to come: the panels must agree with BG's closed integral at k = 1."""
    parameters = {"r": 30.0, "alpha": 3.0, "a": 0.4, "b": 60.0}
    rows = Summary([10], [9.0], [9.0])
    one = MBGCNBDk.from_parameters(parameters, k=1).conditional_expected_transactions(rows, 2000.0)
    other = MBGNBD.from_parameters(parameters).conditional_expected_transactions(rows, 2000.0)
    assert one[0] == pytest.approx(other[0], rel=1e-6)


def test_k_is_chosen_by_likelihood() -> None:
    rng = np.random.default_rng(0)
    customer, day = [], []
    for one in range(1500):
        gap, leave = rng.gamma(2.0, 15.0), rng.beta(1.0, 9.0)
        when = float(rng.integers(0, 60))
        while when < 400:
            customer.append(one)
            day.append(int(when))
            when += rng.gamma(4.0, gap / 4.0) + 1.0
            if rng.random() < leave:
                break
    _, summary = summarise(customer, day, as_of_day=400)
    model = MBGCNBDk().fit(summary)
    assert model.k_ in {3, 4, 5}
    assert model.log_likelihood_ > MBGNBD().fit(summary).log_likelihood_ + 100
    assert MBGCNBDk.from_dict(model.to_dict()).k_ == model.k_


def test_choosing_k_needs_the_gaps() -> None:
    with pytest.raises(TierwiseError) as caught:
        MBGCNBDk().fit(Summary([1], [2], [5]))
    assert caught.value.code == "clv.needs_gaps"


# ---- subscribers -------------------------------------------------------------------------------------------


def test_retention_rises_and_residual_lifetime_is_the_sum_of_survival() -> None:
    model = SBG.from_parameters({"alpha": 0.668, "beta": 3.806}, days_per_unit=365.25)
    rates = model.retention(np.arange(1, 9))
    assert (np.diff(rates) > 0).all()
    assert np.allclose(np.cumprod(rates), model.survival(np.arange(1, 9)))
    five = model.expected_renewals([0, 3], 5 * 365.25, NO_DISCOUNT)
    assert five[0] == pytest.approx(model.survival(np.arange(1, 6)).sum())
    assert five[1] == pytest.approx((model.survival(np.arange(4, 9)) / model.survival(3)).sum())
    endless = model.expected_renewals([0], np.inf, Discount.yearly(0.1))[0]
    assert endless == pytest.approx((model.survival(np.arange(1, 500)) * 1.1 ** -np.arange(1.0, 500.0)).sum())


@pytest.mark.parametrize(
    "columns",
    [([1.5], [1]), ([0], [1]), ([1], [2]), ([], []), ([1, 2], [1])],
)
def test_bad_subscriptions_are_refused(columns: tuple[list[float], list[float]]) -> None:
    with pytest.raises(TierwiseError) as caught:
        Subscriptions(*columns)
    assert caught.value.code == "clv.bad_subscriptions"


def test_importing_the_package_is_cheap() -> None:
    code = "import sys, tierwise.clv; print(any(name.startswith(('scipy', 'numpy')) for name in sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
