"""The days one gives presents on, for buying before festivals: a default that a user's own list replaces.

Lunar festivals 2015 to 2034 (Spring Festival and Mid-Autumn), and fixed days: Valentine's Day, 20 May,
Teachers' Day, National Day, Christmas.
"""

from __future__ import annotations

from datetime import date

FIRST_YEAR = 2015
_SPRING = "0219 0208 0128 0216 0205 0125 0212 0201 0122 0210 0129 0217 0206 0126 0213 0203 0123 0211 0131 0219"
_MID_AUTUMN = "0927 0915 1004 0924 0913 1001 0921 0910 0929 0917 1006 0925 0915 1003 0922 0912 1001 0919 0908 0927"
_FIXED = ("0214", "0520", "0910", "1001", "1225")


def _day(year: int, month_day: str) -> date:
    return date(year, int(month_day[:2]), int(month_day[2:]))


def default_festivals() -> tuple[date, ...]:
    """Every festival of the years that are known, in order."""
    lunar = [_day(FIRST_YEAR + place, day) for days in (_SPRING, _MID_AUTUMN) for place, day in enumerate(days.split())]
    years = range(FIRST_YEAR, FIRST_YEAR + len(_SPRING.split()))
    return tuple(sorted((*lunar, *(_day(year, day) for year in years for day in _FIXED))))
