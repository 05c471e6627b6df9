"""Times of the calendar as people choose them: each day, a day of the week, a day of the month, at a time of the clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from tierwise.errors import ErrorKind, Family
from tierwise.language import Text

BAD_TIME = ErrorKind(
    "schedule.bad_time",
    Family.USAGE,
    what=Text("{every} {day} {at} is no time of the calendar", "{every} {day} {at} 不是有效的定时"),
    cause=Text(
        "a time is written as 06:30, a day of the week is 1 (Monday) to 7, of the month 1 to 28",
        "时间须写成 06:30；星期为 1（周一）至 7，日期为 1 至 28",
    ),
    cure=Text("choose it from the form", "请在表单中选择"),
)
WEEKDAYS = (
    Text("Monday", "周一"), Text("Tuesday", "周二"), Text("Wednesday", "周三"), Text("Thursday", "周四"),
    Text("Friday", "周五"), Text("Saturday", "周六"), Text("Sunday", "周日"),
)  # fmt: skip
LAST_DAY_OF_MONTH = 28
"""Every month has it."""
_CRON = re.compile(r"(\d{1,2}) (\d{1,2}) (\*|\d{1,2}) \* (\*|[1-7])$")


class Every(StrEnum):
    """How often."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Timing:
    """A time of the calendar; `day` is that of the week (1 is Monday) or of the month, and 1 where it is each day."""

    every: Every
    day: int
    hour: int
    minute: int

    @property
    def cron(self) -> str:
        """As a cron expression."""
        of_month = str(self.day) if self.every is Every.MONTH else "*"
        of_week = str(self.day) if self.every is Every.WEEK else "*"
        return f"{self.minute} {self.hour} {of_month} * {of_week}"

    @property
    def clock(self) -> str:
        """The time of day: 06:30."""
        return f"{self.hour:02}:{self.minute:02}"

    @property
    def words(self) -> Text:
        """In words: Mondays at 06:30."""
        if self.every is Every.WEEK:
            day = WEEKDAYS[self.day - 1]
            return Text(f"{day.en}s at {self.clock}", f"每{day.zh} {self.clock}")
        if self.every is Every.MONTH:
            return Text(f"each month on day {self.day} at {self.clock}", f"每月 {self.day} 日 {self.clock}")
        return Text(f"daily at {self.clock}", f"每天 {self.clock}")


def timing_of(every: str, day: str, at: str) -> Timing:
    """A time as a form names it; raises `schedule.bad_time`."""
    clock = re.fullmatch(r"(\d{1,2}):(\d{2})", at)
    number = int(day) if day.isascii() and day.isdecimal() else 1
    most = {Every.DAY: LAST_DAY_OF_MONTH, Every.WEEK: 7, Every.MONTH: LAST_DAY_OF_MONTH}.get(every, 0)  # type: ignore[call-overload]
    if clock is None or int(clock[1]) > 23 or int(clock[2]) > 59 or not 1 <= number <= most:
        raise BAD_TIME.error(every=every[:20], day=day[:20], at=at[:20])
    return Timing(Every(every), 1 if every == Every.DAY else number, int(clock[1]), int(clock[2]))


def timing_of_cron(cron: str) -> Timing | None:
    """The time that a cron expression means; None where it is of another form."""
    found = _CRON.match(cron)
    if found is None or (found[3] != "*" and found[4] != "*"):
        return None
    every, day = (
        (Every.MONTH, found[3]) if found[3] != "*" else (Every.WEEK, found[4]) if found[4] != "*" else (Every.DAY, "1")
    )
    return Timing(every, int(day), int(found[2]), int(found[1]))
