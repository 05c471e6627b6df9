"""BG/NBD: will a customer order again, and how often? Buyers may leave after any repeat order.

While active, orders come at rate λ ~ Gamma(r, α); after each *repeat* order the customer leaves for good
with probability p ~ Beta(a, b). One-time buyers are therefore always counted as active: for tiering prefer
MBG/NBD or Pareto/NBD.

Parameters: r, α (mean rate r / α per unit of time), a, b (mean drop-out a / (a + b)).
Covariates z: α_i = α exp(-γ z), a_i = a exp(γ_a z), b_i = b exp(γ_b z).

Fader, Hardie & Lee (2005), Marketing Science 24(2), 275-284; covariates: Fader & Hardie (2007), note 19.

>>> model = BGNBD.from_parameters({"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}, days_per_unit=7)
>>> round(model.expected_transactions(horizon_days=52 * 7), 2)
1.45
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from tierwise.clv import beta_geometric as bg
from tierwise.clv.count_model import CountModel, level_counts
from tierwise.clv.fitted_model import Parameters
from tierwise.clv.likelihood import Block
from tierwise.clv.prior import AUTO, PriorChoice
from tierwise.clv.summary import Summary
from tierwise.language import Text

Floats = NDArray[np.float64]


class BGNBD(CountModel):
    """Beta-geometric / negative binomial model.

    Args:
        purchase_covariates: names of covariates that move the order rate.
        dropout_covariates: names of covariates that move a and b, each with its own effect.
        prior, strict: see `CountModel`.
    """

    name: ClassVar[str] = "bg_nbd"
    label: ClassVar[Text] = Text.same("BG/NBD")
    parameter_names: ClassVar[tuple[str, ...]] = ("r", "alpha", "a", "b")
    scale_powers: ClassVar[Mapping[str, float]] = {"alpha": 1.0}
    prior_centre: ClassVar[Mapping[str, float]] = {"r": 0.5, "alpha": 1.0, "a": 0.8, "b": 2.0}
    first_order_exempt: ClassVar[int] = 1

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
        dropout = [(name, 1.0) for name in self.dropout_covariates]
        found = {1: purchase, 2: dropout, 3: dropout}
        return {target: moved for target, moved in found.items() if moved}

    def _blocks(self, rows: Summary, weight: Floats) -> list[Block]:
        k, exempt = self.steps_per_order, self.first_order_exempt
        x, x_weight = rows.x, weight
        if not self.dropout_covariates:
            x, x_weight = level_counts(rows.x, weight)
        return [
            Block((x,), x_weight, partial(bg.count_terms, k=k, exempt=exempt)),
            Block((rows.x, rows.t_x, rows.age), weight, partial(bg.time_terms, k=k, exempt=exempt)),
        ]

    def _starts(self, rows: Summary) -> list[dict[str, float]]:
        rate = rows.order_rate
        return [
            {"r": 0.5, "alpha": 0.5 / (1.5 * rate), "a": 0.8, "b": 2.0},
            {"r": 1.0, "alpha": 1.0 / rate, "a": 0.1, "b": 2.0},
            {"r": 0.2, "alpha": 0.1 / rate, "a": 1.0, "b": 1.0},
        ]

    def _alive(self, parameters: Parameters, rows: Summary) -> Floats:
        return bg.probability_alive(parameters, rows, k=self.steps_per_order, exempt=self.first_order_exempt)

    def _rate(self, parameters: Parameters, x: Floats, age: Floats, t: Floats) -> Floats:
        r, alpha, a, b = parameters
        flips = 1 - self.first_order_exempt
        c1, top = a + b + flips - r - 1.0, a + b + x + flips
        return bg.order_rate(t, c1=c1, a=a, top=top, whole=r + x, scale=alpha + age)

    def _knee(self, parameters: Parameters, x: Floats, age: Floats) -> Floats:
        r, alpha, a, b = parameters
        orders, stays = r + x, b + x + 1 - self.first_order_exempt
        knee: Floats = (alpha + age) / (1.0 + orders / stays + orders * a / (a + stays))
        return knee

    def _order_within(self, parameters: Parameters, rows: Summary, t: Floats) -> Floats:
        r, alpha, _, _ = parameters
        found: Floats = -np.expm1(-(r + rows.x) * np.log1p(t / (alpha + rows.age)))
        return found

    def _draw_history(self, parameters: Parameters, age: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
        return bg.draw_history(parameters, age, rng, k=self.steps_per_order, exempt=self.first_order_exempt)

    def _draw_future(self, parameters: Parameters, rows: Summary, t: float, rng: np.random.Generator) -> Floats:
        return bg.draw_future(
            parameters, rows, t, rng, self._alive(parameters, rows), k=self.steps_per_order,
            exempt=self.first_order_exempt,
        )  # fmt: skip
