"""Jobs by the calendar: cron expressions in the business's time zone; what was missed is made up for once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from django.db import connection, transaction

from tierwise.errors import ErrorKind, Family
from tierwise.language import Text
from tierwise_console.jobs.clock import now
from tierwise_console.jobs.kinds import kind_of
from tierwise_console.jobs.models import OPEN, Schedule
from tierwise_console.jobs.queueing import enqueue

BAD_CRON = ErrorKind(
    "schedule.bad_cron",
    Family.USAGE,
    what=Text("{cron!r} is not a schedule", "{cron!r} 不是有效的时间表"),
    cause=Text("{reason}", "{reason}"),
    cure=Text(
        "write minute, hour, day, month, weekday, as `30 6 * * 1-5` for 06:30 on working days",
        "请写成“分 时 日 月 周”，例如 `30 6 * * 1-5` 表示工作日 06:30",
    ),
)
BAD_ZONE = ErrorKind(
    "schedule.bad_zone",
    Family.USAGE,
    what=Text("there is no time zone {zone!r}", "没有时区 {zone!r}"),
    cause=Text("zones have IANA names", "时区须用 IANA 名称"),
    cure=Text("write it as Asia/Shanghai or Europe/Berlin", "请写成 Asia/Shanghai 或 Europe/Berlin"),
)


def next_after(cron: str, timezone: str, moment: datetime) -> datetime:
    """The first time of a schedule after a moment, in UTC; raises `schedule.bad_cron`, `schedule.bad_zone`."""
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BAD_ZONE.error(zone=timezone) from error
    try:
        upcoming: datetime = next(CronSim(cron, moment.astimezone(zone)))
        return upcoming.astimezone(UTC)
    except (CronSimError, StopIteration) as error:
        raise BAD_CRON.error(cron=cron, reason=str(error) or "never") from error


def plan(
    name: str, kind: str, cron: str, timezone: str, arguments: Mapping[str, Any] | None = None, enabled: bool = True
) -> Schedule:
    """Make a schedule, or change the one of that name."""
    kind_of(kind)
    upcoming = next_after(cron, timezone, now())
    values = {
        "kind": kind, "cron": cron, "timezone": timezone, "arguments": dict(arguments or {}),
        "enabled": enabled, "next_at": upcoming,
    }  # fmt: skip
    return Schedule.objects.update_or_create(name=name, defaults=values)[0]


def unplan(name: str) -> bool:
    """Remove a schedule; False where there is none."""
    return bool(Schedule.objects.filter(name=name).delete()[0])


def tick() -> int:
    """Ask for the jobs of every schedule that is due; returns how many were asked for. Any number of workers may call.

    A schedule whose last job still waits or runs is put off to its next time.
    """
    moment, asked = now(), 0
    with transaction.atomic():
        due = Schedule.objects.filter(enabled=True, next_at__lte=moment)
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True, of=("self",))
        for schedule in due:
            asked += _ask(schedule, moment)
    return asked


def _ask(schedule: Schedule, moment: datetime) -> int:
    assert schedule.next_at is not None
    busy = schedule.last_job is not None and schedule.last_job.status in OPEN
    if not busy:
        key = f"schedule:{schedule.pk}:{schedule.next_at.isoformat()}"
        schedule.last_job = enqueue(schedule.kind, schedule.arguments, unique_key=key)
        schedule.last_at = moment
    schedule.next_at = next_after(schedule.cron, schedule.timezone, moment)
    schedule.save(update_fields=["last_job", "last_at", "next_at"])
    return 0 if busy else 1
