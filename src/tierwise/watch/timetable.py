"""A timetable in the notation of cron: when the next run is due whatever has arrived."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from tierwise.errors import ErrorKind, Family
from tierwise.language import Text

BAD_SCHEDULE = ErrorKind(
    "watch.bad_schedule",
    Family.USAGE,
    what=Text("{given} is no timetable: {message}", "{given} 不是有效的时间表：{message}"),
    cause=Text(
        "a timetable has five fields: minute, hour, day, month, weekday", "时间表有五个字段：分、时、日、月、星期"
    ),
    cure=Text('write --schedule "0 6 * * *" for six in the morning', '例如每天早上六点：--schedule "0 6 * * *"'),
)


class Timetable:
    """The times of a cron expression, in the zone of the business."""

    def __init__(self, expression: str, timezone: str | None) -> None:
        from cronsim import CronSim, CronSimError

        self._zone = ZoneInfo(timezone or "UTC")
        self._expression, self._iterate = expression, CronSim
        try:
            CronSim(expression, datetime.now(self._zone))
        except CronSimError as error:
            raise BAD_SCHEDULE.error(given=repr(expression), message=str(error)) from error

    def after(self, moment: datetime) -> datetime:
        """The first time after a moment."""
        due: datetime = next(self._iterate(self._expression, moment.astimezone(self._zone)))
        return due
