"""Groups by nearest centre as data, in whole numbers alone, so that every engine and Python agree to the last bit.

An indicator becomes a level through a `Curve`: a rising line through knots, which follows a logarithm (or a
straight line) closely and needs neither logarithms nor floats. Levels count ten-thousandths of the unit that the
model chose (a standard deviation). The distance to a centre is the sum of squared differences of levels.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from tierwise.language import Text

LEVELS_PER_UNIT = 10_000
Found = int | Decimal | str | None


@dataclass(frozen=True, slots=True)
class Curve:
    """How one indicator becomes a level. `knots` are (value in hundredths, level), both rising.

    Outside the knots the level stays what it is at the end.
    """

    column: str
    label: Text
    knots: tuple[tuple[int, int], ...]

    def level(self, value: Found) -> int | None:
        """The level of a value; None for a null or a word."""
        if value is None or isinstance(value, str):
            return None
        return self._level(int(value * 100))

    def _level(self, hundredths: int) -> int:
        place = bisect_right(self.knots, hundredths, key=lambda knot: knot[0])
        if place == 0 or place == len(self.knots):
            return self.knots[max(place - 1, 0)][1]
        (start, low), (end, high) = self.knots[place - 1], self.knots[place]
        return low + (hundredths - start) * (high - low) // (end - start)

    def value(self, level: int) -> Decimal | None:
        """The smallest value that has at least this level; None where none has."""
        place = bisect_left(self.knots, level, key=lambda knot: knot[1])
        if place == len(self.knots):
            return None
        if place == 0:
            return Decimal(self.knots[0][0]) / 100
        (start, low), (end, high) = self.knots[place - 1], self.knots[place]
        return Decimal(start - (-(level - low) * (end - start) // (high - low))) / 100


@dataclass(frozen=True, slots=True)
class Nearest:
    """The number, from 1, of the centre that a customer is nearest to; 0 where an indicator is null.

    `centres` have a level per curve. Of equally near centres the first one counts. `name` is the column.
    """

    name: str
    curves: tuple[Curve, ...]
    centres: tuple[tuple[int, ...], ...]

    def levels(self, values: Mapping[str, Found]) -> tuple[int, ...] | None:
        """The levels of a customer; None where one is missing."""
        found = [curve.level(values[curve.column]) for curve in self.curves]
        whole = tuple(level for level in found if level is not None)
        return whole if len(whole) == len(found) else None

    def distances(self, levels: tuple[int, ...]) -> tuple[int, ...]:
        """The squared distance to each centre."""
        return tuple(
            sum((level - place) ** 2 for level, place in zip(levels, centre, strict=True)) for centre in self.centres
        )

    def of(self, values: Mapping[str, Found]) -> int:
        """The number of the nearest centre, or 0."""
        levels = self.levels(values)
        if levels is None:
            return 0
        distances = self.distances(levels)
        return distances.index(min(distances)) + 1

    def boundaries(self, column: str, values: Mapping[str, Found]) -> list[Decimal]:
        """Values of one indicator around which the nearest centre may change, the others staying as they are.

        Along one axis two centres are equally near at exactly one level, so that these are all there are.
        """
        levels = self.levels(values)
        places = [place for place, curve in enumerate(self.curves) if curve.column == column]
        if levels is None or not places:
            return []
        axis = places[0]
        distances = self.distances(levels)
        found: set[Decimal] = set()
        for one, centre in enumerate(self.centres):
            for two, other in enumerate(self.centres[:one]):
                apart = 2 * (centre[axis] - other[axis])
                if apart:
                    crossing = levels[axis] + (distances[one] - distances[two]) // apart
                    near = (self.curves[axis].value(level) for level in range(crossing - 1, crossing + 3))
                    found.update(value for value in near if value is not None)
        return sorted(found)

    def towards(self, values: Mapping[str, Found], columns: tuple[str, str], target: int) -> tuple[Decimal, ...] | None:
        """The least change, in levels, of two indicators together that brings a customer to centre `target`'s side.

        None where these two cannot bring it there.
        """
        levels = self.levels(values)
        if levels is None:
            return None
        distances = self.distances(levels)
        here, there = self.centres[distances.index(min(distances))], self.centres[target - 1]
        axes = [next(p for p, curve in enumerate(self.curves) if curve.column == column) for column in columns]
        apart = [there[axis] - here[axis] for axis in axes]
        square = 2 * sum(step * step for step in apart)
        if not square:
            return None
        excess = distances[target - 1] - min(distances)
        steps = [_away(step * excess, square) + (1 if step > 0 else -1 if step < 0 else 0) for step in apart]
        found = tuple(self.curves[axis].value(levels[axis] + step) for axis, step in zip(axes, steps, strict=True))
        whole = tuple(value for value in found if value is not None)
        return whole if len(whole) == len(found) else None


def _away(part: int, whole: int) -> int:
    """`part / whole` rounded away from zero."""
    return -(-part // whole) if part >= 0 else part // whole
