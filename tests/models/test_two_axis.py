"""Five customers on two axes, by hand, and axes that do not hold."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError
from tests.models.by_hand import tiers

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.models.two_axis import TwoAxis, TwoAxisSpec

VALUES = {
    "monetary_365d": [0, 10, 20, 30, 40],  # of those above zero the median is 25: 30 and 40 are high
    "active_periods_365d": [5, 1, 3, 1, 3],  # median 3
}


def axes(**settings: Any) -> TwoAxis:
    return TwoAxis(TwoAxisSpec.model_validate(settings))


@pytest.mark.by_hand("two_axis")
def test_value_and_loyalty(duck: DuckDBEngine) -> None:
    model = axes()
    assert tiers(duck, model, VALUES, ("monetary_365d",)) == ["potential", "ordinary", "potential", "to_win", "star"]
    assert [tier.name.zh for tier in model.scheme_.tiers] == ["明星", "待争取", "潜力股", "普通"]
    # ranks 1 2 3 4 5 against 5 1.5 3.5 1.5 3.5: -3 / sqrt(10 · 9)
    assert [(n.code, n.figures) for n in model.notes_] == [
        ("two_axis.correlation", {"rank_correlation": Decimal("-0.3162")})
    ]


def test_valuable_but_silent_is_at_risk(duck: DuckDBEngine) -> None:
    values = {"monetary_365d": VALUES["monetary_365d"], "active_days_30d": [9, 0, 9, 0, 9]}
    found = tiers(duck, axes(preset="value_engagement"), values, ("monetary_365d",))
    assert found == ["potential", "ordinary", "potential", "churn_risk", "star"]


@pytest.mark.parametrize(
    ("x", "high"),
    [
        ({"cut": "mean"}, [4, 5]),  # 25 over those above zero
        ({"cut": "mean", "among": "all"}, [3, 4, 5]),  # 20 over all
        ({"cut": "median", "among": "all"}, [3, 4, 5]),
        ({"cut": "top", "top_percent": 25}, [5]),
        ({"cut": "own", "at": 10}, [2, 3, 4, 5]),
        ({"cut": "own", "at": 20, "better": "low"}, [1, 2, 3]),
    ],
)
def test_ways_to_cut(duck: DuckDBEngine, x: dict[str, Any], high: list[int]) -> None:
    model = axes(x={"indicator": "monetary", "window_days": 365, **x})
    found = tiers(duck, model, VALUES, ("monetary_365d",))
    assert [place for place, tier in enumerate(found, start=1) if tier in ("star", "to_win")] == high


def test_axes_that_say_the_same_are_called_out(duck: DuckDBEngine) -> None:
    model = axes()
    tiers(duck, model, {"monetary_365d": [1, 2, 3, 4], "active_periods_365d": [1, 2, 3, 4]}, ("monetary_365d",))
    assert [note.code for note in model.notes_] == ["two_axis.same_thing"]
    assert "更换坐标轴" in model.notes_[0].text.zh


def test_customers_of_whom_both_axes_say_nothing_do_not_make_them_alike(duck: DuckDBEngine) -> None:
    silent = {name: [*values, *[0] * 50] for name, values in VALUES.items()}
    model = axes()
    tiers(duck, model, silent, ("monetary_365d",))
    assert model.notes_[0].figures == {"rank_correlation": Decimal("-0.3162")}


def test_an_axis_without_differences_is_called_out(duck: DuckDBEngine) -> None:
    model = axes()
    tiers(duck, model, {"monetary_365d": [1, 2, 3], "active_periods_365d": [0, 0, 0]}, ("monetary_365d",))
    assert [(note.code, note.figures) for note in model.notes_] == [
        ("two_axis.constant", {"column": "active_periods_365d"})
    ]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"preset": "own", "x": {"indicator": "rating"}}, "needs both x and y"),
        ({"x": {"indicator": "active_periods", "window_days": 365}}, "choose two different things"),
        ({"x": {"indicator": "profit", "cut": "own"}}, "`at` goes with cut: own"),
        ({"x": {"indicator": "profit", "at": 3}}, "`at` goes with cut: own"),
        ({"x": {"indicator": "profit", "cut": "top", "top_percent": 100}}, "less than 100"),
        ({"same_from": 2}, "less than or equal to 1"),
    ],
)
def test_bad_settings_are_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        axes(**settings)
