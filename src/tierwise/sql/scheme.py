"""Compile a scheme to portable SQL: scores as CASE over cut-points, tiers as CASE over rules."""

from __future__ import annotations

from collections.abc import Sequence

from tierwise.contracts.scheme import SCORE, Condition, Number, Op, Rule, Scheme, Score
from tierwise.sql.expressions import literal
from tierwise.sql.nearest import nearest_steps
from tierwise.sql.steps import Plan, Step


def condition_sql(condition: Condition) -> str:
    """Return one condition as SQL that is never unknown: a null fails a comparison."""
    if condition.op in (Op.NULL, Op.NOT_NULL):
        return f"{condition.column} {condition.op}"
    assert condition.value is not None
    compared = f"{condition.column} {condition.op} {literal(condition.value)}"
    return f"({compared} OR {condition.column} IS NULL)" if condition.or_null else compared


def conditions_sql(conditions: Sequence[Condition]) -> str:
    """Return conditions that must all hold as SQL; unknown only where one is unknown and none fails."""
    return " AND ".join(condition_sql(condition) for condition in conditions) or "TRUE"


def _reached(column: str, cuts: Sequence[Number]) -> str:
    """The number of cut-points reached: cuts ascend, so the first match from the top is the count."""
    if not cuts:
        return "0"
    cases = " ".join(
        f"WHEN {column} >= {literal(cut)} THEN {place}" for place, cut in reversed(list(enumerate(cuts, start=1)))
    )
    return f"CASE {cases} ELSE 0 END"


def score_sql(score: Score) -> str:
    """Return the score of one indicator column, with its nesting, as an integer expression."""
    if not score.within:
        reached = _reached(score.column, score.cuts.get((), ()))
    else:
        cases = " ".join(
            "WHEN "
            + " AND ".join(f"{name} = {value}" for name, value in zip(score.within, key, strict=True))
            + f" THEN {_reached(score.column, cuts)}"
            for key, cuts in sorted(score.cuts.items())
        )
        reached = f"CASE {cases} ELSE 0 END" if cases else "0"
    points = f"1 + ({reached})" if score.ascending else f"{score.bins} - ({reached})"
    return f"CAST(CASE WHEN {score.column} IS NULL THEN 1 ELSE {points} END AS INT)"


def _first_match(rules: Sequence[Rule], results: Sequence[str], otherwise: str) -> str:
    if not rules:
        return otherwise
    cases = " ".join(
        f"WHEN {conditions_sql(rule.when)} THEN {result}" for rule, result in zip(rules, results, strict=True)
    )
    return f"CASE {cases} ELSE {otherwise} END"


def total_sql(scheme: Scheme) -> str:
    """Return the weighted total that orders customers inside a model, as DECIMAL(18, 6)."""
    terms = [f"COALESCE({column}, 0) * {literal(weight)}" for column, weight in scheme.total.items()]
    return f"CAST({' + '.join(terms) or '0'} AS DECIMAL(24, 6))"


def label_columns(scheme: Scheme) -> tuple[str, ...]:
    """The columns of a label table: who, which tier, why. `rule` counts from 1; 0 is the rest group."""
    explaining = (*scheme.inputs, *scheme.derived)
    return ("customer_id", "tier", "rank", "score", "rule", *explaining)


def label_steps(scheme: Scheme, source: str, target: str, carried: Sequence[str] = ()) -> Plan:
    """Return the steps that turn the indicator table `source` into `target`.

    `target` has the columns of `label_columns`, then those of `source` named in `carried`.
    """
    steps: list[Step] = []
    columns = list(dict.fromkeys((*scheme.inputs, *carried)))
    table, have = source, ("customer_id", *columns)
    listed = ", ".join(have)  # by name where they are read; from then on all, which is shorter to read and to check
    for score in scheme.scores:
        name = f"{target}_{score.name}"
        steps.append(Step(name, f"SELECT {listed}, {score_sql(score)} AS {score.name} FROM {table}"))
        table, have, listed = name, (*have, score.name), "*"
    if scheme.nearest is not None:
        near = nearest_steps(scheme.nearest, table, f"{target}_{scheme.nearest.name}", have)
        steps += near
        table, listed = near[-1].name, "*"
    steps.append(Step(f"{target}_total", f"SELECT {listed}, {total_sql(scheme)} AS {SCORE} FROM {table}"))
    fired = _first_match(scheme.rules, [str(place) for place in range(1, len(scheme.rules) + 1)], "0")
    steps.append(Step(f"{target}_fired", f"SELECT *, CAST({fired} AS INT) AS rule FROM {target}_total"))
    label = label_columns(scheme)
    rest_columns = [*label[5:], *(column for column in columns if column not in label)]
    decided = ["customer_id", *_tier_and_rank(scheme), SCORE, "rule", *rest_columns]
    return (*steps, Step(target, f"SELECT {', '.join(decided)} FROM {target}_fired"))


def _tier_and_rank(scheme: Scheme) -> tuple[str, str]:
    """Tier and rank by the number of the rule that fired, so that conditions are looked at once and not three times."""
    tiers = [scheme.tier(rule.tier) for rule in scheme.rules]
    rest = scheme.tier(scheme.otherwise)
    named = "".join(f"WHEN rule = {place} THEN {literal(tier.key)} " for place, tier in enumerate(tiers, start=1))
    ranked = "".join(f"WHEN rule = {place} THEN {tier.rank} " for place, tier in enumerate(tiers, start=1))
    if not tiers:
        return f"{literal(rest.key)} AS tier", f"CAST({rest.rank} AS INT) AS rank"
    tier, rank = f"CASE {named}ELSE {literal(rest.key)} END", f"CASE {ranked}ELSE {rest.rank} END"
    return f"{tier} AS tier", f"CAST({rank} AS INT) AS rank"
