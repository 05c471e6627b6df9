"""The one suite of checks over every registered model, on DuckDB with one and two threads and on Spark."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tierwise.engine.base import Engine
from tierwise.registry import models
from tierwise.testing.check_model import DUCKDB, check_documented, check_model

DOCS = Path(__file__).resolve().parents[2] / "docs" / "models"

BREAKS = {"recency": [30, 90, 180], "frequency": [2, 3], "monetary": ["0.01", 100, 250.5, 1000]}
MORE_SETTINGS: dict[str, list[dict[str, Any]]] = {
    "rfm": [
        {"preset": "rfm_r"},
        {"preset": "rfm_r_classic", "window_days": 365},
        {"bins": {"recency": 3, "frequency": 4, "monetary": 7}, "nested": True, "high_from": 3},
        {"scoring": "breaks", "breaks": BREAKS, "weights": {"recency": 1, "frequency": 0, "monetary": 0.5}},
        {"scoring": "mean"},
        {"scoring": "mean", "nested": True},
        {"scoring": "median", "nested": True, "window_days": 90},
        {"scoring": "top", "top_percent": {"recency": 10, "frequency": 12.5, "monetary": 33.3}},
    ],
    "lifecycle": [{"preset": "B"}, {"preset": "C", "active_days": 10}, {"growth_percent": 0, "regular_orders": 2}],
    "ltv": [
        {"model": "pareto_nbd", "basis": "profit", "horizon_days": 90},
        {"thresholds": [100, "12.5"], "discount_annual": 0},
        {"top_percents": [10], "model": "bg_nbd"},
    ],
    "clusters": [{"k": 4, "algorithm": "ward", "scaling": "robust"}, {"k": 3, "minimum_stay_days": 30}],
    "decision_tree": [{"outcome": "churned", "horizon_days": 30, "max_depth": 2}],
    "pyramid": [{"basis": "profit", "window_days": 180}, {"thresholds": [1000, 100.5]}, {"top_percents": [0.5, 50]}],
}
LONG = {"clusters", "decision_tree", "ltv"}
"""Models that are fitted many times over: their further settings are tried in CI only."""

CASES = [
    pytest.param(
        name,
        settings,
        id=f"{name}-{number}",
        marks=[pytest.mark.slow] if name in LONG and (number or name == "clusters") else [],
    )
    for name in sorted(models())
    for number, settings in enumerate(({}, *MORE_SETTINGS.get(name, [])))
]


def test_every_shipped_model_is_found() -> None:
    assert {"rfm", "lifecycle", "pyramid"} <= set(models())


@pytest.mark.parametrize("name", sorted(models()))
def test_has_a_page_and_an_example(name: str) -> None:
    check_documented(models()[name], DOCS)


@pytest.mark.parametrize("name", sorted(models()))
def test_has_a_test_by_hand(name: str) -> None:
    """A model agrees with itself on both engines in this file; that it is right, a test of its own has to say."""
    marked = [
        node.name
        for file in Path(__file__).parent.glob("test_*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        and any(ast.unparse(mark) == f"pytest.mark.by_hand({name!r})" for mark in node.decorator_list)
        and any(isinstance(inner, ast.Assert | ast.Call) for inner in ast.walk(node))
    ]
    assert marked, (
        f"mark the test that holds {name} against a table worked out on paper: @pytest.mark.by_hand({name!r})"
    )


@pytest.mark.parametrize(("name", "settings"), CASES)
def test_duckdb(name: str, settings: dict[str, Any], tmp_path: Path) -> None:
    check_model(models()[name], settings=settings, folder=tmp_path)


@pytest.mark.slow
@pytest.mark.spark
@pytest.mark.parametrize("name", sorted(models()))
def test_spark(name: str, tmp_path: Path, make_spark: Callable[..., Engine]) -> None:
    check_model(models()[name], folder=tmp_path, engines=(DUCKDB[1], make_spark))
