"""Expected orders of customers who order at regular intervals, as curves rather than one customer at a time.

A customer alive with j of k steps taken makes N steps within t, N negative binomial with shape R + j
(R = r + k·x) and odds s = t / (α + T), and is still there for the m-th order with probability
P_m = B(a, b + x + m) / B(a, b + x + 1):

    E_j(s) = Σ_n P(N = n) · (P_1 + … + P_⌊(n + j) / k⌋)

All terms are positive, so nothing cancels. Customers with equal x lie on one curve whatever their T, so that a
curve takes some dozens of exact sums, and a million customers are read off it by Chebyshev interpolation in
v = ln(1 + s (R / k + 1)). E_j / (1 - e^-v)^(k - j) is interpolated, which stays finite and above 0 at s = 0: small
expectations are as accurate, relatively, as large ones. Discounted orders are a curve in T, computed by parts
from points of the first one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tierwise.clv.quadrature import gauss_legendre

Floats = NDArray[np.float64]
Curve = Callable[[Floats], Floats]

NODES = (24, 40, 64, 96, 144, 216)
"""Numbers of Chebyshev nodes tried, until the series has died away."""
DIED_AWAY = 1e-11
DISCOUNT_NODES = 40
MOST_STEPS = 16_384
"""Beyond so many steps ahead the terms are summed in panels instead of one by one."""
POINTS_AT_ONCE = 8
NEGLIGIBLE = 1e-18
EXACT_ORDERS = 1024
LAST_TERM = 1e-15


@dataclass(frozen=True)
class RegularOrders:
    """The orders to come of alive customers with x repeat orders; r, a, b as in the model, k steps per order."""

    r: float
    a: float
    b: float
    k: int
    x: float

    @property
    def _orders(self) -> float:
        """How fast the curve bends: orders' worth of evidence about the rate."""
        return (self.r + self.k * self.x) / self.k + 1.0

    def _first(self, v: Floats) -> Floats:
        """Return (k, points): how E_j vanishes at v = 0."""
        power: Floats = np.power(-np.expm1(-v), np.arange(self.k, 0, -1.0)[:, None])
        return power

    def between(self, scale: Floats, edges: Floats) -> Floats:
        """Return (periods, k, customers) orders between edges, for α + T = `scale`."""
        ahead = edges[edges > 0]
        expected = self._at(np.log1p(self._orders * (ahead[:, None] / scale)))
        if edges[0] == 0:
            expected = np.concatenate([np.zeros((1, *expected.shape[1:])), expected])
        return np.diff(expected, axis=0)

    def discounted(self, scale: Floats, horizon: float, decay: float) -> Floats:
        """Return (k, customers) ∫ e^-δt dE(t) up to the horizon, e^-δh E(h) + δ ∫ e^-δt E(t) dt by parts."""
        low = float(np.log(scale.min()))

        def by_parts(place: Floats) -> Floats:
            at = np.exp(place + low)
            return self._by_parts(at, horizon, decay) / self._first(np.log1p(self._orders * horizon / at))

        found = interpolated(by_parts, np.log(scale) - low)
        return found * self._first(np.log1p(self._orders * horizon / scale))

    def _by_parts(self, scale: Floats, horizon: float, decay: float) -> Floats:
        points, weights = gauss_legendre(DISCOUNT_NODES)
        end = np.log1p(self._orders * horizon / scale)
        v = np.r_[points[:, None] * end, end[None]]
        t = scale / self._orders * np.expm1(v)
        dt = weights[:, None] * end * (t[:-1] + scale / self._orders)
        share = np.exp(-decay * t) * np.r_[decay * dt, np.ones((1, scale.size))]
        found: Floats = np.einsum("ti,tki->ki", share, self._at(v))
        return found

    def _at(self, v: Floats) -> Floats:
        """Return (times, k, customers) expected orders at v (times, customers)."""
        found = interpolated(self._shape, v.ravel()) * self._first(v.ravel())
        return np.moveaxis(found.reshape(self.k, *v.shape), 0, 1)

    def _shape(self, v: Floats) -> Floats:
        return self.exactly(np.expm1(v) / self._orders) / self._first(v)

    def exactly(self, s: Floats) -> Floats:
        """Return (k, points) expected orders at t / (α + T) = s, from sums of positive terms."""
        whole = self.r + self.k * self.x
        mean = float(special.gammainccinv(whole + self.k, NEGLIGIBLE)) * s
        steps = np.ceil(mean + 10.0 * np.sqrt(mean) + 64.0)
        found = np.empty((self.k, s.size))
        far = steps > MOST_STEPS
        if far.any():
            found[:, far] = [orders_after(self, s[far], taken) for taken in range(self.k)]
        if far.all():
            return found
        n = np.arange(1.0, steps[~far].max())
        ways = special.gammaln(whole + n) - special.gammaln(whole) - special.gammaln(n + 1.0)
        worth = self._worth(whole, n)
        places = np.flatnonzero(~far)
        places = places[np.argsort(steps[places])]
        for start in range(0, places.size, POINTS_AT_ONCE):
            some = places[start : start + POINTS_AT_ONCE]
            near = slice(0, int(steps[some[-1]]))
            log_z, stay = np.log(s[some]) - np.log1p(s[some]), np.log1p(s[some])
            chance = np.exp(ways[near] + n[near] * log_z[:, None] - whole * stay[:, None])
            found[:, some] = np.einsum("in,jn->ji", chance, worth[:, near])
            found[:, some] *= np.exp(-np.arange(self.k)[:, None] * stay)
        return found

    def _worth(self, whole: float, n: Floats) -> Floats:
        """Return (k, n): orders made in n steps, times how much likelier n steps are where j are already taken.

        C(R + j + n - 1, n) = C(R + n - 1, n) · Π_{i<j} (R + i + n) / (R + i): one row of chances serves every j.
        """
        still = np.r_[0.0, np.cumsum(self.stays(np.arange(1.0, n.size // self.k + 3)))]
        steps, likelier = n.astype(np.int64), np.ones(n.size)
        found = np.empty((self.k, n.size))
        for taken in range(self.k):
            found[taken] = likelier * still[(steps + taken) // self.k]
            likelier = likelier * ((whole + taken + n) / (whole + taken))
        return found

    def stays(self, m: Floats) -> Floats:
        """Return the chance of still being there for the m-th order."""
        start = self.b + self.x + 1.0
        stays: Floats = np.exp(special.betaln(self.a, start + m - 1.0) - special.betaln(self.a, start))
        return stays


def interpolated(function: Curve, points: Floats) -> Floats:
    """Return the values of a smooth function (m,) → (rows, m) at many points, from a Chebyshev series.

    The series is lengthened until it has died away; where that takes as many values as there are points, the function
    itself is evaluated.
    """
    low, high = float(points.min()), float(points.max())
    if high - low <= 1e-9 * high:
        return np.repeat(function(np.array([(low + high) / 2.0])), points.size, axis=1)
    for nodes in NODES:
        if points.size <= nodes:
            break
        at, transform = _chebyshev(nodes)
        series = function(low + (at + 1.0) / 2.0 * (high - low)) @ transform
        largest = np.abs(series).max(axis=1)
        if np.all(np.abs(series[:, -nodes // 8 :]).max(axis=1) <= DIED_AWAY * largest):
            return _sum_series(series, 2.0 * (points - low) / (high - low) - 1.0)
    return function(points)


@lru_cache(maxsize=16)
def _chebyshev(nodes: int) -> tuple[Floats, Floats]:
    """Return the nodes on [-1, 1], and the matrix from values there to coefficients."""
    angle = (np.arange(nodes) + 0.5) * np.pi / nodes
    transform = np.cos(np.arange(nodes) * angle[:, None]) * (2.0 / nodes)
    transform[:, 0] /= 2.0
    return np.cos(angle), transform


def _sum_series(series: Floats, at: Floats) -> Floats:
    """Sum Chebyshev series (rows, nodes) at points of [-1, 1] by Clenshaw's recurrence."""
    last = np.zeros((series.shape[0], at.size))
    before = np.zeros_like(last)
    twice = 2.0 * at
    for place in range(series.shape[1] - 1, 0, -1):
        last, before = series[:, place, None] + twice * last - before, last
    found: Floats = series[:, 0, None] + at * last - before
    return found


def orders_after(curve: RegularOrders, s: Floats, taken: int) -> Floats:
    """Return Σ_m P(k·m - taken steps within t) · P(still there for the m-th order), for each s = t / (α + T).

    One by one up to `EXACT_ORDERS`; beyond, in panels over which the terms hardly bend.
    """
    z, shape = s / (1.0 + s), curve.r + curve.k * curve.x + taken
    found, first, size = np.zeros(s.size), 1, 8
    active = np.arange(s.size)
    while active.size:
        if first <= EXACT_ORDERS:
            order, share = np.arange(first, first + size, dtype=np.float64), np.ones(size)
        else:
            points, weights = gauss_legendre(8)
            size = first // 4
            order, share = first - 0.5 + size * points, size * weights
        in_time = special.betainc(curve.k * order[:, None] - taken, shape, z[active])
        terms = curve.stays(order)[:, None] * in_time
        found[active] += share @ terms
        active = active[terms[-1] * order[-1] > LAST_TERM * found[active]]
        first += size
        size = min(2 * size, EXACT_ORDERS)
    return found
