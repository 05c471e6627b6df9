"""One customer for each rule, by hand."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError
from tests.models.by_hand import tiers

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.models.satisfaction import Satisfaction, SatisfactionSpec

CASES: list[tuple[Any, ...]] = [  # complaints, NPS, rating, times feedback was given
    (1, 10, 5, 3, "dissatisfied"),  # the worst sign counts
    (0, 6, None, 1, "dissatisfied"),
    (0, None, 2, 1, "dissatisfied"),
    (0, 9, None, 1, "satisfied"),
    (0, None, 4, 1, "satisfied"),
    (0, 9, "2.01", 2, "satisfied"),
    (0, "8.99", "3.99", 2, "neutral"),
    (0, None, None, 0, "unknown"),
]
COLUMNS = ("complaints_365d", "nps_score_365d", "rating_365d", "feedback_count_365d")


@pytest.mark.by_hand("satisfaction")
def test_by_hand(duck: DuckDBEngine) -> None:
    values = {name: [case[place] for case in CASES] for place, name in enumerate(COLUMNS)}
    found = tiers(duck, Satisfaction(SatisfactionSpec()), values, ("nps_score_365d", "rating_365d"))
    assert found == [case[-1] for case in CASES]


def test_crossed_limits_are_refused() -> None:
    with pytest.raises(ValidationError, match="below the high ones"):
        SatisfactionSpec.model_validate({"nps_low": 9, "nps_high": 9})
