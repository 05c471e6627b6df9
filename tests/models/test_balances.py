"""Assets at the lines and a cent below them."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from tests.models.by_hand import tiers

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.models.balances import Balances, BalancesSpec

ASSETS = ["6000000.00", "5999999.99", "500000.00", "499999.99", "0.00", None]
EXPECTED = ["private_banking", "wealth", "wealth", "mass", "mass", "mass"]


@pytest.mark.by_hand("balances")
def test_the_lines_of_the_latest_snapshot(duck: DuckDBEngine) -> None:
    assert tiers(duck, Balances(BalancesSpec()), {"assets": ASSETS}, ("assets",)) == EXPECTED


def test_the_mean_of_a_window(duck: DuckDBEngine) -> None:
    model = Balances(BalancesSpec(basis="mean", window_days=30))
    assert tiers(duck, model, {"mean_assets_30d": ASSETS}, ("mean_assets_30d",)) == EXPECTED


def test_crossed_lines_are_refused() -> None:
    with pytest.raises(ValidationError, match="must exceed wealth_from"):
        BalancesSpec.model_validate({"private_from": 100, "wealth_from": 100})
