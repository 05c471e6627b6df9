"""Rules that claim to part all customers, each into exactly one; and the values that customers can have.

MECE: mutually exclusive, collectively exhaustive. `tierwise.proof` checks such a claim.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from tierwise.contracts.rule_forms import Form, holds
from tierwise.contracts.scheme import SCORE, Scheme, Score, Tier, Value
from tierwise.language import Text


class Grid(StrEnum):
    """Which values a column can have: whole numbers, numbers with two or with six decimals, or words."""

    WHOLE = "whole"
    CENTS = "cents"
    MILLIONTHS = "millionths"
    WORDS = "words"


_SCALES = {Grid.WHOLE: 1, Grid.CENTS: 100, Grid.MILLIONTHS: 1_000_000, Grid.WORDS: 1}


@dataclass(frozen=True, slots=True)
class Domain:
    """The values one column can have. `least` and `most` are included; None is unbounded.

    `words` are those that are known; with `closed` there are no others. `label` names the column to people.
    """

    grid: Grid
    nullable: bool = True
    least: int | None = None
    most: int | None = None
    words: tuple[str, ...] = ()
    closed: bool = False
    label: Text | None = None

    def contains(self, value: Value) -> bool:
        """Whether the column can have a value."""
        if value is None:
            return self.nullable
        if isinstance(value, str):
            return self.grid is Grid.WORDS and (not self.closed or value in self.words)
        on_grid = Decimal(value) * self.scale == int(Decimal(value) * self.scale)
        above, below = self.least is None or value >= self.least, self.most is None or value <= self.most
        return self.grid is not Grid.WORDS and on_grid and above and below

    @property
    def scale(self) -> int:
        """How many steps of the grid make one."""
        return _SCALES[self.grid]


_ANYONE = Tier("anyone", Text("anyone", "任何人"), 1, Text("anyone", "任何人"), Text("none", "无"))


@dataclass(frozen=True, slots=True)
class NamedRule:
    """One rule of a claim: it holds where one of the alternatives of `form` does."""

    key: str
    name: Text
    form: Form


@dataclass(frozen=True, slots=True)
class Claim:
    """Rules without order. `columns` are what customers have; scores are computed from them, `total` from both.

    `overlap_settled`: where rules overlap the first one wins, by the author's will. `rest_settled`: who meets
    none has a group of his own. `words` maps columns to what the author calls them.
    """

    columns: tuple[str, ...]
    rules: tuple[NamedRule, ...]
    scores: tuple[Score, ...] = ()
    total: Mapping[str, Decimal] = field(default_factory=dict)
    overlap_settled: bool = False
    rest_settled: bool = False
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def scheme(self) -> Scheme:
        """The columns, scores and total of the claim as a scheme of one tier: what the rules may look at."""
        return Scheme(self.columns, (_ANYONE,), (), _ANYONE.key, self.scores, self.total)

    def known(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """A customer's values with the scores and the total that follow from them."""
        found = dict(values)
        scores: dict[str, int] = {}
        for score in self.scores:
            scores[score.name] = score.of(values[score.column], scores)
        found |= scores
        if self.total:
            found[SCORE] = self.scheme.score_of(found)
        return found

    def held(self, values: Mapping[str, Value]) -> tuple[int, ...]:
        """The places of the rules that hold for a customer."""
        known = self.known(values)
        return tuple(place for place, rule in enumerate(self.rules) if holds(rule.form, known))
