"""Forecast and back-test of a run: asked for once, kept as a file in both languages, shown to everyone."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from tierwise.config.document import Document
from tierwise.datasets import simulate_shop
from tierwise.pipeline import Job as CoreJob
from tierwise.pipeline import Source, run
from tierwise.registry import build_models
from tierwise.snapshots.workspace import Workspace
from tierwise_console.access.permissions import Role
from tierwise_console.jobs.models import Job, Status
from tierwise_console.jobs.worker import Loop
from tierwise_console.runs import evidence, published

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
SignedIn = Callable[..., Client]


@pytest.fixture
def shop(settings: Any, tmp_path: Path) -> Path:
    """A published run of a small shop."""
    simulate_shop(tmp_path / "data", 600, seed=3)
    models = build_models(Document({"models": {"rfm": {}}}, "test"))
    sources = [Source("orders", str(tmp_path / "data" / "orders.parquet"))]
    run(CoreJob(Workspace(tmp_path / "shop"), sources, models, as_of=date(2026, 10, 31), timezone="UTC"))
    settings.ENVIRONMENT = SimpleNamespace(workspace=tmp_path / "shop", home=tmp_path / "console")
    published._open.cache_clear()
    return tmp_path


def test_a_run_is_forecast_and_back_tested_by_itself_once(shop: Path, signed_in: SignedIn) -> None:
    analyst, viewer = signed_in(Role.ANALYST), signed_in(Role.VIEWER)
    assert "Forecast now" in analyst.get("/value").content.decode()
    assert "An owner or analyst can start it" in viewer.get("/value").content.decode()
    assert viewer.post("/value/forecast").status_code == 403
    evidence.notice_missing_evidence()
    evidence.notice_missing_evidence()
    assert sorted(Job.objects.values_list("kind", flat=True)) == ["advise", "value"]
    assert 'hx-trigger="every 1500ms"' in analyst.get("/value").content.decode()
    assert analyst.post("/value/forecast").status_code == 302  # one is open: that one is meant
    assert Job.objects.filter(kind="value").count() == 1
    Loop().run_until_empty()
    assert set(Job.objects.values_list("status", flat=True)) == {Status.DONE}
    for lang, words in (("en", ("Who is still there", "Cohorts")), ("zh-CN", ("谁还在", "新客批次"))):
        page = viewer.get("/value", headers={"accept-language": lang}).content.decode()
        assert all(word in page for word in words)
        assert page.count('class="card chart') >= 7 and 'id="lift"' in page
    page = viewer.get("/advisor").content.decode()
    assert 'id="lift"' in page and "by chance" in page
    assert "spend alone" in page and "Out of time" in page and "Seven models" in page
    assert analyst.get("/advisor", headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    told = (shop / "console" / "evidence").rglob("*.json")
    assert all(not any(f"C{n:06d}" in file.read_text() for n in range(20)) for file in told)
    assert json.loads(next((shop / "console" / "evidence").rglob("value.json")).read_text())["sections"]


def test_a_goal_is_asked_for_and_an_unknown_one_refused(shop: Path, signed_in: SignedIn) -> None:
    analyst = signed_in(Role.ANALYST)
    assert analyst.post("/advisor/back-test", {"goal": "nonsense"}).status_code == 404
    goal = next(name for name, _ in evidence.goals() if name != evidence.FIRST_GOAL)
    answer = analyst.post("/advisor/back-test", {"goal": goal})
    assert answer["Location"].endswith(f"?goal={goal}")
    assert Job.objects.get().arguments["goal"] == goal
