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


RANKED = "tier_ranked"
"""The table that tier tables are made of; one takes the place of another."""


def ranked_step(labelled: str, ranks: Sequence[str]) -> Step:
    """The step that keeps of a labelled table the ranks and the basics, for all who read them several times.

    Ranks, not tiers: a number groups several times faster than its name.
    """
    columns = ", ".join((*ranks, *(ref.column for ref in BASICS)))
    return Step(RANKED, f"SELECT {columns} FROM {labelled}", stored=True)


_ONE = "tier_of_one"
"""The ranks of one model, under one name."""


def tier_table_steps(rank: str = "rank") -> tuple[Plan, tuple[str, ...]]:
    """Steps over a column of ranks in the table of `ranked_step`, and the names of the small tables to read.

    All names but that of the column are the same for every model: each table takes the place of the one before, and
    the statements are checked once.
    """
    columns = ", ".join(ref.column for ref in BASICS)
    sums = (
        "SELECT rank, COUNT(*) AS customers, CAST(SUM(frequency) AS BIGINT) AS orders, "
        f"CAST(SUM(monetary) AS DECIMAL(26, 2)) AS revenue FROM {_ONE} GROUP BY rank"
    )
    steps = [Step(_ONE, f"SELECT {rank} AS rank, {columns} FROM {RANKED}"), Step("tier_sums", sums, stored=True)]
    results = ["tier_sums"]
    for ref in BASICS:
        prefix, result = f"tier_{ref.column}", f"tier_median_{ref.column}"
        steps += median_steps(prefix, _ONE, ref.column, "rank", result)
        results.append(result)
    return tuple(steps), tuple(results)


def tier_table(tiers: Sequence[Tier], found: Learned) -> list[dict[str, Any]]:
    """The rows of the tier table in rank order; tiers without customers are rows of zeros."""
    sums = {row["rank"]: row for row in found["tier_sums"]}
    medians = {ref.column: {row["part"]: _middle(row) for row in found[f"tier_median_{ref.column}"]} for ref in BASICS}
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
