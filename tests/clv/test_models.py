"""Diagnostics, small data, predictions beyond the reference figures, saving, regular buyers, subscribers."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from scipy import stats

from tierwise.clv import COUNT_MODELS, model_class
from tierwise.clv.base import BuyTillYouDieModel
from tierwise.clv.bg_bb import BGBB
from tierwise.clv.bg_nbd import BGNBD
from tierwise.clv.discount import NO_DISCOUNT, Discount
from tierwise.clv.gamma_gamma import GammaGamma
from tierwise.clv.mbg_cnbd_k import MBGCNBDk
from tierwise.clv.mbg_nbd import MBGNBD
from tierwise.clv.nbd import NBD
from tierwise.clv.pareto_nbd import ParetoNBD
from tierwise.clv.prior import Prior
from tierwise.clv.sbg import SBG, Subscriptions
from tierwise.clv.summary import Summary, summarise
from tierwise.clv.value import customer_value
from tierwise.errors import TierwiseError

TRUTH = {
    "bg_nbd": {"r": 0.8, "alpha": 8.0, "a": 0.9, "b": 2.5},
    "mbg_nbd": {"r": 0.9, "alpha": 7.0, "a": 0.8, "b": 2.0},
    "mbg_cnbd_k": {"r": 1.5, "alpha": 5.0, "a": 0.8, "b": 3.0},
    "pareto_nbd": {"r": 0.8, "alpha": 8.0, "s": 0.7, "beta": 12.0},
    "bg_bb": {"alpha": 1.2, "beta": 0.75, "gamma": 0.66, "delta": 2.8},
    "nbd": {"r": 0.8, "alpha": 8.0},
}
K = {"mbg_cnbd_k": {"k": 3}}


def truth_of(name: str):
    return model_class(name).from_parameters(TRUTH[name], days_per_unit=7, **K.get(name, {}))


def newcomers(count: int, low: float = 39, high: float = 78) -> Summary:
    ages = np.floor(np.linspace(low, high, count))
    return Summary(np.zeros(count), np.zeros(count), ages, days_per_unit=7)


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


# ---- can the figures be trusted? ---------------------------------------------------------------------------


def constant_dropout(count: int) -> Summary:
    """Everybody leaves with the same chance: nothing tells a and b apart, only a / b."""
    rng = np.random.default_rng(7)
    age = np.full(count, 60.0)
    rate = rng.gamma(1.0, 1 / 6.0, count)
    x, t_x = np.zeros(count), np.zeros(count)
    for one in range(count):
        when = rng.exponential(1 / rate[one])
        while when <= 60.0:
            x[one], t_x[one] = x[one] + 1, when
            if rng.random() < 0.2:
                break
            when += rng.exponential(1 / rate[one])
    return Summary(x, t_x, age)


def test_a_ridge_raises() -> None:
    with pytest.raises(TierwiseError) as caught:
        BGNBD().fit(constant_dropout(3000))
    assert caught.value.code in {"clv.flat_ridge", "clv.at_border"}
    assert "a, b" in str(caught.value) or "b" in str(caught.value)


def test_a_ridge_can_be_looked_at() -> None:
    model = BGNBD(strict=False).fit(constant_dropout(3000))
    assert [f.severity for f in model.diagnostics_].count("error") >= 1
    ratio = model.parameters_["a"] / model.parameters_["b"]
    assert ratio == pytest.approx(0.25, rel=0.15)


def test_a_prior_takes_the_ridge_away() -> None:
    model = BGNBD(prior=Prior({"a": 1.0, "b": 4.0})).fit(constant_dropout(3000))
    assert all(f.severity != "error" for f in model.diagnostics_)


def test_a_ridge_among_few_customers_leans_on_the_prior_and_says_so() -> None:
    few = constant_dropout(500)
    assert 100 <= few.repeat_customers < 1000
    model = BGNBD().fit(few)
    assert next(finding.code for finding in model.diagnostics_) == "clv.leans_on_prior"
    assert model.prior_ is not None
    with pytest.raises(TierwiseError):
        BGNBD(prior=None).fit(few)


def test_an_unknown_model_is_named() -> None:
    with pytest.raises(TierwiseError, match="bg_nbd") as caught:
        model_class("bgnbd")
    assert caught.value.code == "clv.unknown_model"


def test_no_dropout_at_all_is_said() -> None:
    drawn = truth_of("nbd").simulate(newcomers(3000), 4)
    with pytest.raises(TierwiseError) as caught:
        ParetoNBD().fit(drawn)
    assert caught.value.code in {"clv.flat_ridge", "clv.at_border"}
    assert NBD().fit(drawn).diagnostics_ == ()


@pytest.mark.parametrize("name", ["bg_nbd", "mbg_nbd", "pareto_nbd", "nbd"])
def test_a_million_customers_do_not_slip_along_a_ridge(name: str) -> None:
    """Merged rows with huge weights: the estimate must stay at the truth, not wander off to r = 7e17."""
    drawn = truth_of(name).simulate(newcomers(20_000), 12)
    days = drawn.in_unit(1.0)
    t_x = np.where(days.x > 0, np.clip(np.rint(days.t_x), 1, days.age), 0)
    heavy = Summary(np.minimum(days.x, t_x), t_x, days.age, np.full(20_000, 50.0))
    model = model_class(name)().fit(heavy)
    assert model.customers_ == 1_000_000
    assert model.parameters_["r"] == pytest.approx(TRUTH[name]["r"], rel=0.1)


SMALL = {
    "one customer who came back": Summary([2], [20.0], [30.0], mean_spend=[25.0], days_per_unit=7),
    "one customer who did not": Summary([0], [0.0], [30.0], days_per_unit=7),
    "all one-time buyers": Summary(np.zeros(40), np.zeros(40), np.linspace(1, 40, 40), days_per_unit=7),
    "bought today": Summary([0, 0], [0.0, 0.0], [0.0, 0.0], days_per_unit=7),
    "eight customers": Summary([0, 1, 0, 3, 0, 0, 2, 0], [0, 5, 0, 9, 0, 0, 4, 0], np.full(8, 12.0), days_per_unit=7),
}


@pytest.mark.parametrize("name", ["bg_nbd", "mbg_nbd", "mbg_cnbd_k", "pareto_nbd", "nbd"])
@pytest.mark.parametrize("case", SMALL)
def test_small_data_are_answered_and_said_to_be_small(name: str, case: str) -> None:
    from tierwise.clv.intervals import wald_intervals
    from tierwise.clv.outlook import Outlook, total_interval

    model = model_class(name)(**K.get(name, {})).fit(SMALL[case])
    assert "clv.small_data" in [finding.code for finding in model.diagnostics_]
    assert all(f.severity != "error" for f in model.diagnostics_)
    assert model.prior_ is not None
    expected = model.conditional_expected_transactions(SMALL[case], 364)
    assert np.isfinite(expected).all()
    r = wald_intervals(model)["r"]
    assert r.high / r.low > 3
    total = total_interval(Outlook(SMALL[case], 364.0), model)
    assert total.low < total.estimate < total.high


@pytest.mark.parametrize("name", COUNT_MODELS)
def test_without_a_prior_one_time_buyers_alone_are_refused(name: str) -> None:
    with pytest.raises(TierwiseError) as caught:
        model_class(name)(prior=None, **({"k": 1} if name == "mbg_cnbd_k" else {})).fit(newcomers(50))
    assert caught.value.code == "clv.no_repeat_buyers"


def test_enough_repeat_buyers_turn_the_prior_off() -> None:
    model = BGNBD().fit(truth_of("bg_nbd").simulate(newcomers(500), 1))
    assert model.prior_ is None
    assert model.parameters_ == BGNBD(prior=None).fit(truth_of("bg_nbd").simulate(newcomers(500), 1)).parameters_


@pytest.mark.parametrize("days", [0.0, -3.0, 200 * 365.25, np.nan, np.inf])
def test_a_horizon_that_is_none_is_refused(days: float) -> None:
    with pytest.raises(TierwiseError) as caught:
        truth_of("bg_nbd").conditional_expected_transactions(newcomers(2), days)
    assert caught.value.code == "clv.bad_horizon"


def test_an_endless_horizon_needs_a_discount() -> None:
    rows = newcomers(2)
    with pytest.raises(TierwiseError) as caught:
        truth_of("bg_nbd").discounted_transactions(rows, np.inf, NO_DISCOUNT)
    assert caught.value.code == "clv.endless_without_discount"
    far = truth_of("bg_nbd").discounted_transactions(rows, 36525.0, Discount.yearly(0.3))
    assert np.allclose(truth_of("bg_nbd").discounted_transactions(rows, np.inf, Discount.yearly(0.3)), far, rtol=1e-8)


def test_predicting_before_fitting_is_refused() -> None:
    with pytest.raises(TierwiseError) as caught:
        BGNBD().probability_alive(newcomers(2))
    assert caught.value.code == "clv.not_fitted"


def test_an_unknown_covariate_is_named() -> None:
    with pytest.raises(TierwiseError, match="age_group") as caught:
        BGNBD(purchase_covariates=["age_group"]).fit(newcomers(2))
    assert caught.value.code == "clv.unknown_covariate"


def test_occasions_must_be_whole() -> None:
    for bad in (Summary([1], [1.5], [6]), Summary([3], [2], [6]), Summary([1], [2], [6.5])):
        with pytest.raises(TierwiseError) as caught:
            BGBB().fit(bad)
        assert caught.value.code == "clv.not_occasions"


def test_a_saved_model_is_not_read_as_another() -> None:
    with pytest.raises(TierwiseError) as caught:
        MBGNBD.from_dict(truth_of("bg_nbd").to_dict())
    assert caught.value.code == "clv.wrong_state"


# ---- spend -------------------------------------------------------------------------------------------------


def spenders(count: int, seed: int, **parameters: float) -> Summary:
    x = np.random.default_rng(seed).integers(0, 6, count).astype(float)
    model = GammaGamma.from_parameters({"p": 6.0, "q": 4.0, "v": 15.0, **parameters})
    t_x = np.where(x > 0, 5.0, 0.0)
    return Summary(x, t_x, np.full(count, 9.0), mean_spend=model.simulate(x, seed))


def test_spend_is_recovered_and_drawn_to_the_mean() -> None:
    summary = spenders(5000, 1)
    model = GammaGamma().fit(summary)
    errors = np.sqrt(np.diag(model.covariance_))
    assert (np.abs(model.coordinates_ - np.log([6.0, 4.0, 15.0])) < 4 * errors).all()
    expected = model.conditional_spend(summary)
    assert (expected[summary.x == 0] == model.population_mean).all()
    assert summary.mean_spend is not None
    many = summary.x == 5
    towards = (expected[many] - model.population_mean) / (summary.mean_spend[many] - model.population_mean)
    assert ((towards > 0) & (towards < 1)).all()


def test_an_infinite_mean_is_said() -> None:
    with pytest.raises(TierwiseError) as caught:
        GammaGamma().fit(spenders(20_000, 2, q=0.6))
    assert caught.value.code == "clv.infinite_mean_spend"


def test_spend_that_follows_frequency_is_said() -> None:
    summary = spenders(3000, 3)
    assert summary.mean_spend is not None
    model = GammaGamma().fit(summary.with_spend(summary.mean_spend * summary.x))
    assert "clv.spend_follows_frequency" in [finding.code for finding in model.diagnostics_]
    assert GammaGamma().fit(summary).diagnostics_ == ()


def test_returns_beyond_orders_are_left_out_and_said() -> None:
    summary = spenders(3000, 4)
    assert summary.mean_spend is not None
    spend = summary.mean_spend.copy()
    spend[np.flatnonzero(summary.x > 0)[:7]] = -3.0
    model = GammaGamma().fit(summary.with_spend(spend))
    left_out = [f for f in model.diagnostics_ if f.code == "clv.spend_not_positive"]
    assert left_out[0].what.en.startswith("7 ")
    assert (model.conditional_spend(summary.with_spend(spend)) > 0).all()


def test_without_spend_there_is_no_money() -> None:
    for summary in (newcomers(5), Summary([0], [0], [4], mean_spend=[0.0])):
        with pytest.raises(TierwiseError) as caught:
            GammaGamma().fit(summary)
        assert caught.value.code == "clv.no_spend"


def test_value_follows_margin_and_basis() -> None:
    summary = truth_of("bg_nbd").simulate(newcomers(400), 6)
    summary = summary.with_spend(GammaGamma.from_parameters({"p": 6.0, "q": 4.0, "v": 15.0}).simulate(summary.x, 6))
    counts, spend = truth_of("bg_nbd"), GammaGamma().fit(summary)
    revenue = customer_value(counts, spend, summary)
    assert np.allclose(customer_value(counts, spend, summary, margin=0.3), 0.3 * revenue)
    margins = np.linspace(-0.2, 0.5, 400)
    assert np.allclose(customer_value(counts, spend, summary, margin=margins), margins * revenue)
    longer = customer_value(counts, spend, summary, horizon_days=730)
    assert (longer > revenue).all()


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
