"""Schedules: in the business's zone, over the change of clocks, and once for all that was missed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tierwise.errors import TierwiseError
from tierwise_console.jobs.clock import now
from tierwise_console.jobs.kinds import JobKind
from tierwise_console.jobs.models import Job, Schedule, Status
from tierwise_console.jobs.schedules import next_after, plan, tick, unplan

MakeKind = Callable[..., JobKind]


@pytest.mark.parametrize(
    ("cron", "zone", "moment", "expected"),
    [
        ("30 6 * * *", "Asia/Shanghai", datetime(2026, 5, 1, 12, 0), datetime(2026, 5, 1, 22, 30)),
        ("30 6 * * 1-5", "Asia/Shanghai", datetime(2026, 5, 1, 12, 0), datetime(2026, 5, 3, 22, 30)),
        ("0 3 * * *", "Europe/Berlin", datetime(2026, 3, 28, 12, 0), datetime(2026, 3, 29, 1, 0)),
        ("0 3 * * *", "Europe/Berlin", datetime(2026, 10, 24, 12, 0), datetime(2026, 10, 25, 2, 0)),
    ],
)
def test_times_are_those_of_the_business(cron: str, zone: str, moment: datetime, expected: datetime) -> None:
    assert next_after(cron, zone, moment.replace(tzinfo=UTC)) == expected.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("cron", "zone", "code"),
    [("every day", "UTC", "schedule.bad_cron"), ("0 0 30 2 *", "UTC", "schedule.bad_cron"),
     ("0 3 * * *", "Mars/Olympus", "schedule.bad_zone")],
)  # fmt: skip
def test_what_is_no_schedule_is_refused(cron: str, zone: str, code: str) -> None:
    with pytest.raises(TierwiseError) as found:
        next_after(cron, zone, datetime(2026, 1, 1, tzinfo=UTC))
    assert found.value.code == code


def test_missed_times_are_made_up_for_once(make_kind: MakeKind) -> None:
    make_kind(lambda work: None)
    plan("each minute", "test.kind", "* * * * *", "UTC", {"a": 1})
    assert tick() == 0
    Schedule.objects.update(next_at=now() - timedelta(days=3))
    assert (tick(), tick()) == (1, 0)
    assert Job.objects.get().arguments == {"a": 1}
    assert Schedule.objects.get().next_at > now()


def test_a_schedule_waits_for_its_own_job(make_kind: MakeKind) -> None:
    make_kind(lambda work: None)
    plan("each minute", "test.kind", "* * * * *", "UTC")
    for expected in (1, 0):
        Schedule.objects.update(next_at=now())
        assert tick() == expected
    Job.objects.update(status=Status.DONE)
    Schedule.objects.update(next_at=now())
    assert tick() == 1
    assert unplan("each minute")
    assert not unplan("each minute")
