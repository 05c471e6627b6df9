"""Scale an indicator: learn the curve that turns its values into levels, and apply it to many values at once."""

from __future__ import annotations

from itertools import pairwise
from math import isqrt

import numpy as np
import numpy.typing as npt

from tierwise.contracts.nearest import LEVELS_PER_UNIT, Curve
from tierwise.language import Text

Whole = npt.NDArray[np.int64]
Real = npt.NDArray[np.float64]

KNOTS_PER_UNIT = 8
"""Knots per unit of log(1 + x): between two of them a straight line is at most 0.002 beside the logarithm."""
FARTHEST = 50
"""Levels end so many spreads from the centre, so that squares and sums fit whole numbers of 64 bits."""
IQR_OF_NORMAL = 1.349
FITS = 2**62


def centre_and_spread(values: Real, robust: bool) -> tuple[float, float]:
    """Mean and standard deviation (population), or median and interquartile range / 1.349; a spread of 0 stays 0."""
    if not robust:
        return float(np.mean(values)), float(np.std(values))
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    return float(middle), float(high - low) / IQR_OF_NORMAL


def curve_of(hundredths: Whole, column: str, label: Text, log: bool, robust: bool) -> Curve:
    """The curve of an indicator learned from its values (hundredths), at least one.

    Where the interquartile range is 0, the robust spread is too: the standard deviation takes its place.
    """
    values = _transformed(hundredths, log)
    centre, spread = centre_and_spread(values, robust)
    if robust and spread == 0:
        spread = float(np.std(values))
    if spread <= 1e-12:
        return Curve(column, label, ((int(hundredths.min()), 0),))
    places = _log_knots(hundredths) if log else _ends(hundredths, centre, spread)
    levels = np.rint((_transformed(places, log) - centre) / spread * LEVELS_PER_UNIT).astype(np.int64)
    limit = FARTHEST * LEVELS_PER_UNIT
    levels = np.clip(levels, -limit, limit)
    rises = np.concatenate(([True], np.diff(levels) > 0))
    knots = [(int(place), int(level)) for place, level in zip(places[rises], levels[rises], strict=True)]
    return Curve(column, label, (knots[0], *(knot for pair in pairwise(knots) for knot in _steps(*pair))))


def _steps(start: tuple[int, int], end: tuple[int, int]) -> list[tuple[int, int]]:
    """The knots after one up to the next, with more between them where width times rise would not fit 64 bits."""
    width, rise = end[0] - start[0], end[1] - start[1]
    parts = isqrt(width * rise // FITS) + 1
    return [(start[0] + width * part // parts, start[1] + rise * part // parts) for part in range(1, parts + 1)]


def levels_of(curve: Curve, hundredths: Whole) -> Whole:
    """The levels of many values, equal to `Curve.level` of each."""
    places = np.array([place for place, _ in curve.knots], dtype=np.int64)
    levels = np.array([level for _, level in curve.knots], dtype=np.int64)
    above = np.searchsorted(places, hundredths, side="right")
    low, high = np.clip(above - 1, 0, None), np.clip(above, None, len(places) - 1)
    width = np.where(high > low, places[high] - places[low], 1)
    into = np.where(above == 0, 0, hundredths - places[low])
    return np.asarray(levels[low] + into * (levels[high] - levels[low]) // width, dtype=np.int64)


def _transformed(hundredths: Whole, log: bool) -> Real:
    values = hundredths / 100
    return np.log1p(np.maximum(values, 0.0)) if log else values


def _log_knots(hundredths: Whole) -> Whole:
    """Knots in equal steps of log(1 + x) from 0 to the highest value; all below 0 counts as 0."""
    top = float(np.log1p(max(float(hundredths.max()) / 100, 0.0)))
    steps = np.arange(0, int(np.ceil(top * KNOTS_PER_UNIT)) + 1) / KNOTS_PER_UNIT
    return np.unique(np.rint(np.expm1(steps) * 100).astype(np.int64))


def _ends(hundredths: Whole, centre: float, spread: float) -> Whole:
    """The two ends of a straight line: the values' own, or the farthest that levels go."""
    low = max(float(hundredths.min()), (centre - FARTHEST * spread) * 100)
    high = min(float(hundredths.max()), (centre + FARTHEST * spread) * 100)
    return np.array([np.floor(low), np.ceil(high)], dtype=np.int64)
