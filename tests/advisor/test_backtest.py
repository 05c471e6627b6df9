"""The figures of a ranking: by hand, against brute force, and how sure their intervals and verdicts are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from tierwise.advisor.backtest import LIFT_PERCENTS, Figures, draw_weights, measure_ranking, surely_better
from tierwise.advisor.goals import Metric


def cells(
    bins: Sequence[int],
    money: Sequence[int],
    active: Sequence[int] | None = None,
    left: Sequence[int] | None = None,
    parts: Sequence[int] | None = None,
) -> list[dict[str, int]]:
    """One cell per part and bin, as the SQL leaves them; every customer is a part of her own unless told otherwise."""
    n = len(bins)
    active, left, parts = active or [1] * n, left or [0] * n, parts if parts is not None else range(n)
    found: dict[tuple[int, int], dict[str, int]] = {}
    for who in range(n):
        cell = found.setdefault((parts[who], bins[who]), dict.fromkeys(_ZEROS, 0))
        for name, value in zip(_ZEROS, (1, money[who], int(money[who] > 0), active[who], left[who]), strict=True):
            cell[name] += value
    return [{"part": part, "bin": place, **cell} for (part, place), cell in found.items()]


_ZEROS = ("customers", "revenue_cents", "buyers", "active", "left_active")


def observed(rows: list[dict[str, int]], parts: int) -> dict[Metric, float]:
    return dict(measure_ranking(rows, np.ones((2, parts))).observed)


def test_twenty_customers_by_hand() -> None:
    money = [100, 80, 60, 40, 20, *[0] * 15]
    active = [1] * 10 + [0] * 10
    left = [0] * 5 + [1] * 5 + [0] * 10
    found = observed(cells(range(20), money, active, left), 20)
    assert found[Metric.TOP_SHARE] == pytest.approx(60.0)  # 180 of 300
    assert found[Metric.BUYER_LIFT] == pytest.approx(4.0)  # 2 of the top 2, against 5 of 20
    assert found[Metric.CHURN_LIFT] == pytest.approx(2.0)  # the last of 10 left, against 5 of 10
    # the curve passes 100, 180, 240, 280, 300 of 300: its area is (50 + 140 + 210 + 260 + 290 + 15 × 300) / 6000
    assert found[Metric.GINI] == pytest.approx(2 * 5450 / 6000 - 1)


def test_the_lift_curve_by_hand() -> None:
    """Of 300: the best 5 % (one of twenty) brought 100, 10 % 180, 15 % 240, 20 % 280, 25 % and all 300."""
    found = measure_ranking(cells(range(20), [100, 80, 60, 40, 20, *[0] * 15]), np.ones((2, 20)))
    shares = dict(zip(LIFT_PERCENTS, found.lift, strict=True))
    assert [round(shares[each], 2) for each in (0, 5, 10, 15, 20, 25, 100)] == [0, 33.33, 60, 80, 93.33, 100, 100]
    assert shares[10] == pytest.approx(found.observed[Metric.TOP_SHARE])


def test_ties_share_what_they_brought() -> None:
    found = observed(cells([0, 0, 0, 0, *range(1, 17)], [100, 0, 0, 0, *[0] * 15, 100]), 20)
    assert found[Metric.TOP_SHARE] == pytest.approx(25.0)  # two of the four, so half of their 100, of 200
    assert found[Metric.BUYER_LIFT] == pytest.approx(2.5)


def test_a_ranking_that_says_nothing_has_no_gini_and_no_lift() -> None:
    found = observed(cells([0] * 30, [7] * 10 + [0] * 20, left=[0] * 15 + [1] * 15), 30)
    assert found[Metric.GINI] == pytest.approx(0)
    assert found[Metric.TOP_SHARE] == pytest.approx(10)
    assert found[Metric.BUYER_LIFT] == found[Metric.CHURN_LIFT] == pytest.approx(1)


def test_ties_are_the_mean_of_all_orders_they_could_stand_in() -> None:
    rng = np.random.default_rng(3)
    bins = np.sort(rng.integers(0, 6, 50))
    money = rng.integers(0, 100, 50)
    tied = observed(cells(bins.tolist(), money.tolist()), 50)
    shuffled: dict[Metric, list[float]] = {metric: [] for metric in tied}
    for _ in range(600):
        order = np.lexsort((rng.random(50), bins))
        for metric, value in observed(cells(range(50), money[order].tolist()), 50).items():
            shuffled[metric].append(value)
    for metric in (Metric.TOP_SHARE, Metric.GINI, Metric.BUYER_LIFT):
        spread = np.std(shuffled[metric]) / np.sqrt(600)
        assert tied[metric] == pytest.approx(np.mean(shuffled[metric]), abs=4 * spread + 1e-9), metric


def test_without_revenue_or_leavers_figures_are_unknown_and_not_zero() -> None:
    tested = measure_ranking(cells(range(10), [0] * 10), draw_weights(10, 1, 50))
    assert all(tested.estimate(metric).value is None for metric in Metric)


@pytest.mark.slow
def test_parts_give_the_spread_that_customers_give() -> None:
    rng = np.random.default_rng(5)
    customers, parts = 4000, 400
    money = (rng.lognormal(3, 1.2, customers) * (rng.random(customers) < 0.3)).astype(int)
    score = money + rng.normal(0, 60, customers)
    bins = (np.argsort(np.argsort(-score)) * 200 // customers).tolist()
    dealt = rng.permutation(customers) % parts
    by_parts = measure_ranking(cells(bins, money.tolist(), parts=dealt.tolist()), draw_weights(parts, 2))
    each = cells(bins, money.tolist())
    by_customers = [
        measure_ranking(each, np.vstack([np.ones((1, customers)), draw_weights(customers, seed, 40)[1:]]))
        for seed in range(10)
    ]
    for metric in (Metric.TOP_SHARE, Metric.GINI, Metric.BUYER_LIFT):
        one_by_one = np.std(np.concatenate([found.draws[metric] for found in by_customers]))
        assert np.std(by_parts.draws[metric]) == pytest.approx(one_by_one, rel=0.2), metric


def random_tested(rng: np.random.Generator, money: np.ndarray, signal: float, weights: np.ndarray) -> Figures:
    score = signal * money + rng.normal(0, 10, len(money))
    bins = (np.argsort(np.argsort(-score)) * 100 // len(money)).tolist()
    return measure_ranking(cells(bins, money.tolist()), weights)


@pytest.mark.slow
def test_many_rankings_by_chance_do_not_crown_one_of_them() -> None:
    crowned = 0
    for trial in range(30):
        rng = np.random.default_rng(trial)
        money = (rng.lognormal(3, 1, 300) * (rng.random(300) < 0.4)).astype(int)
        weights = draw_weights(300, trial, 200)
        candidates = {f"m{k}": random_tested(rng, money, 0, weights) for k in range(8)}
        crowned += bool(surely_better(candidates, random_tested(rng, money, 0, weights), Metric.GINI))
    assert crowned <= 5  # 5 % of 30 are 1.5; six or more would happen by chance once in some two hundred times


def test_a_ranking_that_knows_more_is_found() -> None:
    rng = np.random.default_rng(8)
    money = (rng.lognormal(3, 1, 300) * (rng.random(300) < 0.4)).astype(int)
    weights = draw_weights(300, 1, 300)
    candidates = {"chance": random_tested(rng, money, 0, weights), "knows": random_tested(rng, money, 1, weights)}
    assert surely_better(candidates, random_tested(rng, money, 0, weights), Metric.GINI) == {"knows"}
    baseline = candidates["knows"]
    assert surely_better({"same": baseline}, baseline, Metric.GINI) == frozenset()
