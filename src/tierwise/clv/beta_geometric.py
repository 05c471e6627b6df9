"""What BG/NBD, MBG/NBD and MBG/CNBD-k share: orders come from a gamma mixture, buyers leave after an order.

While active, a customer of rate λ orders after gaps that are Erlang(k, λ); λ ~ Gamma(r, α). After an order
the customer leaves for good with probability p ~ Beta(a, b). In BG/NBD the first order is exempt, in the
modified (MBG) models it is not. With R = r + k·x and n = x (BG) or x + 1 (MBG) chances to leave so far:

    ln L = lnΓ(R) - lnΓ(r) + r ln α + ln B(a, b + n) / B(a, b) + ln(alive + dead)
    alive = (α + T)^-R · S_k,  S_k = Σ_{j<k} C(R + j - 1, j) u^j,  u = (T - t_x) / (α + T)
    dead  = (α + t_x)^-R · a / (b + n - 1)      (n ≥ 1)

Parameters are numbered r 0, α 1, a 2, b 3.
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
from tierwise.clv.summary import Summary

Floats = NDArray[np.float64]

LARGE = 400.0
"""Parameters beyond this leave the hypergeometric function (see `_mean_over_dropout`)."""


def count_terms(parameters: Sequence[Value], columns: Columns, *, k: int, exempt: int) -> Terms:
    """Return the terms that depend on x alone; `exempt` is 1 where the first order cannot end it (BG)."""
    (x,) = columns
    r, _, a, b = parameters
    n = x + 1 - exempt
    whole, ab, bn, abn = r + k * x, a + b, b + n, a + b + n
    value = special.gammaln(whole) - special.gammaln(r)
    value = value + special.gammaln(ab) + special.gammaln(bn) - special.gammaln(b) - special.gammaln(abn)
    psi_ab = special.psi(ab) - special.psi(abn)
    tri_ab = special.zeta(2.0, ab) - special.zeta(2.0, abn)
    return Terms(
        value,
        {
            0: special.psi(whole) - special.psi(r),
            2: psi_ab,
            3: psi_ab + special.psi(bn) - special.psi(b),
        },
        {
            (0, 0): special.zeta(2.0, whole) - special.zeta(2.0, r),
            (2, 2): tri_ab,
            (2, 3): tri_ab,
            (3, 3): tri_ab + special.zeta(2.0, bn) - special.zeta(2.0, b),
        },
    )


def time_terms(parameters: Sequence[Value], columns: Columns, *, k: int, exempt: int) -> Terms:
    """Return the terms that depend on the times: r ln α + ln(alive + dead), with exact derivatives."""
    x, t_x, age = columns
    r, alpha, a, b = parameters
    whole = r + k * x
    still = _alive(whole, alpha, t_x, age, k)
    flips = x - exempt  # b + n - 1
    it, inverse_b = 1.0 / (alpha + t_x), np.where(flips >= 0, 1.0 / (b + flips), 0.0)
    log_t = np.log(alpha + t_x)
    odds = np.where(flips >= 0, np.log(a * inverse_b) - whole * log_t - still.value, -np.inf)
    gone, softplus = _logistic(odds)
    both = gone * (1.0 - gone)
    d_r, d_alpha = -log_t - still.r, -whole * it - still.alpha
    return Terms(
        r * np.log(alpha) + still.value + softplus,
        {
            0: np.log(alpha) + still.r + gone * d_r,
            1: r / alpha + still.alpha + gone * d_alpha,
            2: gone / a,
            3: -gone * inverse_b,
        },
        {
            (0, 0): still.rr + gone * -still.rr + both * d_r * d_r,
            (0, 1): 1.0 / alpha + still.r_alpha + gone * (-it - still.r_alpha) + both * d_r * d_alpha,
            (1, 1): -r / alpha**2 + still.alpha2 + gone * (whole * it * it - still.alpha2) + both * d_alpha**2,
            (0, 2): both * d_r / a,
            (0, 3): -both * d_r * inverse_b,
            (1, 2): both * d_alpha / a,
            (1, 3): -both * d_alpha * inverse_b,
            (2, 2): (both - gone) / a**2,
            (2, 3): -both * inverse_b / a,
            (3, 3): (gone + both) * inverse_b**2,
        },
    )


def probability_alive(parameters: Sequence[Any], rows: Summary, *, k: int, exempt: int) -> Floats:
    """Return the chance that each customer has not left by T."""
    x, t_x, age = rows.x, rows.t_x, rows.age
    r, alpha, a, b = parameters
    whole = r + k * x
    flips = x - exempt
    with np.errstate(divide="ignore", invalid="ignore"):
        log_flip = np.where(flips >= 0, np.log(a / (b + flips)), -np.inf)
    value = _alive(whole, alpha, t_x, age, k).value
    found: Floats = special.expit(value + whole * np.log(alpha + t_x) - log_flip)
    return found


def order_rate(t: Floats, *, c1: Value, a: Value, top: Value, whole: Value, scale: Value) -> Floats:
    """Return expected orders per unit of time, t after the observation ended, of a customer alive then.

    R / (α + T) · ₂F₁(R + 1, a; a + B; -t / (α + T)), with B = b + n. Pfaff's transformation makes the parameters
    small and the argument w < 1, so nothing overflows for x = 5,000, and neither a + b < 1 nor a = 1 is special.

    Args:
        t: times ahead, in the parameters' unit.
        c1: a + B - R - 1, which is the same for every customer.
        a: parameter a.
        top: a + B.
        whole: R.
        scale: α + T.
    """
    s = t / scale
    if max(np.max(np.abs(c1)), np.max(a)) > LARGE:
        return whole / scale * _mean_over_dropout(s, a=a, b=top - a, power=whole + 1.0)
    w = s / (1.0 + s)
    hyper = special.hyp2f1(c1, a, top, w)
    lost = np.isnan(hyper)
    if lost.any():  # r - a a whole number and x in the thousands: the library sums an overflowing finite series
        hyper = np.where(lost, special.hyp2f1(c1 * (1.0 + 1e-11) + 1e-11, a, top, w), hyper)
    found: Floats = whole / scale * np.exp(-a * np.log1p(s)) * hyper
    return found


def _mean_over_dropout(s: Floats, *, a: Value, b: Value, power: Value) -> Floats:
    """Return E (1 + p s)^-power over p ~ Beta(a, b), by quantiles of p: for parameters far out on a ridge.

    There the hypergeometric function overflows while the beta distribution is a narrow bell.
    """
    points, weights = gauss_legendre(64)
    smooth = points**4 * (35 - 84 * points + 70 * points**2 - 20 * points**3)
    weights = weights * 140 * points**3 * (1 - points) ** 3
    found = np.zeros(s.shape)
    for point, weight in zip(smooth, weights, strict=True):
        found += weight * np.exp(-power * np.log1p(special.betaincinv(a, b, point) * s))
    return found


@dataclass(frozen=True, slots=True)
class _Alive:
    """ln of the alive term, -R ln(α + T) + ln S_k, with its derivatives by R (= by r) and α."""

    value: Value
    r: Value
    alpha: Value
    rr: Value
    r_alpha: Value
    alpha2: Value


def _alive(whole: Value, alpha: Value, t_x: Floats, age: Floats, k: int) -> _Alive:
    log_age, inverse = np.log(alpha + age), 1.0 / (alpha + age)
    plain = _Alive(
        value=-whole * log_age,
        r=-log_age,
        alpha=-whole * inverse,
        rr=0.0,
        r_alpha=-inverse,
        alpha2=whole * inverse * inverse,
    )
    if k == 1:
        return plain
    u = (age - t_x) * inverse
    s = ru = rr = r_u = u_ = uu = np.zeros_like(u)
    s = s + 1.0
    weight, harmonic, squares = np.ones_like(u), np.zeros_like(u), np.zeros_like(u)
    for j in range(1, k):  # weight = C(R + j - 1, j)
        weight = weight * (whole + j - 1) / j
        harmonic = harmonic + 1.0 / (whole + j - 1)
        squares = squares + 1.0 / (whole + j - 1) ** 2
        power = weight * u**j
        slope = weight * j * u ** (j - 1)
        s = s + power
        ru = ru + power * harmonic
        rr = rr + power * (harmonic**2 - squares)
        u_ = u_ + slope
        r_u = r_u + slope * harmonic
        if j > 1:
            uu = uu + weight * j * (j - 1) * u ** (j - 2)
    by_r, by_u = ru / s, u_ / s
    du, duu = -u * inverse, 2.0 * u * inverse * inverse
    return _Alive(
        value=plain.value + np.log(s),
        r=plain.r + by_r,
        alpha=plain.alpha + by_u * du,
        rr=rr / s - by_r**2,
        r_alpha=plain.r_alpha + (r_u / s - by_r * by_u) * du,
        alpha2=plain.alpha2 + (uu / s - by_u**2) * du**2 + by_u * duu,
    )


def _logistic(odds: Floats) -> tuple[Floats, Floats]:
    """Return 1 / (1 + e^-odds) and ln(1 + e^odds) from one exponential."""
    small = np.exp(-np.abs(odds))
    return np.where(odds >= 0, 1.0, small) / (1.0 + small), np.maximum(odds, 0.0) + np.log1p(small)


def phase_weights(whole: Value, alpha: Value, t_x: Floats, age: Floats, k: int) -> Floats:
    """Return (k, rows): how likely j of the k steps to the next order are already taken by T."""
    u = (age - t_x) / (alpha + age)
    steps = [np.ones_like(u)]
    for j in range(1, k):
        steps.append(steps[-1] * (whole + j - 1) / j * u)
    stacked = np.stack(steps)
    found: Floats = stacked / stacked.sum(axis=0)
    return found


def silence(whole: Value, u: Floats, k: int) -> Floats:
    """Return S_k = Σ_{j<k} C(R + j - 1, j) u^j, which times (1 - u)^R is the chance of no order yet."""
    found = np.ones_like(u)
    for j in range(k - 1, 0, -1):
        found = 1.0 + (whole + j - 1) / j * u * found
    return found


def draw_history(
    parameters: Sequence[Value], age: Floats, rng: np.random.Generator, *, k: int, exempt: int
) -> tuple[Floats, Floats]:
    """Simulate new customers watched for `age`: return (x, t_x)."""
    r, alpha, a, b = parameters
    rate = rng.gamma(r, 1.0, age.size) / alpha
    leave = rng.beta(a, b, age.size)
    x, t_x = np.zeros(age.size), np.zeros(age.size)
    active = np.arange(age.size)
    if not exempt:
        active = active[rng.random(active.size) >= leave]
    while active.size:
        order = t_x[active] + rng.gamma(k, 1.0, active.size) / np.maximum(rate[active], 1e-300)
        seen = order <= age[active]
        active = active[seen]
        t_x[active] = order[seen]
        x[active] += 1
        active = active[rng.random(active.size) >= leave[active]]
    return x, t_x


def draw_future(
    parameters: Sequence[Value],
    rows: Summary,
    t: float,
    rng: np.random.Generator,
    alive: Floats,
    *,
    k: int,
    exempt: int,
) -> Floats:
    """Simulate orders within t after the observation, given each row's history."""
    r, alpha, a, b = parameters
    whole, size = r + k * rows.x, len(rows)
    taken = np.zeros(size)
    if k > 1:
        chances = np.cumsum(phase_weights(whole, alpha, rows.t_x, rows.age, k), axis=0)
        taken = (rng.random(size) > chances).sum(axis=0).astype(np.float64)
    rate = rng.gamma(whole + taken, 1.0) / (alpha + rows.age)
    orders = (rng.poisson(rate * t) + taken) // k
    leave = np.maximum(rng.beta(a, b + rows.x + 1 - exempt, size), 1e-12)
    until = rng.geometric(leave)
    found: Floats = np.where(rng.random(size) < alive, np.minimum(orders, until), 0.0)
    return found
