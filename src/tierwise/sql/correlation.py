"""Rank correlation (Spearman) of columns, from histograms: exact whole numbers until the last division.

With n customers and c of them at a value, the doubled mid-rank of the value is 2·upto - c + 1. An unknown value
ranks below all others. The sums of products of ranks are exact decimals; only the driver divides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, localcontext
from itertools import combinations, combinations_with_replacement
from typing import Any

from tierwise.sql.steps import Plan, Step


def rank_steps(prefix: str, table: str, columns: Sequence[str]) -> tuple[Plan, str]:
    """Steps over a table with a row per customer, and the name of the one row that `correlations` reads."""
    steps: list[Step] = []
    joins, ranks = "", []
    for place, column in enumerate(columns):
        counted, ranked = f"{prefix}_count_{place}", f"{prefix}_rank_{place}"
        steps.append(
            Step(
                counted, f"SELECT {column} AS value, COUNT(*) AS customers FROM {table} GROUP BY {column}", stored=True
            )
        )
        below = "SUM(customers) OVER (ORDER BY CASE WHEN value IS NULL THEN 0 ELSE 1 END, value)"
        doubled = f"CAST({below} * 2 - customers + 1 AS DECIMAL(14, 0))"
        steps.append(Step(ranked, f"SELECT value, {doubled} AS doubled_rank FROM {counted}"))
        joins += f" JOIN {ranked} AS r{place} ON r{place}.value IS NOT DISTINCT FROM t.{column}"
        ranks.append(f"r{place}.doubled_rank AS rank_{place}")
    steps.append(Step(f"{prefix}_ranks", f"SELECT {', '.join(ranks)} FROM {table} AS t{joins}"))
    sums = [
        f"CAST(SUM(rank_{a} * rank_{b}) AS DECIMAL(38, 0)) AS sum_{a}_{b}"
        for a, b in combinations_with_replacement(range(len(columns)), 2)
    ]
    totals = [f"CAST(SUM(rank_{place}) AS DECIMAL(38, 0)) AS sum_{place}" for place in range(len(columns))]
    name = f"{prefix}_rank_sums"
    steps.append(
        Step(name, f"SELECT COUNT(*) AS customers, {', '.join([*totals, *sums])} FROM {prefix}_ranks", stored=True)
    )
    return tuple(steps), name


def correlations(row: Mapping[str, Any], columns: Sequence[str]) -> dict[tuple[str, str], Decimal | None]:
    """The rank correlation, from -1 to 1 with four decimals, of each pair of columns; None where one is constant."""
    pairs = combinations(range(len(columns)), 2)
    return {(columns[a], columns[b]): _correlation(row, a, b) for a, b in pairs}


def _correlation(row: Mapping[str, Any], a: int, b: int) -> Decimal | None:
    def spread(first: int, second: int) -> Decimal:
        product: Decimal = Decimal(row[f"sum_{first}_{second}"] or 0) * int(row["customers"])
        return product - Decimal(row[f"sum_{first}"] or 0) * Decimal(row[f"sum_{second}"] or 0)

    with localcontext() as exact:
        exact.prec = 90
        scale = spread(a, a) * spread(b, b)
        if scale == 0:
            return None
        found: Decimal = (spread(a, b) / scale.sqrt()).quantize(Decimal("0.0001"))
        return found
