"""A scheme has two readings, SQL and Python: over random schemes and random customers they never differ."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tierwise.contracts.scheme import Condition, Op, Rule, Scheme, Score, Tier, evaluate
from tierwise.contracts.scheme_json import scheme_from_json, scheme_to_json
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.plans import run_plan
from tierwise.language import Text
from tierwise.sql.scheme import label_columns, label_steps

T = Text("x", "值")
MANY = settings(max_examples=300 if os.environ.get("CI") else 40, deadline=None, derandomize=True)

whole = st.integers(-5, 5)
money = st.integers(-500, 500).map(lambda cents: Decimal(cents) / 100)
word = st.sampled_from(["gold", "O'Brien", "客户", "", "a\\b"])
VALUES = {"n": whole, "m": money, "w": word}
customer = st.fixed_dictionaries({name: st.one_of(st.none(), values) for name, values in VALUES.items()})
ORDERED = [Op.GE, Op.GT, Op.LE, Op.LT, Op.EQ, Op.NE]


@st.composite
def conditions(draw: Any, scores: tuple[str, ...]) -> Condition:
    column = draw(st.sampled_from(["n", "m", "w", *scores]))
    op = draw(st.sampled_from([Op.NULL, Op.NOT_NULL, *([Op.EQ, Op.NE] if column == "w" else ORDERED)]))
    if op in (Op.NULL, Op.NOT_NULL):
        return Condition(column, op)
    return Condition(column, op, draw(VALUES.get(column, st.integers(1, 4))), draw(st.booleans()))


@st.composite
def scores_of(draw: Any) -> tuple[Score, ...]:
    """One score over `n`, and perhaps one over `m`, perhaps nested in the first."""
    cuts = st.lists(money, max_size=3, unique=True).map(lambda found: tuple(sorted(found)))
    first = Score("s1", "n", T, 4, {(): draw(cuts)}, draw(st.booleans()))
    if not draw(st.booleans()):
        return (first,)
    nested = draw(st.booleans())
    inside = {(group,): draw(cuts) for group in draw(st.sets(st.integers(1, 4)))} if nested else {(): draw(cuts)}
    return first, Score("s2", "m", T, 4, inside, draw(st.booleans()), ("s1",) if nested else ())


@st.composite
def schemes(draw: Any) -> Scheme:
    tiers = tuple(Tier(f"t{rank}", T, rank, T, T) for rank in range(1, 4))
    scores = draw(scores_of())
    names = tuple(score.name for score in scores)
    rules = draw(
        st.lists(
            st.builds(
                Rule,
                st.sampled_from([tier.key for tier in tiers]),
                st.lists(conditions(names), max_size=3).map(tuple),
            ),
            max_size=5,
        )
    )
    total = {name: draw(money) for name in draw(st.sets(st.sampled_from(["n", "m", *names])))}
    return Scheme(("n", "m", "w"), tiers, tuple(rules), "t3", scores, total)


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    with DuckDBEngine(threads=1) as opened:
        yield opened


@MANY
@given(schemes(), st.lists(customer, min_size=1, max_size=12))
def test_sql_and_python_agree(engine: DuckDBEngine, scheme: Scheme, people: list[dict[str, Any]]) -> None:
    schema = pa.schema(
        [("customer_id", pa.string()), ("n", pa.int64()), ("m", pa.decimal128(18, 2)), ("w", pa.string())]
    )
    rows = [{"customer_id": f"c{place:02d}", **person} for place, person in enumerate(people)]
    engine.register("people", pa.Table.from_pylist(rows, schema=schema))
    run_plan(engine, label_steps(scheme, "people", "labelled"))
    found = {row["customer_id"]: row for row in engine.records("labelled", "SELECT * FROM labelled")}
    assert len(found) == len(people)
    for row in rows:
        labelled = found[row["customer_id"]]
        assert tuple(labelled) == label_columns(scheme)
        verdict = evaluate(scheme, row)
        fired = 0 if verdict.rule is None else verdict.rule + 1
        assert (labelled["tier"], labelled["rank"], labelled["rule"]) == (verdict.tier.key, verdict.tier.rank, fired)
        assert {name: labelled[name] for name in verdict.scores} == dict(verdict.scores)
        assert labelled["score"] == scheme.score_of({**row, **verdict.scores})


@MANY
@given(schemes())
def test_json_keeps_a_scheme_exactly(scheme: Scheme) -> None:
    back = scheme_from_json(json.loads(json.dumps(scheme_to_json(scheme))))
    assert back == scheme and repr(back) == repr(scheme)


def test_the_first_rule_that_fits_wins() -> None:
    tiers = (Tier("a", T, 1, T, T), Tier("b", T, 2, T, T))
    rules = (Rule("b", (Condition("n", Op.GE, 5),)), Rule("a", (Condition("n", Op.GE, 1),)))
    scheme = Scheme(("n",), tiers, rules, "b")
    assert [evaluate(scheme, {"n": n}).tier.key for n in (5, 4, 0, None)] == ["b", "a", "b", "b"]
    assert [evaluate(scheme, {"n": n}).rule for n in (5, 4, 0, None)] == [0, 1, None, None]
