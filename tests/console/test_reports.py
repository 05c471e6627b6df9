"""The page Reports: files written on request, with progress and download, for those who may."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from tests.console.runs_on_disk import write_run

from tierwise_console.access.permissions import Role
from tierwise_console.audit.models import AuditEntry
from tierwise_console.crm.services.work import add_task
from tierwise_console.jobs.clock import now
from tierwise_console.jobs.models import Job, Schedule
from tierwise_console.jobs.queueing import enqueue
from tierwise_console.jobs.schedules import tick
from tierwise_console.jobs.worker import Loop
from tierwise_console.runs.results import remove_old_results

pytestmark = pytest.mark.django_db(transaction=True)
SignedIn = Callable[..., Client]


@pytest.fixture
def published_run(settings: Any, tmp_path: Path) -> Any:
    settings.ENVIRONMENT = SimpleNamespace(workspace=tmp_path / "shop", home=tmp_path / "console")
    return write_run(tmp_path / "shop", date(2026, 10, 1), {"rfm": {"a": "gold", "b": "bronze"}})


def test_a_label_table_is_written_and_taken(published_run: Any, signed_in: SignedIn, monkeypatch: Any) -> None:
    monkeypatch.setattr(
        "tierwise_console.pages.reports.reading.page", lambda run: SimpleNamespace(figures=[], sections=[])
    )
    client, viewer = signed_in(Role.MARKETING), signed_in(Role.VIEWER)
    assert client.post("/reports/make", {"format": "csv"}).status_code == 302
    page = client.get("/reports").content.decode()
    assert 'hx-trigger="every 1s"' in page
    assert "strategy/export" in page
    Loop().run_until_empty()
    part = client.get("/reports", headers={"HX-Request": "true"}).content.decode()
    address = re.search(r'href="(/reports/made/\d+/labels\.csv)"', part)
    assert address is not None, part
    text = b"".join(client.get(address[1]).streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert len(text.splitlines()) == 3
    assert AuditEntry.objects.filter(action="report.download").count() == 1
    assert client.get(address[1].replace("labels", "other")).status_code == 404
    assert viewer.get(address[1]).status_code == 403
    assert viewer.post("/reports/make", {"format": "csv"}).status_code == 403
    assert client.post("/reports/make", {"format": "exe"}).status_code == 404


def test_the_overview_shows_ones_own_tasks(
    published_run: Any, signed_in: SignedIn, make_user: Callable[..., Any], monkeypatch: Any
) -> None:
    monkeypatch.setattr("tierwise_console.pages.overview.reading.page", lambda run: SimpleNamespace(figures=[]))
    monkeypatch.setattr("tierwise_console.pages.overview.door.charts", lambda run, model: [])
    add_task(make_user(Role.SALES, "other"), "hers")
    client = signed_in(Role.SALES)
    assert "Nothing is due for you" in client.get("/").content.decode()
    add_task(make_user(Role.SALES, "third"), "not mine")
    from tierwise_console.access.models import User

    add_task(User.objects.get(username="sales"), "call back", due_on="2020-01-01")
    page = client.get("/").content.decode()
    assert "call back" in page and "late" in page and "not mine" not in page
    assert "Your tasks" not in signed_in(Role.VIEWER).get("/").content.decode()


def test_a_label_table_by_the_calendar(published_run: Any, signed_in: SignedIn, monkeypatch: Any) -> None:
    monkeypatch.setattr(
        "tierwise_console.pages.reports.reading.page", lambda run: SimpleNamespace(figures=[], sections=[])
    )
    client, viewer = signed_in(Role.MARKETING), signed_in(Role.VIEWER)
    client.cookies["django_language"] = "en"
    form = {"name": "For the CRM", "content": "csv", "lang": "en", "every": "week", "weekday": "1", "at": "06:30"}
    assert viewer.post("/reports/schedules/add", form).status_code == 403
    page = client.post("/reports/schedules/add", form, follow=True).content.decode()
    assert "For the CRM" in page and "Mondays at 06:30" in page
    assert "that no other has" in client.post("/reports/schedules/add", form, follow=True).content.decode()
    assert "is no time" in client.post("/reports/schedules/add", {**form, "at": "noon"}, follow=True).content.decode()
    for _ in range(2):
        Schedule.objects.update(next_at=now())
        assert tick() == 1
        Loop().run_until_empty()
    part = client.get("/reports", headers={"HX-Request": "true"}).content.decode()
    assert len(set(re.findall(r'href="(/reports/made/\d+/labels\.csv)"', part))) == 2, "each has its own file"
    page = client.post("/reports/schedules/change", {**form, "every": "day"}, follow=True).content.decode()
    assert "Mondays" not in page and not Schedule.objects.get().enabled
    client.post("/reports/schedules/remove", {"name": "For the CRM"})
    assert not Schedule.objects.exists()
    assert "no schedule" in client.post("/reports/schedules/remove", {"name": "x"}, follow=True).content.decode()
    actions = AuditEntry.objects.filter(action__startswith="schedule.").values_list("action", flat=True)
    assert sorted(actions) == ["schedule.planned", "schedule.planned", "schedule.removed"]


def test_old_files_of_a_schedule_go_and_others_stay(published_run: Any, tmp_path: Path, make_user: Any) -> None:
    def made(key: str | None) -> Path:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        enqueue("export", {"task": "export", "folder": str(folder)}, unique_key=key)
        Job.objects.update(status="done")
        return folder

    asked, other = made(None), made("schedule:70:2026")
    folders = [made(f"schedule:7:{number}") for number in range(14)]
    remove_old_results("schedule:7:13")
    assert [folder.exists() for folder in folders] == [False, False, False, *[True] * 11]
    remove_old_results("")
    assert asked.exists() and other.exists()
