"""What a rule about data demands, and what is known once rows were held against it.

A rule belongs to one of six dimensions, reads the columns of one table and has one check. Rows that a rule does not
concern (a blank phone says nothing about how phones are written) are not counted as checked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from tierwise.language import Text


class Dimension(StrEnum):
    """The six things that data can be good or bad at."""

    COMPLETE = "complete"
    VALID = "valid"
    UNIQUE = "unique"
    CONSISTENT = "consistent"
    TIMELY = "timely"
    REFERENTIAL = "referential"


DIMENSION_LABELS = {
    Dimension.COMPLETE: Text("complete", "完整"),
    Dimension.VALID: Text("valid", "有效"),
    Dimension.UNIQUE: Text("unique", "唯一"),
    Dimension.CONSISTENT: Text("consistent", "一致"),
    Dimension.TIMELY: Text("timely", "及时"),
    Dimension.REFERENTIAL: Text("referential", "关联"),
}


@dataclass(frozen=True, slots=True)
class Present:
    """The field is not blank."""


@dataclass(frozen=True, slots=True)
class Holds:
    """A condition in portable SQL holds; rows where a column of the rule is blank are checked where `blanks` says so."""

    condition: str
    blanks: bool = False


@dataclass(frozen=True, slots=True)
class Unique:
    """No two rows share the values of the rule's columns: all rows but the first of each value fail."""


@dataclass(frozen=True, slots=True)
class Together:
    """An aggregate in portable SQL holds for the rows that share the rule's first column: else all of these fail."""

    condition: str


@dataclass(frozen=True, slots=True)
class Refers:
    """The field's value stands in a column of another table."""

    table: str
    column: str


@dataclass(frozen=True, slots=True)
class FarOut:
    """The size of a number does not lie far beyond the others.

    The fence is Q3 · (Q3 / Q1) ** `times`, with the quartiles of the sizes of all numbers but zero: Tukey's far-out
    fence on the logarithm, since amounts are skewed. `factor` is the least multiple of Q3 that can be far out.
    """

    times: int = 3
    factor: int = 10


@dataclass(frozen=True, slots=True)
class Fresh:
    """The newest date lies at most `days` before `day`, or before the newest date of all tables where it is None."""

    days: int
    day: date | None = None


Check = Present | Holds | Unique | Together | Refers | FarOut | Fresh


@dataclass(frozen=True, slots=True)
class Rule:
    """One demand on the rows of a table. The first of its `columns` is the field that it is about.

    `when` (portable SQL) names the rows that it concerns. `weight` is what it counts in scores: 3 where tiers depend
    on it, 2 where indicators do, 1 for the rest. Rows that fail a `doubtful` rule are used, and the tiers are looked
    at without them. `needs` are further columns that must be there.
    """

    name: str
    table: str
    columns: tuple[str, ...]
    dimension: Dimension
    check: Check
    label: Text
    cure: Text
    when: str | None = None
    weight: int = 1
    severity: str = "warning"
    doubtful: bool = False
    needs: tuple[str, ...] = ()

    @property
    def field(self) -> str:
        """The field that the rule is about."""
        return self.columns[0]


@dataclass(frozen=True, slots=True)
class RuleResult:
    """How many rows a rule checked and how many of them failed.

    `examples` are up to three failing rows: the table's key and the rule's columns, personal ones masked. `limit` is
    the fence that a far-out rule found. Results `of_source` count rows of the source, set aside or read.
    """

    name: str
    table: str
    field: str
    dimension: Dimension
    label: Text
    cure: Text
    weight: int
    severity: str
    checked: int
    failed: int
    examples: tuple[Mapping[str, str], ...] = ()
    limit: Decimal | None = None
    doubtful: bool = False
    of_source: bool = False

    @property
    def score(self) -> float | None:
        """The share of checked rows that do not fail; None where nothing was checked."""
        return 1 - self.failed / self.checked if self.checked else None

    def to_json(self) -> dict[str, Any]:
        """As it is kept with an import or a run."""
        return {
            "rule": self.name,
            "table": self.table,
            "field": self.field,
            "dimension": str(self.dimension),
            "label": {"en": self.label.en, "zh-CN": self.label.zh},
            "cure": {"en": self.cure.en, "zh-CN": self.cure.zh},
            "weight": self.weight,
            "severity": self.severity,
            "checked": self.checked,
            "failed": self.failed,
            "score": None if self.score is None else round(self.score, 6),
            "examples": [dict(example) for example in self.examples],
            "limit": None if self.limit is None else str(self.limit),
            "doubtful": self.doubtful,
            "of_source": self.of_source,
        }


def result_from_json(kept: Mapping[str, Any]) -> RuleResult:
    """The result of a rule as an import or a run keeps it."""
    label, cure = (Text.of(words) for words in (kept["label"], kept["cure"]))
    return RuleResult(
        kept["rule"], kept["table"], kept["field"], Dimension(kept["dimension"]), label, cure, kept["weight"],
        kept["severity"], kept["checked"], kept["failed"], tuple(kept["examples"]),
        None if kept["limit"] is None else Decimal(kept["limit"]), kept["doubtful"], kept["of_source"],
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scores:
    """Weighted means of the scores of rules, from 0 to 1: see `tierwise.quality.scores` for the formula."""

    overall: float | None
    tables: Mapping[str, float]
    fields: Mapping[tuple[str, str], float]
    dimensions: Mapping[Dimension, float]

    def to_json(self) -> dict[str, Any]:
        """As it is kept with an import or a run, rounded to six places."""
        return {
            "overall": None if self.overall is None else round(self.overall, 6),
            "tables": {name: round(score, 6) for name, score in self.tables.items()},
            "fields": {f"{table}.{name}": round(score, 6) for (table, name), score in self.fields.items()},
            "dimensions": {str(name): round(score, 6) for name, score in self.dimensions.items()},
        }


@dataclass(frozen=True, slots=True)
class Assessment:
    """All rules held against the tables of one import or one run. `skipped` rules name why they were not."""

    results: Sequence[RuleResult]
    scores: Scores
    skipped: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As it is kept with an import or a run."""
        return {
            "scores": self.scores.to_json(),
            "rules": [result.to_json() for result in self.results],
            "skipped": dict(self.skipped),
        }
