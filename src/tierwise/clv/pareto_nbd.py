"""Pareto/NBD: customers may leave at any moment, not only after an order.

While active, orders come at rate λ ~ Gamma(r, α); the time until leaving is exponential with rate
μ ~ Gamma(s, β). P(alive) falls with every day of silence, for one-time buyers too.

Parameters: r, α (mean order rate r / α), s, β (mean leaving rate s / β), per unit of time.
Covariates z: α_i = α exp(-γ z), β_i = β exp(-γ' z).

Schmittlein, Morrison & Colombo (1987), Management Science 33(1), 1-24; Fader & Hardie (2005), note 9;
discounted residual transactions: Fader, Hardie & Lee (2005), JMR 42(4), 415-430.

>>> model = ParetoNBD.from_parameters({"r": 0.553, "alpha": 10.58, "s": 0.606, "beta": 11.67}, days_per_unit=7)
>>> round(model.expected_transactions(horizon_days=52 * 7), 2)
1.47
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tierwise.clv import pareto_likelihood as likelihood
from tierwise.clv.count_model import CountModel, level_counts
from tierwise.clv.fitted_model import Parameters
from tierwise.clv.likelihood import Block
from tierwise.clv.prior import AUTO, PriorChoice
from tierwise.clv.quadrature import gauss_legendre
from tierwise.clv.summary import Summary
from tierwise.language import Text

Floats = NDArray[np.float64]


class ParetoNBD(CountModel):
    """Pareto / negative binomial model.

    Args:
        purchase_covariates: names of covariates that move the order rate.
        dropout_covariates: names of covariates that move the leaving rate.
        prior, strict: see `CountModel`.
    """

    name: ClassVar[str] = "pareto_nbd"
    label: ClassVar[Text] = Text.same("Pareto/NBD")
    parameter_names: ClassVar[tuple[str, ...]] = ("r", "alpha", "s", "beta")
    scale_powers: ClassVar[Mapping[str, float]] = {"alpha": 1.0, "beta": 1.0}
    prior_centre: ClassVar[Mapping[str, float]] = {"r": 0.6, "alpha": 1.0, "s": 0.6, "beta": 0.6}

    def __init__(
        self,
        *,
        purchase_covariates: Sequence[str] = (),
        dropout_covariates: Sequence[str] = (),
        prior: PriorChoice = AUTO,
        strict: bool = True,
    ) -> None:
        super().__init__(prior=prior, strict=strict)
        self.purchase_covariates = tuple(purchase_covariates)
        self.dropout_covariates = tuple(dropout_covariates)

    def settings(self) -> dict[str, Any]:
        """Return the constructor's arguments as JSON-ready data."""
        names = {"purchase_covariates": list(self.purchase_covariates)}
        return {**super().settings(), **names, "dropout_covariates": list(self.dropout_covariates)}

    def _effects(self) -> dict[int, list[tuple[str, float]]]:
        purchase = [(name, -1.0) for name in self.purchase_covariates]
        dropout = [(name, -1.0) for name in self.dropout_covariates]
        return {target: moved for target, moved in {1: purchase, 3: dropout}.items() if moved}

    def _blocks(self, rows: Summary, weight: Floats) -> list[Block]:
        x, x_weight = level_counts(rows.x, weight)
        columns = (rows.x, rows.t_x, rows.age)
        return [
            Block((x,), x_weight, lambda p, c: likelihood.count_terms([p[0]], c)),
            Block(columns, weight, likelihood.time_terms, likelihood.SLICE_ROWS),
        ]

    def _starts(self, rows: Summary) -> list[dict[str, float]]:
        rate = rows.order_rate
        return [
            {"r": 0.6, "alpha": 0.6 / (1.5 * rate), "s": 0.6, "beta": 0.5},
            {"r": 1.0, "alpha": 1.0 / rate, "s": 1.0, "beta": 3.0},
            {"r": 0.3, "alpha": 0.1 / rate, "s": 0.3, "beta": 0.1},
        ]

    def _alive(self, parameters: Parameters, rows: Summary) -> Floats:
        found: Floats = special.expit(-likelihood.log_odds_left(parameters, rows.x, rows.t_x, rows.age))
        return found

    def _rate(self, parameters: Parameters, x: Floats, age: Floats, t: Floats) -> Floats:
        r, alpha, s, beta = parameters
        found: Floats = (r + x) / (alpha + age) * np.exp(-s * np.log1p(t / (beta + age)))
        return found

    def _knee(self, parameters: Parameters, x: Floats, age: Floats) -> Floats:
        knee: Floats = parameters[3] + age
        return knee

    def _integrated(self, parameters: Parameters, x: Floats, age: Floats, edges: Floats, decay: float) -> Floats:
        """Without discounting, the closed form; its limit at s = 1 is reached smoothly."""
        if decay:
            return super()._integrated(parameters, x, age, edges, decay)
        r, alpha, s, beta = parameters
        clock = np.log1p(edges[:, None] / (beta + age))
        excess = np.where(s == 1.0, 1e-300, s - 1.0)
        left = np.exp(-excess * clock[:-1]) * -np.expm1(-excess * np.diff(clock, axis=0)) / excess
        found: Floats = (r + x) * (beta + age) / (alpha + age) * left
        return found

    def _order_within(self, parameters: Parameters, rows: Summary, t: Floats) -> Floats:
        """Return ∫ of the density of the next order while still active, on a logarithmic clock."""
        r, alpha, s, beta = parameters
        orders, alpha_age, beta_age = r + rows.x, alpha + rows.age, beta + rows.age
        knee = 1.0 / ((orders + 1.0) / alpha_age + s / beta_age)
        clock = np.log1p(t / knee)
        points, weights = gauss_legendre(32)
        found = np.zeros(len(rows))
        for point, weight in zip(points, weights, strict=True):
            u = knee * np.expm1(point * clock)
            density = -(orders + 1.0) * np.log1p(u / alpha_age) - s * np.log1p(u / beta_age)
            found += weight * clock * (knee + u) * np.exp(density)
        found *= orders / alpha_age
        return found

    def _draw_history(self, parameters: Parameters, age: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
        r, alpha, s, beta = parameters
        rate = rng.gamma(r, 1.0, age.size) / alpha
        leaving = np.maximum(rng.gamma(s, 1.0, age.size) / beta, 1e-300)
        active = np.minimum(rng.exponential(size=age.size) / leaving, age)
        x = rng.poisson(rate * active).astype(np.float64)
        last = active * rng.random(age.size) ** (1.0 / np.maximum(x, 1.0))
        return x, np.where(x > 0, last, 0.0)

    def _draw_future(self, parameters: Parameters, rows: Summary, t: float, rng: np.random.Generator) -> Floats:
        r, alpha, s, beta = parameters
        rate = rng.gamma(r + rows.x, 1.0) / (alpha + rows.age)
        leaving = np.maximum(rng.gamma(s, 1.0, len(rows)) / (beta + rows.age), 1e-300)
        active = np.minimum(rng.exponential(size=len(rows)) / leaving, t)
        alive = rng.random(len(rows)) < self._alive(parameters, rows)
        return np.where(alive, rng.poisson(rate * active), 0.0)
