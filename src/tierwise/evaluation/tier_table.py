"""The tier table: customers, orders, revenue, shares and medians of R, F and M for each tier of a model."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tierwise.contracts.indicators import IndicatorRef
from tierwise.contracts.model import Learned
from tierwise.contracts.scheme import Tier
from tierwise.sql.expressions import literal
from tierwise.sql.median import median_steps, unit_of, whole_median_step
from tierwise.sql.steps import Plan, Step

BASICS = (IndicatorRef("recency_days"), IndicatorRef("frequency"), IndicatorRef("monetary"))
"""The indicators every tier table shows, over all time."""


RANKED = "tier_ranked"
"""The table that tier tables are made of; one takes the place of another."""

_WHOLE, _AMOUNT = ("recency_days", "frequency"), "monetary"
_UNIT = f"{_AMOUNT}_unit"


def ranked_step(labelled: str, ranks: Sequence[str]) -> Step:
    """The step that keeps of a labelled table the ranks and the basics, for all who read them several times.

    Ranks, not tiers: a number groups several times faster than its name.
    """
    columns = ", ".join((*ranks, *(ref.column for ref in BASICS)))
    return Step(RANKED, f"SELECT {columns}, {unit_of(_AMOUNT)} AS {_UNIT} FROM {labelled}", stored=True)


def tier_table_steps(ranks: Sequence[str]) -> tuple[Plan, tuple[str, ...]]:
    """Steps over columns of ranks in the table of `ranked_step`, and the names of the small tables to read.

    All models go through each statement together.
    """
    sums = " UNION ALL ".join(
        f"SELECT {literal(rank)} AS grouping_column, {rank} AS part, COUNT(*) AS customers, "
        f"CAST(SUM(frequency) AS BIGINT) AS orders, CAST(SUM(monetary) AS DECIMAL(26, 2)) AS revenue "
        f"FROM {RANKED} GROUP BY {rank}"
        for rank in ranks
    )
    whole = [whole_median_step(f"tier_{column}", RANKED, column, ranks, _median_of(column)) for column in _WHOLE]
    amount = median_steps(f"tier_{_AMOUNT}", RANKED, _AMOUNT, ranks, _median_of(_AMOUNT), _UNIT)
    steps = (Step("tier_sums", sums, stored=True), *whole, *amount)
    return steps, ("tier_sums", *(_median_of(ref.column) for ref in BASICS))


def _median_of(column: str) -> str:
    return f"tier_median_{column}"


def tier_table(tiers: Sequence[Tier], found: Learned, ranks: str) -> list[dict[str, Any]]:
    """The rows of the tier table of one column of ranks, in rank order; tiers without customers are rows of zeros."""
    own = {name: {row["part"]: row for row in rows if row["grouping_column"] == ranks} for name, rows in found.items()}
    sums = own["tier_sums"]
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
        medians = {column: own[_median_of(column)].get(tier.rank) for column in (ref.column for ref in BASICS)}
        row |= {f"median_{column}": _middle(middle) for column, middle in medians.items()}
        rows.append(row)
    return rows


def percent(part: Any, whole: Any) -> Decimal | None:
    """A share in per cent with one decimal; None where the whole is not positive and a share says nothing."""
    if whole <= 0:
        return None
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.1"), ROUND_HALF_UP)


def _middle(row: dict[str, Any] | None) -> Decimal | None:
    """The median: the mean of the two middle values, without trailing zeros of whole numbers."""
    if row is None:
        return None
    middle = (Decimal(row["low"]) + Decimal(row["high"])) / 2
    return middle.quantize(Decimal(1)) if middle == middle.to_integral_value() else Decimal(str(middle.normalize()))
