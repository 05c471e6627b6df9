"""From the likelihood of one row to value, gradient and Hessian of all rows.

A model writes its log-likelihood as a sum of *blocks*. A block has rows with weights, and a function that
gives, for every row, the terms and their first and second derivatives by the model's natural parameters.
Rows are taken in slices that fit the processor's cache. Parameters are climbed on the log scale; a
covariate z multiplies a natural parameter by exp(sign · coefficient · z).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tierwise.clv.optimise import Evaluation

Floats = NDArray[np.float64]
Value = Floats | float
Columns = tuple[Floats, ...]

SLICE_ROWS = 8_192
"""Rows of a slice: 64 kB a column, and below the size at which BLAS starts threads for a dot product."""


@dataclass(slots=True)
class Terms:
    """Terms of a block of rows: values, first derivatives by parameter, second ones by pair (i ≤ j)."""

    value: Floats
    first: dict[int, Value] = field(default_factory=dict)
    second: dict[tuple[int, int], Value] = field(default_factory=dict)


TermFunction = Callable[[Sequence[Value], Columns], Terms]


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of one kind: their columns, weights and the function that gives their terms."""

    columns: Columns
    weight: Floats
    terms: TermFunction
    slice_rows: int = SLICE_ROWS


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One coordinate of the climb: a log-parameter, or a covariate's effect on natural parameter `target`."""

    name: str
    target: int
    column: Floats | None = None


def natural(position: Floats, coefficients: Sequence[Coefficient], rows: slice) -> list[Value]:
    """Return each natural parameter: a number, or an array over `rows` where a covariate moves it."""
    logs: dict[int, Value] = {}
    for value, coefficient in zip(position, coefficients, strict=True):
        part = float(value) if coefficient.column is None else value * coefficient.column[rows]
        logs[coefficient.target] = logs.get(coefficient.target, 0.0) + part
    return [np.exp(logs[target]) for target in range(len(logs))]


def evaluate(position: Floats, blocks: Sequence[Block], coefficients: Sequence[Coefficient]) -> Evaluation:
    """Return log-likelihood, gradient and Hessian of all blocks by the coordinates of the climb."""
    value, gradient = 0.0, np.zeros(position.size)
    hessian = np.zeros((position.size, position.size))
    sums = _Sums(coefficients, gradient, hessian)
    add = sums.add_plain if all(c.column is None for c in coefficients) else sums.add_with_covariates
    for block in blocks:
        for low in range(0, block.weight.size, block.slice_rows):
            rows = slice(low, low + block.slice_rows)
            parameters = natural(position, coefficients, rows)
            with np.errstate(all="ignore"):  # a step too far gives inf or NaN, which the climb rejects
                terms = block.terms(parameters, tuple(column[rows] for column in block.columns))
                weight = block.weight[rows]
                value += float(weight @ terms.value)
                add(terms, weight, parameters, rows)
    return value, gradient, hessian


def _total(weight: Floats, derivative: Value) -> float:
    if isinstance(derivative, np.ndarray) and derivative.ndim:
        return float(weight @ derivative)
    return float(derivative) * float(weight.sum())


@dataclass(frozen=True, slots=True)
class _Sums:
    """Gradient and Hessian by the coordinates of the climb, added up block by block."""

    coefficients: Sequence[Coefficient]
    gradient: Floats
    hessian: Floats

    def add_plain(self, terms: Terms, weight: Floats, parameters: Sequence[Value], rows: slice) -> None:
        """Add up over the rows first: the change to the log scale is then a matter of a few numbers."""
        scale = [float(parameter) for parameter in parameters]
        for i, derivative in terms.first.items():
            total = scale[i] * _total(weight, derivative)
            self.gradient[i] += total
            self.hessian[i, i] += total
        for (i, j), derivative in terms.second.items():
            total = scale[i] * scale[j] * _total(weight, derivative)
            self.hessian[i, j] += total
            if i != j:
                self.hessian[j, i] += total

    def add_with_covariates(self, terms: Terms, weight: Floats, parameters: Sequence[Value], rows: slice) -> None:
        """Chain rule row by row: each coordinate moves one log-parameter by its column.

        A block on merged rows has no derivatives by the parameters that covariates move.
        """
        first = {i: weight * parameters[i] * derivative for i, derivative in terms.first.items()}
        columns = [1.0 if c.column is None else c.column[rows] for c in self.coefficients]
        for k, a in enumerate(self.coefficients):
            if a.target in first:
                self.gradient[k] += float(np.sum(first[a.target] * columns[k]))
            for m, b in enumerate(self.coefficients):
                pair = (min(a.target, b.target), max(a.target, b.target))
                mixed: Value = 0.0
                if pair in terms.second:
                    mixed = weight * parameters[pair[0]] * parameters[pair[1]] * terms.second[pair]
                if a.target == b.target and a.target in first:
                    mixed = mixed + first[a.target]
                if isinstance(mixed, np.ndarray):
                    self.hessian[k, m] += float(np.sum(mixed * columns[k] * columns[m]))


def covariate_coefficients(
    effects: Mapping[int, Sequence[tuple[str, float]]],
    names: Sequence[str],
    columns: Mapping[str, Floats],
) -> list[Coefficient]:
    """Return the log-parameters `names` followed by the effects {parameter: [(covariate, sign), …]}."""
    found = [Coefficient(name, target) for target, name in enumerate(names)]
    for target, moved in effects.items():
        for covariate, sign in moved:
            found.append(Coefficient(f"{names[target]}:{covariate}", target, sign * columns[covariate]))
    return found
