"""How a date becomes a whole number of time: by days, or by the occasions of BG/BB.

Days count from 1970-01-01. Occasions are calendar months or years, or weeks counted back from the last day, of
which only whole ones are seen: an order after the last whole occasion is not counted yet.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta

from tierwise.clv.discount import DAYS_PER_YEAR
from tierwise.lifetime.question import TimeUnit
from tierwise.sql.expressions import days_between, literal

EPOCH = date(1970, 1, 1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Clock:
    """Ticks of time; `starts` are the first days of the occasions, none where a tick is a day."""

    days_per_tick: float = 1.0
    starts: tuple[date, ...] = ()

    def sql(self, column: str) -> str:
        """The tick of a date column as SQL."""
        if not self.starts:
            return days_between(literal(EPOCH), column)
        cases = " ".join(
            f"WHEN {column} >= {literal(start)} THEN {tick}"
            for tick, start in reversed(list(enumerate(self.starts, start=1)))
        )
        return f"CAST(CASE {cases} ELSE 0 END AS BIGINT)"

    def tick(self, day: date) -> int:
        """The tick of a day."""
        return bisect_right(self.starts, day) if self.starts else (day - EPOCH).days

    def seen_until(self, day: date) -> int:
        """The last tick that is over by the end of a day."""
        return self.tick(day) if not self.starts else self.tick(day + DAY) - 1

    def day(self, tick: int) -> date:
        """The first day of a tick."""
        return self.starts[tick - 1] if self.starts else EPOCH + timedelta(days=tick)

    def last_day(self, tick: int) -> date:
        """The last day of a tick."""
        return self.day(tick + 1) - DAY if self.starts else self.day(tick)


DAYS = Clock()


def occasions(unit: TimeUnit, first: date, last: date) -> Clock:
    """The clock of occasions that covers `first` to `last`; days need no list."""
    if unit is TimeUnit.DAYS:
        return DAYS
    if unit is TimeUnit.WEEKS:
        weeks = (last - first).days // 7 + 1
        starts = tuple(last + DAY - timedelta(days=7 * back) for back in range(weeks, -1, -1))
        return Clock(7.0, starts)
    step = 1 if unit is TimeUnit.MONTHS else 12
    begin = first.year * 12 + (first.month - 1 if step == 1 else 0)
    end = (last + DAY).year * 12 + (last + DAY).month - 1
    months = range(begin, end + step + 1, step)
    return Clock(DAYS_PER_YEAR * step / 12.0, tuple(date(m // 12, m % 12 + 1, 1) for m in months))
