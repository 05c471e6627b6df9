"""Intervals for rates, exact about small numbers."""

from __future__ import annotations

from math import sqrt

Z95 = 1.959963984540054


def wilson(hits: int, of: int, z: float = Z95) -> tuple[float, float]:
    """Wilson's score interval of a rate; (0, 1) where nothing was counted. Wilson (1927), JASA 22, 209-212."""
    if of <= 0:
        return 0.0, 1.0
    rate, square = hits / of, z * z
    middle = (rate + square / (2 * of)) / (1 + square / of)
    half = z * sqrt(rate * (1 - rate) / of + square / (4 * of * of)) / (1 + square / of)
    return (0.0 if hits == 0 else max(0.0, middle - half)), (1.0 if hits == of else min(1.0, middle + half))
