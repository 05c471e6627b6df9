"""What the models of repeat orders share: prediction on distinct rows, and simulation.

A model adds its likelihood, P(alive), and the order rate of an active customer; integrals over future time
are here.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray

from tierwise.clv.discount import MAX_HORIZON_DAYS, Discount, check_horizon
from tierwise.clv.fitted_model import FittedModel, Parameters
from tierwise.clv.quadrature import integrate
from tierwise.clv.summary import Summary, add_up, distinct

Floats = NDArray[np.float64]

SLICE_ROWS = 768
"""Rows integrated at a time: nodes × rows stay in the cache, and below the size at which BLAS starts threads."""


class CountModel(FittedModel[Summary]):
    """A model of when customers order and when they leave; arguments as for `FittedModel`."""

    steps_per_order: int = 1
    """Steps of the clock between two orders: k of the regular models."""
    uses_last_order: bool = False
    """Whether the future of an active customer depends on t_x."""

    # ---- what each model says -------------------------------------------------------------------------

    @abstractmethod
    def _alive(self, parameters: Parameters, rows: Summary) -> Floats:
        """Return P(alive) per row."""

    @abstractmethod
    def _rate(self, parameters: Parameters, x: Floats, age: Floats, t: Floats) -> Floats:
        """Return the order rate at time t after the observation, given that the customer was alive then."""

    @abstractmethod
    def _knee(self, parameters: Parameters, x: Floats, age: Floats) -> Floats:
        """Return the time around which the order rate begins to fall."""

    @abstractmethod
    def _order_within(self, parameters: Parameters, rows: Summary, t: Floats) -> Floats:
        """Return P(an order within t | alive), t per row."""

    @abstractmethod
    def _draw_history(self, parameters: Parameters, age: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Return simulated (x, t_x) for new customers watched for `age`."""

    @abstractmethod
    def _draw_future(self, parameters: Parameters, rows: Summary, t: float, rng: np.random.Generator) -> Floats:
        """Return simulated orders within t after the observation, given each row."""

    # ---- data -----------------------------------------------------------------------------------------

    def rows(self, data: Summary) -> Summary:
        """Return the distinct rows."""
        return data.compress().summary

    def _scale(self, rows: Summary) -> float:
        mean = rows.total(rows.age) / rows.customers
        return mean if mean > 0 and self.scale_powers else 1.0

    def _rescaled(self, rows: Summary, scale: float) -> Summary:
        return rows.in_unit(rows.days_per_unit * scale)

    def _selected(self, scaled: Summary, chosen: NDArray[np.int64], weight: Floats) -> Summary | None:
        return scaled.take(chosen).with_weight(weight)

    def _evidence(self, rows: Summary) -> float:
        return rows.repeat_customers

    def _densities(self, rows: Summary) -> float:
        return self.steps_per_order * rows.total(rows.x) if self.scale_powers else 0.0

    def _columns(self, rows: Summary) -> Mapping[str, Floats]:
        return rows.covariates

    def _anchored(self, centre: Floats, scaled: Summary) -> Floats:
        """Move the centre of α to where the mean order rate, r / α, is the one observed."""
        if "alpha" not in self.scale_powers:
            return centre
        time_per_step = 1.0 / (self.steps_per_order * scaled.order_rate)
        centre[self.parameter_names.index("alpha")] = centre[self.parameter_names.index("r")] + np.log(time_per_step)
        return centre

    def log_likelihood(self, summary: Summary) -> float:
        """Return the log-likelihood of the customers under the fitted parameters, in the fitted unit."""
        self._check_fitted()
        return self._value(summary.in_unit(self.days_per_unit_))

    # ---- prediction -----------------------------------------------------------------------------------

    def probability_alive(self, summary: Summary) -> Floats:
        """Return the chance that each customer is still active at the end of the observation."""
        self._check_fitted()
        rows = summary.in_unit(self.days_per_unit_)
        return self._alive(self._natural(rows), rows)

    def expected_transactions(self, horizon_days: float, covariates: Mapping[str, float] | None = None) -> float:
        """Return expected repeat orders of a new customer within `horizon_days` of the first order."""
        self._check_fitted()
        newcomer = self._newcomer(covariates)
        return float(self.conditional_expected_transactions(newcomer, horizon_days)[0])

    def _newcomer(self, covariates: Mapping[str, float] | None) -> Summary:
        """Return a customer on the day of the first order."""
        zero = np.zeros(1)
        given = {name: np.array([value]) for name, value in (covariates or {}).items()}
        return Summary(zero, zero, zero, covariates=given, days_per_unit=self.days_per_unit_)

    def expected_curve(self, days: Floats, covariates: Mapping[str, float] | None = None) -> Floats:
        """Return `expected_transactions` at many horizons; 0 days or less give 0."""
        self._check_fitted()
        levels, inverse = np.unique(np.maximum(days, 0.0), return_inverse=True)
        edges = levels if levels[0] == 0 else np.r_[0.0, levels]
        if edges.size == 1:
            return np.zeros(days.shape)
        check_horizon(edges[-1])
        newcomer = self._newcomer(covariates)
        parameters = self._natural(newcomer)
        parts = self._orders_if_alive(parameters, newcomer, edges / self.days_per_unit_)[:, 0]
        curve = np.r_[0.0, np.cumsum(parts)] * self._alive(parameters, newcomer)
        found: Floats = curve[edges.size - levels.size :][inverse].reshape(days.shape)
        return found

    def conditional_expected_transactions(self, summary: Summary, horizon_days: float) -> Floats:
        """Return expected orders of each customer within `horizon_days` after the observation.

        Raises:
            TierwiseError: `clv.bad_horizon` for 0 days or more than 100 years.
        """
        self._check_fitted()
        check_horizon(horizon_days)
        rows = summary.in_unit(self.days_per_unit_)
        edges = np.array([0.0, horizon_days / self.days_per_unit_])
        parameters = self._natural(rows)
        expected: Floats = self._alive(parameters, rows) * self._orders_if_alive(parameters, rows, edges)[0]
        return expected

    def discounted_transactions(self, summary: Summary, horizon_days: float, discount: Discount) -> Floats:
        """Return expected orders, each weighed by its discount factor; `inf` days gives the residual (DERT)."""
        self._check_fitted()
        check_horizon(horizon_days, discount)
        rows = summary.in_unit(self.days_per_unit_)
        edges = discount.edges_days(horizon_days)
        decay = discount.decay_per_day * self.days_per_unit_ if discount.continuous else 0.0
        parameters = self._natural(rows)
        worth = discount.factors(edges)
        orders = self._orders_if_alive(parameters, rows, edges / self.days_per_unit_, decay, worth)[0]
        found: Floats = self._alive(parameters, rows) * orders
        return found

    def _orders_if_alive(
        self, parameters: Parameters, rows: Summary, edges: Floats, decay: float = 0.0, worth: Floats | None = None
    ) -> Floats:
        """Return (periods, rows) expected orders between `edges`, computed once per distinct (x, T).

        With the `worth` of an order in each period the periods are added up by it: (1, rows).
        """
        if any(np.ndim(parameter) for parameter in parameters):
            return weighed(self._integrated(parameters, rows.x, rows.age, edges, decay), worth)
        first, inverse = distinct((rows.x, rows.age), rows.days_per_unit)
        periods = self._integrated(parameters, rows.x[first], rows.age[first], edges, decay)
        return weighed(periods, worth)[:, inverse]

    def _integrated(self, parameters: Parameters, x: Floats, age: Floats, edges: Floats, decay: float) -> Floats:
        found = np.empty((edges.size - 1, x.size))
        for low in range(0, x.size, SLICE_ROWS):
            part = slice(low, low + SLICE_ROWS)
            sliced = [p[part] if np.ndim(p) else p for p in parameters]
            rate = partial(self._rate, sliced, x[part], age[part])
            found[:, part] = integrate(rate, self._knee(sliced, x[part], age[part]), edges, decay=decay)
        return found

    def probability_of_order(self, summary: Summary, horizon_days: float) -> Floats:
        """Return the chance that each customer orders at least once within `horizon_days`."""
        check_horizon(horizon_days)
        rows = summary.in_unit(self.days_per_unit_)
        parameters = self._natural(rows)
        t = np.full(len(rows), horizon_days / self.days_per_unit_)
        return self._alive(parameters, rows) * self._order_within(parameters, rows, t)

    def days_to_next_order(self, summary: Summary, chance: float = 0.5) -> Floats:
        """Return by when, in days, the next order has come with this chance, if the customer is active.

        `inf` where an active customer never reaches the chance within 100 years, or leaves before.
        """
        self._check_fitted()
        rows = summary.in_unit(self.days_per_unit_)
        if self._effects():
            return self._wait(rows, chance)
        columns = (rows.x, rows.age, rows.t_x) if self.uses_last_order else (rows.x, rows.age)
        first, inverse = distinct(columns, rows.days_per_unit)
        days: Floats = self._wait(rows.take(first), chance)[inverse]
        return days

    def _wait(self, rows: Summary, chance: float) -> Floats:
        """Halve an interval of ln(days) until the chance is met."""
        parameters = self._natural(rows)
        low = np.full(len(rows), np.log(1e-3 / self.days_per_unit_))
        high = np.full(len(rows), np.log(MAX_HORIZON_DAYS / self.days_per_unit_))
        never = self._order_within(parameters, rows, np.exp(high)) < chance
        for _ in range(36):  # ln(3.6e7) / 2^36 is far below a second
            middle = (low + high) / 2.0
            enough = self._order_within(parameters, rows, np.exp(middle)) >= chance
            low, high = np.where(enough, low, middle), np.where(enough, middle, high)
        days: Floats = np.where(never, np.inf, np.exp(high) * self.days_per_unit_)
        return days

    # ---- simulation and saving ------------------------------------------------------------------------

    def simulate(self, like: Summary, seed: int) -> Summary:
        """Return newly drawn customers with the ages and covariates of `like`, a row per customer."""
        rows = like.in_unit(self.days_per_unit_)
        rows = rows.take(np.repeat(np.arange(len(rows)), np.rint(rows.weight).astype(np.int64)))
        x, t_x = self._draw_history(self._natural(rows), rows.age, np.random.default_rng(seed))
        return Summary(x, t_x, rows.age, covariates=rows.covariates, days_per_unit=self.days_per_unit_)

    def simulate_future(self, summary: Summary, horizon_days: float, seed: int) -> Floats:
        """Return drawn orders within `horizon_days` for each row, given what it did so far."""
        rows = summary.in_unit(self.days_per_unit_)
        check_horizon(horizon_days)
        t = horizon_days / self.days_per_unit_
        return self._draw_future(self._natural(rows), rows, t, np.random.default_rng(seed))


def level_counts(column: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Return distinct values of a column of counts and the total weight of each."""
    size = int(column.max(initial=0.0)) + 1
    if size > column.size:
        levels, codes = np.unique(column, return_inverse=True)
        return levels, add_up(codes, weight, levels.size)
    codes = column.astype(np.int64)
    seen = np.flatnonzero(np.bincount(codes, minlength=size))
    return seen.astype(np.float64), add_up(codes, weight, size)[seen]


def weighed(periods: Floats, worth: Floats | None) -> Floats:
    """Return (periods, rows) as they are, or added up by the worth of each period: (1, rows)."""
    return periods if worth is None else np.einsum("p,pi->i", worth, periods)[None, :]
