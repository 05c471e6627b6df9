"""The seasonal clock: when the shop is busy, as a time change that leaves the purchase process exact.

A seasonal intensity s(t) with mean 1 over the simulated window gives the clock Λ(t) = ∫ s. Everything that
is Poisson in days of Λ is Poisson with rate λ·s(t) on the calendar, so the parameters of the truth table
hold exactly in Λ, and on the calendar on average over the window.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from tierwise.datasets.spec import ShopSpec

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FIRST_YEAR, LAST_YEAR = 2015, 2034
"""The years for which the lunar festivals below are known."""

_SPRING_FESTIVAL = (
    "0219 0208 0128 0216 0205 0125 0212 0201 0122 0210 0129 0217 0206 0126 0213 0203 0123 0211 0131 0219 0208"
)
_MID_AUTUMN = "0927 0915 1004 0924 0913 1001 0921 0910 0929 0917 1006 0925 0915 1003 0922 0912 1001 0919 0908 0927 0916"
_WEEK = np.array([0.92, 0.90, 0.92, 0.95, 1.03, 1.16, 1.12])  # Monday first
_HOUR = np.array(
    [1.2, 0.6, 0.3, 0.2, 0.2, 0.3, 0.8, 1.8, 3.2, 4.6, 5.4, 5.2,
     5.6, 5.0, 4.6, 4.6, 4.8, 5.0, 5.4, 6.6, 8.0, 8.4, 6.2, 3.0]
)  # fmt: skip
HORIZON_DAYS = 365
"""How far beyond the end the clock runs, so that the future can be stated."""


def _lunar(days: str) -> dict[int, date]:
    return {
        year: date(year, int(day[:2]), int(day[2:]))
        for year, day in zip(range(FIRST_YEAR, LAST_YEAR + 2), days.split(), strict=True)
    }


SPRING_FESTIVALS = _lunar(_SPRING_FESTIVAL)
MID_AUTUMNS = _lunar(_MID_AUTUMN)


def festivals(year: int) -> tuple[date, ...]:
    """Return the days one gives presents on in `year`, the lunar ones included."""
    fixed = ((2, 14), (5, 20), (9, 10), (10, 1), (12, 25))
    return (SPRING_FESTIVALS[year], MID_AUTUMNS[year], *(date(year, month, day) for month, day in fixed))


def is_promotion(days: Ints) -> NDArray[np.bool_]:
    """Tell for days since 1970 whether 618 (June 15–20) or double-11 (November 8–12) runs on them."""
    dates = days.astype("datetime64[D]")
    month = dates.astype("datetime64[M]")
    number = month.astype(np.int64) % 12 + 1
    day = (dates - month).astype(np.int64) + 1
    june = (number == 6) & (day >= 15) & (day <= 20)
    return np.asarray(june | ((number == 11) & (day >= 8) & (day <= 12)))


def _near(days: Ints, of: list[date], before_from: int, before_to: int) -> NDArray[np.bool_]:
    found = np.zeros(len(days), bool)
    for day in of:
        ahead = day_of(day) - days
        found |= (ahead <= before_from) & (ahead >= before_to)
    return found


def day_of(date_: date) -> int:
    """Return the days from 1970-01-01 to `date_`."""
    return (date_ - date(1970, 1, 1)).days


def _intensity(days: Ints, promotion: float, festival: float) -> Floats:
    """Return the unscaled seasonal intensity of each day for one persona."""
    intensity = _WEEK[(days + 3) % 7].copy()  # 1970-01-01 was a Thursday
    intensity[is_promotion(days)] *= promotion
    years = range(FIRST_YEAR, LAST_YEAR + 2)
    intensity[_near(days, [SPRING_FESTIVALS[y] for y in years], 2, -6)] *= 0.35
    intensity[_near(days, [SPRING_FESTIVALS[y] for y in years], 20, 4)] *= 1.25
    others = [day for y in years for day in festivals(y)]
    intensity[_near(days, others, 12, 3)] *= festival
    return intensity


@dataclass(frozen=True)
class Clock:
    """Four seasonal clocks side by side, one a persona, over `days` calendar days from `start_day`.

    Positions are days of the seasonal clock since the start, 0 to `days`; moments are seconds since 1970.
    """

    start_day: int
    days: int
    _positions: Floats  # cumulative intensity at each midnight, the four clocks behind one another
    _midnights: Floats
    _gap: float

    def moments(self, persona: Ints, position: Floats) -> Ints:
        """Return the moment at which each persona's clock shows `position`. O(log days) each."""
        day = np.interp(position + persona * self._gap, self._positions, self._midnights)
        whole = np.floor(day)
        return np.asarray((whole + self.start_day) * 86400 + time_of_day(day - whole), np.int64)

    def ahead(self, horizon_days: int = HORIZON_DAYS) -> Floats:
        """Return, per persona, how far its clock runs in the `horizon_days` after the end (≈ the days)."""
        width = len(self._positions) // 4
        shown = self._positions.reshape(4, width) - np.arange(4)[:, None] * self._gap
        return np.asarray(shown[:, self.days + horizon_days] - shown[:, self.days])


def time_of_day(fraction: Floats) -> Ints:
    """Return the second of the day below which `fraction` of the shop's traffic falls."""
    knots = np.concatenate(([0.0], np.cumsum(_HOUR) / _HOUR.sum()))
    seconds = np.interp(fraction, knots, np.arange(25) * 3600.0)
    return np.asarray(np.minimum(seconds, 86399), np.int64)


def make_clock(start: date, end: date, spec: ShopSpec) -> Clock:
    """Return the clocks of a shop open from `start` to `end`, both included."""
    window = (end - start).days + 1
    first = day_of(start)
    days = first + np.arange(window + HORIZON_DAYS)
    gap = 16.0 * len(days)
    positions, midnights = [], []
    settings = zip(spec.persona_promotion_multiplier, spec.persona_festival_multiplier, strict=True)
    for persona, (promotion, festival) in enumerate(settings):
        intensity = _intensity(days, promotion, festival)
        intensity /= intensity[:window].mean()
        positions.append(np.concatenate(([0.0], np.cumsum(intensity))) + persona * gap)
        midnights.append(np.arange(len(days) + 1.0))
    return Clock(first, window, np.concatenate(positions), np.concatenate(midnights), gap)


def to_date(day: int) -> date:
    """Return the calendar date of a day since 1970-01-01."""
    return date(1970, 1, 1) + timedelta(days=day)
