"""Whether a claim and its domains fit each other: words are not compared with numbers, nor with columns unknown."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from tierwise.contracts.mece import Claim, Domain, Grid
from tierwise.contracts.scheme import SCORE, Condition
from tierwise.errors import ErrorKind, Family, Place, Problem, raise_all
from tierwise.language import Text

MISFIT = ErrorKind(
    "proof.misfit",
    Family.CONFIG,
    what=Text("rule {rule}: {problem}", "规则 {rule}：{problem}"),
    cause=Text("the column is called {column}", "所在列为 {column}"),
    cure=Text(
        "compare amounts, days and counts with numbers, and names with words in quotes",
        "金额、天数、次数请与数字比较，名称请与带引号的文字比较",
    ),
)


def check_claim(claim: Claim, domains: Mapping[str, Domain], place: Place | None = None) -> None:
    """Raise `proof.misfit` with every condition that no value of its column's domain could meet or fail."""
    derived = {score.name for score in claim.scores} | ({SCORE} if claim.total else set())
    problems: list[Problem] = []
    for rule in claim.rules:
        conditions = dict.fromkeys(condition for when in rule.form for condition in when)
        for condition in conditions:
            problem = _problem(condition, domains, derived)
            if problem is not None:
                column = claim.words.get(condition.column, condition.column)
                problems.append(MISFIT.problem(place, rule=rule.key, problem=problem, column=column))
    raise_all(list(dict.fromkeys(problems)))


def _problem(condition: Condition, domains: Mapping[str, Domain], derived: set[str]) -> Text | None:
    domain, value = domains.get(condition.column), condition.value
    if domain is None:
        if condition.column in derived:
            return None
        return Text("it tests a column whose values are not declared", "条件所用的列没有声明取值范围")
    if isinstance(value, str) and domain.grid is not Grid.WORDS:
        return Text(f"a number is compared with the word {value!r}", f"数值列与文字 {value!r} 比较")
    if isinstance(value, int | Decimal) and domain.grid is Grid.WORDS:
        return Text(f"a name is compared with the number {value}", f"名称列与数字 {value} 比较")
    return None
