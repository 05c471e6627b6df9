"""Levels by hand; the score itself is computed by hand in tests/indicators/test_catalogue.py."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError
from tests.models.by_hand import tiers

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.indicators.catalogue.events import decay_of
from tierwise.models.engagement import Engagement, EngagementSpec

SILENT = "activity_recency_days"


def engagement(**settings: Any) -> Engagement:
    return Engagement(EngagementSpec.model_validate(settings))


def score_column(model: Engagement) -> str:
    return model.needs()[0].column


@pytest.mark.by_hand("engagement")
def test_levels_by_share_of_those_with_a_score(duck: DuckDBEngine) -> None:
    model = engagement()
    score = score_column(model)
    # five have a score: fewer than 1 better is high, fewer than 2.5 better is medium
    values = {score: [100, 50, 40, 30, 20, 0, 0], SILENT: [0, 3, 3, 29, 3, 3, None]}
    expected = ["high", "medium", "medium", "low", "low", "at_risk", "at_risk"]
    assert tiers(duck, model, values, (score,)) == expected
    assert [tier.name.zh for tier in model.scheme_.tiers] == ["高度参与", "中度参与", "低度参与", "流失风险"]


def test_a_level_that_ties_leave_empty_is_said(duck: DuckDBEngine) -> None:
    model = engagement()
    score = score_column(model)
    values = {score: [9, 1, 1, 1, 1], SILENT: [0, 0, 0, 0, 0]}
    assert tiers(duck, model, values, (score,)) == ["high", "medium", "medium", "medium", "medium"]
    assert [(note.code, note.figures.get("lowest")) for note in model.notes_][1:] == [("engagement.ties", "1.00")]
    values = {score: [9, 8, 7, 6, 1], SILENT: [0, 0, 0, 0, 0]}
    assert "low" in tiers(duck, model, values, (score,))
    assert [note.code for note in model.notes_] == ["engagement.version"]


def test_own_thresholds_and_silence(duck: DuckDBEngine) -> None:
    model = engagement(thresholds=[60, 20], at_risk_days=14, window_days=90)
    score = score_column(model)
    values = {score: [60, "59.99", 20, "19.99", 100], SILENT: [0, 0, 13, 0, 14]}
    assert tiers(duck, model, values, (score,)) == ["high", "medium", "medium", "low", "at_risk"]


def test_a_fall_of_activity_is_a_risk(duck: DuckDBEngine) -> None:
    model = engagement(thresholds=[60, 20], fall_percent=50)
    score = score_column(model)
    values = {score: [90, 90, 90], SILENT: [0, 0, 0], "activity_growth_percent_30d": [-49, -50, None]}
    assert tiers(duck, model, values, (score,)) == ["high", "at_risk", "high"]


def test_each_version_of_the_weights_has_a_column_of_its_own() -> None:
    versions = {"2026-Q3": {}, "2026-Q4": {"weights": {"login": 1, "comment": 0.5}, "since": "2026-10-01"}}
    old, new = (engagement(versions=versions, version=name) for name in versions)
    assert score_column(old) != score_column(new)
    assert score_column(old) == score_column(engagement())  # the shipped weights, whatever the version is called
    assert dict(new.needs()[0].parameters)["weights"] == "comment=0.5|login=1"


def test_a_run_says_which_version_it_used(duck: DuckDBEngine) -> None:
    model = engagement(versions={"2": {"since": "2026-10-01"}}, version="2", thresholds=[2, 1])
    tiers(duck, model, {score_column(model): [1], SILENT: [0]}, (score_column(model),))
    assert model.notes_[0].figures == {"version": "2", "since": "2026-10-01"}


@pytest.mark.parametrize(
    ("age_days", "worth"), [(0, "1.0000"), (7, "0.7071"), (14, "0.5000"), (28, "0.2500"), (365, "0.0000")]
)
def test_decay_halves_by_half_life(age_days: int, worth: str) -> None:
    assert decay_of(age_days, 14) == Decimal(worth)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"versions": {"1": {"weights": {"login": 0}, "daily_caps": {}}}}, "must not sum to zero"),
        ({"versions": {"1": {"weights": {"login": -1, "comment": 2}}}}, "must not be negative"),
        ({"versions": {"1": {"weights": {"a|b": 1}, "daily_caps": {}}}}, "without | and ="),
        ({"versions": {"1": {"weights": {"comment": 1}}}}, "belong to events that have a weight"),
        ({"version": "9"}, "there is no version 9 of the weights; there are: 1"),
        ({"thresholds": [20, 60]}, "must descend"),
        ({"top_percents": [50, 20]}, "must ascend"),
        ({"window_days": 0}, "greater than or equal to 1"),
    ],
)
def test_bad_settings_are_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words.replace("|", r"\|")):
        engagement(**settings)
