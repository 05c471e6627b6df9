"""NBD: customers order at their own rate and never leave; the yardstick for what drop-out adds.

Orders come at rate λ ~ Gamma(r, α) for ever. Parameters: r, α (mean rate r / α per unit of time).

Ehrenberg (1959), Applied Statistics 8(1), 26-41.

>>> model = NBD.from_parameters({"r": 0.385, "alpha": 12.07}, days_per_unit=7)
>>> round(model.expected_transactions(horizon_days=364), 2)
1.66
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from tierwise.clv.count_model import CountModel, level_counts
from tierwise.clv.fitted_model import Parameters
from tierwise.clv.likelihood import Block, Columns, Terms, Value
from tierwise.clv.pareto_likelihood import count_terms
from tierwise.clv.summary import Summary
from tierwise.language import Text

Floats = NDArray[np.float64]


class NBD(CountModel):
    """Negative binomial model of counts without drop-out; arguments as for `CountModel`."""

    name: ClassVar[str] = "nbd"
    label: ClassVar[Text] = Text.same("NBD")
    parameter_names: ClassVar[tuple[str, ...]] = ("r", "alpha")
    scale_powers: ClassVar[Mapping[str, float]] = {"alpha": 1.0}
    prior_centre: ClassVar[Mapping[str, float]] = {"r": 0.5, "alpha": 1.0}

    def _blocks(self, rows: Summary, weight: Floats) -> list[Block]:
        x, x_weight = level_counts(rows.x, weight)
        return [
            Block((x,), x_weight, lambda p, c: count_terms([p[0]], c)),
            Block((rows.x, rows.age), weight, _time_terms),
        ]

    def _starts(self, rows: Summary) -> list[dict[str, float]]:
        rate = rows.order_rate
        return [{"r": 0.5, "alpha": 0.5 / rate}, {"r": 5.0, "alpha": 5.0 / rate}]

    def _alive(self, parameters: Parameters, rows: Summary) -> Floats:
        return np.ones(len(rows))

    def _rate(self, parameters: Parameters, x: Floats, age: Floats, t: Floats) -> Floats:
        r, alpha = parameters
        found: Floats = np.broadcast_to((r + x) / (alpha + age), t.shape)
        return found

    def _knee(self, parameters: Parameters, x: Floats, age: Floats) -> Floats:
        knee: Floats = parameters[1] + age
        return knee

    def _order_within(self, parameters: Parameters, rows: Summary, t: Floats) -> Floats:
        r, alpha = parameters
        found: Floats = -np.expm1(-(r + rows.x) * np.log1p(t / (alpha + rows.age)))
        return found

    def _draw_history(self, parameters: Parameters, age: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
        r, alpha = parameters
        x = rng.poisson(rng.gamma(r, 1.0, age.size) / alpha * age).astype(np.float64)
        return x, np.where(x > 0, age * rng.random(age.size) ** (1.0 / np.maximum(x, 1.0)), 0.0)

    def _draw_future(self, parameters: Parameters, rows: Summary, t: float, rng: np.random.Generator) -> Floats:
        r, alpha = parameters
        orders: Floats = rng.poisson(rng.gamma(r + rows.x, 1.0) / (alpha + rows.age) * t).astype(np.float64)
        return orders


def _time_terms(parameters: Sequence[Value], columns: Columns) -> Terms:
    """Return r ln α - (r + x) ln(α + T) with its derivatives."""
    x, age = columns
    r, alpha = parameters
    inverse, log_age = 1.0 / (alpha + age), np.log(alpha + age)
    return Terms(
        r * np.log(alpha) - (r + x) * log_age,
        {0: np.log(alpha) - log_age, 1: r / alpha - (r + x) * inverse},
        {(0, 1): 1.0 / alpha - inverse, (1, 1): -r / alpha**2 + (r + x) * inverse**2},
    )
