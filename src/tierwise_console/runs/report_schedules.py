"""Reports and label tables by the calendar: each time of the run that is published then, into a folder of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from tierwise.errors import ErrorKind, Family
from tierwise.language import Lang, Text
from tierwise_console.access.guards import check_may
from tierwise_console.access.permissions import Permission
from tierwise_console.jobs import services as jobs
from tierwise_console.jobs.models import Schedule
from tierwise_console.jobs.timing import Timing, timing_of_cron
from tierwise_console.runs.zone import project_zone

NEEDS = {"report": Permission.RESULTS_EXPORT, "export": Permission.CUSTOMERS_EXPORT}
"""Who may plan, and take, what a kind of job writes."""
CONTENTS = {
    "html": Text("Report (HTML)", "报告（HTML）"),
    "csv": Text("Label table (csv)", "标签表（csv）"),
    "xlsx": Text("Label table (xlsx)", "标签表（xlsx）"),
    "parquet": Text("Label table (parquet)", "标签表（parquet）"),
}
LANGUAGES = {str(Lang.ZH): Text("Chinese", "中文"), str(Lang.EN): Text("English", "英文")}
BAD_NAME = ErrorKind(
    "schedule.bad_name",
    Family.USAGE,
    what=Text("a schedule needs a name of 1 to 60 characters that no other has", "定时须有 1–60 个字符且不重复的名称"),
    cause=Text("the name given is {name}", "当前名称为 {name}"),
    cure=Text(
        "write a short name; what is there is changed in its own row", "请填写简短的名称；已有的定时请在其所在行修改"
    ),
)
NOT_PLANNED = ErrorKind(
    "schedule.not_there",
    Family.DATA,
    what=Text("there is no schedule of that name", "没有该名称的定时"),
    cause=Text("it was removed meanwhile", "该定时已被移除"),
    cure=Text("load the page anew", "请刷新页面"),
)


@dataclass(frozen=True, slots=True)
class ScheduleLine:
    """One schedule as the page shows it; `timing` is None for a cron expression that the form cannot show."""

    name: str
    content: str
    lang: str
    cron: str
    timing: Timing | None
    zone: str
    enabled: bool
    next_at: datetime | None
    last_at: datetime | None
    last_job: Any


def schedule_lines(may: Any) -> list[ScheduleLine]:
    """The schedules of reports and label tables that whoever looks may take."""
    kinds = [kind for kind, permission in NEEDS.items() if may(permission)]
    return [_line(row) for row in Schedule.objects.filter(kind__in=kinds).select_related("last_job").order_by("name")]


def _line(row: Schedule) -> ScheduleLine:
    content = "html" if row.kind == "report" else row.arguments["formats"][0]
    return ScheduleLine(
        row.name, content, row.arguments["lang"], row.cron, timing_of_cron(row.cron), row.timezone, row.enabled,
        row.next_at, row.last_at, row.last_job,
    )  # fmt: skip


@transaction.atomic
def add_schedule(actor: Any, name: str, content: str, lang: str, timing: Timing) -> None:
    """Plan a new one in the zone of the business; raises `schedule.bad_name`."""
    clean = " ".join(name.replace("\x00", "").split())
    if not 1 <= len(clean) <= 60 or Schedule.objects.filter(name=clean).exists():
        raise BAD_NAME.error(name=repr(name[:70]))
    _plan(actor, clean, content, lang, timing, str(project_zone()), enabled=True)


@transaction.atomic
def change_schedule(actor: Any, name: str, content: str, lang: str, timing: Timing, enabled: bool) -> None:
    """Change what is written and when, or turn it off; raises `schedule.not_there`."""
    row = _held(actor, name)
    _plan(actor, name, content, lang, timing, row.timezone, enabled)


@transaction.atomic
def remove_schedule(actor: Any, name: str) -> None:
    """Remove a schedule; what it has written stays."""
    row = _held(actor, name)
    jobs.unplan(actor, name, NEEDS[row.kind])


def _held(actor: Any, name: str) -> Schedule:
    row = Schedule.objects.select_for_update().filter(name=name, kind__in=NEEDS).first()
    if row is None:
        raise NOT_PLANNED.error()
    check_may(actor, NEEDS[row.kind])
    return row


def _plan(actor: Any, name: str, content: str, lang: str, timing: Timing, zone: str, enabled: bool) -> None:
    kind = "report" if content == "html" else "export"
    arguments: dict[str, Any] = {"task": kind, "lang": lang}
    if kind == "export":
        arguments["formats"] = [content]
    jobs.plan(actor, name, kind, timing.cron, zone, arguments, NEEDS[kind], enabled)
