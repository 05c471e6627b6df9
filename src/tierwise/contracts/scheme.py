"""A fitted tiering model as data: scores with cut-points, then rules of which the first match gives the tier.

One scheme has two readings that must agree: `tierwise.sql.scheme` compiles it for the engines, and
`evaluate` here applies it to one customer. Explanation, smallest change and simulation need nothing else,
so every model that can say its decision as a scheme gets them for free.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from tierwise.contracts.nearest import Nearest
from tierwise.language import Text

SCORE = "score"
"""The weighted total of a scheme, as rules name it."""

Number = int | Decimal
Value = int | Decimal | str | None


@dataclass(frozen=True, slots=True)
class Tier:
    """One tier of a model. `rank` 1 is the best; `key` is stable, `name` may be edited by the user."""

    key: str
    name: Text
    rank: int
    meaning: Text
    action: Text


def tiers_for(levels: int, named: tuple[Tier, ...], name: Text, meaning: Text) -> tuple[Tier, ...]:
    """The named tiers where there are as many levels; numbered ones for any other number.

    `{rank}` and `{levels}` are filled in. Numbered tiers act as the named ones do at the top, the bottom and,
    between them, the last but one.
    """
    if levels == len(named):
        return named
    return tuple(
        Tier(
            f"level_{rank}",
            name.fill(rank=rank),
            rank,
            meaning.fill(rank=rank, levels=levels),
            (named[0] if rank == 1 else named[-1] if rank == levels else named[-2]).action,
        )
        for rank in range(1, levels + 1)
    )


class Op(StrEnum):
    """How a condition compares; the values are the SQL operators."""

    GE = ">="
    GT = ">"
    LE = "<="
    LT = "<"
    EQ = "="
    NE = "<>"
    NULL = "IS NULL"
    NOT_NULL = "IS NOT NULL"


_COMPARE = {Op.GE: operator.ge, Op.GT: operator.gt, Op.LE: operator.le, Op.LT: operator.lt}


@dataclass(frozen=True, slots=True)
class Condition:
    """One column against one constant. A null never meets a comparison, unless it is asked for by `or_null`.

    `or_null` makes negation exact: what does not meet `x >= 5` meets `x < 5` or is unknown.
    """

    column: str
    op: Op
    value: Value = None
    or_null: bool = False

    def holds(self, found: Value) -> bool:
        """Whether a value meets the condition."""
        if self.op in (Op.NULL, Op.NOT_NULL):
            return (found is None) == (self.op is Op.NULL)
        if found is None or self.value is None:
            return self.or_null and found is None
        if self.op in (Op.EQ, Op.NE):
            return (found == self.value) == (self.op is Op.EQ)
        return bool(_COMPARE[self.op](found, self.value))


@dataclass(frozen=True, slots=True)
class Rule:
    """The tier for whoever meets all conditions and no earlier rule."""

    tier: str
    when: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """A score from 1 to `bins`: how many cut-points the indicator has reached.

    `cuts` maps the scores named in `within` to ascending cut-points; un-nested scores have the one key ().
    With `ascending` false a small value earns the high score. A null earns 1.
    """

    name: str
    column: str
    label: Text
    bins: int
    cuts: Mapping[tuple[int, ...], tuple[Number, ...]]
    ascending: bool = True
    within: tuple[str, ...] = ()

    def of(self, found: Value, scores: Mapping[str, int]) -> int:
        """The score of one value, given the scores it is nested in."""
        if found is None or isinstance(found, str):
            return 1
        reached = sum(1 for cut in self.cuts_for(scores) if found >= cut)
        return 1 + reached if self.ascending else self.bins - reached

    def cuts_for(self, scores: Mapping[str, int]) -> tuple[Number, ...]:
        """The cut-points that apply to a customer with these scores."""
        return self.cuts.get(tuple(scores[name] for name in self.within), ())


@dataclass(frozen=True, slots=True)
class Scheme:
    """Scores, then rules in order of precedence, then `otherwise`: every customer gets exactly one tier.

    `inputs` are the indicator columns that explain the label; `total` weighs columns (scores or inputs)
    into the `score` that orders customers inside a model; rules may test it as the column `score`.
    `nearest` numbers the centre that a customer is nearest to, as one more column that rules may test.
    """

    inputs: tuple[str, ...]
    tiers: tuple[Tier, ...]
    rules: tuple[Rule, ...]
    otherwise: str
    scores: tuple[Score, ...] = ()
    total: Mapping[str, Decimal] = field(default_factory=dict)
    nearest: Nearest | None = None

    @property
    def derived(self) -> tuple[str, ...]:
        """The columns that the scheme adds to its inputs and that rules may name: scores, then the nearest centre."""
        return (*(score.name for score in self.scores), *((self.nearest.name,) if self.nearest else ()))

    def tier(self, key: str) -> Tier:
        """The tier with this key."""
        return next(tier for tier in self.tiers if tier.key == key)

    def score_of(self, known: Mapping[str, Value]) -> Decimal:
        """The weighted total of a customer's scores and inputs, to six decimals; what is unknown counts 0."""
        parts = (Decimal(known[column] or 0) * weight for column, weight in self.total.items())
        return sum(parts, Decimal(0)).quantize(Decimal("0.000001"), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a scheme says of one customer: the tier, the derived columns, and the rule that fired (None: otherwise)."""

    tier: Tier
    scores: Mapping[str, int]
    rule: int | None


def evaluate(scheme: Scheme, values: Mapping[str, Value]) -> Verdict:
    """Apply a scheme to one customer's indicator values."""
    scores: dict[str, int] = {}
    for score in scheme.scores:
        scores[score.name] = score.of(values[score.column], scores)
    if scheme.nearest is not None:
        scores[scheme.nearest.name] = scheme.nearest.of(values)
    known: dict[str, Value] = {**values, **scores}
    known[SCORE] = scheme.score_of(known)
    for index, rule in enumerate(scheme.rules):
        if all(condition.holds(known[condition.column]) for condition in rule.when):
            return Verdict(scheme.tier(rule.tier), scores, index)
    return Verdict(scheme.tier(scheme.otherwise), scores, None)
