"""Six customers, one for each way through the rules, by hand."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from tests.models.by_hand import tiers

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.models.goal_groups import GoalGroups, GoalGroupsSpec

VALUES = {
    "recency_days": [10, 10, 10, 95, 5, None],
    "monetary_365d": [1000, 500, 300, 100, 50, 0],  # the best fifth of five who spent: 1000
    "frequency_365d": [5, 1, 3, 1, 1, 0],
    "average_order_value_365d": [200, 500, 100, 100, 50, None],  # median 100
}
MONEY = ("monetary_365d", "average_order_value_365d")


@pytest.mark.by_hand("goal_groups")
def test_each_way_through_the_rules(duck: DuckDBEngine) -> None:
    expected = ["loyal", "potential", "regular", "churn_risk", "regular", "regular"]
    model = GoalGroups(GoalGroupsSpec())
    assert tiers(duck, model, VALUES, MONEY) == expected
    assert [tier.name.zh for tier in model.scheme_.tiers] == ["高价值忠诚", "低频潜力", "普通客户", "流失风险"]


def test_a_valuable_customer_who_stays_away_is_at_risk_first(duck: DuckDBEngine) -> None:
    values = {**VALUES, "recency_days": [90, 10, 10, 10, 5, None]}
    assert tiers(duck, GoalGroups(GoalGroupsSpec()), values, MONEY)[0] == "churn_risk"


def test_crossed_limits_are_refused() -> None:
    with pytest.raises(ValidationError, match="must be below loyal_purchases"):
        GoalGroupsSpec(seldom_purchases=3, loyal_purchases=3)
