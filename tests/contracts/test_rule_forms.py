"""Alternatives say what the rule says, of every customer: against a reading of the expression itself."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tierwise.contracts.rule_forms import (
    MOST_ALTERNATIVES,
    TooManyAlternativesError,
    form_of,
    holds,
    negation_of,
    simplified,
)
from tierwise.contracts.rule_language import All, Either, Expression, Not, Test, parse_rule
from tierwise.contracts.scheme import Condition, Op

NUMBERS = st.one_of(st.integers(-2, 6), st.sampled_from([Decimal("1.50"), Decimal("2.25")]))
WORDS = st.sampled_from(["a", "b", "c"])
COMPARISONS = (Op.GE, Op.GT, Op.LE, Op.LT, Op.EQ, Op.NE)
numeric = st.builds(Condition, st.sampled_from(["x", "y"]), st.sampled_from(COMPARISONS), NUMBERS, st.booleans())
worded = st.builds(Condition, st.just("w"), st.sampled_from((Op.EQ, Op.NE)), WORDS, st.booleans())
nulls = st.builds(Condition, st.sampled_from(["x", "y", "w"]), st.sampled_from((Op.NULL, Op.NOT_NULL)))
conditions = st.one_of(numeric, numeric, worded, nulls)
expressions = st.recursive(
    conditions.map(Test),
    lambda parts: st.one_of(
        parts.map(Not),
        st.lists(parts, min_size=2, max_size=3).map(lambda found: All(tuple(found))),
        st.lists(parts, min_size=2, max_size=3).map(lambda found: Either(tuple(found))),
    ),
    max_leaves=8,
)
customers = st.fixed_dictionaries(
    {"x": st.one_of(st.none(), NUMBERS), "y": st.one_of(st.none(), NUMBERS), "w": st.one_of(st.none(), WORDS)}
)


def reading(expression: Expression, values: dict[str, Any]) -> bool:
    if isinstance(expression, Test):
        return expression.condition.holds(values[expression.condition.column])
    if isinstance(expression, Not):
        return not reading(expression.part, values)
    found = [reading(part, values) for part in expression.parts]
    return all(found) if isinstance(expression, All) else any(found)


@settings(max_examples=200, deadline=None)
@given(expressions, st.lists(customers, min_size=1, max_size=8))
def test_a_form_says_what_its_rule_says(expression: Expression, people: list[dict[str, Any]]) -> None:
    form = form_of(expression)
    for values in people:
        assert holds(form, values) is reading(expression, values)


@settings(max_examples=100, deadline=None)
@given(conditions, customers)
def test_a_negation_holds_exactly_where_the_condition_does_not(condition: Condition, values: dict[str, Any]) -> None:
    found = values[condition.column]
    assert negation_of(condition).holds(found) is not condition.holds(found)
    assert negation_of(negation_of(condition)) == condition


def test_the_tightest_bounds_stay() -> None:
    rule = parse_rule("x >= 1 and x > 1 and x <= 9 and x < 12 and x <> 20 and x <> 5", ("x",))
    assert [(c.op, c.value) for c in form_of(rule)[0]] == [(Op.GT, 1), (Op.LE, 9), (Op.NE, 5)]


def test_what_nobody_can_meet_has_no_alternative() -> None:
    assert form_of(parse_rule("x > 5 and x < 5 or x = 1 and x <> 1 or x is null and x > 0", ("x",))) == ()
    assert simplified((Condition("x", Op.GE, 5), Condition("x", Op.LT, 5))) is None


def test_an_alternative_that_another_contains_goes() -> None:
    assert len(form_of(parse_rule("x > 5 or x > 5 and y > 1", ("x", "y")))) == 1


def test_more_alternatives_than_anyone_can_read_are_refused() -> None:
    names = [f"x{number}" for number in range(16)]
    pairs = " and ".join(f"({one} > 0 or {other} > 0)" for one, other in zip(names[::2], names[1::2], strict=True))
    with pytest.raises(TooManyAlternativesError):
        form_of(parse_rule(pairs, names))
    assert MOST_ALTERNATIVES < 2**8
