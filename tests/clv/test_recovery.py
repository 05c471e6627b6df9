"""Do intervals keep their promise? 500 simulated shops each: 90 % intervals hold the truth in 86 to 94 %.

The truth of the total is what the simulated customers go on to spend (`outcome`), or its expectation under
the true parameters (`outcome=False`). 86 to 94 % is three standard errors of 500 runs around 90 %.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from tierwise.clv.bg_nbd import BGNBD
from tierwise.clv.count_model import CountModel
from tierwise.clv.gamma_gamma import GammaGamma
from tierwise.clv.intervals import bootstrap, quantile_intervals, wald_intervals
from tierwise.clv.mbg_nbd import MBGNBD
from tierwise.clv.outlook import Outlook, total_interval
from tierwise.clv.pareto_nbd import ParetoNBD
from tierwise.clv.summary import Summary

RUNS = 500
CUSTOMERS = 2000
YEAR = 364.0
SPEND = {"p": 6.0, "q": 4.0, "v": 15.0}
TRUTHS = [
    (BGNBD, {"r": 0.8, "alpha": 8.0, "a": 0.9, "b": 2.5}),
    (MBGNBD, {"r": 0.9, "alpha": 7.0, "a": 0.8, "b": 2.0}),
    (ParetoNBD, {"r": 0.8, "alpha": 8.0, "s": 0.7, "beta": 12.0}),
]


def shop(truth: CountModel, spend: GammaGamma, seed: int) -> Summary:
    ages = np.random.default_rng(seed).uniform(39.0, 78.0, CUSTOMERS)
    zero = np.zeros(CUSTOMERS)
    drawn = truth.simulate(Summary(zero, zero, ages, days_per_unit=7), seed)
    return drawn.with_spend(spend.simulate(drawn.x, seed))


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "parameters"), TRUTHS, ids=lambda value: getattr(value, "name", ""))
def test_coverage_of_parameters_and_totals(kind: Any, parameters: dict[str, float]) -> None:
    truth = kind.from_parameters(parameters, days_per_unit=7)
    true_spend = GammaGamma.from_parameters(SPEND)
    held: Counter[str] = Counter()
    for seed in range(RUNS):
        summary = shop(truth, true_spend, seed)
        model = kind(prior=None, strict=False).fit(summary)
        spend = GammaGamma(prior=None, strict=False).fit(summary)
        known = {**parameters, **SPEND}
        for name, interval in {**wald_intervals(model), **wald_intervals(spend)}.items():
            held[name] += interval.low <= known[name] <= interval.high
        outlook = Outlook(summary, YEAR)
        expected = total_interval(outlook, model, spend, outcome=False)
        held["expected"] += expected.low <= outlook.total(truth, true_spend) <= expected.high
        orders = truth.simulate_future(summary, YEAR, seed + 10_000)
        happened = true_spend.simulate_future(summary, orders, seed + 20_000).sum()
        outcome = total_interval(outlook, model, spend, seed=seed)
        held["happened"] += outcome.low <= happened <= outcome.high
    shares = {name: count / RUNS for name, count in held.items()}
    assert all(0.86 <= share <= 0.94 for share in shares.values()), shares


@pytest.mark.slow
def test_coverage_of_the_weighted_bootstrap() -> None:
    """Fewer runs, wider margin: 200 runs of 100 refits, with room for the bootstrap's own bias."""
    kind, parameters = TRUTHS[0]
    truth, true_spend = kind.from_parameters(parameters, days_per_unit=7), GammaGamma.from_parameters(SPEND)
    held: Counter[str] = Counter()
    runs = 200
    for seed in range(runs):
        summary = shop(truth, true_spend, seed)
        model = kind(prior=None, strict=False).fit(summary)
        drawn = bootstrap(model, summary, draws=100, seed=seed)
        for name, interval in quantile_intervals(model, drawn).items():
            held[name] += interval.low <= parameters[name] <= interval.high
    assert all(0.82 <= count / runs <= 0.97 for count in held.values()), held
