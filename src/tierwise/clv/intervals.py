"""How far the parameters may be off: from curvature, from profiles, from refits.

Three ways, in rising order of cost and of trust when data are few:

- `wald_intervals`: curvature of the likelihood, on the log scale so that no bound is negative;
- `profile_intervals`: how far one parameter can move before the best of the others no longer makes up for it;
- `bootstrap`: refits from a warm start. `weighted` draws new weights for the distinct rows (Rubin's Bayesian
  bootstrap), `multinomial` draws customers again, `parametric` simulates them from the fitted model.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tierwise.clv.count_model import CountModel
from tierwise.clv.fitted_model import FittedModel
from tierwise.clv.summary import Summary
from tierwise.errors import ErrorKind, Family
from tierwise.language import Text

Floats = NDArray[np.float64]

FARTHEST_LOG = 12.0
PROFILE_STEPS = 40

BAD_LEVEL = ErrorKind(
    "clv.bad_level",
    Family.USAGE,
    what=Text("{level} is not the level of an interval", "{level} 不是有效的区间水平"),
    cause=Text("a level lies between 0 and 1", "水平必须在 0 与 1 之间"),
    cure=Text("0.9 means that 9 of 10 such intervals hold the truth", "0.9 表示 10 个这样的区间中有 9 个包含真值"),
)
ONLY_COUNTS = ErrorKind(
    "clv.only_counts",
    Family.USAGE,
    what=Text("{model} cannot be simulated for a parametric bootstrap", "{model} 无法用于参数自助法的模拟"),
    cause=Text("only models of orders draw whole customers", "只有订单模型能够模拟完整的客户"),
    cure=Text('use kind="weighted"', '请使用 kind="weighted"'),
)


class Interval(NamedTuple):
    """An estimate and the bounds around it."""

    low: float
    estimate: float
    high: float


class Bootstrap(StrEnum):
    """How a refit gets its data."""

    WEIGHTED = "weighted"
    MULTINOMIAL = "multinomial"
    PARAMETRIC = "parametric"


def normal_quantile(level: float) -> float:
    """Return z so that ±z holds `level` of a standard normal; raises `clv.bad_level`."""
    if not 0.0 < level < 1.0:
        raise BAD_LEVEL.error(level=level)
    return float(special.ndtri(0.5 + level / 2.0))


def wald_intervals(model: FittedModel[Any], level: float = 0.9) -> dict[str, Interval]:
    """Return intervals of the parameters from the curvature at the optimum; log scale, effects as they are."""
    z = normal_quantile(level)
    reach = z * np.sqrt(np.diag(model.covariance_))
    return _named(model, model.coordinates_ - reach, model.coordinates_ + reach)


def profile_intervals(model: FittedModel[Any], summary: Any, level: float = 0.9) -> dict[str, Interval]:
    """Return intervals that end where the profile likelihood has dropped by half the chi-square quantile.

    A bound the data do not give is 0 or inf. `summary` is what the model was fitted on.
    """
    drop = normal_quantile(level) ** 2 / 2.0
    rows = model.rows(summary)
    count = model.coordinates_.size
    _, top = model.best_with(rows, model.coordinates_, np.zeros(count, dtype=bool))
    low, high = np.empty(count), np.empty(count)
    for index in range(count):
        low[index] = _profile_bound(model, rows, index, -1.0, top - drop)
        high[index] = _profile_bound(model, rows, index, 1.0, top - drop)
    return _named(model, low, high)


def bootstrap(
    model: FittedModel[Any],
    summary: Any,
    *,
    draws: int = 200,
    kind: Bootstrap | str = Bootstrap.WEIGHTED,
    seed: int = 0,
) -> Floats:
    """Return (draws, p) coordinates, each the fit to data drawn anew; see `with_coordinates`."""
    rng = np.random.default_rng(seed)
    if Bootstrap(kind) is Bootstrap.PARAMETRIC:
        shops = [_simulated(model, summary, int(rng.integers(2**31))) for _ in range(draws)]
        return np.concatenate([model.refit(rows, [rows.weight]) for rows in shops])
    rows = model.rows(summary)
    return model.refit(rows, (_new_weight(rows.weight, Bootstrap(kind), rng) for _ in range(draws)))


def quantile_intervals(model: FittedModel[Any], coordinates: Floats, level: float = 0.9) -> dict[str, Interval]:
    """Return intervals of the parameters between quantiles of bootstrap coordinates."""
    normal_quantile(level)
    low, high = np.quantile(coordinates, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return _named(model, low, high)


def normal_draws(model: FittedModel[Any], draws: int, seed: int = 0) -> Floats:
    """Return (draws, p) coordinates from the normal approximation at the optimum; fast for any data size."""
    rng = np.random.default_rng(seed)
    curvature, axes = np.linalg.eigh(model.covariance_)
    spread = axes * np.sqrt(np.maximum(curvature, 0.0))
    found: Floats = model.coordinates_ + rng.standard_normal((draws, model.coordinates_.size)) @ spread.T
    return found


def _named(model: FittedModel[Any], low: Floats, high: Floats) -> dict[str, Interval]:
    logs = len(model.parameter_names)
    bounds = [np.r_[np.exp(side[:logs]), side[logs:]] for side in (low, high)]
    middle = model.parameters_.values()
    triples = zip(model.coordinate_names_, bounds[0], middle, bounds[1], strict=True)
    return {name: Interval(float(a), float(b), float(c)) for name, a, b, c in triples}


def _new_weight(weight: Floats, kind: Bootstrap, rng: np.random.Generator) -> Floats:
    total = float(weight.sum())
    if kind is Bootstrap.MULTINOMIAL:
        return rng.multinomial(round(total), weight / total).astype(np.float64)
    drawn = rng.standard_gamma(weight)
    found: Floats = drawn * (total / drawn.sum())
    return found


def _simulated(model: FittedModel[Any], summary: Any, seed: int) -> Any:
    if not isinstance(model, CountModel) or not isinstance(summary, Summary):
        raise ONLY_COUNTS.error(model=model.label)
    return model.rows(model.simulate(summary, seed))


def _profile_bound(model: FittedModel[Any], rows: Any, index: int, side: float, level: float) -> float:
    """Return where the profile falls to `level` on one side, by regula falsi on the signed root of the drop."""
    fixed = np.arange(model.coordinates_.size) == index
    width = max(1e-3, 1.6 * float(np.sqrt(model.covariance_[index, index])))
    inner, outer, start = 0.0, min(width, FARTHEST_LOG), model.coordinates_.copy()

    def above(distance: float) -> float:
        nonlocal start
        at = start.copy()
        at[index] = model.coordinates_[index] + side * distance
        start, value = model.best_with(rows, at, fixed)
        return value - level

    inside, outside = above(inner), above(outer)
    while outside > 0:
        if outer >= FARTHEST_LOG:
            return side * np.inf
        inner, inside, outer = outer, outside, min(2.0 * outer, FARTHEST_LOG)
        outside = above(outer)
    for _ in range(PROFILE_STEPS):
        if outer - inner < 1e-6:
            break
        middle = inner + (outer - inner) * min(max(inside / (inside - outside), 0.1), 0.9)
        value = above(middle)
        if abs(value) < 1e-7:
            inner = outer = middle
        elif value > 0:
            inner, inside = middle, value
        else:
            outer, outside = middle, value
    return float(model.coordinates_[index] + side * (inner + outer) / 2.0)
