"""Scores: weighted means of how many rows pass each rule.

    score of a rule       s = 1 − failed / checked
    score of a field      Σ weight · s / Σ weight, over the rules on that field
    score of a table      the same over all rules of that table
    score of a dimension  the same over all rules of that dimension
    overall               the same over all rules

Rules that checked no row are left out. A score of a source is the score of the tables read from it, over the rules held
against its own rows.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from tierwise.contracts.quality import RuleResult, Scores

_Group = TypeVar("_Group", bound=Hashable)


def scores_of(results: Sequence[RuleResult]) -> Scores:
    """The scores that the results of rules add up to."""
    return Scores(
        overall=_by(results, lambda result: "").get(""),
        tables=_by(results, lambda result: result.table),
        fields=_by(results, lambda result: (result.table, result.field)),
        dimensions=_by(results, lambda result: result.dimension),
    )


def _by(results: Sequence[RuleResult], group: Callable[[RuleResult], _Group]) -> dict[_Group, float]:
    sums: dict[_Group, tuple[float, int]] = {}
    for result in results:
        if result.score is not None:
            total, weight = sums.get(group(result), (0.0, 0))
            sums[group(result)] = (total + result.weight * result.score, weight + result.weight)
    return {name: total / weight for name, (total, weight) in sums.items() if weight}
