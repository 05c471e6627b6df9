"""What customers will be worth, with bounds: one customer at a time, and all together.

Two kinds of doubt add up. The *parameters* are estimates: that shrinks with more customers. The *outcome* is
chance: even with known parameters a customer may order or not. A total over many customers needs mostly the
first, a single customer mostly the second. Bounds of expectations cover the first only (delta method: the gradient
by the log-parameters times their covariance); bounds of outcomes cover both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tierwise.clv.count_model import CountModel
from tierwise.clv.discount import NO_DISCOUNT, Discount
from tierwise.clv.gamma_gamma import GammaGamma
from tierwise.clv.intervals import Interval, normal_draws, normal_quantile
from tierwise.clv.summary import Compressed, Summary, add_up, dot

Floats = NDArray[np.float64]

STEP = 1e-4
OUTCOME_DRAWS = 40_000
SLICE_ROWS = 4_096
SIMULATED_AT_ONCE = 65_536


@dataclass(frozen=True)
class Outlook:
    """Customers, and how far ahead they are asked about.

    Attributes:
        summary: the customers; `mean_spend` where money is asked.
        horizon_days: days ahead.
        discount: discounting; none by default.
        margin: profit per unit of revenue, one number or one per customer.
    """

    summary: Summary
    horizon_days: float = 365.0
    discount: Discount = NO_DISCOUNT
    margin: ArrayLike = 1.0
    merged: Compressed = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "merged", self.summary.compress())

    def per_order(self, spend: GammaGamma | None) -> Floats:
        """Return what one order of each customer is worth: 1 where orders are asked, money otherwise."""
        if spend is None:
            return np.ones(len(self.summary))
        value: Floats = spend.conditional_spend(self.summary) * np.asarray(self.margin, dtype=np.float64)
        return value

    def values(self, counts: CountModel, spend: GammaGamma | None = None) -> Floats:
        """Return the expected orders, or value with `spend`, of each customer."""
        found: Floats = self._orders(counts)[self.merged.inverse] * self.per_order(spend)
        return found

    def total(self, counts: CountModel, spend: GammaGamma | None = None) -> float:
        """Return the expected orders, or value with `spend`, of all customers."""
        return self._total_of(self._orders(counts), spend)

    def _total_of(self, orders: Floats, spend: GammaGamma | None) -> float:
        if spend is None:
            return self.merged.summary.total(orders)
        worth = add_up(self.merged.inverse, self.summary.weight * self.per_order(spend), orders.size)
        return dot(orders, worth)

    def _orders(self, counts: CountModel) -> Floats:
        return counts.discounted_transactions(self.merged.summary, self.horizon_days, self.discount)


def total_interval(
    outlook: Outlook,
    counts: CountModel,
    spend: GammaGamma | None = None,
    *,
    level: float = 0.9,
    outcome: bool = True,
    seed: int = 0,
) -> Interval:
    """Return the total with bounds by the delta method on the log scale.

    Args:
        outlook: who and how far ahead.
        counts: fitted model of orders.
        spend: fitted Gamma-Gamma; None asks for orders instead of money.
        level: share of such intervals that hold the truth.
        outcome: bounds for what will happen (True), or for its expectation only.
        seed: of the simulated outcomes.
    """
    z = normal_quantile(level)
    orders = outlook._orders(counts)
    total = outlook._total_of(orders, spend)
    variance = _delta(lambda at: outlook.total(counts.with_coordinates(at), spend), counts)
    if spend is not None:
        variance += _delta(lambda at: outlook._total_of(orders, spend.with_coordinates(at)), spend)
    if outcome:
        variance += outcome_variance(outlook, counts, spend, seed=seed)
    reach = z * np.sqrt(variance) / total if total else np.inf
    return Interval(total * np.exp(-reach), total, total * np.exp(reach)) if total else Interval(0.0, 0.0, reach)


def bootstrap_total_interval(
    outlook: Outlook,
    counts: CountModel,
    coordinates: Floats,
    spend: GammaGamma | None = None,
    spend_coordinates: Floats | None = None,
    *,
    level: float = 0.9,
    outcome: bool = True,
    seed: int = 0,
) -> Interval:
    """Return the total with bounds from bootstrap coordinates (`intervals.bootstrap`), one total per draw."""
    normal_quantile(level)
    totals = np.empty(len(coordinates))
    for draw, at in enumerate(coordinates):
        money = spend
        if spend is not None and spend_coordinates is not None:
            money = spend.with_coordinates(spend_coordinates[draw % len(spend_coordinates)])
        totals[draw] = outlook.total(counts.with_coordinates(at), money)
    if outcome:
        chance = np.sqrt(outcome_variance(outlook, counts, spend, seed=seed))
        totals += chance * np.random.default_rng(seed).standard_normal(totals.size)
    low, high = np.quantile(totals, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), outlook.total(counts, spend), float(high))


def expectation_bounds(outlook: Outlook, counts: CountModel, *, level: float = 0.9) -> tuple[Floats, Floats]:
    """Return bounds of each customer's expected orders (parameters' doubt only), by the delta method."""
    z = normal_quantile(level)
    middle = outlook._orders(counts)
    slopes = []
    for index in range(counts.coordinates_.size):
        step = np.zeros(counts.coordinates_.size)
        step[index] = STEP
        up = outlook._orders(counts.with_coordinates(counts.coordinates_ + step))
        down = outlook._orders(counts.with_coordinates(counts.coordinates_ - step))
        slopes.append((up - down) / (2.0 * STEP))
    slope = np.stack(slopes)
    deviation = np.sqrt(np.maximum(np.einsum("ki,kl,li->i", slope, counts.covariance_, slope), 0.0))
    reach = z * np.divide(deviation, middle, out=np.zeros_like(middle), where=middle > 0)
    inverse = outlook.merged.inverse
    return (middle * np.exp(-reach))[inverse], (middle * np.exp(reach))[inverse]


def outcome_bounds(
    outlook: Outlook, counts: CountModel, *, level: float = 0.9, draws: int = 400, seed: int = 0
) -> tuple[Floats, Floats]:
    """Return bounds of each customer's actual number of orders: parameters and chance both drawn.

    Undiscounted; whole numbers, so a customer who will most likely not order has the bounds 0 and 0.
    """
    normal_quantile(level)
    rows = outlook.merged.summary
    ends = [(1 - level) / 2, (1 + level) / 2]
    models = [counts.with_coordinates(at) for at in normal_draws(counts, draws, seed)]
    low, high = np.empty(len(rows)), np.empty(len(rows))
    for start in range(0, len(rows), SLICE_ROWS):
        part = slice(start, start + SLICE_ROWS)
        some = rows.take(part)
        drawn = [m.simulate_future(some, outlook.horizon_days, seed + start + i) for i, m in enumerate(models)]
        low[part], high[part] = np.quantile(np.stack(drawn), ends, axis=0, method="inverted_cdf")
    return low[outlook.merged.inverse], high[outlook.merged.inverse]


def outcome_variance(outlook: Outlook, counts: CountModel, spend: GammaGamma | None = None, *, seed: int = 0) -> float:
    """Return the variance of the total by chance alone, from simulated futures of every customer."""
    rows = outlook.summary if spend is not None else outlook.merged.summary
    draws = int(np.clip(OUTCOME_DRAWS // len(rows), 4, 400))
    worth = np.ones(1)
    if outlook.discount.rate:
        plain = counts.conditional_expected_transactions(outlook.merged.summary, outlook.horizon_days)
        ratio = np.divide(outlook._orders(counts), plain, out=np.ones_like(plain), where=plain > 0)
        worth = ratio if spend is None else ratio[outlook.merged.inverse]
    if spend is not None:
        worth = worth * np.asarray(outlook.margin, dtype=np.float64)
    variance = 0.0
    for start in range(0, len(rows), SIMULATED_AT_ONCE):
        part = slice(start, start + SIMULATED_AT_ONCE)
        own = worth[part] if worth.size == len(rows) else worth
        variance += _simulated_variance(outlook, rows.take(part), own, counts, spend, draws, seed + start)
    return variance


def _simulated_variance(
    outlook: Outlook, rows: Summary, worth: Floats, counts: CountModel, spend: GammaGamma | None, draws: int, seed: int
) -> float:
    """Return the sum over rows of the variance of what each turns out to be worth."""
    mean, square = np.zeros(len(rows)), np.zeros(len(rows))
    for draw in range(draws):
        orders = counts.simulate_future(rows, outlook.horizon_days, seed + draw)
        drawn = worth * (orders if spend is None else spend.simulate_future(rows, orders, seed + draw))
        before = drawn - mean
        mean += before / (draw + 1)
        square += before * (drawn - mean)
    return dot(rows.weight, square / (draws - 1))


def _delta(total: Callable[[Floats], float], model: CountModel | GammaGamma) -> float:
    """Return the variance of a total from the covariance of a model's coordinates."""
    at = model.coordinates_
    slope = np.empty(at.size)
    for index in range(at.size):
        step = np.zeros(at.size)
        step[index] = STEP
        slope[index] = (total(at + step) - total(at - step)) / (2.0 * STEP)
    return float(slope @ model.covariance_ @ slope)
