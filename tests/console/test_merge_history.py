"""The card tells which ids are this customer, who said so when and why, and leads to where that is undone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.console.runs_on_disk import write_run

from tierwise.identity.decisions import LOG, Verdict, append_log, new_decision
from tierwise.snapshots.workspace import Workspace
from tierwise_console.access.permissions import Role
from tierwise_console.crm.services.take_over import take_over
from tierwise_console.runs.merge_history import merge_history

pytestmark = pytest.mark.django_db
STORY = "/customers/card/a1/story"


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    """a1, a2 and a3 are one by two merges; a1 and b1 were merged and parted again; c1 and c2 are somebody else."""
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, workspace=tmp_path)
    write_run(tmp_path, date(2026, 10, 1), {"rfm": {"a1": "gold", "b1": "bronze", "c1": "gold"}})
    take_over()
    wrong = new_decision(Verdict.MERGED, ("a1", "b1"), "mei", reason="same shop")
    taken = [
        new_decision(Verdict.MERGED, ("a1", "a2"), "rules", rule="phone_name"),
        new_decision(Verdict.MERGED, ("a2", "a3"), "mei", reason="told by phone"),
        wrong,
        new_decision(Verdict.UNDONE, wrong.members, "mei", undoes=wrong.id),
        new_decision(Verdict.MERGED, ("c1", "c2"), "mei", reason="another story"),
        new_decision(Verdict.APART, ("a1", "c1"), "mei"),
    ]
    append_log(Workspace(tmp_path).identity, taken)
    return Workspace(tmp_path).identity


@pytest.mark.parametrize("asked", ["a1", "a2", "a3"])
def test_all_ids_of_a_customer_have_one_history(folder: Path, asked: str) -> None:
    found = merge_history(asked)
    assert found.ids == ("a1", "a2", "a3")
    assert [line.members for line in found.merges] == [("a2", "a3"), ("a1", "a2")], "the newest first"
    assert found.merges[0].by == "mei" and found.merges[0].reason.en == "told by phone"
    assert [line.members for line in found.taken_back] == [("a1", "b1")]


def test_a_later_decision_shows_at_once(folder: Path) -> None:
    assert not merge_history("d1").merges
    append_log(folder, [new_decision(Verdict.MERGED, ("d1", "d2"), "mei")])
    assert merge_history("d1").ids == ("d1", "d2")


def test_without_a_log_there_is_no_history(tmp_path: Path, settings: Any) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, workspace=tmp_path)
    assert merge_history("a1").merges == ()


@pytest.mark.parametrize(("lang", "words"), [("en", "This customer has 3 ids"), ("zh-CN", "该客户由 3 个编号合并而成")])
def test_the_card_tells_it_and_leads_to_the_undo(
    folder: Path, signed_in: Callable[..., Client], lang: str, words: str
) -> None:
    client = signed_in(Role.OWNER)
    page = client.get(STORY, headers={"accept-language": lang}).content.decode()
    newest = merge_history("a1").merges[0]
    assert words in page and "told by phone" in page and "b1" in page
    assert f'href="/quality/duplicates?customer=a2#decision-{newest.id}"' in page
    log = client.get("/quality/duplicates?customer=a2").content.decode()
    assert f'id="decision-{newest.id}"' in log and "another story" not in log


def test_who_does_not_decide_on_duplicates_reads_of_no_other_customer(
    folder: Path, signed_in: Callable[..., Client]
) -> None:
    page = signed_in(Role.MARKETING).get(STORY).content.decode()
    assert "told by phone" in page
    assert "b1" not in page and "/quality/duplicates" not in page
    assert "Merge history" not in signed_in(Role.SERVICE).get("/customers/card/b1/story").content.decode()


def test_a_broken_log_is_told_on_the_card(folder: Path, signed_in: Callable[..., Client]) -> None:
    (folder / LOG).write_text("no decision\n", encoding="utf-8")
    page = signed_in(Role.OWNER).get(STORY).content.decode()
    assert "put back the file from a backup" in page


def test_the_card_says_which_data_it_is_of(folder: Path, signed_in: Callable[..., Client]) -> None:
    page = signed_in(Role.SERVICE).get("/customers/card/a1", headers={"accept-language": "zh-CN"}).content.decode()
    assert "数据版本" in page and "计算时间" in page and "2026年10月1日" in page
