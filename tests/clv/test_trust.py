"""Can the figures be trusted? Ridges, priors, small data, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from tests.clv.truths import TRUTH, K, newcomers, truth_of

from tierwise.clv import COUNT_MODELS, model_class
from tierwise.clv.bg_bb import BGBB
from tierwise.clv.bg_nbd import BGNBD
from tierwise.clv.discount import NO_DISCOUNT, Discount
from tierwise.clv.mbg_nbd import MBGNBD
from tierwise.clv.nbd import NBD
from tierwise.clv.pareto_nbd import ParetoNBD
from tierwise.clv.prior import Prior
from tierwise.clv.summary import Summary
from tierwise.errors import TierwiseError


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
