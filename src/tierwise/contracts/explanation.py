"""Why a customer has a tier, and the smallest change that would give another: read off the scheme alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, product
from math import ceil

from tierwise.contracts.nearest import LEVELS_PER_UNIT
from tierwise.contracts.scheme import Condition, Number, Op, Scheme, Tier, Value, Verdict, evaluate

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Change:
    """One indicator taking another value."""

    column: str
    old: Value
    new: Number | str


@dataclass(frozen=True, slots=True)
class Move:
    """Changes that together lead to a tier."""

    changes: tuple[Change, ...]
    tier: Tier


@dataclass(frozen=True, slots=True)
class Near:
    """A centre: its tier, how far away it is in the model's unit, and the values that it stands for."""

    tier: Tier
    distance: Decimal
    values: Mapping[str, Decimal | None]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A verdict with its reasons.

    `conditions` are those of the rule that fired, none for the rest group. `up` (and `down`) has at most one
    move per indicator, the smallest that leads to a better (worse) tier, smallest relative change first; where
    no single indicator is enough, one move that changes two. `near` are the two nearest centres, nearest first,
    of a scheme that has centres.
    """

    verdict: Verdict
    values: Mapping[str, Value]
    conditions: tuple[Condition, ...]
    up: tuple[Move, ...]
    down: tuple[Move, ...]
    near: tuple[Near, ...] = ()


def explain(scheme: Scheme, values: Mapping[str, Value], fixed: Collection[str] = ()) -> Explanation:
    """Explain one customer from its indicator values; `fixed` columns are facts no action can change."""
    verdict = evaluate(scheme, values)
    conditions = () if verdict.rule is None else scheme.rules[verdict.rule].when
    return Explanation(
        verdict,
        values,
        conditions,
        _moves(scheme, values, fixed, lambda rank: rank < verdict.tier.rank),
        _moves(scheme, values, fixed, lambda rank: rank > verdict.tier.rank),
        _near(scheme, values),
    )


def _near(scheme: Scheme, values: Mapping[str, Value]) -> tuple[Near, ...]:
    nearest = scheme.nearest
    levels = nearest.levels(values) if nearest else None
    if nearest is None or levels is None:
        return ()
    ordered = sorted((square, number) for number, square in enumerate(nearest.distances(levels), start=1))
    found = []
    for square, number in ordered[:2]:
        distance = (Decimal(square).sqrt() / LEVELS_PER_UNIT).quantize(Decimal("0.001"))
        pairs = zip(nearest.curves, nearest.centres[number - 1], strict=True)
        found.append(Near(_tier_of_centre(scheme, number), distance, {c.column: c.value(level) for c, level in pairs}))
    return tuple(found)


def _tier_of_centre(scheme: Scheme, number: int) -> Tier:
    assert scheme.nearest is not None
    wanted = Condition(scheme.nearest.name, Op.EQ, number)
    return scheme.tier(next((rule.tier for rule in scheme.rules if wanted in rule.when), scheme.otherwise))


def _moves(
    scheme: Scheme, values: Mapping[str, Value], fixed: Collection[str], wanted: Callable[[int], bool]
) -> tuple[Move, ...]:
    candidates = {column: _candidates(scheme, column, values) for column in scheme.inputs if column not in fixed}
    found: list[tuple[Decimal, Move]] = []
    for column, options in candidates.items():
        best = _best(scheme, values, [(Change(column, values[column], new),) for new in options], wanted)
        if best:
            found.append(best)
    if not found:
        pairs: list[tuple[Change, ...]] = [
            (Change(a, values[a], x), Change(b, values[b], y))
            for a, b in combinations(candidates, 2)
            for x, y in _pairs(scheme, values, a, b, candidates)
        ]
        best = _best(scheme, values, pairs, wanted)
        found = [best] if best else []
    return tuple(move for _, move in sorted(found, key=lambda item: item[0]))


def _pairs(
    scheme: Scheme, values: Mapping[str, Value], a: str, b: str, candidates: Mapping[str, Sequence[Number | str]]
) -> Iterable[tuple[Number | str, Number | str]]:
    """Pairs of values worth trying: straight towards each centre where there are centres, else every crossing."""
    nearest = scheme.nearest
    if nearest is None:
        yield from product(candidates[a], candidates[b])
        return
    for target in range(1, len(nearest.centres) + 1):
        found = nearest.towards(values, (a, b), target)
        if found is not None:
            x, y = (_in_steps(value, values[column]) for value, column in zip(found, (a, b), strict=True))
            yield x, y


def _in_steps(value: Decimal, old: Value) -> Number:
    """A whole number where the indicator has whole values, on the far side of where the customer is."""
    if isinstance(old, Decimal):
        return value
    return ceil(value) if old is None or isinstance(old, str) or value >= old else int(value // 1)


def _best(
    scheme: Scheme,
    values: Mapping[str, Value],
    options: list[tuple[Change, ...]],
    wanted: Callable[[int], bool],
) -> tuple[Decimal, Move] | None:
    """The smallest option that leads where it should; changes are weighed relative to where they start."""
    best: tuple[Decimal, Move] | None = None
    for changes in options:
        size = sum((_size(change) for change in changes), Decimal(0))
        if best is not None and size >= best[0]:
            continue
        tier = evaluate(scheme, {**values, **{change.column: change.new for change in changes}}).tier
        if wanted(tier.rank):
            best = (size, Move(changes, tier))
    return best


def _size(change: Change) -> Decimal:
    if isinstance(change.new, str):
        return Decimal(1)  # one word for another, however alike
    old = change.old if isinstance(change.old, int | Decimal) else 0
    return abs(Decimal(change.new) - old) / max(abs(Decimal(old)), Decimal(1))


def _words(scheme: Scheme, column: str, value: Value) -> list[str]:
    """The words that rules compare a column with, in the order of the rules."""
    said = [c.value for rule in scheme.rules for c in rule.when if c.column == column and isinstance(c.value, str)]
    return [word for word in dict.fromkeys(said) if word != value]


def _candidates(scheme: Scheme, column: str, values: Mapping[str, Value]) -> Sequence[Number | str]:
    """The values around every boundary of a column, on it and one step to either side; or the words that rules name."""
    if words := _words(scheme, column, values[column]):
        return words
    boundaries: set[Number] = set()
    for score in scheme.scores:
        if score.column == column:
            boundaries.update(cut for cuts in score.cuts.values() for cut in cuts)
    for rule in scheme.rules:
        for condition in rule.when:
            value = condition.value
            if condition.column == column and condition.op is not Op.NULL and isinstance(value, int | Decimal):
                boundaries.add(value)
    if scheme.nearest is not None:
        boundaries.update(scheme.nearest.boundaries(column, values))
    whole = not isinstance(values[column], Decimal)
    around = _whole_around if whole else _cents_around
    near = {candidate for bound in boundaries for candidate in around(Decimal(bound))}
    return sorted(near - {values[column]})


def _cents_around(bound: Decimal) -> tuple[Number, ...]:
    return bound - CENT, bound, bound + CENT


def _whole_around(bound: Decimal) -> tuple[Number, ...]:
    """Whole values around a boundary that may lie between two of them; days and counts are never negative."""
    floor = int(bound // 1)
    return tuple(value for value in (floor - 1, floor, floor + 1) if value >= 0 or bound < 0)
