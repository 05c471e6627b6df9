"""Tiers with memory: a customer changes tier only when it has clearly crossed the line and stayed long enough.

With a margin of m per cent a customer keeps the tier of the run before while that tier's rules still hold with
their thresholds moved m per cent in its favour, and no earlier rule of another tier holds with its thresholds
moved m per cent against it (a Schmitt trigger for each line). Cut-points of scores move in the same way. Zero,
equality and the nearest centre have no margin. With a minimum stay, a tier taken up on day d is kept at least
until d + stay.

`fresh_tier` is what the rules alone say today, `since` the day of the run that first gave the tier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from tierwise.contracts.scheme import Condition, Number, Op, Scheme, Score
from tierwise.sql.expressions import date_before, literal
from tierwise.sql.scheme import condition_sql, score_sql
from tierwise.sql.steps import Plan, Step

UPWARD, DOWNWARD = (Op.GE, Op.GT), (Op.LE, Op.LT)


@dataclass(frozen=True, slots=True)
class Hold:
    """How hard it is to leave a tier."""

    margin_percent: Decimal = Decimal(0)
    minimum_stay_days: int = 0


@dataclass(frozen=True, slots=True)
class Before:
    """The label table of the run before: its name, its day, and whether it has the column `since`."""

    table: str
    as_of: date
    has_since: bool


def moved(value: Number, percent: Decimal) -> Number:
    """A threshold moved by a share of its size: down for a negative per cent, up for a positive one."""
    exact = Decimal(value)
    return exact + abs(exact) * percent / 100


def _extreme(score: Score, percent: Decimal) -> Score:
    cuts = {key: tuple(moved(cut, percent) for cut in found) for key, found in score.cuts.items()}
    return replace(score, cuts=cuts)


def _least_and_most(score: Score, margin: Decimal) -> tuple[str, str]:
    """The lowest and the highest score that a value has while its cut-points move within the margin."""
    easy, hard = score_sql(_extreme(score, -margin)), score_sql(_extreme(score, margin))
    return (hard, easy) if score.ascending else (easy, hard)


def _of_score(condition: Condition, relaxed: bool) -> str:
    """A condition on a score, read in favour of whoever meets it, or against."""
    low, high = f"{condition.column}_least", f"{condition.column}_most"
    assert isinstance(condition.value, int)
    value = literal(condition.value)
    if condition.op in UPWARD:
        return f"{high if relaxed else low} {condition.op} {value}"
    if condition.op in DOWNWARD:
        return f"{low if relaxed else high} {condition.op} {value}"
    touches, certain = f"({low} <= {value} AND {high} >= {value})", f"({low} = {value} AND {high} = {value})"
    if condition.op is Op.EQ:
        return touches if relaxed else certain
    return f"NOT {certain}" if relaxed else f"NOT {touches}"


def _shifted(condition: Condition, scores: Sequence[str], margin: Decimal, relaxed: bool) -> str:
    value = condition.value
    if condition.column in scores:
        return _of_score(condition, relaxed)
    if condition.op not in (*UPWARD, *DOWNWARD) or value is None or isinstance(value, str):
        return condition_sql(condition)
    down = (condition.op in UPWARD) == relaxed
    return condition_sql(replace(condition, value=moved(value, -margin if down else margin)))


def _keeps(scheme: Scheme, tier: str, margin: Decimal) -> str:
    """1 where a customer who had `tier` keeps it within the margin, else 0."""
    scores = [score.name for score in scheme.scores]
    cases = []
    for rule in scheme.rules:
        own = rule.tier == tier
        when = " AND ".join(_shifted(condition, scores, margin, own) for condition in rule.when) or "TRUE"
        cases.append(f"WHEN {when} THEN {int(own)}")
    rest = int(scheme.otherwise == tier)
    return f"CASE {' '.join(cases)} ELSE {rest} END" if cases else str(rest)


def hysteresis_steps(
    scheme: Scheme, hold: Hold, as_of: date, labelled: str, before: Before | None, columns: Sequence[str], target: str
) -> Plan:
    """Steps that turn a labelled table into `target`: `columns` (tier and rank held), `fresh_tier` and `since`."""
    today = literal(as_of)
    rest = "".join(f"a.{column}, " for column in columns if column not in ("customer_id", "tier", "rank"))
    if before is None:
        first = f"SELECT customer_id, tier, rank, {rest.replace('a.', '')}tier AS fresh_tier, {today} AS since"
        return (Step(target, f"{first} FROM {labelled}"),)
    margin = hold.margin_percent
    sides = [(score.name, *_least_and_most(score, margin)) for score in scheme.scores]
    extremes = "".join(f", {low} AS {name}_least, {high} AS {name}_most" for name, low, high in sides)
    since = "b.since" if before.has_since else literal(before.as_of)
    joined = (
        f"SELECT a.*, b.tier AS tier_before, {since} AS since_before FROM {target}_extremes AS a "
        f"LEFT JOIN {before.table} AS b ON a.customer_id = b.customer_id"
    )
    keeps = " ".join(
        f"WHEN tier_before = {literal(tier.key)} THEN {_keeps(scheme, tier.key, margin)}" for tier in scheme.tiers
    )
    known = f"tier_before IN ({', '.join(literal(tier.key) for tier in scheme.tiers)})"
    too_soon = f"since_before > {literal(date_before(as_of, hold.minimum_stay_days))}"
    held = (
        f"CASE WHEN tier_before IS NULL OR NOT {known} THEN 0 WHEN {too_soon} THEN 1 ELSE CASE {keeps} ELSE 0 END END"
    )
    ranks = " ".join(f"WHEN tier_before = {literal(tier.key)} THEN {tier.rank}" for tier in scheme.tiers)
    decided = (
        f"SELECT a.customer_id, CASE WHEN a.kept = 1 THEN a.tier_before ELSE a.tier END AS tier, "
        f"CAST(CASE WHEN a.kept = 1 THEN CASE {ranks} END ELSE a.rank END AS INT) AS rank, {rest}"
        "a.tier AS fresh_tier, CASE WHEN a.tier_before = CASE WHEN a.kept = 1 THEN a.tier_before ELSE a.tier END "
        f"THEN a.since_before ELSE {today} END AS since FROM {target}_kept AS a"
    )
    return (
        Step(f"{target}_extremes", f"SELECT *{extremes} FROM {labelled}"),
        Step(f"{target}_before", joined),
        Step(f"{target}_kept", f"SELECT *, {held} AS kept FROM {target}_before"),
        Step(target, decided),
    )
