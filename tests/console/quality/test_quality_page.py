"""The page Quality: rules with their verdicts, shipped and own, scores with trend, and rules written on screen."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import yaml
from django.test import Client

from tierwise.config.document import Document
from tierwise.config.project import project_of
from tierwise.quality.own import project_rules
from tierwise_console.access.permissions import Role
from tierwise_console.modelling.models import SettingsVersion
from tierwise_console.runs.own_rules import EXAMPLES, FIRST
from tierwise_console.runs.published import named_run
from tierwise_console.runs.quality_card import judgement

pytestmark = pytest.mark.django_db


def test_each_rule_has_its_verdict_and_own_ones_are_marked(shop: Path) -> None:
    (orders,) = judgement(named_run()).tables
    by_name = {rule.name: rule for rule in orders.rules}
    own = by_name["known_channel"]
    assert own.own and (own.checked, own.failed, own.weight) == (400, 133, 3) and own.score == 0.6675
    assert orders.rules[0] is own, "what costs most stands first"
    assert [rule.name for rule in orders.rules if rule.own] == ["known_channel"]
    lost = by_name["orders.order_date.bad_date"]
    assert (lost.checked, lost.failed, lost.own) == (440, 40, False)
    assert [*orders.failing, *orders.met] == list(orders.rules) and orders.needs_a_look


def test_scores_are_those_of_the_run_and_changes_against_what_was_before(shop: Path) -> None:
    found, card = judgement(named_run()), named_run().manifest.quality
    before = named_run("previous").manifest.quality
    assert found.overall.score == card["scores"]["overall"]
    assert found.overall.change == pytest.approx(100 * (card["scores"]["overall"] - before["scores"]["overall"]))
    fields = {line.field.en: line for line in found.tables[0].fields}
    assert fields["channel"].score == card["scores"]["fields"]["orders.channel"]
    first, newest = card["import_trend"]
    moved = 100 * (newest["fields"]["channel"] - first["fields"]["channel"])
    assert moved < -10 and fields["channel"].change == pytest.approx(moved)
    (source,) = found.sources
    assert [score for _, score in source.points] == [first["score"], newest["score"]]
    assert [point.overall for point in found.runs][-1] == found.overall.score and len(found.runs) == 2


@pytest.mark.parametrize(
    ("lang", "words"), [("en", ("own rule", "not met")), ("zh-CN", ("自定义", "未满足", "询问收银"))]
)
def test_the_page_tells_it_in_both_languages(
    shop: Path,
    signed_in: Callable[..., Client],
    lang: str,
    words: tuple[str, ...],
) -> None:
    page = signed_in(Role.VIEWER).get("/quality", headers={"accept-language": lang}).content.decode()
    assert all(word in page for word in words)
    assert "66.7%" in page, "a score is cut, never rounded up"
    assert "known_channel" in page and "<textarea" not in page


def test_every_way_to_write_a_rule_is_one_that_the_core_reads() -> None:
    for each in EXAMPLES:
        document = Document({"quality": {"rules": [yaml.safe_load(each.line)]}}, "example")
        rules = project_rules(project_of(document).quality, document, date(2026, 10, 31))
        assert rules[-1].name.startswith("own."), each.line
    assert yaml.safe_load(FIRST)["quality"]["rules"] == [yaml.safe_load(EXAMPLES[0].line)]


def test_own_rules_become_a_draft_and_the_rest_of_the_file_stays(
    shop: Path,
    signed_in: Callable[..., Client],
) -> None:
    client = signed_in(Role.ANALYST)
    page = client.get("/quality").content.decode()
    assert "known_channel" in re.search(r"<textarea.*?</textarea>", page, re.S).group()  # type: ignore[union-attr]
    before = (shop / "tierwise.yaml").read_text(encoding="utf-8")
    section = "quality:\r\n  rules:\r\n    - {table: orders, column: amount, at_most: 100}\r\n"
    answer = client.post("/quality/rules", {"section": section})
    draft = SettingsVersion.objects.get(state="draft")
    assert answer["Location"] == f"/models/version/{draft.number}"
    assert yaml.safe_load(draft.text) == {**yaml.safe_load(before), "quality": yaml.safe_load(section)["quality"]}
    assert (shop / "tierwise.yaml").read_text(encoding="utf-8") == before


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ("quality:\n  rules:\n    - {table: orders, column: amuont, at_most: 5}\n", "amuont"),
        ("quality: [\n", "not the section"),
        ("sources: {}\n", "not the section"),
        ("quality: {}\nsources: {}\n", "not the section"),
    ],
)
def test_what_is_wrong_with_a_rule_stands_above_it_and_nothing_is_lost(
    shop: Path,
    signed_in: Callable[..., Client],
    section: str,
    told: str,
) -> None:
    answer = signed_in(Role.OWNER).post("/quality/rules", {"section": section})
    page = answer.content.decode()
    assert answer.status_code == 422 and told in page
    assert section.strip().splitlines()[0] in page
    assert not SettingsVersion.objects.filter(state="draft").exists()
