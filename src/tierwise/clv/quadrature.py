"""Integrals of order rates over future time, on a logarithmic clock.

A rate falls off like (1 + t / knee)^-power: smooth in v = ln(1 + t / knee), whatever the horizon, from a day
to centuries. Gauss-Legendre in v converges geometrically; the number of nodes follows from the longest
stretch of v, because the nearest singularity lies π away from the real axis.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DIGITS = 34.0  # natural-log units of accuracy asked of one stretch: exp(-34) ≈ 2e-15
MAX_STRETCH = 6.0
SLICE_ROWS = 8_192


@lru_cache(maxsize=64)
def gauss_legendre(nodes: int) -> tuple[Floats, Floats]:
    """Return nodes and weights of the rule on [0, 1]."""
    points, weights = np.polynomial.legendre.leggauss(nodes)
    return (points + 1.0) / 2.0, weights / 2.0


def nodes_for(stretch: float) -> int:
    """Return how many nodes integrate a stretch of v this long to the accuracy of a double."""
    reach = 2.0 * np.pi / max(stretch, 1e-3)
    return int(np.ceil(DIGITS / (2.0 * np.log(reach + np.hypot(1.0, reach))))) + 3


def integrate(
    rate: Callable[[Floats], Floats],
    knee: Floats,
    edges: Floats,
    *,
    decay: float = 0.0,
) -> Floats:
    """Integrate exp(-decay · t) · rate(t) between consecutive `edges`, for every row.

    Args:
        rate: takes times (nodes, rows) and returns rates of that shape.
        knee: (rows,) time around which a row's rate begins to fall.
        edges: (periods + 1,) rising times, the first usually 0.
        decay: continuous discount rate per unit of time.

    Returns:
        (periods, rows) integrals.
    """
    found = np.zeros((edges.size - 1, knee.size))
    if not knee.size:
        return found
    clock = np.log1p(edges[:, None] / knee)
    for period in range(edges.size - 1):
        low, high = clock[period], clock[period + 1]
        panels = max(1, int(np.ceil(float(np.max(high - low)) / MAX_STRETCH)))
        for panel in range(panels):
            start = low + (high - low) * (panel / panels)
            width = (high - low) / panels
            points, weights = gauss_legendre(nodes_for(float(width.max())))
            v = start + points[:, None] * width
            t = knee * np.expm1(v)
            height = rate(t) * np.exp(-decay * t) if decay else rate(t)
            found[period] += width * (weights @ (height * (knee + t)))
    return found
