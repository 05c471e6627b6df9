"""Where models disagree about a customer, ranked by the value at stake.

Each model orders its customers by tier, then by score inside the tier. A customer's standing is the share of
customers below it, in hundredths of a per cent (10,000 is above everyone); equal ones share the middle of their
places. The gap is the highest standing that any model gives less the lowest; the value at stake is the gap times the
customer's net spend, nothing where that is negative: what would be served wrongly if the wrong model were believed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Any

from tierwise.sql.expressions import cents
from tierwise.sql.steps import Plan, Step

WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one model says of a customer."""

    tier: str
    standing: Decimal


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One customer that models see differently. `gap` and standings are per cent."""

    customer: str
    opinions: Mapping[str, Opinion]
    gap: Decimal
    value: Decimal
    at_stake: Decimal


@dataclass(frozen=True, slots=True)
class Pair:
    """How far two models lie apart over all customers: the mean gap in per cent, and the value at stake in all."""

    one: str
    other: str
    mean_gap: Decimal
    at_stake: Decimal


def standing_steps(model: str, labels: str) -> Plan:
    """Steps ending in `standing_{model}`: customer_id, tier and standing, from a label table."""
    counted = f"SELECT rank, score, COUNT(*) AS ties FROM {labels} GROUP BY rank, score"
    placed = (
        "SELECT rank, score, ties, CAST(SUM(ties) OVER (ORDER BY rank, score DESC) AS BIGINT) AS upto, "
        f"CAST(SUM(ties) OVER () AS BIGINT) AS total FROM standing_{model}_counted"
    )
    joined = (
        f"SELECT a.customer_id, a.tier, {WHOLE} - (2 * b.upto - b.ties) * {WHOLE // 2} // NULLIF(b.total, 0) AS standing "
        f"FROM {labels} AS a INNER JOIN standing_{model}_placed AS b ON a.rank = b.rank AND a.score = b.score"
    )
    return (
        Step(f"standing_{model}_counted", counted),
        Step(f"standing_{model}_placed", placed, stored=True),
        Step(f"standing_{model}", joined),
    )


def disagreement_steps(models: Sequence[str], labels: Mapping[str, str], amounts: str) -> Plan:
    """Steps ending in `disagreements` (a row per customer) and `disagreement_pairs` (one row), from two models on.

    `labels` names each model's label table, `amounts` the table (customer_id, monetary).
    """
    steps = [step for model in models for step in standing_steps(model, labels[model])]
    columns = "".join(f", s{n}.tier AS tier_{n}, s{n}.standing AS standing_{n}" for n in range(len(models)))
    joins = "".join(
        f" INNER JOIN standing_{model} AS s{n} ON m.customer_id = s{n}.customer_id" for n, model in enumerate(models)
    )
    all_standings = ", ".join(f"standing_{n}" for n in range(len(models)))
    value = "CASE WHEN monetary > 0 THEN monetary ELSE 0.00 END"
    gaps = f"SELECT *, GREATEST({all_standings}) - LEAST({all_standings}) AS gap FROM disagreement_opinions"
    stakes = f"SELECT *, {_share(f'CAST({value} AS DECIMAL(18, 2))', 'gap')} AS at_stake FROM disagreement_gaps"
    sums = ", ".join(_pair_sums(one, other) for one, other in combinations(range(len(models)), 2))
    return (
        *steps,
        Step("disagreement_opinions", f"SELECT m.customer_id, m.monetary{columns} FROM {amounts} AS m{joins}"),
        Step("disagreement_gaps", gaps),
        Step("disagreements", stakes, stored=True),
        Step("disagreement_pairs", f"SELECT COUNT(*) AS customers, {sums} FROM disagreements"),
    )


def _share(money: str, gap: str) -> str:
    """Money times a gap in hundredths of a per cent, cut to the cent."""
    return f"CAST(({cents(money)} * {gap} // {WHOLE}) * 0.01 AS DECIMAL(18, 2))"


def _pair_sums(one: int, other: int) -> str:
    gap = f"ABS(standing_{one} - standing_{other})"
    money = "CASE WHEN monetary > 0 THEN " + _share("monetary", gap) + " ELSE 0.00 END"
    return (
        f"CAST(SUM({gap}) AS BIGINT) AS gap_{one}_{other}, "
        f"CAST(SUM({money}) AS DECIMAL(26, 2)) AS at_stake_{one}_{other}"
    )


def disagreements_of(rows: Sequence[Mapping[str, Any]], models: Sequence[str]) -> tuple[Disagreement, ...]:
    """The customers of rows of `disagreements`."""
    return tuple(
        Disagreement(
            row["customer_id"],
            {model: Opinion(row[f"tier_{n}"], _percent(row[f"standing_{n}"])) for n, model in enumerate(models)},
            _percent(row["gap"]),
            row["monetary"],
            row["at_stake"],
        )
        for row in rows
    )


def pairs_of(row: Mapping[str, Any], models: Sequence[str]) -> tuple[Pair, ...]:
    """Every pair of models, farthest apart first."""
    customers = row["customers"] or 1
    found = []
    for (one, first), (other, second) in combinations(enumerate(models), 2):
        mean = _percent(Decimal(row[f"gap_{one}_{other}"] or 0) / customers)
        found.append(Pair(first, second, mean, row[f"at_stake_{one}_{other}"] or Decimal("0.00")))
    return tuple(sorted(found, key=lambda pair: (-pair.mean_gap, pair.one, pair.other)))


def _percent(standing: int | Decimal) -> Decimal:
    return (Decimal(standing) / 100).quantize(Decimal("0.01"))
