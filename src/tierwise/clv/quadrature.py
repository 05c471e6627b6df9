"""Integrals of order rates over future time, on a logarithmic clock.

A rate falls off like (1 + t / knee)^-power: smooth in v = ln(1 + t / knee), whatever the horizon, from a day
to centuries. Gauss-Legendre in v converges geometrically; the number of nodes follows from the longest
stretch of v, because the nearest singularity lies π away from the real axis.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DIGITS = 27.0
"""Natural-log units of accuracy asked of one stretch: exp(-27) ≈ 2e-12."""
MAX_STRETCH = 6.0
Rate = Callable[[Floats], Floats]


@lru_cache(maxsize=64)
def gauss_legendre(nodes: int) -> tuple[Floats, Floats]:
    """Return nodes and weights of the rule on [0, 1]."""
    points, weights = np.polynomial.legendre.leggauss(nodes)
    return (points + 1.0) / 2.0, weights / 2.0


def nodes_for(stretch: float, *, inside: bool = False) -> int:
    """Return how many nodes integrate a stretch of v this long; twice as many for integrals up to points inside."""
    reach = 2.0 * np.pi / max(stretch, 1e-3)
    digits = DIGITS if inside else DIGITS / 2.0
    return int(np.ceil(digits / np.log(reach + np.hypot(1.0, reach)))) + 2


def integrate(rate: Rate, knee: Floats, edges: Floats, *, decay: float = 0.0) -> Floats:
    """Integrate exp(-decay · t) · rate(t) between consecutive `edges`, for every row.

    Args:
        rate: takes times (nodes, rows) and returns rates of that shape.
        knee: (rows,) time around which a row's rate begins to fall.
        edges: (periods + 1,) rising times, the first usually 0.
        decay: continuous discount rate per unit of time.

    Returns:
        (periods, rows) integrals.
    """
    clock = np.log1p(edges[:, None] / knee)
    if edges.size > 2 and not decay and float(np.max(clock[-1] - clock[0])) <= MAX_STRETCH:
        return _many_periods(rate, knee, clock)
    periods = [_one_period(rate, knee, low, high, decay) for low, high in pairwise(clock)]
    return np.stack(periods)


def _height(rate: Rate, knee: Floats, v: Floats, decay: float = 0.0) -> Floats:
    """Return the integrand by v: rate · dt/dv, discounted."""
    t = knee * np.expm1(v)
    height = rate(t) * (knee + t)
    return height * np.exp(-decay * t) if decay else height


def _one_period(rate: Rate, knee: Floats, low: Floats, high: Floats, decay: float) -> Floats:
    found = np.zeros(knee.size)
    panels = max(1, int(np.ceil(float(np.max(high - low)) / MAX_STRETCH)))
    width = (high - low) / panels
    fall = decay * float(np.max(knee * (np.expm1(high) - np.expm1(low))))
    points, weights = gauss_legendre(nodes_for(float(width.max())) + int(np.ceil(fall)))
    for panel in range(panels):
        v = low + (panel + points[:, None]) * width
        found += width * (weights @ _height(rate, knee, v, decay))
    return found


def _many_periods(rate: Rate, knee: Floats, clock: Floats) -> Floats:
    """Expand the integrand once in Legendre polynomials and integrate the series up to every edge."""
    span = clock[-1] - clock[0]
    nodes = nodes_for(float(span.max()), inside=True)
    points, weights = gauss_legendre(nodes)
    height = _height(rate, knee, clock[0] + points[:, None] * span)
    orders = np.arange(nodes)
    basis = np.polynomial.legendre.legvander(2.0 * points - 1.0, nodes - 1)
    series = ((2 * orders + 1)[:, None] * basis.T * weights) @ height
    s = 2.0 * (clock - clock[0]) / span - 1.0
    before, now, after = np.ones_like(s), s, (3.0 * s * s - 1.0) / 2.0
    total = series[0] * (s + 1.0) / 2.0
    for k in range(1, nodes):  # ∫ P_k = (P_{k+1} - P_{k-1}) / (2k + 1), halved for [0, 1]
        total += series[k] * (after - before) / (2.0 * (2 * k + 1))
        before, now, after = now, after, ((2 * k + 3) * s * after - (k + 1) * now) / (k + 2)
    found: Floats = np.diff(total, axis=0) * span
    return found
