"""The Pareto/NBD likelihood as an average over the unseen time of leaving, with exact derivatives.

With R = r + x, an order history has likelihood  Γ(R) / Γ(r) · α^r β^s · Z,

    Z = (α + T)^-R (β + T)^-s  +  s ∫_{t_x}^T (α + τ)^-R (β + τ)^-(s+1) dτ :

still active at T, or left at τ. Both are kept relative to (α + t_x)^-R (β + t_x)^-s, so nothing under- or
overflows. The integral runs on the clock v = ln((m + τ) / (m + t_x)), m = min(α, β), where the integrand is
smooth however large x or T; it is cut where it has fallen by e^-40. Easy rows get few Gauss-Legendre
nodes, steep ones many. Derivatives by the parameters are moments over the same nodes, so gradient and
Hessian cost little more than the value. Parameters are numbered r 0, α 1, s 2, β 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tierwise.clv.likelihood import Columns, Terms, Value
from tierwise.clv.quadrature import gauss_legendre

Floats = NDArray[np.float64]

FALL = 40.0
LEVELS = ((10, 2.5, 1.0), (18, 12.0, 2.5), (40, 45.0, 6.0), (96, np.inf, np.inf))
"""(nodes, greatest fall of the integrand, greatest stretch of v) of rows from easy to steep."""
SLICE_ROWS = 2_048


def count_terms(parameters: Sequence[Value], columns: Columns) -> Terms:
    """Return ln Γ(r + x) / Γ(r) and its derivatives."""
    (x,) = columns
    r = parameters[0]
    return Terms(
        special.gammaln(r + x) - special.gammaln(r),
        {0: special.psi(r + x) - special.psi(r)},
        {(0, 0): special.zeta(2.0, r + x) - special.zeta(2.0, r)},
    )


def time_terms(parameters: Sequence[Value], columns: Columns) -> Terms:
    """Return r ln α + s ln β + ln Z and its derivatives, rows grouped by how steep they are."""
    x, t_x, age = columns
    setting = _Setting.of(parameters, x, t_x, age)
    level = setting.level()
    if (level == level[0]).all():
        return _terms(setting, LEVELS[int(level[0])][0])
    whole: Terms | None = None
    for index in np.unique(level):
        rows = np.flatnonzero(level == index)
        part = _terms(setting.take(rows), LEVELS[int(index)][0])
        whole = whole or _empty_like(part, x.size)
        _scatter(part, whole, rows)
    assert whole is not None
    return whole


def log_odds_left(parameters: Sequence[Value], x: Floats, t_x: Floats, age: Floats) -> Floats:
    """Return ln(P(left by T) / P(still active at T)) for every row."""
    found = np.empty(x.size)
    for low in range(0, x.size, SLICE_ROWS):
        rows = slice(low, low + SLICE_ROWS)
        sliced = [p[rows] if isinstance(p, np.ndarray) else p for p in parameters]
        setting = _Setting.of(sliced, x[rows], t_x[rows], age[rows])
        level = setting.level()
        part = np.empty(level.size)
        for index in np.unique(level):
            chosen = np.flatnonzero(level == index)
            group = setting.take(chosen)
            with np.errstate(divide="ignore"):
                part[chosen] = np.log(_nodes(group, LEVELS[int(index)][0])[0].sum(axis=0)) + group.fall_at_age
        found[rows] = part
    return found


@dataclass(frozen=True, slots=True)
class _Setting:
    """Rows with their parameters, and the stretch of v over which each is integrated."""

    r: Any
    alpha: Any
    s: Any
    beta: Any
    x: Floats
    t_x: Floats
    age: Floats
    start: Floats
    stretch: Floats
    fall: Floats
    fall_at_age: Floats

    @classmethod
    def of(cls, parameters: Sequence[Value], x: Floats, t_x: Floats, age: Floats) -> _Setting:
        r, alpha, s, beta = parameters
        low = np.minimum(alpha, beta)
        orders = r + x
        swapped = np.broadcast_to(np.asarray(alpha) < np.asarray(beta), x.shape)
        first = np.where(swapped, orders - 1.0, s)
        second = np.where(swapped, s + 1.0, orders)
        ratio = np.where(swapped, (alpha + t_x) / (beta + t_x), (beta + t_x) / (alpha + t_x))
        slope = first + second * ratio
        stretch = np.log1p((age - t_x) / (low + t_x))
        stretch = np.minimum(stretch, (FALL - second * np.log(ratio)) / (first + second))
        stretch = np.where(slope > 0, np.minimum(stretch, FALL / np.maximum(slope, 1e-300)), stretch)
        fall = first * stretch + second * np.log1p(ratio * np.expm1(stretch))
        at_age = orders * np.log1p((age - t_x) / (alpha + t_x)) + s * np.log1p((age - t_x) / (beta + t_x))
        return cls(r, alpha, s, beta, x, t_x, age, low + t_x, stretch, fall, at_age)

    def level(self) -> NDArray[np.int64]:
        """Return the index into `LEVELS` that each row needs."""
        found = np.zeros(self.x.size, dtype=np.int64)
        for index, (_, fall, stretch) in enumerate(LEVELS[:-1]):
            found[(np.abs(self.fall) > fall) | (self.stretch > stretch)] = index + 1
        return found

    def take(self, rows: NDArray[np.intp]) -> _Setting:
        values = [getattr(self, name) for name in self.__slots__]
        return _Setting(*(value[rows] if np.ndim(value) else value for value in values))


def _nodes(rows: _Setting, nodes: int) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Return (nodes, rows): weight of leaving at each node, and α + τ, β + τ there with their logarithms."""
    points, weights = gauss_legendre(nodes)
    gone = rows.start * np.expm1(points[:, None] * rows.stretch)  # τ - t_x
    alpha_tau, beta_tau = rows.alpha + rows.t_x + gone, rows.beta + rows.t_x + gone
    log_alpha, log_beta = np.log(alpha_tau), np.log(beta_tau)
    orders = rows.r + rows.x
    base = orders * np.log(rows.alpha + rows.t_x) + rows.s * np.log(rows.beta + rows.t_x)
    height = np.exp(base - orders * log_alpha - rows.s * log_beta)
    weight = height * (rows.start + gone) / beta_tau
    weight *= rows.s * rows.stretch * weights[:, None]
    return weight, alpha_tau, beta_tau, log_alpha, log_beta


def _terms(rows: _Setting, nodes: int) -> Terms:
    r, alpha, s, beta = rows.r, rows.alpha, rows.s, rows.beta
    orders = r + rows.x
    weight, alpha_tau, beta_tau, log_alpha, log_beta = _nodes(rows, nodes)
    atom = np.exp(-rows.fall_at_age)
    total = atom + weight.sum(axis=0)
    left = 1.0 - atom / total
    weight /= total
    atom = atom / total
    # Features of a term: ln(α+τ), 1/(α+τ), ln(β+τ) - 1/s, (s+1)/(β+τ); of the atom the same at T, without
    # the share that comes from the density of leaving.
    features = (log_alpha, 1.0 / alpha_tau, log_beta - 1.0 / s, (s + 1.0) / beta_tau)
    end_alpha, end_beta = alpha + rows.age, beta + rows.age
    at_age = (np.log(end_alpha), 1.0 / end_alpha, np.log(end_beta), s / end_beta)
    scaled = [weight * feature for feature in features]
    partial_mean = [part.sum(axis=0) for part in scaled]
    mean = [part + atom * end for part, end in zip(partial_mean, at_age, strict=True)]
    inner: dict[tuple[int, int], Floats] = {}
    spread: dict[tuple[int, int], Floats] = {}
    for i in range(4):
        for j in range(i, 4):
            inner[i, j] = np.einsum("ij,ij->j", scaled[i], features[j])
            spread[i, j] = inner[i, j] + atom * at_age[i] * at_age[j] - mean[i] * mean[j]
    by_beta2 = inner[3, 3] / (s + 1.0) + atom * s / end_beta**2
    base = orders * np.log(alpha + rows.t_x) + s * np.log(beta + rows.t_x)
    mean_inverse_beta = partial_mean[3] / (s + 1.0) + atom / end_beta
    return Terms(
        r * np.log(alpha) + s * np.log(beta) - base + np.log(total),
        {
            0: np.log(alpha) - mean[0],
            1: r / alpha - orders * mean[1],
            2: np.log(beta) - mean[2],
            3: s / beta - mean[3],
        },
        {
            (0, 0): spread[0, 0],
            (0, 1): 1.0 / alpha - mean[1] + orders * spread[0, 1],
            (0, 2): spread[0, 2],
            (0, 3): spread[0, 3],
            (1, 1): -r / alpha**2 + orders * (inner[1, 1] + atom * at_age[1] ** 2) + orders**2 * spread[1, 1],
            (1, 2): orders * spread[1, 2],
            (1, 3): orders * spread[1, 3],
            (2, 2): -left / s**2 + spread[2, 2],
            (2, 3): 1.0 / beta - mean_inverse_beta + spread[2, 3],
            (3, 3): -s / beta**2 + by_beta2 + spread[3, 3],
        },
    )


def _empty_like(part: Terms, size: int) -> Terms:
    return Terms(
        np.empty(size),
        {key: np.empty(size) for key in part.first},
        {key: np.empty(size) for key in part.second},
    )


def _scatter(part: Terms, whole: Terms, rows: NDArray[np.intp]) -> None:
    whole.value[rows] = part.value
    for key, value in part.first.items():
        whole.first[key][rows] = value  # type: ignore[index]
    for pair, value in part.second.items():
        whole.second[pair][rows] = value  # type: ignore[index]
