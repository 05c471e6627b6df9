"""The contract of every buy-till-you-die model, and what all of them return."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from tierwise.clv.discount import Discount
from tierwise.clv.summary import Summary
from tierwise.language import Text

Floats = NDArray[np.float64]


@runtime_checkable
class BuyTillYouDieModel(Protocol):
    """Customers order at their own rate until they leave unseen; learn both from (x, t_x, T).

    The constructor stores settings, `fit` learns (names that end in `_`). Arrays have a value per row of the
    summary given, whose time unit may differ from that of the fit. Horizons are days from the end of the
    observation.
    """

    name: str
    label: Text
    parameter_names: tuple[str, ...]

    def fit(self, summary: Summary) -> Self:
        """Learn the parameters; raises `clv.*` where the data do not determine them."""
        ...

    def expected_transactions(self, horizon_days: float) -> float:
        """Return expected repeat orders of a new customer within `horizon_days` of the first order."""
        ...

    def conditional_expected_transactions(self, summary: Summary, horizon_days: float) -> Floats:
        """Return expected orders of each customer within `horizon_days` after the observation."""
        ...

    def discounted_transactions(self, summary: Summary, horizon_days: float, discount: Discount) -> Floats:
        """Return expected orders, each weighed by its discount factor; inf days is allowed."""
        ...

    def probability_alive(self, summary: Summary) -> Floats:
        """Return the chance that each customer is still active at the end of the observation."""
        ...

    def days_to_next_order(self, summary: Summary, chance: float = 0.5) -> Floats:
        """Return by when, in days, the next order has come with this chance, if the customer is active."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """Return settings and everything learnt as JSON-ready data."""
        ...

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the model that `to_dict` wrote."""
        ...
