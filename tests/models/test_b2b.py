"""Five accounts by hand."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError
from tests.models.by_hand import tiers

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.models.b2b import B2b, B2bSpec

VALUES: dict[str, list[Any]] = {
    "monetary_365d": [1000, 100, 100, 50, 0],
    "spend_growth_percent_365d": [None, 20, 19, None, None],
    "employees": [1, 1, 1, 500, None],
    "annual_revenue": [10, 10, 5000, 10, None],
    "customer_kind": ["person", "company", "company", "company", None],
}
MONEY = ("monetary_365d", "annual_revenue")


@pytest.mark.by_hand("b2b")
@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, ["core", "growth", "small", "small", "small"]),
        ({"growth_percent": 0}, ["core", "growth", "growth", "small", "small"]),
        ({"growth_employees": 500}, ["core", "growth", "small", "growth", "small"]),
        ({"growth_annual_revenue": 5000}, ["core", "growth", "growth", "small", "small"]),
        ({"core_amount": 100}, ["core", "core", "core", "small", "small"]),
        ({"companies_only": True}, ["private", "growth", "small", "small", "small"]),
    ],
)
def test_by_hand(duck: DuckDBEngine, settings: dict[str, Any], expected: list[str]) -> None:
    assert tiers(duck, B2b(B2bSpec.model_validate(settings)), VALUES, MONEY) == expected


def test_only_what_settings_use_is_asked_for() -> None:
    assert {ref.name for ref in B2b(B2bSpec()).needs()} == {"monetary", "spend_growth_percent"}


def test_bad_settings_are_refused_together() -> None:
    with pytest.raises(ValidationError, match="2 validation errors"):
        B2bSpec.model_validate({"core_top_percent": 100, "growth_employees": 0})
