"""Spend and value: recovered, drawn to the mean, and said where it cannot be."""

from __future__ import annotations

import numpy as np
import pytest
from tests.clv.truths import newcomers, truth_of

from tierwise.clv.gamma_gamma import GammaGamma
from tierwise.clv.summary import Summary
from tierwise.clv.value import customer_value
from tierwise.errors import TierwiseError


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
