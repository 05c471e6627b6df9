"""The line is 5,000 and two purchases a month, by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import ValidationError
from tests.models.by_hand import tiers

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.models.vip import Vip, VipSpec

MONEY = ("monetary_30d",)


@pytest.mark.by_hand("vip")
def test_more_than_5000_and_two_purchases(duck: DuckDBEngine) -> None:
    model = Vip(VipSpec())
    values = {"monetary_30d": ["5000.00", "5000.01", "9000.00", "5000.01"], "frequency_30d": [2, 2, 1, 3]}
    assert tiers(duck, model, values, MONEY) == ["regular", "vip", "regular", "vip"]
    # 10,000.02 of 24,000.02
    assert model.notes_[0].figures == {"customers_percent": Decimal("50.0"), "revenue_percent": Decimal("41.7")}


def test_a_month_without_sales_says_so(duck: DuckDBEngine) -> None:
    model = Vip(VipSpec())
    assert tiers(duck, model, {"monetary_30d": ["-5.00", "0.00"], "frequency_30d": [0, 0]}, MONEY) == ["regular"] * 2
    assert model.notes_[0].figures == {}


def test_bad_settings_are_refused() -> None:
    with pytest.raises(ValidationError, match="2 validation errors"):
        VipSpec.model_validate({"amount_over": -1, "min_purchases": 0})
