"""A claim and its domains as z3 formulas, with exact integers throughout.

A column of numbers is an integer that counts steps of its grid (cents for money); a column of words is an integer
that points into the words known, one more standing for any other word. Beside each stands a Boolean: unknown.
Scores are the step functions they are; the weighted total is a rational sum.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from math import ceil, floor
from typing import Any

import z3

from tierwise.contracts.mece import Claim, Domain, Grid
from tierwise.contracts.scheme import SCORE, Condition, Number, Op, Score, Value

_HALF = Decimal("0.0000005")


class Encoding:
    """The formulas of one claim. `customers` says that all columns lie in their domains."""

    def __init__(self, claim: Claim, domains: Mapping[str, Domain]) -> None:
        self.claim = claim
        self.domains = {column: domains[column] for column in claim.columns}
        self.context = z3.Context()
        self.words = {column: _words(column, self.domains[column], claim) for column in claim.columns}
        self.value = {column: z3.Int(column, self.context) for column in claim.columns}
        self.unknown = {column: z3.Bool(f"{column} unknown", self.context) for column in claim.columns}
        self.score: dict[str, Any] = {}
        self.definitions: list[Any] = []
        for score in claim.scores:
            self.score[score.name] = z3.Int(f"score {score.name}", self.context)
            self.definitions.append(self.score[score.name] == self._score(score))

    @cached_property
    def customers(self) -> list[Any]:
        """Every column has a value of its domain, every score the one that follows."""
        return [*(self._inside(column) for column in self.claim.columns), *self.definitions]

    def rule(self, place: int) -> Any:
        """The formula of one rule."""
        form = self.claim.rules[place].form
        return self.any_of([self.all_of([self.condition(condition) for condition in when]) for when in form])

    def any_of(self, parts: Sequence[Any]) -> Any:
        """The disjunction; false where there is no part."""
        return z3.Or(*parts) if parts else z3.BoolVal(False, self.context)

    def all_of(self, parts: Sequence[Any]) -> Any:
        """The conjunction; true where there is no part."""
        return z3.And(*parts) if parts else z3.BoolVal(True, self.context)

    def condition(self, condition: Condition) -> Any:
        """The formula of one condition."""
        column = condition.column
        if column in self.score:
            return self._compare(self.score[column], condition.op, condition.value, 1)
        if column == SCORE and column not in self.domains:
            return self._total(condition)
        unknown = self.unknown[column]
        if condition.op is Op.NULL:
            return unknown
        if condition.op is Op.NOT_NULL:
            return z3.Not(unknown)
        if self.domains[column].grid is Grid.WORDS:
            compared = self._word(column, condition)
        else:
            compared = self._compare(self.value[column], condition.op, condition.value, self.domains[column].scale)
        return z3.Or(unknown, compared) if condition.or_null else z3.And(z3.Not(unknown), compared)

    def values(self, model: Any) -> dict[str, Value]:
        """The customer that a model of the formulas describes."""
        found: dict[str, Value] = {}
        for column, domain in self.domains.items():
            if z3.is_true(model.eval(self.unknown[column], model_completion=True)):
                found[column] = None
                continue
            number = model.eval(self.value[column], model_completion=True).as_long()
            if domain.grid is Grid.WORDS:
                found[column] = self.words[column][number]
            else:
                found[column] = number if domain.grid is Grid.WHOLE else Decimal(number) / domain.scale
        return found

    def _inside(self, column: str) -> Any:
        domain, value = self.domains[column], self.value[column]
        parts = [] if domain.nullable else [z3.Not(self.unknown[column])]
        if domain.grid is Grid.WORDS:
            parts += [value >= 0, value < len(self.words[column])]
        else:
            parts += [value >= domain.least * domain.scale] if domain.least is not None else []
            parts += [value <= domain.most * domain.scale] if domain.most is not None else []
        return self.all_of(parts)

    def _word(self, column: str, condition: Condition) -> Any:
        known = self.words[column]
        at = known.index(str(condition.value)) if condition.value in known else -1
        return self.value[column] == at if condition.op is Op.EQ else self.value[column] != at

    def _compare(self, steps: Any, op: Op, value: Value, scale: int) -> Any:
        """Compare an integer of grid steps with a constant that may lie between two steps."""
        assert isinstance(value, int | Decimal)
        exact = Decimal(value) * scale
        if op is Op.GE:
            return steps >= ceil(exact)
        if op is Op.GT:
            return steps >= floor(exact) + 1
        if op is Op.LE:
            return steps <= floor(exact)
        if op is Op.LT:
            return steps <= ceil(exact) - 1
        if exact != int(exact):
            return z3.BoolVal(op is Op.NE, self.context)
        return steps == int(exact) if op is Op.EQ else steps != int(exact)

    def _score(self, score: Score) -> Any:
        """A score as the step function it is, nested ones case by case."""
        column = score.column
        scale = self.domains[column].scale
        reached = self._reached(column, score.cuts.get((), ()), scale) if not score.within else self._nested(score)
        points = 1 + reached if score.ascending else score.bins - reached
        return z3.If(self.unknown[column], z3.IntVal(1, self.context), points)

    def _nested(self, score: Score) -> Any:
        found = z3.IntVal(0, self.context)
        for key, cuts in score.cuts.items():
            outer = [self.score[name] == points for name, points in zip(score.within, key, strict=True)]
            found = z3.If(
                self.all_of(outer), self._reached(score.column, cuts, self.domains[score.column].scale), found
            )
        return found

    def _reached(self, column: str, cuts: Sequence[Number], scale: int) -> Any:
        one, none = z3.IntVal(1, self.context), z3.IntVal(0, self.context)
        steps = [z3.If(self.value[column] >= ceil(Decimal(cut) * scale), one, none) for cut in cuts]
        return z3.Sum(*steps) if steps else none

    def _total(self, condition: Condition) -> Any:
        """The weighted total against a constant; it is rounded to six decimals, half away from zero."""
        assert isinstance(condition.value, int | Decimal)
        total = z3.Sum(*(self._weighed(column, weight) for column, weight in self.claim.total.items()))
        value = Decimal(condition.value)
        reaches = self._at_least(total, _up(value))
        exceeds = self._at_least(total, _up(value, strictly=True))
        is_grid = value == _up(value)
        return {
            Op.GE: reaches,
            Op.GT: exceeds,
            Op.LE: z3.Not(exceeds),
            Op.LT: z3.Not(reaches),
            Op.EQ: self.all_of([reaches, z3.Not(exceeds)]) if is_grid else z3.BoolVal(False, self.context),
            Op.NE: z3.Not(self.all_of([reaches, z3.Not(exceeds)])) if is_grid else z3.BoolVal(True, self.context),
            Op.NULL: z3.BoolVal(False, self.context),
            Op.NOT_NULL: z3.BoolVal(True, self.context),
        }[condition.op]

    def _at_least(self, total: Any, millionths: Decimal) -> Any:
        """The rounded total reaches a number of six decimals; halves go up above zero and down below it."""
        bound = z3.RealVal(str(millionths - _HALF), self.context)
        return total >= bound if millionths > 0 else total > bound

    def _weighed(self, column: str, weight: Decimal) -> Any:
        nothing = z3.RealVal(0, self.context)
        if column in self.score:
            return z3.ToReal(self.score[column]) * z3.RealVal(str(weight), self.context)
        factor = z3.RealVal(str(Decimal(weight) / self.domains[column].scale), self.context)
        return z3.If(self.unknown[column], nothing, z3.ToReal(self.value[column]) * factor)


def _up(value: Decimal, strictly: bool = False) -> Decimal:
    """The least number of six decimals that is not below `value`, or above it."""
    step = Decimal("0.000001")
    exact = value / step
    return (Decimal(floor(exact) + 1) if strictly else Decimal(ceil(exact))) * step


OTHER = "其他 / other"


def _words(column: str, domain: Domain, claim: Claim) -> list[str]:
    """The words of a column: those declared, those the rules name, and one that stands for any other."""
    if domain.grid is not Grid.WORDS:
        return []
    if domain.closed:
        return list(domain.words)
    named = [str(c.value) for rule in claim.rules for when in rule.form for c in when if c.column == column and c.value]
    words = list(dict.fromkeys([*domain.words, *named]))
    other = OTHER
    while other in words:
        other += "*"
    return [*words, other]
