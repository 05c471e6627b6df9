"""`tierwise quality`: what a person sees and what `--json` says, of a run with dirty orders."""

from __future__ import annotations

import json

import pytest
from tests.quality.test_sensitivity import FAR_OUT, FREE, HEADER, NOBODY, SOUND

from tierwise.cli.main import execute


@pytest.fixture
def place(tmp_path, capsys):
    file = tmp_path / "orders.csv"
    file.write_text(HEADER + "".join([*SOUND, *FAR_OUT, *NOBODY, *FREE, "906,,2025-12-06,1\n"]))
    folder = tmp_path / "w"
    for _ in range(2):
        assert execute(["tier", str(file), "--out", str(folder), "--no-report", "--lang", "en"]) == 0
    capsys.readouterr()
    return folder


def shown(capsys, *arguments):
    assert execute(["quality", *map(str, arguments)]) == 0
    return capsys.readouterr().out


def test_the_screen(place, capsys):
    text = shown(capsys, "--workspace", place, "--lang", "en")
    assert "[orders.amount.far_out]" in text and "e.g. order_id 901, customer_id c05, amount 99000.00" in text
    assert "In doubt: 5 orders of 4 customers, 187,060.00 in size" in text
    assert "Trend over runs" in text and text.count("2025-12-28") >= 2
    assert "[orders.order_date.not_too_old]" not in text
    assert "[orders.order_date.not_too_old]" in shown(capsys, "--workspace", place, "--all", "--lang", "en")


def test_the_screen_in_chinese(place, capsys):
    text = shown(capsys, "--workspace", place, "--lang", "zh-CN")
    assert "存疑：4 位客户的 5 笔订单" in text and "历次运行趋势" in text


def test_again_finds_the_same_with_the_same_rules(place, capsys):
    kept = json.loads(shown(capsys, "--workspace", place, "--json"))
    again = json.loads(shown(capsys, "--workspace", place, "--json", "--again"))
    assert again["sensitivity"] == kept["sensitivity"]
    assert again["scores"] == kept["scores"] and again["rules"] == kept["rules"]
    assert len(kept["trend"]) == 2 and kept["trend"][-1]["overall"] == kept["scores"]["overall"]


def test_again_takes_the_rules_of_the_project(place, capsys):
    rules = "quality:\n  rules:\n    - {table: orders, name: small, column: amount, at_most: 40, doubtful: true}\n"
    (place / "tierwise.yaml").write_text(rules)
    again = json.loads(shown(capsys, "--workspace", place, "--json", "--again"))
    by_hand = sum(float(row.rsplit(",", 1)[1]) > 40 for row in [*SOUND, *FAR_OUT, *NOBODY, *FREE])
    assert {rule["rule"]: rule["failed"] for rule in again["rules"]}["small"] == by_hand
    assert "small" in {doubt["rule"] for doubt in again["sensitivity"]["doubts"]}


def test_a_folder_without_a_run_says_so(tmp_path, capsys):
    assert execute(["quality", "--workspace", str(tmp_path)]) == 4
    assert "run.none" in capsys.readouterr().err
