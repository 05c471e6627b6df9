"""Moments are told in the business's zone, days begin in it, and every page says which it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from tierwise_console.access.permissions import Role
from tierwise_console.crm.models import Customer
from tierwise_console.crm.services.work import add_note, add_task
from tierwise_console.jobs.models import Schedule
from tierwise_console.jobs.timing import timing_of_cron
from tierwise_console.runs import performing
from tierwise_console.runs.report_schedules import add_schedule
from tierwise_console.runs.zone import project_zone

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(tmp_path: Path, settings: Any) -> Path:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, workspace=tmp_path)
    return tmp_path / "tierwise.yaml"


def test_the_project_file_names_the_zone_and_what_it_says_next_counts_at_once(place: Path) -> None:
    assert str(project_zone()) == "UTC", "there is no file yet"
    place.write_text("timezone: Asia/Shanghai\n", encoding="utf-8")
    assert str(project_zone()) == "Asia/Shanghai"
    place.write_text("timezone: America/New_York\n", encoding="utf-8")
    assert str(project_zone()) == "America/New_York"


@pytest.mark.parametrize(
    "text", ["timezone: Mars/Olympus\n", "timezone: [\n", "- a list\n", "models: {}\n", "timezone: ../etc\n"]
)
def test_a_file_that_names_no_zone_leaves_utc(place: Path, text: str) -> None:
    place.write_text(text, encoding="utf-8")
    assert str(project_zone()) == "UTC"


def test_the_environment_goes_first(place: Path, settings: Any) -> None:
    place.write_text("timezone: Asia/Shanghai\n", encoding="utf-8")
    settings.ZONE_IS_SAID, settings.TIME_ZONE = True, "Europe/Berlin"
    assert str(project_zone()) == "Europe/Berlin"


def test_the_day_begins_in_the_zone(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Evening(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime(2026, 10, 31, 20, 0, tzinfo=UTC)

    monkeypatch.setattr(performing, "datetime", Evening)
    assert performing.today() == "2026-10-31"
    place.write_text("timezone: Asia/Shanghai\n", encoding="utf-8")
    assert performing.today() == "2026-11-01", "in Shanghai it is past midnight"


@pytest.mark.parametrize(("lang", "words"), [("en", "Times are those of"), ("zh-CN", "页面时间均为")])
def test_pages_tell_moments_in_it_and_say_so_once(
    place: Path, make_user: Callable[..., Any], lang: str, words: str
) -> None:
    place.write_text("timezone: Asia/Shanghai\n", encoding="utf-8")
    owner, client = make_user(Role.OWNER), Client()
    client.force_login(owner)
    Customer.objects.create(customer_id="c1", name="何志远")
    add_note(owner, "c1", "called")
    Customer.objects.get().note_set.update(at=datetime(2026, 10, 31, 20, 30, tzinfo=UTC))
    page = client.get("/customers/card/c1", headers={"accept-language": lang}).content.decode()
    assert "04:30" in page and "20:30" not in page
    assert page.count(words) == page.count("Asia/Shanghai (UTC+08:00)") == 1


def test_what_is_planned_goes_by_the_calendar_of_the_zone(place: Path, make_user: Callable[..., Any]) -> None:
    place.write_text("timezone: Asia/Shanghai\n", encoding="utf-8")
    add_schedule(make_user(Role.OWNER), "each morning", "html", "en", timing_of_cron("0 8 * * *"))
    planned = Schedule.objects.get()
    assert planned.timezone == "Asia/Shanghai"
    assert planned.next_at.astimezone(UTC).hour == 0, "eight in Shanghai"


def test_a_task_is_late_when_its_day_is_over_there(place: Path, make_user: Callable[..., Any]) -> None:
    zone = ZoneInfo("Pacific/Kiritimati")
    place.write_text(f"timezone: {zone}\n", encoding="utf-8")
    owner, client = make_user(Role.OWNER), Client()
    client.force_login(owner)
    Customer.objects.create(customer_id="c1")
    there = datetime.now(UTC).astimezone(zone).date()
    add_task(owner, "of yesterday", "c1", None, (there - timedelta(days=1)).isoformat())
    add_task(owner, "of tomorrow", "c1", None, (there + timedelta(days=1)).isoformat())
    page = client.get("/customers/card/c1", headers={"accept-language": "en"}).content.decode()
    assert page.count('<span class="pill bad">late</span>') == 1, (
        "the day there is over fourteen hours before that of UTC"
    )
