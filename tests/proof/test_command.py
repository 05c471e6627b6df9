"""`tierwise prove` on a small project: what it prints, its JSON, its exit codes, and what other commands refuse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tierwise.cli.main import execute
from tierwise.testing.sample import write_sample

GOOD = """
      - {key: never, name: {en: Never, zh-CN: 未购}, when: n = 0}
      - {key: once, name: {en: Once, zh-CN: 一次}, when: n = 1}
      - {key: often, name: {en: Often, zh-CN: 多次}, when: n > 1}
"""
BAD = """
      - {key: once, name: {en: Once, zh-CN: 一次}, when: n between 1 and 2}
      - {key: often, name: {en: Often, zh-CN: 多次}, when: n > 1}
"""
PROJECT = """
version: 1
as_of: 2026-06-30
sources: {orders: {location: orders.parquet}}
models:
  rfm: {}
  personas:
    indicators: {n: frequency}
    rules:
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_sample(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, rules: str, more: str = "") -> None:
    (folder / "tierwise.yaml").write_text(PROJECT + rules + more, encoding="utf-8")


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    capsys.readouterr()
    code = execute([*arguments, "--lang", "en"])
    caught = capsys.readouterr()
    return code, caught.out + caught.err


def data(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code, out = asked(capsys, "prove", "--json", *arguments)
    return code, json.loads(out)


def test_sound_rules_on_paper_and_on_customers(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, GOOD)
    code, out = asked(capsys, "prove")
    assert code == 0
    assert "Proved: every customer meets exactly one rule." in out
    assert "customers checked" not in out
    assert asked(capsys, "run")[0] == 0
    code, out = asked(capsys, "prove")
    assert code == 0
    assert "0 meet two rules or more, 0 meet none" in out
    assert "customers checked" not in asked(capsys, "prove", "--rules-only")[1]


def test_broken_rules_are_shown_with_customers_and_repairs(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, GOOD)
    assert asked(capsys, "run")[0] == 0
    _, sound = data(capsys)
    write(project, BAD)
    code, found = data(capsys)
    personas = found["models"]["personas"]
    assert code == 3
    assert personas["proved"] is False
    assert [(o["rules"], o["example"], o["where"]) for o in personas["overlaps"]] == [
        (["once", "often"], {"n": 2}, "n > 1 and n ≤ 2")
    ]
    assert [(gap["example"], gap["where"]) for gap in personas["gaps"]] == [({"n": 0}, "n = 0")]
    written, smallest, rest = personas["repairs"]
    assert (written["kind"], written["order"]) == ("as_written", ["once", "often"])
    assert written["gives_way"] == [{"from": "often", "to": "once", "customers": personas["customers"]["in_two"]}]
    assert (smallest["kind"], rest["kind"], rest["customers"]) == (
        "smallest_first", "rest", personas["customers"]["in_none"],
    )  # fmt: skip
    assert personas["customers"]["checked"] == sound["models"]["personas"]["customers"]["checked"]
    assert personas["customers"]["in_two"] > 0
    code, out = asked(capsys, "prove")
    assert code == 3
    for said in ("Once + Often", "n = 2", "precedence as written (Once > Often)", "a group of its own"):
        assert said in out


def test_broken_rules_run_nowhere_until_they_are_settled(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, BAD)
    for command in ("run", "check"):
        code, out = asked(capsys, command)
        assert code == 3
        assert "Once and Often both take a customer with n = 2" in out
        assert "no rule takes a customer with n = 0" in out
    write(project, BAD, "    overlap: precedence\n    rest: others\n")
    assert asked(capsys, "run")[0] == 0
    code, found = data(capsys)
    assert code == 0
    assert found["models"]["personas"]["settled"] == {"overlap": True, "rest": True}
    assert found["models"]["personas"]["proved"] is False


def test_any_model_of_a_run_can_be_looked_at(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, GOOD)
    code, out = asked(capsys, "prove", "rfm")
    assert code == 2
    assert "proof.not_fitted" in out
    assert asked(capsys, "run")[0] == 0
    code, found = data(capsys, "rfm", "personas")
    assert code == 0
    assert set(found["models"]) == {"rfm", "personas"}
    assert found["models"]["rfm"]["proved"] is True
    code, out = asked(capsys, "prove", "pyramids")
    assert code == 2
    assert "proof.no_such_model" in out


def test_nothing_claimed_is_said(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "tierwise.yaml").write_text("models: {rfm: {}}\n", encoding="utf-8")
    code, out = asked(capsys, "prove")
    assert code == 2
    assert "proof.nothing_claimed" in out
