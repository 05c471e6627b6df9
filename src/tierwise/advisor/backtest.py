"""How well a ranking foretold the next period: four figures, each with a bootstrap interval.

A ranking is a row of bins, best first. Customers in one bin share what the bin brought: where a border (the top 10 %)
falls into a bin, the share of its customers that is needed brings that share of its revenue, which is the expected
value over all orders in which they could stand.

- top_share_percent: share of next-period net revenue of the top 10 % of customers.
- gini: concentration of next-period net revenue along the ranking; 0 for a ranking by chance.
- buyer_lift: share of next-period buyers among the top 10 % ÷ share among all.
- churn_lift: share of leavers among the worst 10 % of active customers ÷ share among all active customers.

Intervals are percentile bootstrap intervals (Efron & Tibshirani 1993) over parts of customers, drawn once for all
rankings, so that differences between them are paired. A claim that some model beats the baseline is made for all
candidates at once by the largest studentised difference (Romano & Wolf 2005), so that one of many does not win by luck.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tierwise.advisor.goals import Metric
from tierwise.advisor.outcomes import BINS, MEASURES, PARTS

Array = NDArray[np.float64]

TENTH = 0.1
LIFT_PERCENTS = tuple(range(0, 101, 5))
"""The places of the lift curve: the best so many per cent of customers."""
LEVEL_PERCENT = 95
DRAWS = 1000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval; None where the next period has nothing to measure it by."""

    value: float | None
    low: float | None = None
    high: float | None = None

    @property
    def above_zero(self) -> bool:
        """Whether the whole interval lies above zero."""
        return self.low is not None and self.low > 0


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one ranking: as observed, and once per draw of the bootstrap.

    `lift` is the share of next-period net revenue in per cent that the best `LIFT_PERCENTS` of customers brought.
    """

    observed: Mapping[Metric, float]
    draws: Mapping[Metric, Array]
    lift: tuple[float, ...] = ()

    def estimate(self, metric: Metric) -> Estimate:
        """The figure with its percentile interval."""
        return _estimate(self.observed[metric], self.draws[metric])

    def minus(self, other: Figures, metric: Metric) -> Estimate:
        """The paired difference to another ranking with its percentile interval."""
        return _estimate(self.observed[metric] - other.observed[metric], self.draws[metric] - other.draws[metric])


def draw_weights(parts: int, seed: int, draws: int = DRAWS) -> Array:
    """How often each part is drawn: `draws` rows that each sum to `parts`; the first row, all ones, is the data itself."""
    drawn = np.random.default_rng(seed).multinomial(parts, np.full(parts, 1 / parts), size=draws)
    return np.vstack([np.ones((1, parts)), drawn])


def measure_ranking(cells: Sequence[Mapping[str, Any]], weights: Array) -> Figures:
    """Work out the four figures of a ranking from its cells (bin, part and MEASURES)."""
    grids = {name: np.zeros((weights.shape[1], BINS)) for name in MEASURES}
    where = (np.array([row["part"] for row in cells]), np.array([row["bin"] for row in cells]))
    for name, grid in grids.items():
        grid[where] = [float(row[name]) for row in cells]
    sums = {name: weights @ grid for name, grid in grids.items()}
    people, money = sums["customers"], sums["revenue_cents"]
    active, left = sums["active"][:, ::-1], sums["left_active"][:, ::-1]
    figures = {
        Metric.TOP_SHARE: 100 * _share_of_first(people, money),
        Metric.GINI: _gini(people, money),
        Metric.BUYER_LIFT: _share_of_first(people, sums["buyers"]) / TENTH,
        Metric.CHURN_LIFT: _share_of_first(active, left) / TENTH,
    }
    lift = tuple(100 * float(_share_of_first(people[:1], money[:1], each / 100)[0]) for each in LIFT_PERCENTS)
    return Figures({m: float(found[0]) for m, found in figures.items()}, {m: f[1:] for m, f in figures.items()}, lift)


def _share_of_first(people: Array, brought: Array, share: float = TENTH) -> Array:
    """The share of what everyone brought that the first tenth of people did, or another share of them, by draw."""
    before = np.cumsum(people, axis=1) - people
    wanted = share * people.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        taken = np.where(people > 0, np.clip((wanted - before) / people, 0, 1), 0)
    return _ratio((brought * taken).sum(axis=1), brought.sum(axis=1))


def _gini(people: Array, money: Array) -> Array:
    """Twice the area between the curve of cumulated revenue and the diagonal."""
    upto = np.cumsum(money, axis=1)
    area = (people * (upto - money / 2)).sum(axis=1)
    return 2 * _ratio(area, people.sum(axis=1) * money.sum(axis=1)) - 1


def _ratio(part: Array, whole: Array) -> Array:
    """A share, unknown where the whole is not positive."""
    shares: Array = np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)
    return shares


def _estimate(value: float, draws: Array) -> Estimate:
    known = draws[np.isfinite(draws)]
    if not np.isfinite(value) or known.size == 0:
        return Estimate(None)
    tail = (100 - LEVEL_PERCENT) / 2
    low, high = np.percentile(known, [tail, 100 - tail])
    return Estimate(float(value), float(low), float(high))


def surely_better(candidates: Mapping[str, Figures], baseline: Figures, metric: Metric) -> frozenset[str]:
    """The candidates that beat the baseline with 95 % certainty, all of them looked at together."""
    gains = {name: found.observed[metric] - baseline.observed[metric] for name, found in candidates.items()}
    errors = {name: found.draws[metric] - baseline.draws[metric] - gains[name] for name, found in candidates.items()}
    spreads = {name: float(np.nanstd(found)) if np.isfinite(found).any() else 0.0 for name, found in errors.items()}
    able = [name for name, spread in spreads.items() if spread > 0 and np.isfinite(gains[name])]
    if not able:
        return frozenset()
    drawn = np.vstack([errors[name] / spreads[name] for name in able])
    largest = np.nanmax(
        drawn[:, np.isfinite(drawn).any(axis=0)], axis=0
    )  # draws in which nobody has a figure say nothing
    needed = float(np.nanpercentile(largest, LEVEL_PERCENT))
    return frozenset(name for name in able if gains[name] > needed * spreads[name])


def parts_of(customers: int) -> int:
    """The number of parts that so many customers are dealt into."""
    return min(customers, PARTS)
