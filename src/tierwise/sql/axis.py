"""Learn where an axis is cut, and make a score of two classes of it: 2 is good, 1 is not."""

from __future__ import annotations

from decimal import Decimal
from typing import cast

from tierwise.contracts.axis import Axis, Facts
from tierwise.contracts.model import Learned, Learning, Note
from tierwise.contracts.scheme import Condition, Number, Op, Score
from tierwise.language import Text
from tierwise.sql.histogram import CutRequest, Method, cut_points, cut_steps
from tierwise.sql.steps import Step

HIGH = 2


def _request(axis: Axis, facts: Facts) -> CutRequest:
    method = cast(Method, axis.cut)
    return CutRequest(axis.ref.column, method, axis.ascending(facts), top_percents=(axis.top_percent,))


def axis_learning(prefix: str, table: str, axis: Axis, facts: Facts) -> Learning:
    """The steps that learn the cut-point of an axis over the indicator table; none for own cut-points.

    Where most customers have nothing, a median over all would call everyone high: by default only those above
    zero are looked at, and whoever has nothing is low. On an axis where less is better, zero counts as a value.
    """
    if axis.cut == "own":
        return Learning()
    column, source = axis.ref.column, table
    steps: list[Step] = []
    if axis.among == "active" and axis.ascending(facts):
        source = f"{prefix}_active"
        steps.append(Step(source, f"SELECT customer_id, {column} FROM {table} WHERE {column} > 0"))
    return Learning((*steps, *cut_steps(prefix, source, _request(axis, facts))), (f"{prefix}_cuts",))


def axis_score(prefix: str, name: str, axis: Axis, facts: Facts, learned: Learned) -> Score:
    """The score of an axis from what was learned: 2 for good, 1 for the rest and for the unknown."""
    ascending, label = axis.ascending(facts), axis.label(facts)
    if axis.cut == "own":
        assert axis.at is not None, "Axis refuses own without at"
        # what is exactly at the point is good on either kind of axis: on a descending one bad begins a cent later
        cuts: tuple[Number, ...] = (axis.at if ascending else axis.at + Decimal("0.01"),)
    else:
        cuts = cut_points(learned[f"{prefix}_cuts"][0], _request(axis, facts))
    said = Text(f"class of {label.en}", f"{label.zh}档位")
    return Score(name, axis.ref.column, said, HIGH, {(): cuts}, ascending)


def is_high(score: str) -> Condition:
    """The condition that an axis is good."""
    return Condition(score, Op.GE, HIGH)


def is_low(score: str) -> Condition:
    """The condition that an axis is not good."""
    return Condition(score, Op.LT, HIGH)


def constant_notes(
    code: str, scores: tuple[Score, ...], learned: Learned, prefixes: tuple[str, ...]
) -> tuple[Note, ...]:
    """A note for each axis on which everyone has the same value, or nobody has any."""
    notes = []
    for score, prefix in zip(scores, prefixes, strict=True):
        rows = learned.get(f"{prefix}_cuts", [])
        if rows and rows[0]["lowest"] == rows[0]["highest"]:
            text = Text(
                f"{score.column} does not tell customers apart: all have the same value, or none has any",
                f"{score.column} 无法区分客户：取值全部相同或全部缺失",
            )
            notes.append(Note(code, text, {"column": score.column}))
    return tuple(notes)
