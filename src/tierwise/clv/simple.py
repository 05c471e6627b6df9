"""Lifetime value by hand: average order × orders per year × years, and what it cost to win the customer.

The simple value needs no model and no fit, so it is the first figure to show and the yardstick for the others. It takes
the past for the future: it does not see who is leaving. Margin turns revenue into profit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tierwise.clv.checks import LENGTHS_DIFFER
from tierwise.errors import ErrorKind, Family
from tierwise.language import Text

Floats = NDArray[np.float64]

DAYS_PER_YEAR = 365.25

BAD_CHURN = ErrorKind(
    "clv.bad_churn",
    Family.USAGE,
    what=Text("{rate} is not a yearly churn rate", "{rate} 不是有效的年流失率"),
    cause=Text(
        "the share of customers lost per year is above 0 and at most 1", "每年流失的客户占比须大于 0 且不超过 1"
    ),
    cure=Text(
        "0.25 means that a quarter leave per year: a lifetime of 4 years", "0.25 表示每年流失四分之一，即平均寿命 4 年"
    ),
)
BAD_FACTOR = ErrorKind(
    "clv.bad_factor",
    Family.USAGE,
    what=Text("{name} is {value}: it must be a number of 0 or more", "“{name}”为 {value}：必须是不小于 0 的数"),
    cause=Text("a simple value is a product of counts and amounts", "简易 LTV 是次数与金额的乘积"),
    cure=Text("check how the factor was computed", "请检查该因子的计算方式"),
)


def lifetime_years(yearly_churn_rate: float) -> float:
    """Return the expected years a customer stays: 1 / churn."""
    if not 0 < yearly_churn_rate <= 1:
        raise BAD_CHURN.error(rate=yearly_churn_rate)
    return 1.0 / yearly_churn_rate


def simple_value(
    average_order: ArrayLike, orders_per_year: ArrayLike, years: ArrayLike, *, margin: ArrayLike = 1.0
) -> Floats:
    """Return average order × orders per year × years × margin (money), for one customer or many."""
    factors = {"average_order": average_order, "orders_per_year": orders_per_year, "years": years}
    product = np.asarray(margin, dtype=np.float64)
    for name, factor in factors.items():
        values = np.asarray(factor, dtype=np.float64)
        bad = ~(np.isfinite(values) & (values >= 0))
        if bad.any():
            raise BAD_FACTOR.error(name=name, value=float(values.ravel()[bad.ravel().argmax()]))
        product = product * values
    return product


@dataclass(frozen=True, slots=True)
class CohortValue:
    """What the customers of a cohort have brought so far."""

    cohort: Any
    customers: int
    orders: float
    revenue: float

    @property
    def average_order(self) -> float:
        """Revenue per order; 0 where there is none."""
        return self.revenue / self.orders if self.orders else 0.0

    @property
    def value_per_customer(self) -> float:
        """Historic lifetime value: revenue so far per customer."""
        return self.revenue / self.customers


def historic_by_cohort(cohort: ArrayLike, orders: ArrayLike, revenue: ArrayLike) -> list[CohortValue]:
    """Add up orders and revenue so far (per customer) by cohort, in the cohorts' order."""
    names, group = np.unique(np.asarray(cohort), return_inverse=True)
    columns = [np.asarray(column, dtype=np.float64) for column in (orders, revenue)]
    for name, column in zip(("orders", "revenue"), columns, strict=True):
        if column.size != group.size:
            raise LENGTHS_DIFFER.error(name=name, found=column.size, expected=group.size)
    size = np.bincount(group, minlength=names.size)
    sums = [np.bincount(group, column, names.size) for column in columns]
    return [
        CohortValue(name.item(), int(size[i]), float(sums[0][i]), float(sums[1][i])) for i, name in enumerate(names)
    ]


@dataclass(frozen=True, slots=True)
class ChannelReturn:
    """What customers won through a channel cost and are worth, over those whose cost is known."""

    channel: Any
    customers: int
    acquisition_cost: float
    value: float
    payback_periods: int | None

    @property
    def cost_per_customer(self) -> float:
        """CAC: mean acquisition cost."""
        return self.acquisition_cost / self.customers

    @property
    def value_per_customer(self) -> float:
        """LTV: mean lifetime value."""
        return self.value / self.customers

    @property
    def value_to_cost(self) -> float:
        """LTV / CAC; inf where the customers came for free."""
        return self.value / self.acquisition_cost if self.acquisition_cost else float("inf")

    @property
    def cost_to_value(self) -> float:
        """CAC / LTV; inf where they are worth nothing."""
        return self.acquisition_cost / self.value if self.value else float("inf")


def returns_by_channel(
    channel: ArrayLike, acquisition_cost: ArrayLike, value: ArrayLike, value_by_period: ArrayLike | None = None
) -> list[ChannelReturn]:
    """Compare cost and value per channel; customers without a known cost (NaN) are left out.

    Args:
        channel: source channel of each customer.
        acquisition_cost: money spent to win each customer, NaN where unknown.
        value: lifetime value of each customer, in the same money and basis (profit, ideally).
        value_by_period: (customers, periods) value of each period since the first order, for the payback.
    """
    cost, worth = np.asarray(acquisition_cost, dtype=np.float64), np.asarray(value, dtype=np.float64)
    names, group = np.unique(np.asarray(channel), return_inverse=True)
    for name, column in (("acquisition_cost", cost), ("value", worth)):
        if column.shape != group.shape:
            raise LENGTHS_DIFFER.error(name=name, found=column.size, expected=group.size)
    periods = None if value_by_period is None else np.asarray(value_by_period, dtype=np.float64)
    found = []
    for index, name in enumerate(names):
        rows = (group == index) & np.isfinite(cost)
        if rows.any():
            spent = float(cost[rows].sum())
            payback = None if periods is None else payback_periods(spent, periods[rows].sum(axis=0))
            found.append(ChannelReturn(name.item(), int(rows.sum()), spent, float(worth[rows].sum()), payback))
    return found


def payback_periods(cost: float, value_by_period: ArrayLike) -> int | None:
    """Return the first period by whose end the value has covered the cost; 0 at no cost, None if never."""
    if cost <= 0:
        return 0
    covered = np.cumsum(np.asarray(value_by_period, dtype=np.float64)) >= cost * (1 - 1e-12)
    return int(covered.argmax()) + 1 if covered.any() else None
