"""What the orders themselves say: how long, how many, how often again, with which gaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tierwise.contracts.tables import OrderStatus
from tierwise.indicators.declaration import Available
from tierwise.sql.expressions import count_where, days_between, literal
from tierwise.sql.steps import Plan, Step

FEWEST_DAYS, MOST_DAYS, UNIT_DAYS, GAPS = 30, 180, 30, 2
"""The horizon is GAPS median gaps between purchases, in whole UNIT_DAYS, within these limits."""

READS = ("advisor_days", "advisor_gaps", "advisor_buyers", "advisor_covered")


@dataclass(frozen=True, slots=True)
class History:
    """What is known of the orders up to `last`, sales only; a customer's orders of one day count once."""

    first: date
    last: date
    orders: int
    customers: int
    repeaters: int
    empty_months: tuple[str, ...]
    months: int
    median_gap_days: int | None
    covered: Mapping[str, int]
    """By table beside orders: how many of the customers have a row in it."""

    @property
    def days(self) -> int:
        """Days from the first order to the last, both included."""
        return (self.last - self.first).days + 1

    @property
    def repeat_percent(self) -> float:
        """Share of customers who bought on two days or more."""
        return 100 * self.repeaters / self.customers

    def covered_percent(self, table: str) -> float:
        """Share of customers of whom a table knows something."""
        return 100 * self.covered.get(table, 0) / self.customers

    @property
    def empty_months_percent(self) -> float:
        """Share of calendar months without any order."""
        return 100 * len(self.empty_months) / self.months

    @property
    def horizon_days(self) -> int:
        """How far ahead a back-test should look: see GAPS; 90 days where nobody came back."""
        wanted = 90 if self.median_gap_days is None else GAPS * self.median_gap_days
        whole = -(-wanted // UNIT_DAYS) * UNIT_DAYS
        return max(FEWEST_DAYS, min(whole, MOST_DAYS, self.days // 3 // UNIT_DAYS * UNIT_DAYS))


def history_steps(as_of: date, available: Available) -> Plan:
    """Steps over the canonical tables that end in the small tables READS."""
    return (
        Step(
            "advisor_days",
            f"SELECT order_date, COUNT(*) AS orders FROM orders WHERE {_sale(as_of)} GROUP BY order_date",
            stored=True,
        ),
        *visit_steps(as_of),
        Step("advisor_each", "SELECT customer_id, COUNT(*) AS days FROM advisor_visits GROUP BY customer_id"),
        Step(
            "advisor_buyers",
            f"SELECT COUNT(*) AS customers, {count_where('days > 1')} AS repeaters FROM advisor_each",
            stored=True,
        ),
        Step("advisor_covered", " UNION ALL ".join(_covered(available)), stored=True),
    )


def visit_steps(as_of: date) -> Plan:
    """Steps over orders: the days on which each customer bought, and `advisor_gaps`, how often each gap occurs."""
    return (
        Step(
            "advisor_visits", f"SELECT DISTINCT customer_id, order_date FROM orders WHERE {_sale(as_of)}", stored=True
        ),
        Step(
            "advisor_before",
            "SELECT order_date, LAG(order_date) OVER (PARTITION BY customer_id ORDER BY order_date) AS previous "
            "FROM advisor_visits",
        ),
        Step(
            "advisor_gaps",
            f"SELECT {days_between('previous', 'order_date')} AS gap_days, COUNT(*) AS times FROM advisor_before "
            f"WHERE previous IS NOT NULL GROUP BY {days_between('previous', 'order_date')}",
            stored=True,
        ),
    )


def _sale(as_of: date) -> str:
    return f"status = {literal(str(OrderStatus.SALE))} AND order_date <= {literal(as_of)}"


def _covered(available: Available) -> list[str]:
    """SQL per table that names customers: how many customers with an order it knows."""
    return [
        f"SELECT {literal(table)} AS known_by, COUNT(*) AS customers FROM advisor_each AS e "
        f"JOIN (SELECT DISTINCT customer_id FROM {table}) AS t ON e.customer_id = t.customer_id"
        for table, columns in sorted(available.items())
        if "customer_id" in columns
    ]


def history_of(found: Mapping[str, Sequence[Mapping[str, Any]]], as_of: date) -> History | None:
    """The history from the tables READS; None where nobody has bought anything."""
    days = {row["order_date"]: row["orders"] for row in found["advisor_days"]}
    if not days:
        return None
    first, buyers = min(days), found["advisor_buyers"][0]
    months, have = _months(first, as_of), {f"{day:%Y-%m}" for day in days}
    return History(
        first,
        as_of,
        sum(days.values()),
        buyers["customers"],
        buyers["repeaters"],
        tuple(month for month in months if month not in have),
        len(months),
        lower_median({row["gap_days"]: row["times"] for row in found["advisor_gaps"]}),
        {row["known_by"]: row["customers"] for row in found["advisor_covered"]},
    )


def _months(first: date, last: date) -> list[str]:
    start, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(start, end + 1)]


def lower_median(times: Mapping[int, int]) -> int | None:
    """The lower median of values that are given with how often each occurs; None of nothing."""
    total, seen = sum(times.values()), 0
    for value in sorted(times):
        seen += times[value]
        if 2 * seen >= total:
            return value
    return None
