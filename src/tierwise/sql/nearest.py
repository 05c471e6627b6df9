"""The nearest centre as SQL over whole numbers: levels by halving among the knots, then squared distances."""

from __future__ import annotations

from collections.abc import Sequence

from tierwise.contracts.nearest import Curve, Nearest
from tierwise.sql.expressions import cents
from tierwise.sql.steps import Plan, Step

_FITS = 10**13
"""Money up to here, times a hundred, is money still: engines then count in 64 bits, ten times as fast as in 128."""


def hundredths_sql(curve: Curve) -> str:
    """A curve's column in hundredths, as BIGINT; whatever lies beyond the knots may be cut off, having their level."""
    low, high = curve.knots[0][0] // 100, -(-curve.knots[-1][0] // 100)
    if max(-low, high) > _FITS:
        return cents(curve.column)
    cut = (
        f"CASE WHEN {curve.column} < {low} THEN {low} WHEN {curve.column} > {high} THEN {high} ELSE {curve.column} END"
    )
    return f"CAST({cut} * 100 AS BIGINT)"


def level_sql(curve: Curve, hundredths: str) -> str:
    """The level of a curve at `hundredths`, a BIGINT column; null where that is null.

    Knots are found by halving: a hundred of them cost seven comparisons a row.
    """
    knots = curve.knots

    def between(first: int, last: int) -> str:
        """The level at or above knot `first` and below knot `last`; -1 and len(knots) are beyond the ends."""
        if last - first > 1:
            middle = (first + last) // 2
            return (
                f"CASE WHEN {hundredths} < {knots[middle][0]} THEN {between(first, middle)} "
                f"ELSE {between(middle, last)} END"
            )
        if first < 0 or last == len(knots):
            return str(knots[max(first, 0)][1])
        (start, low), (end, high) = knots[first], knots[last]
        rise = f"({hundredths} - {start}) * {high - low} // {end - start}"
        return f"{low} + {rise}" if high > low else str(low)

    level = f"CASE WHEN {hundredths} IS NULL THEN NULL ELSE {between(-1, len(knots))} END"
    return f"CAST({level} AS BIGINT)"


def _distance(levels: Sequence[str], centre: Sequence[int]) -> str:
    return " + ".join(f"({level} - {place}) * ({level} - {place})" for level, place in zip(levels, centre, strict=True))


def nearest_steps(nearest: Nearest, source: str, target: str, keep: Sequence[str]) -> Plan:
    """Steps that add the number of the nearest centre to the columns `keep` of `source`."""
    kept = ", ".join(keep)
    places = range(len(nearest.curves))
    hundredths, levels = [f"at_{place}" for place in places], [f"level_{place}" for place in places]
    distances = [f"distance_{place}" for place in range(len(nearest.centres))]
    curves = nearest.curves
    at = ", ".join(f"{hundredths_sql(curve)} AS {name}" for curve, name in zip(curves, hundredths, strict=True))
    risen = ", ".join(
        f"{level_sql(curve, name)} AS {level}" for curve, name, level in zip(curves, hundredths, levels, strict=True)
    )
    apart = ", ".join(
        f"{_distance(levels, centre)} AS {name}" for centre, name in zip(nearest.centres, distances, strict=True)
    )
    least = f"LEAST({', '.join(distances)})" if len(distances) > 1 else distances[0]
    cases = " ".join(f"WHEN {name} = closest THEN {number}" for number, name in enumerate(distances, start=1))
    return (
        Step(f"{target}_at", f"SELECT {kept}, {at} FROM {source}"),
        Step(f"{target}_levels", f"SELECT {kept}, {risen} FROM {target}_at"),
        Step(f"{target}_distances", f"SELECT {kept}, {apart} FROM {target}_levels"),
        Step(f"{target}_least", f"SELECT *, {least} AS closest FROM {target}_distances"),
        Step(target, f"SELECT {kept}, CAST(CASE {cases} ELSE 0 END AS INT) AS {nearest.name} FROM {target}_least"),
    )
