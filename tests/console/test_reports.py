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
from tierwise_console.jobs.worker import Loop

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
    monkeypatch.setattr("tierwise_console.pages.overview.door.alerts", lambda run: [])
    add_task(make_user(Role.SALES, "other"), "hers")
    client = signed_in(Role.SALES)
    assert "Nothing is due for you" in client.get("/").content.decode()
    add_task(make_user(Role.SALES, "third"), "not mine")
    from tierwise_console.access.models import User

    add_task(User.objects.get(username="sales"), "call back", due_on="2020-01-01")
    page = client.get("/").content.decode()
    assert "call back" in page and "late" in page and "not mine" not in page
    assert "Your tasks" not in signed_in(Role.VIEWER).get("/").content.decode()
