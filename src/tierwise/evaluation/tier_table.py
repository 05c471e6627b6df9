"""The tier table: customers, orders, revenue, shares and medians of R, F and M for each tier of a model."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tierwise.contracts.indicators import IndicatorRef
from tierwise.contracts.model import Learned
from tierwise.contracts.scheme import Tier
from tierwise.sql.median import median_steps
from tierwise.sql.steps import Plan, Step

BASICS = (IndicatorRef("recency_days"), IndicatorRef("frequency"), IndicatorRef("monetary"))
"""The indicators every tier table shows, over all time."""


def tier_table_steps(instance: str, labelled: str) -> tuple[Plan, tuple[str, ...]]:
    """Steps over a labelled table (rank and the basics), and the names of the small tables to read.

    Grouped by rank, not by tier: a number sorts and groups several times faster than its name. The working
    tables are called the same for every model, so that each takes the place of the one before.
    """
    columns = ", ".join(ref.column for ref in BASICS)
    sums = (
        "SELECT rank, COUNT(*) AS customers, CAST(SUM(frequency) AS BIGINT) AS orders, "
        "CAST(SUM(monetary) AS DECIMAL(26, 2)) AS revenue FROM tier_ranked GROUP BY rank"
    )
    steps = [
        Step("tier_ranked", f"SELECT rank, {columns} FROM {labelled}", stored=True),
        Step(f"{instance}_sums", sums, stored=True),
    ]
    results = [f"{instance}_sums"]
    for ref in BASICS:
        prefix, result = f"tier_{ref.column}", f"{instance}_median_{ref.column}"
        steps += median_steps(prefix, "tier_ranked", ref.column, "rank", result)
        results.append(result)
    return tuple(steps), tuple(results)


def tier_table(instance: str, tiers: Sequence[Tier], found: Learned) -> list[dict[str, Any]]:
    """The rows of the tier table in rank order; tiers without customers are rows of zeros."""
    sums = {row["rank"]: row for row in found[f"{instance}_sums"]}
    medians = {
        ref.column: {row["rank"]: _middle(row) for row in found[f"{instance}_median_{ref.column}"]} for ref in BASICS
    }
    customers = sum(row["customers"] for row in sums.values())
    revenue = sum((row["revenue"] for row in sums.values()), Decimal(0))
    rows = []
    for tier in sorted(tiers, key=lambda tier: tier.rank):
        have = sums.get(tier.rank, {"customers": 0, "orders": 0, "revenue": Decimal("0.00")})
        row = {
            "key": tier.key,
            "rank": tier.rank,
            "customers": have["customers"],
            "customers_percent": percent(have["customers"], customers),
            "orders": have["orders"],
            "revenue": have["revenue"],
            "revenue_percent": percent(have["revenue"], revenue),
        }
        row |= {f"median_{column}": by_rank.get(tier.rank) for column, by_rank in medians.items()}
        rows.append(row)
    return rows


def percent(part: Any, whole: Any) -> Decimal | None:
    """A share in per cent with one decimal; None where the whole is not positive and a share says nothing."""
    if whole <= 0:
        return None
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.1"), ROUND_HALF_UP)


def _middle(row: dict[str, Any]) -> Decimal | None:
    """The median: the mean of the two middle values, without trailing zeros of whole numbers."""
    if row["low"] is None:
        return None
    middle = (row["low"] + row["high"]) / 2
    return middle.quantize(Decimal(1)) if middle == middle.to_integral_value() else Decimal(str(middle.normalize()))
