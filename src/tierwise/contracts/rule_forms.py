"""A rule as alternatives, each a list of conditions that must all hold: the form that schemes are made of.

Negations go down to the single conditions, where `or_null` keeps them exact. Of several conditions on one column
the tightest stay; alternatives that nobody can meet, or that another one contains, go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product

from tierwise.contracts.rule_language import Either, Expression, Not, Test
from tierwise.contracts.scheme import Condition, Op, Value

Alternative = tuple[Condition, ...]
Form = tuple[Alternative, ...]

MOST_ALTERNATIVES = 200
_OPPOSITE = {
    Op.GE: Op.LT, Op.LT: Op.GE, Op.GT: Op.LE, Op.LE: Op.GT, Op.EQ: Op.NE, Op.NE: Op.EQ,
    Op.NULL: Op.NOT_NULL, Op.NOT_NULL: Op.NULL,
}  # fmt: skip
_NULL_OPS = (Op.NULL, Op.NOT_NULL)


class TooManyAlternativesError(ValueError):
    """A rule that has more alternatives than anyone can read."""


def form_of(expression: Expression) -> Form:
    """The alternatives of a rule, in the order in which it names them; none where nobody can meet it.

    Raises TooManyAlternativesError beyond MOST_ALTERNATIVES.
    """
    return _form(expression, False)


def holds(form: Form, values: Mapping[str, Value]) -> bool:
    """Whether a customer meets a rule."""
    return any(all(condition.holds(values[condition.column]) for condition in when) for when in form)


def negation_of(condition: Condition) -> Condition:
    """The condition that holds exactly where this one does not."""
    opposite = _OPPOSITE[condition.op]
    if condition.op in _NULL_OPS:
        return Condition(condition.column, opposite)
    return Condition(condition.column, opposite, condition.value, not condition.or_null)


def _form(expression: Expression, negative: bool) -> Form:
    if isinstance(expression, Not):
        return _form(expression.part, not negative)
    if isinstance(expression, Test):
        return ((negation_of(expression.condition) if negative else expression.condition,),)
    parts = [_form(part, negative) for part in expression.parts]
    if isinstance(expression, Either) != negative:
        return _limited(alternative for part in parts for alternative in part)
    return _every(parts)


def _every(parts: list[Form]) -> Form:
    """All parts at once: every choice of one alternative from each."""
    found: Form = ((),)
    for part in parts:
        joined = (simplified((*first, *second)) for first, second in product(found, part))
        found = _limited(alternative for alternative in joined if alternative is not None)
    return found


def _limited(alternatives: Iterable[Alternative]) -> Form:
    kept: list[Alternative] = []
    for found in dict.fromkeys(alternatives):
        if any(set(other) <= set(found) for other in kept):
            continue
        kept = [other for other in kept if not set(found) <= set(other)]
        kept.append(found)
        if len(kept) > MOST_ALTERNATIVES:
            raise TooManyAlternativesError
    return tuple(kept)


def simplified(conditions: Alternative) -> Alternative | None:
    """The same conditions with those on one column drawn together; None where nobody can meet them."""
    by_column: dict[str, list[Condition]] = {}
    for condition in conditions:
        by_column.setdefault(condition.column, []).append(condition)
    kept: list[Condition] = []
    for column, found in by_column.items():
        tightest = _tightest(column, found)
        if tightest is None:
            return None
        kept += tightest
    return tuple(kept)


def _tightest(column: str, found: list[Condition]) -> list[Condition] | None:
    null = all(c.op is Op.NULL or (c.or_null and c.op is not Op.NOT_NULL) for c in found)
    tests = [c for c in found if c.op not in _NULL_OPS]
    if any(c.op is Op.NULL for c in found):
        return [Condition(column, Op.NULL)] if null else None
    if not tests:
        return [Condition(column, Op.NOT_NULL)]
    if len({isinstance(c.value, str) for c in tests}) > 1:
        return found  # a word and a number on one column: whoever knows the column's kind will refuse one of them
    values = _values(tests)
    if values is None:
        return [Condition(column, Op.NULL)] if null else None
    return [Condition(column, c.op, c.value, null) for c in values]


def _values(tests: list[Condition]) -> list[Condition] | None:
    """The tests of known values, without those that others imply; None where no value meets them all."""
    equal = next((c for c in tests if c.op is Op.EQ), None)
    if equal is not None:
        return [equal] if all(c.holds(equal.value) for c in tests) else None
    low = _strictest([c for c in tests if c.op in (Op.GE, Op.GT)], Op.GT, 1)
    high = _strictest([c for c in tests if c.op in (Op.LE, Op.LT)], Op.LT, -1)
    if low and high:
        if low.value > high.value:  # type: ignore[operator]
            return None
        if low.value == high.value and (low.op is Op.GT or high.op is Op.LT):
            return None
    bounds = [c for c in (low, high) if c]
    unequal = dict.fromkeys(c.value for c in tests if c.op is Op.NE)
    inside = [value for value in unequal if all(c.holds(value) for c in bounds)]
    return [*bounds, *(Condition(tests[0].column, Op.NE, value) for value in inside)]


def _strictest(bounds: list[Condition], strict: Op, sign: int) -> Condition | None:
    """The bound that implies the others: the highest lower one, or the lowest upper one."""
    return max(bounds, key=lambda c: (sign * c.value, c.op is strict), default=None)  # type: ignore[operator]
