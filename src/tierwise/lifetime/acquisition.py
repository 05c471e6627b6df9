"""Value by hand, and what it cost to win the customers: no model, so always there, and the yardstick for the others.

Simple LTV = average order × orders per customer and year × years of life. The life is what history shows: a customer
counts as lost after `LOST_AFTER_GAPS` mean gaps of silence, the yearly churn is the share lost per year at risk. Historic value
is revenue so far per customer, by cohort of the first order's year and quarter.

By channel, for customers whose acquisition cost is known: CAC, LTV = value so far plus expected value, LTV / CAC, and
the first 30-day period since the first order by whose end revenue (profit, where costs are known) had paid it back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tierwise.clv.simple import ChannelReturn, CohortValue, historic_by_cohort, returns_by_channel, simple_value
from tierwise.engine.base import Engine
from tierwise.lifetime.histories import Histories
from tierwise.lifetime.parquet import batches
from tierwise.lifetime.steps import CUSTOMERS_TABLE, DAYS_TABLE
from tierwise.sql.steps import Step

Floats = NDArray[np.float64]

LOST_AFTER_GAPS = 3.0
YEAR_DAYS = 365.25
LONGEST_LIFE_YEARS = 20.0
PERIOD_DAYS = 30
NO_CHANNEL = ""
"""The channel of customers who came by none that is known; whoever shows it says so."""
MOST_PERIODS = 60


@dataclass(frozen=True, slots=True)
class SimpleValue:
    """Simple LTV and its factors; money in the basis asked for."""

    average_order: float
    orders_per_year: float
    lifetime_years: float
    margin: float
    value: float
    cohorts: tuple[CohortValue, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        return {
            "average_order": self.average_order,
            "orders_per_year": self.orders_per_year,
            "lifetime_years": self.lifetime_years,
            "margin": self.margin,
            "value": self.value,
            "cohorts": [
                {
                    "cohort": cohort.cohort, "customers": cohort.customers, "orders": cohort.orders,
                    "revenue": cohort.revenue, "average_order": cohort.average_order,
                    "value_per_customer": cohort.value_per_customer,
                }
                for cohort in self.cohorts
            ],
        }  # fmt: skip


def simple_ltv(histories: Histories, margin: Floats) -> SimpleValue:
    """Return simple LTV from the histories; the margin is that of the shop, weighed by revenue."""
    columns, days = histories.columns, histories.days_per_tick
    net, orders = columns["net"], columns["orders"].astype(np.float64)
    revenue, count = max(float(net.sum()), 0.0), float(orders.sum())
    span = (columns["last_tick"] - columns["first_tick"]) * days
    watched = (histories.span.until - columns["first_tick"] + 1) * days
    silent = (histories.span.until - columns["last_tick"]) * days
    pairs = float((orders - 1.0).sum())
    gap = float(span.sum()) / pairs if pairs else float(watched.max())
    lost = silent > LOST_AFTER_GAPS * gap
    at_risk_years = float(np.where(lost, span + gap, watched).sum()) / YEAR_DAYS
    years = min(at_risk_years / max(float(lost.sum()), 0.5), LONGEST_LIFE_YEARS)
    per_year = count / at_risk_years
    share = float((np.maximum(net, 0.0) * margin).sum() / max(np.maximum(net, 0.0).sum(), 1e-9))
    value = float(simple_value(revenue / count, per_year, years, margin=share))
    return SimpleValue(revenue / count, per_year, years, share, value, tuple(_cohorts(histories)))


def _cohorts(histories: Histories) -> list[CohortValue]:
    """Historic value by quarter of the first order."""
    ticks, inverse = np.unique(histories.columns["first_tick"], return_inverse=True)
    days = [histories.span.clock.day(int(tick)) for tick in ticks]
    names = np.array([f"{day.year}-Q{(day.month + 2) // 3}" for day in days])
    return historic_by_cohort(names[inverse], histories.columns["orders"], histories.columns["net"])


def acquisition_known(engine: Engine, tables: Sequence[str]) -> bool:
    """Whether customers carry what a comparison of channels needs."""
    return "customers" in tables and {"acquisition_cost", "source_channel"} <= set(engine.columns("customers"))


def channel_step() -> Step:
    """The step `lifetime_channels`: source channel and acquisition cost of everyone with a history."""
    return Step(
        "lifetime_channels",
        "SELECT h.customer_id, MIN(c.source_channel) AS source_channel, MIN(c.acquisition_cost) AS acquisition_cost "
        f"FROM {CUSTOMERS_TABLE} AS h JOIN customers AS c ON h.customer_id = c.customer_id "
        "WHERE c.acquisition_cost IS NOT NULL GROUP BY h.customer_id",
    )


def payback_step(*, profit: bool) -> Step:
    """The step `lifetime_payback`: money by channel and 30-day period since the customer's first order."""
    period = f"LEAST((d.tick - h.first_tick) // {PERIOD_DAYS}, {MOST_PERIODS - 1})"
    money = "d.profit" if profit else "d.money"
    return Step(
        "lifetime_payback",
        f"SELECT c.source_channel, {period} AS period, CAST(SUM({money}) AS DECIMAL(18, 2)) AS money "
        f"FROM {DAYS_TABLE} AS d JOIN {CUSTOMERS_TABLE} AS h ON d.customer_id = h.customer_id "
        "JOIN lifetime_channels AS c ON d.customer_id = c.customer_id WHERE d.tick >= h.first_tick "
        f"GROUP BY c.source_channel, {period}",
    )


def channel_returns(
    channels: NDArray[Any], cost: Floats, value: Floats, payback: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return CAC, LTV, their ratio and the payback of every channel as JSON-ready data, best ratio first.

    `value` is the lifetime value of each customer, so far and expected; `payback` are rows of `lifetime_payback`.
    """
    found = returns_by_channel(channels, cost, value)
    rows = [_channel(each, payback) for each in found]
    return sorted(rows, key=lambda row: (-(row["value_to_cost"] or 0.0), row["channel"]))


def _channel(each: ChannelReturn, payback: list[dict[str, Any]]) -> dict[str, Any]:
    ratio = each.value_to_cost
    return {
        "channel": each.channel,
        "customers": each.customers,
        "cost_per_customer": each.cost_per_customer,
        "value_per_customer": each.value_per_customer,
        "value_to_cost": ratio if np.isfinite(ratio) else None,
        "payback_days": _payback_days(each, payback),
    }


def _payback_days(each: ChannelReturn, payback: list[dict[str, Any]]) -> int | None:
    """Days after the first order by whose end the channel's customers had paid their cost; None: not yet."""
    if each.acquisition_cost <= 0:
        return 0
    earned = 0.0
    mine = (row for row in payback if (row["source_channel"] or NO_CHANNEL) == each.channel)
    for row in sorted(mine, key=lambda row: int(row["period"])):
        earned += float(row["money"])
        if earned >= each.acquisition_cost:
            return (int(row["period"]) + 1) * PERIOD_DAYS
    return None


def known_channels(files: Sequence[Path], histories: Histories) -> tuple[NDArray[np.int64], NDArray[Any], Floats]:
    """Return rows of the histories whose channel and cost are known, with both."""
    known = {
        str(row["customer_id"]): (row["source_channel"] or NO_CHANNEL, float(row["acquisition_cost"]))
        for batch in batches(files)
        for row in batch.to_pylist()
    }
    rows, channels, costs, place = [], [], [], 0
    for batch in batches(histories.files, ["customer_id"]):
        for customer in batch.column("customer_id").to_pylist():
            if customer in known:
                rows.append(place)
                channels.append(known[customer][0])
                costs.append(known[customer][1])
            place += 1
    return np.array(rows, dtype=np.int64), np.array(channels), np.array(costs, dtype=np.float64)
