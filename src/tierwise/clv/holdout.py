"""Was the forecast any good? Expected against actual orders of a period the model has not seen.

Never judge by the mean absolute error alone: most customers do not come back, so predicting nobody scores
nearly as well. The report therefore puts the zero forecast beside the model's, and adds what a forecast is for: the
total, the ranking, and how much of the value the best tenth holds.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tierwise.clv.checks import LENGTHS_DIFFER
from tierwise.clv.count_model import CountModel
from tierwise.clv.summary import Summary, add_up, dot
from tierwise.errors import ErrorKind, Family
from tierwise.language import Text

Floats = NDArray[np.float64]

BAD_PERIOD = ErrorKind(
    "clv.bad_period",
    Family.USAGE,
    what=Text(
        "{periods} periods of {period_days} days cannot be drawn", "无法绘制 {periods} 个 {period_days} 天的时段"
    ),
    cause=Text("both must be above 0", "两者都必须大于 0"),
    cure=Text("7 days is usual for shops, 30 for slower trades", "商店通常取 7 天，低频业务取 30 天"),
)


@dataclass(frozen=True, slots=True)
class Band:
    """Customers of similar forecast: what was expected of them, and what they did, per customer."""

    customers: float
    expected_mean: float
    actual_mean: float


@dataclass(frozen=True, slots=True)
class HoldoutReport:
    """A forecast against what happened; `zero_*` are the scores of predicting nobody.

    Attributes:
        expected_total, actual_total, bias: totals, and expected / actual - 1 (NaN where nothing happened).
        mae, rmse, zero_mae, zero_rmse: errors per customer.
        rank_correlation: Spearman's, ties shared; NaN where one side does not vary.
        top_decile_share: share of the actual total that came from the tenth with the highest forecast.
        top_decile_best: the same for the tenth that really was best: the most that can be reached.
        bands: tenths by rising forecast.
    """

    expected_total: float
    actual_total: float
    bias: float
    mae: float
    rmse: float
    zero_mae: float
    zero_rmse: float
    rank_correlation: float
    top_decile_share: float
    top_decile_best: float
    bands: tuple[Band, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        return asdict(self)


def judge(expected: ArrayLike, actual: ArrayLike, weight: ArrayLike | None = None, *, bands: int = 10) -> HoldoutReport:
    """Compare expected with actual orders (or money), a value per customer.

    Args:
        expected: forecast per customer.
        actual: what happened, same customers in the same order.
        weight: customers that a row stands for.
        bands: groups of about equal size by rising forecast; equal forecasts stay together.
    """
    e, a = np.asarray(expected, dtype=np.float64), np.asarray(actual, dtype=np.float64)
    w = np.ones(e.size) if weight is None else np.asarray(weight, dtype=np.float64)
    if not e.shape == a.shape == w.shape:
        raise LENGTHS_DIFFER.error(name="actual", found=a.size, expected=e.size)
    customers, totals = float(w.sum()), (dot(w, e), dot(w, a))
    return HoldoutReport(
        expected_total=totals[0],
        actual_total=totals[1],
        bias=totals[0] / totals[1] - 1.0 if totals[1] else float("nan"),
        mae=dot(w, np.abs(e - a)) / customers,
        rmse=float(np.sqrt(dot(w, (e - a) ** 2) / customers)),
        zero_mae=dot(w, np.abs(a)) / customers,
        zero_rmse=float(np.sqrt(dot(w, a**2) / customers)),
        rank_correlation=rank_correlation(e, a, w),
        top_decile_share=top_share(e, a, w),
        top_decile_best=top_share(a, a, w),
        bands=_bands(e, a, w, bands),
    )


def rank_correlation(left: Floats, right: Floats, weight: Floats) -> float:
    """Return Spearman's correlation of weighted mid-ranks."""
    a, b = _mid_ranks(left, weight), _mid_ranks(right, weight)
    total = float(weight.sum())
    a, b = a - dot(weight, a) / total, b - dot(weight, b) / total
    spread = float(np.sqrt(dot(weight, a * a) * dot(weight, b * b)))
    return dot(weight, a * b) / spread if spread > 0 else float("nan")


def top_share(forecast: Floats, actual: Floats, weight: Floats, share: float = 0.1) -> float:
    """Return which part of the actual total the `share` of customers with the highest forecast hold.

    Customers tied at the border count in proportion, so the figure does not depend on the order of rows.
    """
    levels, group = np.unique(-forecast, return_inverse=True)
    size = add_up(group, weight, levels.size)
    held = add_up(group, weight * actual, levels.size)
    room = share * float(weight.sum()) - (np.cumsum(size) - size)
    total = float(held.sum())
    return dot(np.clip(room / size, 0.0, 1.0), held) / total if total else float("nan")


def expected_tracking(model: CountModel, summary: Summary, *, period_days: float, periods: int) -> Floats:
    """Return expected cumulative repeat orders of all customers at the end of each period.

    Time runs from the oldest customer's first order; a customer enters at the own first order, `age` before
    the end of the observation. Later periods than the observation are a forecast.
    """
    if period_days <= 0 or periods <= 0:
        raise BAD_PERIOD.error(periods=periods, period_days=period_days)
    days = summary.age * summary.days_per_unit
    levels, group = np.unique(days.max() - days, return_inverse=True)
    entering = np.bincount(group, summary.weight, levels.size)
    ends = period_days * np.arange(1.0, periods + 1.0)
    curve = model.expected_curve(ends[:, None] - levels)
    found: Floats = (curve * entering).sum(axis=1)
    return found


def actual_tracking(customer: ArrayLike, day: ArrayLike, *, period_days: float, periods: int) -> Floats:
    """Return actual cumulative repeat orders at the end of each period since the very first order.

    A repeat order is a day with an order after the customer's first. The first period of 7 days holds the day of
    the very first order and the 6 after it.
    """
    if period_days <= 0 or periods <= 0:
        raise BAD_PERIOD.error(periods=periods, period_days=period_days)
    owner = np.unique(np.asarray(customer), return_inverse=True)[1].astype(np.int64)
    days = np.asarray(day, dtype=np.int64)
    since = days - days.min()
    span = int(since.max()) + 1
    distinct = np.unique(owner * span + since)
    first = np.r_[True, np.diff(distinct // span) > 0]
    repeat = np.sort(distinct[~first] % span)
    return np.searchsorted(repeat, period_days * np.arange(1.0, periods + 1.0), side="left").astype(np.float64)


def _mid_ranks(values: Floats, weight: Floats) -> Floats:
    levels, group = np.unique(values, return_inverse=True)
    size = add_up(group, weight, levels.size)
    found: Floats = (np.cumsum(size) - size / 2.0)[group]
    return found


def _bands(expected: Floats, actual: Floats, weight: Floats, bands: int) -> tuple[Band, ...]:
    middle = _mid_ranks(expected, weight) / float(weight.sum())
    band = np.minimum((middle * bands).astype(np.int64), bands - 1)
    size = np.bincount(band, weight, bands)
    sums = [np.bincount(band, weight * column, bands) for column in (expected, actual)]
    return tuple(
        Band(float(size[i]), float(sums[0][i] / size[i]), float(sums[1][i] / size[i])) for i in range(bands) if size[i]
    )
