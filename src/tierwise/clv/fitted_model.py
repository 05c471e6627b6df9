"""Maximum likelihood, the same way for every model: scale, climb, judge, remember.

A model says how its data become rows, what the likelihood of the rows is and where to start; everything
that is learnt has a name that ends in `_`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from tierwise.clv import diagnostics
from tierwise.clv.diagnostics import Finding, Severity
from tierwise.clv.likelihood import Block, Coefficient, covariate_coefficients, evaluate
from tierwise.clv.optimise import Objective, Optimum, maximise
from tierwise.clv.prior import (
    AUTO,
    ENOUGH_REPEAT_BUYERS,
    MANY_REPEAT_BUYERS,
    Prior,
    PriorChoice,
    log_centre,
    penalised,
    resolve,
)
from tierwise.clv.state import NOT_FITTED, UNKNOWN_COVARIATE, dump_state, load_state
from tierwise.errors import Problem
from tierwise.language import Text

Floats = NDArray[np.float64]
Parameters = list[Any]
Found = list[tuple[Severity, Problem]]

LOG_BOX = 14.0
"""Log-parameters are searched within ± this (a factor of a million), in units of the data's own scale."""
EFFECT_BOX = 20.0
SKETCH_CUSTOMERS = 6000
"""Longer data are climbed on so many customers first: enough that three steps on all of them remain."""
REFIT_TOLERANCE = 1e-6
"""Gain in log-likelihood below which a refit stops: a thousandth of a standard error."""


class Rows(Protocol):
    """Rows a likelihood is summed over."""

    @property
    def weight(self) -> Floats:
        """Customers that each row stands for."""
        ...

    @property
    def days_per_unit(self) -> float:
        """Length of the time unit in days."""
        ...


D = TypeVar("D", bound=Rows)


class FittedModel(ABC, Generic[D]):
    """A model with positive parameters, fitted by maximum likelihood.

    Args:
        prior: `AUTO` draws towards a stated prior below `ENOUGH_REPEAT_BUYERS` repeat buyers, and below
            `MANY_REPEAT_BUYERS` where the likelihood alone does not determine the parameters; otherwise it is
            plain maximum likelihood. None never does; a `Prior` always does.
        strict: raise where the likelihood does not determine the parameters; False keeps the answer and
            says so in `diagnostics_`.

    Learnt: `parameters_`, `standard_errors_` (by name, in the unit of the data fitted), `log_likelihood_`,
    `coordinates_` (log-parameters, then effects of covariates), `covariance_` (of the coordinates),
    `days_per_unit_`, `customers_`, `diagnostics_`, `prior_` (the one used, or None).
    """

    name: ClassVar[str]
    label: ClassVar[Text]
    parameter_names: ClassVar[tuple[str, ...]]
    scale_powers: ClassVar[Mapping[str, float]]
    """Power of the data's scale (mean age, mean spend) that each parameter carries; 0 where left out."""
    prior_centre: ClassVar[Mapping[str, float]]

    coordinates_: Floats
    coordinate_names_: tuple[str, ...]
    covariance_: Floats
    log_likelihood_: float
    days_per_unit_: float
    customers_: float
    prior_: Prior | None
    diagnostics_: tuple[Finding, ...]

    def __init__(self, *, prior: PriorChoice = AUTO, strict: bool = True) -> None:
        self.prior = prior
        self.strict = strict

    # ---- what each model says -------------------------------------------------------------------------

    @abstractmethod
    def rows(self, data: D) -> D:
        """Return what the likelihood is summed over: distinct rows, the useful ones only."""

    @abstractmethod
    def _blocks(self, rows: D, weight: Floats) -> list[Block]:
        """Return the likelihood of the rows, in the rows' own unit."""

    @abstractmethod
    def _starts(self, rows: D) -> list[dict[str, float]]:
        """Return starting points, the best guess first."""

    @abstractmethod
    def _scale(self, rows: D) -> float:
        """Return the data's own scale."""

    @abstractmethod
    def _rescaled(self, rows: D, scale: float) -> D:
        """Return the rows in units of the scale."""

    @abstractmethod
    def _evidence(self, rows: D) -> float:
        """Return how many customers tell something of the parameters: repeat buyers, mostly."""

    @abstractmethod
    def _densities(self, rows: D) -> float:
        """Return how many densities of the data's scale the likelihood is a product of."""

    def _constant(self, rows: D) -> float:
        """Return what no parameter touches but a comparison of models needs."""
        return 0.0

    def _effects(self) -> dict[int, list[tuple[str, float]]]:
        """Return which covariates move which parameter, and in which direction."""
        return {}

    def _columns(self, rows: D) -> Mapping[str, Floats]:
        """Return the covariates that the rows carry."""
        return {}

    def _anchored(self, centre: Floats, scaled: D) -> Floats:
        """Return the prior's centre moved to the mean of the data, where a model knows how."""
        return centre

    def _checks(self, data: D, rows: D) -> Found:
        """Return findings of the model's own, after the fit."""
        return []

    # ---- fitting --------------------------------------------------------------------------------------

    def fit(self, summary: D) -> Self:
        """Learn the parameters by maximum likelihood (or with a prior, see `prior`).

        Raises:
            TierwiseError: `clv.no_repeat_buyers`; where `strict`, `clv.flat_ridge`, `clv.at_border`,
                `clv.not_a_summit`; `clv.unknown_covariate`.
        """
        rows = self.rows(summary)
        found = self._choose_prior(rows)
        scaled = self._rescaled(rows, self._scale(rows))
        names = tuple(coefficient.name for coefficient in self._coefficients(rows))
        optimum = self._climb(scaled, rows.weight)
        shape = diagnostics.examine(self.label.en, names, optimum)
        if diagnostics.has_errors(shape) and self._may_lean(rows):
            found.append((Severity.WARNING, self._lean(rows)))
            optimum = self._climb(scaled, rows.weight)
            shape = diagnostics.examine(self.label.en, names, optimum)
        self._learn(rows, optimum)
        found += shape + self._checks(summary, rows)
        self.diagnostics_ = tuple(Finding.of(severity, problem) for severity, problem in found)
        if self.strict:
            diagnostics.raise_errors(found)
        return self

    def refit(self, rows: D, weights: Iterable[Floats]) -> Floats:
        """Return the coordinates that fit the `rows` (of `self.rows`) with each of other weights, warm-started.

        Weights may be 0. The shape is (weights, coordinates).
        """
        shift, scaled = self._shift(rows), self._rescaled(rows, self._scale(rows))
        warm = self.coordinates_ - shift
        climbs = [self._climb(scaled, weight, warm, tolerance=REFIT_TOLERANCE) for weight in weights]
        return np.stack([optimum.position for optimum in climbs]) + shift

    def best_with(self, rows: D, start: Floats, fixed: NDArray[np.bool_]) -> tuple[Floats, float]:
        """Return the best coordinates with some held where `start` has them, and the value there."""
        shift = self._shift(rows)
        optimum = self._climb(self._rescaled(rows, self._scale(rows)), rows.weight, start - shift, fixed=fixed)
        return optimum.position + shift, optimum.value

    def _choose_prior(self, rows: D) -> Found:
        evidence = self._evidence(rows)
        self.prior_ = resolve(self.prior, self.prior_centre, evidence)
        if self.prior_ is None and evidence == 0:
            raise diagnostics.NO_REPEAT_BUYERS.error(model=self.label)
        if self.prior != AUTO or self.prior_ is None:
            return []
        small = diagnostics.SMALL_DATA.problem(model=self.label, found=f"{evidence:g}", needed=ENOUGH_REPEAT_BUYERS)
        return [(Severity.WARNING, small)]

    def _may_lean(self, rows: D) -> bool:
        """Whether a fit the data do not determine may be repeated with the model's own prior."""
        return self.prior == AUTO and self.prior_ is None and self._evidence(rows) < MANY_REPEAT_BUYERS

    def _lean(self, rows: D) -> Problem:
        self.prior_ = Prior(self.prior_centre)
        found = f"{self._evidence(rows):g}"
        return diagnostics.LEANS_ON_PRIOR.problem(model=self.label, found=found, needed=MANY_REPEAT_BUYERS)

    def _climb(self, scaled: D, weight: Floats, warm: Floats | None = None, **options: Any) -> Optimum:
        """Find the best coordinates of rows in units of their own scale (`_shift` converts them back)."""
        objective, count = self._objective(scaled, weight)
        logs = np.arange(count) < len(self.parameter_names)
        box = np.where(logs, LOG_BOX, EFFECT_BOX)
        if warm is None and weight.size > 2 * SKETCH_CUSTOMERS:
            warm = self._sketch(scaled, weight)
        if warm is not None:
            return maximise(objective, warm, -box, box, **options)
        tries: list[Optimum] = []
        for guess in self._starts(scaled):
            start = np.zeros(count)
            start[: len(guess)] = [np.log(guess[name]) for name in self.parameter_names]
            tries.append(maximise(objective, start, -box, box, **options))
            if tries[-1].converged and not tries[-1].at_border.any():
                break
        return max(tries, key=lambda optimum: optimum.value)

    def _sketch(self, scaled: D, weight: Floats) -> Floats | None:
        """Return the best coordinates of an even selection of the customers: a start from which few steps remain.

        Customers are selected, not rows: a row that stands for many keeps its share.
        """
        ends = np.cumsum(weight)
        marks = (np.arange(SKETCH_CUSTOMERS) + 0.5) * (ends[-1] / SKETCH_CUSTOMERS)
        some, drawn = np.unique(np.searchsorted(ends, marks), return_counts=True)
        rows = self._selected(scaled, some, drawn.astype(np.float64))
        if rows is None:
            return None
        optimum = self._climb(rows, rows.weight, tolerance=1e-3)
        return optimum.position if optimum.converged and not optimum.at_border.any() else None

    def _selected(self, scaled: D, chosen: NDArray[np.int64], weight: Floats) -> D | None:
        """Return some of the rows with other weights, or None where the data are never long."""
        return None

    def _objective(self, scaled: D, weight: Floats) -> tuple[Objective, int]:
        blocks = self._blocks(scaled, weight)
        coefficients = self._coefficients(scaled)
        names = tuple(coefficient.name for coefficient in coefficients)

        def objective(position: Floats) -> tuple[float, Floats, Floats]:
            return evaluate(position, blocks, coefficients)

        if self.prior_ is None or self.prior_.strength == 0:
            return objective, len(names)
        centre = self._anchored(log_centre(self.prior_, names), scaled)
        return penalised(objective, centre, self.prior_), len(names)

    def _coefficients(self, rows: D) -> list[Coefficient]:
        effects, columns = self._effects(), self._columns(rows)
        for moved in effects.values():
            for covariate, _ in moved:
                if covariate not in columns:
                    raise UNKNOWN_COVARIATE.error(name=covariate, known=", ".join(columns) or "-")
        return covariate_coefficients(effects, self.parameter_names, columns)

    def _shift(self, rows: D) -> Floats:
        """Return what turns scaled coordinates into those of the rows' own unit."""
        powers = [self.scale_powers.get(name, 0.0) for name in self.parameter_names]
        extra = sum(len(moved) for moved in self._effects().values())
        shift: Floats = np.array([*powers, *([0.0] * extra)]) * np.log(self._scale(rows))
        return shift

    def _learn(self, rows: D, optimum: Optimum) -> None:
        self.days_per_unit_ = rows.days_per_unit
        self.coordinate_names_ = tuple(c.name for c in self._coefficients(rows))
        self.coordinates_ = optimum.position + self._shift(rows)
        self.covariance_ = diagnostics.covariance(optimum.hessian)
        self.customers_ = float(rows.weight.sum())
        self.log_likelihood_ = self._value_at(rows, optimum)

    def _value_at(self, rows: D, optimum: Optimum) -> float:
        """Return the log-likelihood at the optimum, without penalty, in the unit of the rows."""
        if self.prior_ is not None:
            return self._value(rows)
        return optimum.value + self._constant(rows) - self._densities(rows) * float(np.log(self._scale(rows)))

    def _value(self, rows: D) -> float:
        blocks = self._blocks(rows, rows.weight)
        return evaluate(self.coordinates_, blocks, self._coefficients(rows))[0] + self._constant(rows)

    # ---- what was learnt ------------------------------------------------------------------------------

    @property
    def parameters_(self) -> dict[str, float]:
        """The parameters by name, times in units of `days_per_unit_` days; then effects of covariates."""
        self._check_fitted()
        logs = len(self.parameter_names)
        values = np.r_[np.exp(self.coordinates_[:logs]), self.coordinates_[logs:]]
        return dict(zip(self.coordinate_names_, map(float, values), strict=True))

    @property
    def standard_errors_(self) -> dict[str, float]:
        """Standard errors of `parameters_`, from the curvature of the likelihood."""
        self._check_fitted()
        logs = len(self.parameter_names)
        slope = np.r_[np.exp(self.coordinates_[:logs]), np.ones(self.coordinates_.size - logs)]
        errors = slope * np.sqrt(np.diag(self.covariance_))
        return dict(zip(self.coordinate_names_, map(float, errors), strict=True))

    def with_coordinates(self, coordinates: Floats) -> Self:
        """Return the same fitted model at other coordinates (a bootstrap draw, a point of a profile)."""
        self._check_fitted()
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other.coordinates_ = np.asarray(coordinates, dtype=np.float64)
        return other

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, float], *, days_per_unit: float = 1.0, **settings: Any) -> Self:
        """Return a model with known parameters: to predict from published figures, or to simulate."""
        model = cls(**settings)
        effects = [name for name in parameters if name not in cls.parameter_names]
        logs = [np.log(parameters[name]) for name in cls.parameter_names]
        model.coordinates_ = np.array([*logs, *(parameters[name] for name in effects)])
        model.coordinate_names_ = (*cls.parameter_names, *effects)
        model.covariance_ = np.zeros((model.coordinates_.size,) * 2)
        model.days_per_unit_, model.customers_ = days_per_unit, 0.0
        model.log_likelihood_, model.prior_, model.diagnostics_ = float("nan"), None, ()
        return model

    def settings(self) -> dict[str, Any]:
        """Return the constructor's arguments as JSON-ready data."""
        prior = self.prior.to_dict() if isinstance(self.prior, Prior) else self.prior
        return {"prior": prior, "strict": self.strict}

    def to_dict(self) -> dict[str, Any]:
        """Return settings and everything learnt as JSON-ready data."""
        self._check_fitted()
        return dump_state(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the model that `to_dict` wrote."""
        return load_state(cls, data)

    def _check_fitted(self) -> None:
        if not hasattr(self, "coordinates_"):
            raise NOT_FITTED.error(model=self.label)

    def _natural(self, rows: D) -> Parameters:
        """Return each parameter as a number, or per row where a covariate moves it."""
        self._check_fitted()
        values: Parameters = list(np.exp(self.coordinates_[: len(self.parameter_names)]))
        for value, coefficient in zip(self.coordinates_, self._coefficients(rows), strict=True):
            if coefficient.column is not None:
                values[coefficient.target] = values[coefficient.target] * np.exp(value * coefficient.column)
        return values
