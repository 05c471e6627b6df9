"""`tierwise advise` and its two tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.advisor.conftest import leaving_orders, write_orders

from tierwise.advisor.goals import GOALS
from tierwise.advisor.methods import METHODS, SEVEN, seven_cards
from tierwise.cli.main import execute
from tierwise.registry import models


def test_the_whole_answer_as_data_and_as_a_screen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    orders = str(write_orders(tmp_path / "orders.parquet", leaving_orders(300, 400)))
    line = ["advise", orders, "--goal", "churn", "--business", "saas", "--model", "rfm", "--model", "lifecycle"]
    assert execute([*line, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["goal"] == "churn" and found["metric"] == "churn_lift"
    assert found["advice"] == found["models"][0]["model"]
    for each in found["models"]:
        for figure in each["figures"].values():
            assert figure["low"] <= figure["value"] <= figure["high"]
        assert each["reasons"] and each["checks"]
    assert execute([*line, "--lang", "zh-CN"]) == 0
    screen = capsys.readouterr().out
    assert "回测" in screen and "流失提升度" in screen and "只看消费额" in screen
    assert execute([*line, "--lang", "en", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["models"][0]["figures"] == found["models"][0]["figures"]


def test_a_run_in_the_workspace_is_asked_without_its_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    orders = write_orders(tmp_path / "orders.parquet", leaving_orders(200, 400))
    out = str(tmp_path / "out")
    assert execute(["tier", str(orders), "--out", out, "--no-report", "--model", "pyramid"]) == 0
    orders.unlink()
    capsys.readouterr()
    assert execute(["advise", "--workspace", out, "--model", "pyramid", "--model", "rfm", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["back_test"]["customers"] > 150


def test_the_seven_models_are_in_their_order_with_their_difficulty() -> None:
    cards = seven_cards(models())
    assert tuple(cards) == SEVEN
    difficulties = [card.difficulty.zh for card in cards.values()]
    assert difficulties == ["低–中", "中", "高", "低", "中–高", "高", "中"]


def test_the_eight_methods_name_models_that_exist() -> None:
    assert [m.name for m in METHODS] == [
        "rfm", "clustering", "decision_tree", "association", "regression", "time_series", "text", "sentiment",
    ]  # fmt: skip
    assert {name for method in METHODS for name in method.models} <= set(models())


def test_the_tables_are_printed_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["advise", "--tables", "--lang", "zh-CN"]) == 0
    assert "情感分析" in capsys.readouterr().out
    assert execute(["advise", "--tables", "--json", "--lang", "en"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["models"]) == 7 and len(found["methods"]) == 8


@pytest.mark.parametrize("goal", list(GOALS))
def test_what_to_settle_before_names_people_dimensions_and_tables(
    goal: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["advise", "--steps", "--goal", goal, "--lang", "zh-CN"]) == 0
    screen = capsys.readouterr().out
    assert all(word in screen for word in ("营销", "销售", "客服", GOALS[goal].label.zh, "订单"))
    assert execute(["advise", "--steps", "--goal", goal, "--json", "--lang", "en"]) == 0
    goal_step, outputs, dimensions, data = json.loads(capsys.readouterr().out)["steps"]
    assert len(goal_step["points"]) == 4 and len(outputs["points"]) == 3
    assert any("customer" in point for point in dimensions["points"])
    assert any(point.startswith("Orders (orders)") for point in data["points"])
