"""The page of duplicates: pairs side by side, decisions as jobs, the log with its undo, and who may see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.console.runs_on_disk import write_run

from tierwise.config.document import Document
from tierwise.datasets import simulate_shop
from tierwise.engine.progress import Silent
from tierwise.identity.decisions import Verdict, new_decision
from tierwise.identity.explanation import Addend
from tierwise.identity.held import held_back
from tierwise.identity.merges import standing
from tierwise.identity.queue import Candidate
from tierwise.language import Text
from tierwise.pipeline import Job as RunJob
from tierwise.pipeline import Source, run
from tierwise.registry import build_models
from tierwise.snapshots.workspace import Workspace
from tierwise_console.access.permissions import Role
from tierwise_console.crm.services.take_over import take_over
from tierwise_console.jobs.models import Job
from tierwise_console.runs import duplicates as door
from tierwise_console.runs.tasks import TASKS

pytestmark = pytest.mark.django_db
PAGE = "/quality/duplicates"
WHY = (
    Addend(Text("phone", "手机"), Text("the same", "相同"), 7.5),
    Addend(Text("name", "姓名"), Text("other", "不同"), -2.0),
)

HELD = held_back("phone_name", "gender", True)


@pytest.fixture
def shop(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three customers, a pair of whom waits; one decision was made by a rule."""
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, workspace=tmp_path)
    write_run(tmp_path, date(2026, 10, 1), {"rfm": {"a1": "gold", "a2": "gold", "a3": "bronze"}})
    take_over()
    taken = [new_decision(Verdict.MERGED, ("a1", "a3"), "rules", rule="phone")]
    monkeypatch.setattr(door, "open_pairs", lambda *_: ([Candidate("a1", "a2", 3.0, True, False, WHY, HELD)], 1))
    monkeypatch.setattr(door, "decisions", lambda _: (taken, standing(taken)))
    monkeypatch.setattr(door, "searched", lambda: True)
    return tmp_path


@pytest.mark.parametrize(("lang", "words"), [("en", "Not the same"), ("zh-CN", "不是同一客户")])
def test_a_pair_stands_side_by_side(shop: Path, signed_in: Callable[..., Client], lang: str, words: str) -> None:
    text = signed_in(Role.OWNER).get(PAGE, headers={"accept-language": lang}).content.decode()
    assert words in text
    assert "88.9%" in text, "three more bits for than against: eight to one"
    assert 'href="/customers/card/a1"' in text
    assert "+7.5" in text
    assert "-2.0" in text
    assert {"en": "the genders differ", "zh-CN": "性别不同"}[lang] in text, (
        "why it was not merged although a rule holds"
    )


@pytest.mark.parametrize("verdict", ["merged", "apart", "later"])
def test_a_word_is_a_job_and_the_pair_is_gone_meanwhile(
    shop: Path, signed_in: Callable[..., Client], verdict: str
) -> None:
    client = signed_in(Role.ANALYST)
    answer = client.post(f"{PAGE}/decide", {"verdict": verdict, "left": "a1", "right": "a2"})
    assert answer["Location"] == PAGE
    job = Job.objects.get(kind="decide")
    wanted = {"task": "decide", "verdict": verdict, "left": "a1", "right": "a2", "by": "analyst"}
    assert job.arguments == wanted
    page = client.get(PAGE).content.decode()
    assert 'value="merged"' not in page
    assert "tierwise console worker" in page, "nobody works in this test, and that is said"
    part = client.get(PAGE, headers={"HX-Request": "true"})
    assert "HX-Refresh" not in part
    Job.objects.update(status="done")
    assert client.get(PAGE, headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_what_is_no_word_is_refused_with_what_to_do(shop: Path, signed_in: Callable[..., Client]) -> None:
    client = signed_in(Role.OWNER)
    answer = client.post(f"{PAGE}/decide", {"verdict": "burn", "left": "a1", "right": "a2"}, follow=True)
    assert "use the buttons" in answer.content.decode()
    assert not Job.objects.filter(kind="decide").exists()


def test_a_decision_is_taken_back_by_a_job(shop: Path, signed_in: Callable[..., Client]) -> None:
    client = signed_in(Role.OWNER)
    page = client.get(PAGE).content.decode()
    assert 'name="undoes"' in page
    client.post(f"{PAGE}/decide", {"undoes": "m-1"})
    assert Job.objects.get(kind="decide").arguments == {"task": "decide", "undoes": "m-1", "by": "owner"}


def test_a_search_that_waits_is_not_asked_for_twice(shop: Path, signed_in: Callable[..., Client]) -> None:
    client = signed_in(Role.OWNER)
    client.post(f"{PAGE}/search")
    client.post(f"{PAGE}/search")
    assert Job.objects.filter(kind="dedupe").count() == 1


@pytest.mark.parametrize("role", [Role.MARKETING, Role.SALES, Role.SERVICE, Role.VIEWER])
def test_who_may_not_merge_does_not_see_the_page(shop: Path, signed_in: Callable[..., Client], role: Role) -> None:
    client = signed_in(role)
    assert client.get(PAGE).status_code == 403
    assert client.post(f"{PAGE}/search").status_code == 403
    assert client.post(f"{PAGE}/decide", {"undoes": "m-1"}).status_code == 403


def test_an_analyst_sees_no_name_and_no_number_in_full(
    shop: Path, signed_in: Callable[..., Client], settings: Any
) -> None:
    from tierwise_console.crm.models import Customer
    from tierwise_console.crm.sealing import seal

    Customer.objects.filter(pk="a1").update(name="何志远", phone_sealed=seal("13812345678"))
    page = signed_in(Role.ANALYST).get(PAGE).content.decode()
    assert "何志远" not in page
    assert "13812345678" not in page
    assert "138****5678" in page


@pytest.mark.slow
def test_the_core_searches_decides_and_takes_back(tmp_path: Path, settings: Any) -> None:
    simulate_shop(tmp_path / "data", 800, seed=3, tables=("orders", "customers"))
    sources = [Source(name, str(tmp_path / "data" / f"{name}.parquet")) for name in ("orders", "customers")]
    models = build_models(Document({"models": {"rfm": {}}}, "test"))
    run(RunJob(Workspace(tmp_path), sources, models, as_of=date(2026, 10, 31), timezone="UTC"))
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, workspace=tmp_path)
    found = TASKS["dedupe"]({"workspace": str(tmp_path)}, Silent())
    assert found["customers"] > 800
    assert found["taken"] > 0
    pairs, count = door.queue()
    assert count == found["review"]
    assert pairs, "the simulated shop has doubtful pairs"
    first = pairs[0]
    asked = {"workspace": str(tmp_path), "by": "mei", "left": first.left, "right": first.right, "verdict": "apart"}
    said = TASKS["decide"](asked, Silent())["decision"]
    assert TASKS["decide"](asked, Silent())["decision"] == said, "the same word twice is one decision"
    assert door.queue()[1] == count - 1
    assert door.log()[0].id == said
    TASKS["decide"]({"workspace": str(tmp_path), "by": "mei", "undoes": said}, Silent())
    assert door.queue()[1] == count
    assert [line.can_be_undone for line in door.log()[:2]] == [False, False]
