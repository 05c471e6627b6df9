"""Purchases and interaction, by hand."""

from __future__ import annotations

import pytest
from tests.models.by_hand import tiers

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.models.behaviour_types import BehaviourTypes, BehaviourTypesSpec

PURCHASES = {"frequency_365d": [1, 5, 1, 5, 0], "average_order_value_365d": [10, 10, 100, 100, None]}
MONEY = ("average_order_value_365d",)


@pytest.mark.by_hand("behaviour_types")
def test_purchases_at_the_median_of_buyers(duck: DuckDBEngine) -> None:
    expected = ["seldom_small", "often_small", "seldom_large", "often_large", "none"]
    assert tiers(duck, BehaviourTypes(BehaviourTypesSpec()), PURCHASES, MONEY) == expected


def test_own_limits(duck: DuckDBEngine) -> None:
    model = BehaviourTypes(BehaviourTypesSpec.model_validate({"frequency_from": 6, "order_value_from": 10}))
    assert tiers(duck, model, PURCHASES, MONEY) == ["seldom_large"] * 4 + ["none"]


def test_interaction(duck: DuckDBEngine) -> None:
    model = BehaviourTypes(BehaviourTypesSpec(basis="interaction", window_days=30))
    assert tiers(duck, model, {"active_days_30d": [0, 1, 2, 3]}) == ["silent", "silent", "lively", "lively"]
    assert [tier.name.zh for tier in model.scheme_.tiers] == ["高互动活跃", "低互动沉默"]


def test_interaction_where_nobody_was_active(duck: DuckDBEngine) -> None:
    model = BehaviourTypes(BehaviourTypesSpec(basis="interaction", window_days=30))
    assert tiers(duck, model, {"active_days_30d": [0, 0]}) == ["silent", "silent"]
