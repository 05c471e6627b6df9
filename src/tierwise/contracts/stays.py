"""How long customers stay in a tier: what a page shows of it, whoever estimated it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class StayPoint(Protocol):
    """The share still there just after a day, with its bounds."""

    @property
    def day(self) -> int:
        """Days since the stay began."""
        ...

    @property
    def survival(self) -> float:
        """The share (0 to 1) still there."""
        ...

    @property
    def low(self) -> float:
        """Its lower 95% bound."""
        ...

    @property
    def high(self) -> float:
        """Its upper 95% bound."""
        ...


class StayCurve(Protocol):
    """The stays in one tier; the last point is the longest that was seen."""

    @property
    def tier(self) -> str:
        """The key of the tier."""
        ...

    @property
    def stays(self) -> int:
        """How many stays were seen to begin."""
        ...

    @property
    def points(self) -> Sequence[StayPoint]:
        """By rising day; at least one."""
        ...

    @property
    def median_days(self) -> int | None:
        """The first day on which at most half are still there; None where more than half stay to the end."""
        ...
