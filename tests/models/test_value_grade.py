"""Four customers, three dimensions, points added by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError
from tests.models.by_hand import label, tiers

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.models.value_grade import ValueGrade, ValueGradeSpec

ONE_EACH: dict[str, Any] = {
    "contribution": [{"indicator": "monetary", "window_days": 365}],
    "loyalty": [{"indicator": "active_periods", "window_days": 365}],
    "potential": [{"indicator": "spend_trend", "window_days": 365}],
    "bins": 2,
}
MONEY = ("monetary_365d", "spend_trend_365d")
VALUES = {
    "monetary_365d": [100, 200, 300, 400],  # median 250, a step above it: 1 1 2 2
    "active_periods_365d": [4, 3, 2, 1],  # 2 1 1 1
    "spend_trend_365d": [0, 0, 0, 10],  # 1 1 1 2
}
# 25, 15 and 10 points for a score: 50 %, 30 % and 20 % of 100 over two scores
POINTS = [Decimal(65), Decimal(50), Decimal(75), Decimal(85)]


def grade(**settings: Any) -> ValueGrade:
    return ValueGrade(ValueGradeSpec.model_validate({**ONE_EACH, **settings}))


@pytest.mark.by_hand("value_grade")
def test_points_are_the_weighted_scores(duck: DuckDBEngine) -> None:
    found = label(duck, grade(), VALUES, MONEY)
    assert [found[f"c{n}"]["score"] for n in (1, 2, 3, 4)] == POINTS


def test_grades_by_share_of_customers(duck: DuckDBEngine) -> None:
    model = grade(top_percents=[25, 50])
    assert tiers(duck, model, VALUES, MONEY) == ["low", "low", "medium", "high"]
    assert model.notes_[0].figures == {"high": Decimal(85), "medium": Decimal(75)}


def test_grades_by_points(duck: DuckDBEngine) -> None:
    model = grade(cut="points", thresholds=[70, 60])
    assert tiers(duck, model, VALUES, MONEY) == ["medium", "low", "high", "high"]


def test_a_dimension_without_weight_needs_nothing(duck: DuckDBEngine) -> None:
    model = grade(weights={"contribution": 1, "loyalty": 0, "potential": 0}, top_percents=[50, 75])
    assert [ref.column for ref in model.needs()] == ["monetary_365d"]
    found = tiers(duck, model, {"monetary_365d": VALUES["monetary_365d"]}, MONEY)
    assert found == ["medium", "medium", "high", "high"]  # those who tie at the border of 75 % all go up


def test_an_indicator_in_two_dimensions_is_scored_once_and_counts_twice() -> None:
    model = grade(loyalty=ONE_EACH["contribution"])
    assert model.points_per_score() == {
        "monetary_365d_score": Decimal("40.00"),
        "spend_trend_365d_score": Decimal("10.00"),
    }


def test_fewer_days_are_better_as_the_catalogue_says(duck: DuckDBEngine) -> None:
    recency = {"loyalty": [{"indicator": "recency_days"}]}
    model = grade(**recency, weights={"contribution": 0, "loyalty": 1, "potential": 0}, top_percents=[25, 50])
    # a median of 200 and a step above it: 3 and 200 days are better than it, and tie
    assert tiers(duck, model, {"recency_days": [400, 3, 200, None]}) == ["low", "high", "high", "low"]


def test_customers_that_are_all_alike_share_the_best_grade(duck: DuckDBEngine) -> None:
    values = {"monetary_365d": [5, 5], "active_periods_365d": [1, 1], "spend_trend_365d": [0, 0]}
    assert tiers(duck, grade(), values, MONEY) == ["high", "high"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"weights": {"contribution": 0, "loyalty": 0, "potential": 0}}, "must not sum to zero"),
        ({"top_percents": [50, 20]}, "must ascend"),
        ({"thresholds": [40, 70]}, "must descend"),
        ({"potential": []}, "potential counts but has no indicator"),
        ({"loyalty": [{"indicator": "monetary", "window_days": 365, "better": "low"}]}, "better one way and the other"),
        ({"weights": {"contribution": -1}}, "greater than or equal to 0"),
    ],
)
def test_bad_settings_are_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        grade(**settings)
