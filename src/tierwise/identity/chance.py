"""How often fields agree by chance alone: what random pairs show, less the pairs of one customer among them."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np

_ROUNDS = 100
# What is left of a level's frequency is never less than this share of it: estimates of m are not exact.
_LEAST_LEFT = 0.02
_RAREST = 1e-7


def without_matches(model: dict[str, Any], patterns: Sequence[Sequence[int]], pairs: int) -> dict[str, Any]:
    """Return Splink's `model` with u corrected and the prior that follows.

    `patterns` are the levels met, one a comparison, and how many pairs show them; `pairs` is how many pairs the table
    has. The share of matches and u depend on each other: u = (seen - share * m) / (1 - share), so both are iterated,
    from many matches down, until the share stands still.
    """
    model = copy.deepcopy(model)
    levels = [_levels(comparison) for comparison in model["comparisons"]]
    met = np.array([row[:-1] for row in patterns], dtype=int).reshape(len(patterns), len(levels))
    counts = np.array([row[-1] for row in patterns], dtype=float)
    share = min(0.5, counts.sum() / pairs / 2) if pairs else 0.0
    for _ in range(_ROUNDS):
        weights = np.full(len(counts), np.log2(max(share, 1e-12) / (1 - share)))
        for place, known in enumerate(levels):
            table = {gamma: np.log2(level["m_probability"] / _chance(level, share)) for gamma, level in known.items()}
            weights += np.array([table.get(gamma, 0.0) for gamma in met[:, place]])
        found = float((counts / (1 + 2.0**-weights)).sum()) / pairs if pairs else 0.0
        if abs(found - share) <= 1e-6 * share:
            break
        share = found
    for known in levels:
        for level in known.values():
            level["u_probability"] = _chance(level, share)
    model["probability_two_random_records_match"] = max(share, 1e-12)
    return model


def floored(model: dict[str, Any]) -> dict[str, Any]:
    """Return the model with m and u no smaller than can be learned: expectation maximisation drives what it never sees to 0."""
    model = copy.deepcopy(model)
    for comparison in model["comparisons"]:
        _levels(comparison)
    return model


def _levels(comparison: dict[str, Any]) -> dict[int, dict[str, Any]]:
    """The levels of a comparison that weigh something, by Splink's number for them; m and u are given where untrained."""
    levels = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
    for level in levels:
        level["m_probability"] = max(level.get("m_probability") or 0.0, 1e-4)
        level["u_probability"] = max(level.get("u_probability") or 0.0, _RAREST)
    return {len(levels) - 1 - place: level for place, level in enumerate(levels)}


def _chance(level: dict[str, Any], share: float) -> float:
    seen = level["u_probability"]
    left = (seen - share * level["m_probability"]) / (1 - share)
    return float(min(1.0, max(left, _LEAST_LEFT * seen, _RAREST)))
