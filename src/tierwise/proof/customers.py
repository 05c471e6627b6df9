"""The same question asked of the customers there are: how many rules does each one meet?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tierwise.contracts.mece import Claim, Domain, Grid
from tierwise.contracts.model import Learned, Learning
from tierwise.contracts.rule_forms import Form
from tierwise.sql.expressions import count_where, literal
from tierwise.sql.scheme import conditions_sql, label_steps
from tierwise.sql.steps import Step


@dataclass(frozen=True, slots=True)
class Pattern:
    """Customers who meet exactly the rules at `rules`: how many, and one of them."""

    rules: tuple[int, ...]
    customers: int
    example: str


@dataclass(frozen=True, slots=True)
class CustomerCheck:
    """All customers by the rules that they meet, most first.

    `outside` counts, per column, those whose value the declared domain does not allow: for them the proof
    promises nothing.
    """

    patterns: tuple[Pattern, ...]
    outside: Mapping[str, int]

    @property
    def customers(self) -> int:
        """How many customers there are."""
        return sum(pattern.customers for pattern in self.patterns)

    @property
    def in_two(self) -> int:
        """How many meet more than one rule."""
        return sum(pattern.customers for pattern in self.patterns if len(pattern.rules) > 1)

    @property
    def in_none(self) -> int:
        """How many meet no rule."""
        return sum(pattern.customers for pattern in self.patterns if not pattern.rules)

    def with_rules(self, *places: int) -> int:
        """How many meet all the rules at these places, and perhaps others."""
        return sum(pattern.customers for pattern in self.patterns if set(places) <= set(pattern.rules))


def check_customers(claim: Claim, domains: Mapping[str, Domain], source: str, prefix: str = "proof") -> Learning:
    """The steps that count customers of the indicator table `source` by the rules they meet."""
    met = f"{prefix}_met"
    flags = [f"{_holds_sql(rule.form)} AS rule_{place}" for place, rule in enumerate(claim.rules)]
    names = [f"rule_{place}" for place in range(len(claim.rules))]
    tested = f"SELECT {', '.join(['customer_id', *flags])} FROM {prefix}_known"
    counted = f"{', '.join([*names, ''])}COUNT(*) AS customers, MIN(customer_id) AS example"
    grouped = f" GROUP BY {', '.join(names)}" if names else ""
    steps = (
        *label_steps(claim.scheme, source, f"{prefix}_known"),
        Step(met, tested),
        Step(f"{prefix}_patterns", f"SELECT {counted} FROM {met}{grouped}", stored=True),
        Step(f"{prefix}_outside", _outside(claim, domains, source), stored=True),
    )
    return Learning(steps, (f"{prefix}_patterns", f"{prefix}_outside"))


MOST_WORDS = 30


def find_words(domains: Mapping[str, Domain], source: str, prefix: str = "proof") -> Learning:
    """The steps that find the words most used in the columns of words, for examples that a reader knows."""
    steps = tuple(
        Step(
            f"{prefix}_words_{column}",
            f"SELECT {column} AS word, COUNT(*) AS customers FROM {source} WHERE {column} IS NOT NULL "
            f"GROUP BY {column} ORDER BY customers DESC, word LIMIT {MOST_WORDS}",
            stored=True,
        )
        for column, domain in domains.items()
        if domain.grid is Grid.WORDS and not domain.closed
    )
    return Learning(steps, tuple(step.name for step in steps))


def with_words(domains: Mapping[str, Domain], tables: Learned, prefix: str = "proof") -> dict[str, Domain]:
    """The domains with the words that `find_words` found; other words stay possible, so that verdicts stay the same."""
    found = {column: tables.get(f"{prefix}_words_{column}", []) for column in domains}
    return {
        column: replace(domain, words=tuple(dict.fromkeys((*domain.words, *(row["word"] for row in found[column])))))
        for column, domain in domains.items()
    }


def customer_check(claim: Claim, tables: Learned, prefix: str = "proof") -> CustomerCheck:
    """Read what the steps of `check_customers` found."""
    patterns = sorted((_pattern(row, len(claim.rules)) for row in tables[f"{prefix}_patterns"]), key=_most_first)
    row = tables[f"{prefix}_outside"][0]
    outside = {column: int(row[f"outside_{place}"] or 0) for place, column in enumerate(claim.columns)}
    return CustomerCheck(tuple(p for p in patterns if p.customers), {k: n for k, n in outside.items() if n})


def _pattern(row: Mapping[str, Any], rules: int) -> Pattern:
    met = tuple(place for place in range(rules) if row[f"rule_{place}"])
    return Pattern(met, int(row["customers"]), str(row["example"]))


def _most_first(pattern: Pattern) -> tuple[int, tuple[int, ...]]:
    return -pattern.customers, pattern.rules


def _holds_sql(form: Form) -> str:
    alternatives = " OR ".join(f"({conditions_sql(when)})" for when in form) or "FALSE"
    return f"CASE WHEN {alternatives} THEN 1 ELSE 0 END"


def _outside(claim: Claim, domains: Mapping[str, Domain], source: str) -> str:
    """Count, per column, the values that its domain does not allow."""
    counts = [
        f"{count_where(_forbidden(column, domains[column]))} AS outside_{place}"
        for place, column in enumerate(claim.columns)
    ]
    return f"SELECT {', '.join([*counts, 'COUNT(*) AS customers'])} FROM {source}"


def _forbidden(column: str, domain: Domain) -> str:
    tests: list[str] = [] if domain.nullable else [f"{column} IS NULL"]
    if domain.least is not None:
        tests.append(f"{column} < {domain.least}")
    if domain.most is not None:
        tests.append(f"{column} > {domain.most}")
    if domain.grid is Grid.WORDS and domain.closed:
        tests.append(f"{column} NOT IN ({', '.join(_literals(domain.words))})")
    return " OR ".join(tests) or "FALSE"


def _literals(words: Sequence[str]) -> list[str]:
    return [literal(word) for word in words]
