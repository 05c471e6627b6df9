"""BG/BB: orders at set occasions (a yearly appeal, a fair, a term), at most one per occasion.

At each of n occasions a customer who is still there orders with probability p ~ Beta(α, β), and before each
occasion leaves for good with probability θ ~ Beta(γ, δ). A time unit is the step between occasions: x orders,
t_x the occasion of the last one (0 for none), T = n occasions watched; all whole numbers.
There is no first order outside the count: x may be equal to t_x.

P(alive) is the chance to be there for the *next* occasion. Parts of a step within a horizon count pro rata.

Fader, Hardie & Shang (2010), Marketing Science 29(6), 1086-1108.

>>> model = BGBB.from_parameters({"alpha": 1.204, "beta": 0.75, "gamma": 0.657, "delta": 2.784}, days_per_unit=365)
>>> round(model.expected_transactions(horizon_days=3650), 2)
3.18
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tierwise.clv.count_model import CountModel
from tierwise.clv.fitted_model import Parameters
from tierwise.clv.likelihood import Block, Columns, Terms, Value
from tierwise.clv.summary import Summary, distinct
from tierwise.errors import ErrorKind, Family, Place
from tierwise.language import Text

Floats = NDArray[np.float64]

SLICE_ROWS = 256

NOT_OCCASIONS = ErrorKind(
    "clv.not_occasions",
    Family.DATA,
    what=Text("BG/BB needs whole occasions with x ≤ t_x ≤ T", "BG/BB 需要整数的时机，且 x ≤ t_x ≤ T"),
    cause=Text(
        "times are not whole numbers of occasions, or there is more than one order per occasion",
        "时间不是整数个时机，或一个时机内有多笔订单",
    ),
    cure=Text(
        "set days_per_unit to the step between occasions and count at most one order in each; "
        "for orders at any time use bg_nbd or pareto_nbd",
        "请把 days_per_unit 设为两次时机的间隔，每个时机最多计一单；若可随时下单，请用 bg_nbd 或 pareto_nbd",
    ),
)


class BGBB(CountModel):
    """Beta-geometric / beta-Bernoulli model; arguments as for `CountModel`."""

    name: ClassVar[str] = "bg_bb"
    label: ClassVar[Text] = Text.same("BG/BB")
    parameter_names: ClassVar[tuple[str, ...]] = ("alpha", "beta", "gamma", "delta")
    scale_powers: ClassVar[Mapping[str, float]] = {}
    prior_centre: ClassVar[Mapping[str, float]] = {"alpha": 1.0, "beta": 1.0, "gamma": 0.7, "delta": 2.5}

    def rows(self, data: Summary) -> Summary:
        """Return the distinct rows; raises `clv.not_occasions` unless they are whole occasions."""
        return super().rows(check_occasions(data))

    def _blocks(self, rows: Summary, weight: Floats) -> list[Block]:
        return [Block((rows.x, rows.t_x, rows.age), weight, _terms, SLICE_ROWS)]

    def _starts(self, rows: Summary) -> list[dict[str, float]]:
        return [
            {"alpha": 1.0, "beta": 1.0, "gamma": 0.7, "delta": 2.5},
            {"alpha": 0.5, "beta": 2.0, "gamma": 0.3, "delta": 3.0},
        ]

    def _alive(self, parameters: Parameters, rows: Summary) -> Floats:
        alpha, beta, gamma, delta = parameters
        first, inverse = distinct((rows.x, rows.t_x, rows.age), rows.days_per_unit)
        x, age = rows.x[first], rows.age[first]
        next_one = _log_beta_ratio(alpha, beta, x, age - x) + _log_beta_ratio(gamma, delta, 0.0, age + 1.0)
        whole = np.empty(first.size)
        for low in range(0, first.size, SLICE_ROWS):
            part = slice(low, low + SLICE_ROWS)
            whole[part] = _terms(parameters, (x[part], rows.t_x[first][part], age[part])).value
        found: Floats = np.exp(next_one - whole)[inverse]
        return found

    def _rate(self, parameters: Parameters, x: Floats, age: Floats, t: Floats) -> Floats:
        """Return the chance of an order at the occasion within the step that holds t."""
        alpha, beta, gamma, delta = parameters
        ahead = np.maximum(np.ceil(t), 1.0)
        stays = special.betaln(gamma, delta + age + ahead) - special.betaln(gamma, delta + age + 1.0)
        found: Floats = (alpha + x) / (alpha + beta + age) * np.exp(stays)
        return found

    def _knee(self, parameters: Parameters, x: Floats, age: Floats) -> Floats:
        knee: Floats = parameters[2] + parameters[3] + age
        return knee

    def _integrated(self, parameters: Parameters, x: Floats, age: Floats, edges: Floats, decay: float) -> Floats:
        """Add up occasion by occasion; a step cut by an edge counts pro rata."""
        found = np.zeros((edges.size - 1, x.size))
        for ahead in range(1, int(np.ceil(edges[-1] * (1 - 1e-12))) + 1):
            chance = self._rate(parameters, x, age, np.full(x.size, float(ahead)))
            inside = np.clip(np.minimum(edges[1:], ahead) - np.maximum(edges[:-1], ahead - 1), 0.0, 1.0)
            found += np.outer(inside, chance * np.exp(-decay * ahead))
        return found

    def _order_within(self, parameters: Parameters, rows: Summary, t: Floats) -> Floats:
        """Return Σ P(first order at the i-th occasion ahead | there for the next one)."""
        alpha, beta, gamma, delta = parameters
        found, steps = np.zeros(len(rows)), np.floor(t * (1 + 1e-12))
        miss = (alpha + rows.x) / (alpha + beta + rows.age)
        stays = np.ones(len(rows))
        for ahead in range(1, int(steps.max(initial=0.0)) + 1):
            found += np.where(steps >= ahead, miss * stays, 0.0)
            miss = miss * (beta + rows.age - rows.x + ahead - 1) / (alpha + beta + rows.age + ahead)
            stays = stays * (delta + rows.age + ahead) / (gamma + delta + rows.age + ahead)
        return found

    def _wait(self, rows: Summary, chance: float) -> Floats:
        """Walk from occasion to occasion, up to a hundred years or a thousand steps."""
        parameters = self._natural(rows)
        alpha, beta, gamma, delta = parameters
        days = np.full(len(rows), np.inf)
        reached = np.zeros(len(rows))
        miss = (alpha + rows.x) / (alpha + beta + rows.age)
        stays = np.ones(len(rows))
        for ahead in range(1, int(min(1000, 36525 / self.days_per_unit_)) + 1):
            reached += miss * stays
            days = np.where(np.isinf(days) & (reached >= chance), ahead * self.days_per_unit_, days)
            miss = miss * (beta + rows.age - rows.x + ahead - 1) / (alpha + beta + rows.age + ahead)
            stays = stays * (delta + rows.age + ahead) / (gamma + delta + rows.age + ahead)
        return days

    def _draw_history(self, parameters: Parameters, age: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
        alpha, beta, gamma, delta = parameters
        order, leave = rng.beta(alpha, beta, age.size), rng.beta(gamma, delta, age.size)
        there = rng.geometric(np.maximum(leave, 1e-12)) - 1
        x, t_x = np.zeros(age.size), np.zeros(age.size)
        for occasion in range(1, int(age.max(initial=0.0)) + 1):
            ordered = (occasion <= there) & (occasion <= age) & (rng.random(age.size) < order)
            x += ordered
            t_x = np.where(ordered, float(occasion), t_x)
        return x, t_x

    def _draw_future(self, parameters: Parameters, rows: Summary, t: float, rng: np.random.Generator) -> Floats:
        alpha, beta, gamma, delta = parameters
        order = rng.beta(alpha + rows.x, beta + rows.age - rows.x)
        leave = rng.beta(gamma, delta + rows.age + 1.0, len(rows))
        there = np.minimum(rng.geometric(np.maximum(leave, 1e-12)), int(t * (1 + 1e-12)))
        alive = rng.random(len(rows)) < self._alive(parameters, rows)
        return np.where(alive, rng.binomial(there, order), 0.0)


def check_occasions(summary: Summary) -> Summary:
    """Return the summary with whole times, or raise `clv.not_occasions` with the first bad row."""
    t_x, age = np.rint(summary.t_x), np.rint(summary.age)
    bad = (np.abs(t_x - summary.t_x) > 1e-9) | (np.abs(age - summary.age) > 1e-9) | (summary.x > t_x)
    if bad.any():
        row = int(bad.argmax())
        shown = f"x {summary.x[row]:g}, t_x {summary.t_x[row]:g}, T {summary.age[row]:g}"
        raise NOT_OCCASIONS.error(Place(row=row + 1, value=shown))
    return summary


def _log_beta_ratio(a: Value, b: Value, more_a: Value, more_b: Value) -> Floats:
    """Return ln B(a + more_a, b + more_b) - ln B(a, b)."""
    found: Floats = special.betaln(a + more_a, b + more_b) - special.betaln(a, b)
    return found


def _terms(parameters: Sequence[Value], columns: Columns) -> Terms:
    """Return ln L per row as an average over the occasion of leaving, with exact derivatives.

    A customer seen last at t_x was there for y = t_x, …, n occasions; y = n means still there at the end.
    """
    x, t_x, age = columns
    alpha, beta, gamma, delta = (float(value) for value in parameters)
    steps = int((age - t_x).max(initial=0.0)) + 1
    y = t_x + np.arange(steps)[:, None]
    ended = (y < age).astype(np.float64)
    ab, gd = alpha + beta + y, gamma + delta + y + ended
    misses = np.maximum(y - x, 0.0)
    heights = special.betaln(alpha + x, beta + misses) + special.betaln(gamma + ended, delta + y)
    heights = np.where(y <= age, heights, -np.inf)
    value = special.logsumexp(heights, axis=0)
    weight = np.exp(heights - value)
    psi_ab, psi_gd = special.psi(ab), special.psi(gd)
    features = (
        special.psi(alpha + x) - psi_ab,
        special.psi(beta + misses) - psi_ab,
        special.psi(gamma + ended) - psi_gd,
        special.psi(delta + y) - psi_gd,
    )
    tri_ab, tri_gd = special.zeta(2.0, ab), special.zeta(2.0, gd)
    bends = {
        (0, 0): special.zeta(2.0, alpha + x) - tri_ab,
        (0, 1): -tri_ab,
        (1, 1): special.zeta(2.0, beta + misses) - tri_ab,
        (2, 2): special.zeta(2.0, gamma + ended) - tri_gd,
        (2, 3): -tri_gd,
        (3, 3): special.zeta(2.0, delta + y) - tri_gd,
    }
    base = _base(alpha, beta, 0) | _base(gamma, delta, 2)
    means = [(weight * feature).sum(axis=0) for feature in features]
    second: dict[tuple[int, int], Value] = {}
    for i in range(4):
        for j in range(i, 4):
            inner = features[i] * features[j] + bends.get((i, j), 0.0)
            second[i, j] = (weight * inner).sum(axis=0) - means[i] * means[j] - base.get((i, j), 0.0)
    first: dict[int, Value] = {i: means[i] - base[i, -1] for i in range(4)}
    return Terms(value - special.betaln(alpha, beta) - special.betaln(gamma, delta), first, second)


def _base(a: float, b: float, at: int) -> dict[tuple[int, int], float]:
    """Return the derivatives of ln B(a, b), keyed (parameter, -1) for first and by pair for second ones."""
    both, bend = float(special.psi(a + b)), float(special.zeta(2.0, a + b))
    return {
        (at, -1): float(special.psi(a)) - both,
        (at + 1, -1): float(special.psi(b)) - both,
        (at, at): float(special.zeta(2.0, a)) - bend,
        (at, at + 1): -bend,
        (at + 1, at + 1): float(special.zeta(2.0, b)) - bend,
    }
