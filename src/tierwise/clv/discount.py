"""Money later is worth less than money now: discount rates, with their period said."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tierwise.errors import ErrorKind, Family
from tierwise.language import Text

Floats = NDArray[np.float64]

DAYS_PER_YEAR = 365.25
MAX_HORIZON_DAYS = 100 * DAYS_PER_YEAR

BAD_DISCOUNT = ErrorKind(
    "clv.bad_discount",
    Family.USAGE,
    what=Text("{rate} per {period_days} days is not a discount rate", "每 {period_days} 天 {rate} 不是有效的折现率"),
    cause=Text("the rate must be 0 or more and the period above 0 days", "折现率不能为负，周期必须大于 0 天"),
    cure=Text("0.1 a year means 10%; 0 means no discounting", "每年 0.1 表示 10%；0 表示不折现"),
)
BAD_HORIZON = ErrorKind(
    "clv.bad_horizon",
    Family.USAGE,
    what=Text("a horizon of {days} days cannot be used", "不能使用 {days} 天的预测期"),
    cause=Text(
        "a horizon is more than 0 days and at most 100 years; only a discounted value may look further",
        "预测期必须大于 0 天且不超过 100 年；只有折现价值才可以看得更远",
    ),
    cure=Text(
        "365 days is usual; years without change of habit do not exist", "通常取 365 天；习惯多年不变的情况并不存在"
    ),
)
ENDLESS_WITHOUT_DISCOUNT = ErrorKind(
    "clv.endless_without_discount",
    Family.USAGE,
    what=Text("an endless horizon needs a discount rate above 0", "无限预测期需要大于 0 的折现率"),
    cause=Text(
        "without discounting, the expected orders of all time have no finite sum",
        "不折现时，未来全部订单的期望没有有限的总和",
    ),
    cure=Text(
        "give a rate (Discount.yearly(0.1)) or a horizon in days",
        "请给出折现率（Discount.yearly(0.1)）或有限的预测期天数",
    ),
)


@dataclass(frozen=True, slots=True)
class Discount:
    """A rate per period; continuous (each order at its own time) or at the end of each period.

    `Discount.yearly(0.1)` makes 1 received in a year worth 1 / 1.1 now, continuously in between.
    `Discount.monthly(0.01)` counts the orders of each month at that month's end, as spreadsheets do.
    """

    rate: float
    period_days: float
    continuous: bool

    def __post_init__(self) -> None:
        if not (np.isfinite(self.rate) and self.rate >= 0 and self.period_days > 0):
            raise BAD_DISCOUNT.error(rate=self.rate, period_days=self.period_days)

    @classmethod
    def yearly(cls, rate: float) -> Discount:
        """Return an annual rate applied continuously."""
        return cls(rate, DAYS_PER_YEAR, True)

    @classmethod
    def monthly(cls, rate: float, *, days_per_month: float = DAYS_PER_YEAR / 12) -> Discount:
        """Return a rate per month applied at each month's end."""
        return cls(rate, days_per_month, False)

    @property
    def decay_per_day(self) -> float:
        """The continuous rate per day, ln(1 + rate) / period_days."""
        return float(np.log1p(self.rate)) / self.period_days

    def edges_days(self, horizon_days: float) -> Floats:
        """Return the borders of the periods up to the horizon; an endless one stops where nothing is left."""
        if np.isinf(horizon_days):
            horizon_days = 45.0 / self.decay_per_day
        if self.continuous:
            return np.array([0.0, horizon_days])
        whole = int(np.floor(horizon_days / self.period_days * (1 + 1e-12)))
        edges = self.period_days * np.arange(whole + 1.0)
        return edges if horizon_days - edges[-1] < 1e-9 * horizon_days else np.r_[edges, horizon_days]

    def factors(self, edges_days: Floats) -> Floats:
        """Return what one order within each period is worth, counted at the period's end."""
        if self.continuous:
            return np.ones(edges_days.size - 1)
        worth: Floats = np.exp(-self.decay_per_day * edges_days[1:])
        return worth


NO_DISCOUNT = Discount(0.0, DAYS_PER_YEAR, True)


def check_horizon(horizon_days: float, discount: Discount | None = None) -> float:
    """Return the horizon, or raise where it is not one; endless only with a discount."""
    if discount is not None and np.isposinf(horizon_days):
        if discount.rate == 0:
            raise ENDLESS_WITHOUT_DISCOUNT.error()
        return float(horizon_days)
    if not (np.isfinite(horizon_days) and 0 < horizon_days <= MAX_HORIZON_DAYS):
        raise BAD_HORIZON.error(days=horizon_days)
    return float(horizon_days)
