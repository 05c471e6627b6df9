"""Cells: on each axis, the values among which no rule can tell a difference; and boxes of them.

A condition is true or false of a whole cell, and axes are tested one by one, so a box of cells meets a rule only
where on every axis some cell of it does. That makes readable examples and descriptions of a gap a matter of bit
masks; what is proved is proved in `prover`, and every example is evaluated again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor

from tierwise.contracts.mece import Claim, Domain, Grid
from tierwise.contracts.rule_forms import Alternative
from tierwise.contracts.scheme import SCORE, Condition, Number, Op, Value

Box = dict[str, int]
"""Per axis the cells inside, as bits."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Grid steps from `low` to `high`, both included, None unbounded; or one word; or unknown."""

    low: int | None = None
    high: int | None = None
    word: str | None = None
    unknown: bool = False


@dataclass(frozen=True)
class Axis:
    """One column that rules test, cut into cells; numbers ascend, unknown is last."""

    column: str
    domain: Domain
    cells: tuple[Cell, ...]

    @property
    def all(self) -> int:
        """The mask of all cells."""
        return (1 << len(self.cells)) - 1

    def example(self, cell: Cell) -> Value:
        """The roundest value of a cell."""
        if cell.unknown or self.domain.grid is Grid.WORDS:
            return cell.word
        return self.number(_roundest(cell.low, cell.high, self.domain.scale))

    def number(self, steps: int) -> Number:
        """Grid steps as the number that people write."""
        return steps if self.domain.grid is Grid.WHOLE else Decimal(steps) / self.domain.scale

    def place(self, value: Value) -> int:
        """The cell that a value lies in."""
        steps = None if value is None or isinstance(value, str) else int(value * self.domain.scale)
        return next(place for place, cell in enumerate(self.cells) if _inside(cell, value, steps))

    def mask(self, when: Alternative) -> int:
        """The cells whose values meet all conditions that name this column."""
        own = [condition for condition in when if condition.column == self.column]
        examples = [self.example(cell) for cell in self.cells]
        return sum(1 << place for place, value in enumerate(examples) if all(c.holds(value) for c in own))


def _inside(cell: Cell, value: Value, steps: int | None) -> bool:
    if cell.unknown or value is None:
        return cell.unknown and value is None
    if steps is None:
        return cell.word == value
    return (cell.low is None or steps >= cell.low) and (cell.high is None or steps <= cell.high)


def axes_of(claim: Claim, domains: Mapping[str, Domain], words: Mapping[str, list[str]]) -> dict[str, Axis]:
    """The axes of a claim: every column, score or total that a rule tests, by name."""
    known = {**domains, **{score.name: Domain(Grid.WHOLE, False, 1, score.bins) for score in claim.scores}}
    known.setdefault(SCORE, Domain(Grid.MILLIONTHS, False))
    tests: dict[str, list[Condition]] = {}
    for rule in claim.rules:
        for condition in (c for when in rule.form for c in when):
            tests.setdefault(condition.column, []).append(condition)
    return {column: _axis(column, known[column], own, words.get(column, [])) for column, own in tests.items()}


def _axis(column: str, domain: Domain, tests: list[Condition], words: list[str]) -> Axis:
    cells = [Cell(word=word) for word in words] if domain.grid is Grid.WORDS else _intervals(domain, tests)
    return Axis(column, domain, (*cells, *((Cell(unknown=True),) if domain.nullable else ())))


def _intervals(domain: Domain, tests: list[Condition]) -> list[Cell]:
    """Cut the grid wherever a test could change its answer."""
    least = None if domain.least is None else domain.least * domain.scale
    most = None if domain.most is None else domain.most * domain.scale
    starts = set()
    for test in tests:
        if isinstance(test.value, int | Decimal):
            exact = Decimal(test.value) * domain.scale
            starts |= {floor(exact), ceil(exact), floor(exact) + 1}
    inner = sorted(s for s in starts if (least is None or s > least) and (most is None or s <= most))
    lows = [least, *inner]
    highs = [*(start - 1 for start in inner), most]
    return [Cell(low, high) for low, high in zip(lows, highs, strict=True)]


def _roundest(low: int | None, high: int | None, scale: int) -> int:
    """The roundest number of an interval, small rather than large, whole rather than broken."""
    if (low is None or low <= 0) and (high is None or high >= 0):
        return 0
    if low is None or (high is not None and high < 0):
        assert high is not None
        return -_roundest(-high, None if low is None else -low, scale)
    unit = scale
    while unit * 10 <= low:
        unit *= 10
    for step in (unit, *(size for size in _smaller(unit))):
        first = -(-low // step) * step
        if high is None or first <= high:
            return first
    return low


def _smaller(unit: int) -> list[int]:
    """Ever finer steps below a unit: halves, tenths."""
    sizes = []
    while unit >= 10:
        sizes += [unit // 2, unit // 10]
        unit //= 10
    return [*sizes, 1]


def region_of(axes: Mapping[str, Axis], box: Box) -> Alternative:
    """A box as conditions, none on an axis that is wholly inside. Every box that `grown` makes can be said so."""
    return tuple(condition for column, mask in box.items() for condition in _conditions(axes[column], mask))


def _conditions(axis: Axis, mask: int) -> list[Condition]:
    if mask == axis.all:
        return []
    inside = [cell for place, cell in enumerate(axis.cells) if mask >> place & 1]
    known = [cell for cell in inside if not cell.unknown]
    null = len(known) < len(inside)
    if not known:
        return [Condition(axis.column, Op.NULL)]
    if len(known) == len([cell for cell in axis.cells if not cell.unknown]):
        return [Condition(axis.column, Op.NOT_NULL)]
    if axis.domain.grid is Grid.WORDS:
        return _words(axis, known, null)
    return _bounds(axis, known[0].low, known[-1].high, null)


def _words(axis: Axis, known: list[Cell], null: bool) -> list[Condition]:
    if len(known) == 1 and known[0].word != _other(axis):
        return [Condition(axis.column, Op.EQ, known[0].word, null)]
    outside = [cell.word for cell in axis.cells if cell not in known and not cell.unknown]
    return [Condition(axis.column, Op.NE, word, null) for word in outside]


def _other(axis: Axis) -> str | None:
    """The word that stands for any other, the last one where there may be others."""
    return None if axis.domain.closed else [cell.word for cell in axis.cells if not cell.unknown][-1]


def _bounds(axis: Axis, low: int | None, high: int | None, null: bool) -> list[Condition]:
    domain = axis.domain
    least = None if domain.least is None else domain.least * domain.scale
    most = None if domain.most is None else domain.most * domain.scale
    if low is not None and low == high:
        return [Condition(axis.column, Op.EQ, axis.number(low), null)]
    lower = [] if low is None or low == least else [Condition(axis.column, Op.GE, axis.number(low), null)]
    upper = [] if high is None or high == most else [Condition(axis.column, Op.LE, axis.number(high), null)]
    return [*lower, *upper]


def telling(axes: Mapping[str, Axis], region: Alternative) -> Alternative:
    """The conditions without those that every value of their column's domain meets."""
    return tuple(c for c in region if axes[c.column].mask((c,)) != axes[c.column].all)


class Rulebook:
    """The rules of a claim as masks, to ask whether a box of cells meets any of them."""

    def __init__(self, claim: Claim, axes: Mapping[str, Axis]) -> None:
        self.axes = axes
        named = [(when, {condition.column for condition in when}) for rule in claim.rules for when in rule.form]
        self._masks = [{column: axes[column].mask(when) for column in sorted(own)} for when, own in named]

    def free(self, box: Box) -> bool:
        """Whether no rule holds anywhere in the box."""
        return all(any(not box[column] & mask for column, mask in masks.items()) for masks in self._masks)

    def grown(self, values: Mapping[str, Value]) -> Box:
        """A largest box around a customer in which no rule holds: no axis can be widened any more."""
        box = {column: 1 << axis.place(values[column]) for column, axis in self.axes.items()}
        for column, axis in self.axes.items():
            if not self._try(box, column, axis.all):
                self._widen(box, axis)
        return box

    def _try(self, box: Box, column: str, mask: int) -> bool:
        if self.free({**box, column: mask}):
            box[column] = mask
            return True
        return False

    def _widen(self, box: Box, axis: Axis) -> None:
        """Widen one axis cell by cell; unknown last.

        Words can be said as one word, or as all but some, which needs the word that stands for any other.
        """
        start = box[axis.column].bit_length() - 1
        if axis.cells[start].unknown:
            return
        values = [place for place, cell in enumerate(axis.cells) if not cell.unknown]
        if axis.domain.grid is not Grid.WORDS:
            for places in (range(start + 1, len(values)), range(start - 1, -1, -1)):
                for place in places:
                    if not self._try(box, axis.column, box[axis.column] | 1 << place):
                        break
        else:
            single = box[axis.column]
            for place in values:
                self._try(box, axis.column, box[axis.column] | 1 << place)
            if not axis.domain.closed and not box[axis.column] >> values[-1] & 1:
                box[axis.column] = single
        if len(values) < len(axis.cells):
            self._try(box, axis.column, box[axis.column] | 1 << len(values))


def axis_of_cuts(column: str, domain: Domain, cuts: list[Number]) -> Axis:
    """The axis of a column that is tested through the cut-points of scores."""
    return _axis(column, domain, [Condition(column, Op.GE, cut) for cut in cuts], [])
