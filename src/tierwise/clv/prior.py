"""A prior for few customers: parameters are drawn towards stated values, on the log scale.

The penalty is  -strength / 2 · Σ ((ln θ - ln centre) / log_sd)²,  so with `log_sd` = 1 and `strength` = 1 it
weighs as much as data that would know each parameter to a factor of e. Time parameters are stated in units
of the customers' mean age, which makes a prior mean the same for weekly and for yearly buyers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tierwise.clv.optimise import Evaluation, Objective

Floats = NDArray[np.float64]

AUTO: Final = "auto"
ENOUGH_REPEAT_BUYERS = 100
"""From this many repeat buyers on, `prior=AUTO` is plain maximum likelihood where that has an answer."""
MANY_REPEAT_BUYERS = 1000
"""From this many on, it is plain maximum likelihood whatever comes: a ridge is then a fact about the customers."""


@dataclass(frozen=True, slots=True)
class Prior:
    """Where parameters are drawn to, and how strongly.

    Attributes:
        centre: value per parameter; one that is left out takes the model's own default centre.
        log_sd: standard deviation of ln(parameter) around ln(centre); 1 is a factor of e either way.
        strength: weight of the whole penalty; 0 is maximum likelihood.
    """

    centre: Mapping[str, float]
    log_sd: float = 1.0
    strength: float = 1.0

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        return {"centre": dict(self.centre), "log_sd": self.log_sd, "strength": self.strength}


PriorChoice = Prior | str | None


def penalised(objective: Objective, centre: Floats, prior: Prior) -> Objective:
    """Return the objective with the penalty around the log-values `centre` added."""
    pull = prior.strength / prior.log_sd**2

    def with_penalty(position: Floats) -> Evaluation:
        value, gradient, hessian = objective(position)
        away = position - centre
        value -= 0.5 * pull * float(away @ away)
        return value, gradient - pull * away, hessian - pull * np.eye(position.size)

    return with_penalty


def resolve(choice: PriorChoice, default_centre: Mapping[str, float], repeat_customers: float) -> Prior | None:
    """Return the prior to use: stated, none, or the model's own where fewer than enough came back."""
    if isinstance(choice, Prior):
        return Prior({**default_centre, **choice.centre}, choice.log_sd, choice.strength)
    if choice == AUTO and repeat_customers < ENOUGH_REPEAT_BUYERS:
        return Prior(default_centre)
    return None


def log_centre(prior: Prior, names: Sequence[str]) -> Floats:
    """Return ln(centre) for the named coordinates; effects of covariates are drawn to 0."""
    return np.array([np.log(prior.centre[name]) if name in prior.centre else 0.0 for name in names])
