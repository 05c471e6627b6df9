"""The pyramid by hand: shares with ties at the border, own amounts, who spent nothing, profit, and 80/20."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from tests.models.conftest import Label

from tierwise.models.pyramid import Pyramid, PyramidSpec


def tiers_of(label: Label, amounts: Sequence[Any], **settings: Any) -> list[str]:
    model = Pyramid(PyramidSpec.model_validate(settings))
    column = model.needs()[0].column
    return [row["tier"] for _, row in sorted(label(model, [{column: amount} for amount in amounts]).items())]


def pareto_of(label: Label, amounts: Sequence[Any], **settings: Any) -> dict[str, Any]:
    model = Pyramid(PyramidSpec.model_validate(settings))
    label(model, [{model.needs()[0].column: amount} for amount in amounts])
    return dict(model.notes_[0].figures)


@pytest.mark.by_hand("pyramid")
def test_a_hundred_customers(label: Label) -> None:
    """1 % of 100 is one, 5 % five, 20 % twenty: platinum 1, gold 4, silver 15, bronze 80."""
    tiers = tiers_of(label, [1000 - place for place in range(100)])
    assert tiers == ["platinum"] + ["gold"] * 4 + ["silver"] * 15 + ["bronze"] * 80


def test_a_share_that_is_not_whole_counts_the_one_who_straddles_it(label: Label) -> None:
    """1 % of 150 is 1.5: the second has one better customer, fewer than 1.5, and is in; 5 % is 7.5; 20 % is 30."""
    tiers = tiers_of(label, [1000 - place for place in range(150)])
    assert [tiers.count(key) for key in ("platinum", "gold", "silver", "bronze")] == [2, 6, 22, 120]


def test_ties_at_a_border_all_go_up(label: Label) -> None:
    """The fifth to the ninth of 100 spent the same: four are better than each, fewer than five, so all are gold."""
    amounts = [1000, 900, 800, 700, *[600] * 5, *range(91, 0, -1)]
    tiers = tiers_of(label, amounts)
    assert tiers[:9] == ["platinum"] + ["gold"] * 8
    assert tiers.count("silver") == 11


def test_ties_above_a_border_push_nobody_in(label: Label) -> None:
    """Two at the top share platinum; the next has two better customers, more than 1 % of 100."""
    amounts = [1000, 1000, *range(98, 0, -1)]
    assert tiers_of(label, amounts)[:3] == ["platinum", "platinum", "gold"]


def test_who_spent_nothing_net_stays_at_the_bottom(label: Label) -> None:
    """Of ten customers 20 % are two, but the second best spent nothing, and nobody is gold by default."""
    assert tiers_of(label, [5, *[0] * 5, *[-3] * 4]) == ["platinum"] + ["bronze"] * 9
    assert tiers_of(label, [-1, -2, 0]) == ["bronze"] * 3


def test_equal_customers_share_the_top(label: Label) -> None:
    assert tiers_of(label, [7, 7, 7]) == ["platinum"] * 3


def test_own_amounts(label: Label) -> None:
    """Reaching an amount is enough; one cent less is not. Three amounts give the four named tiers."""
    amounts = ["1000", "999.99", "100", "99.99", "10", "9.99", "-5"]
    tiers = tiers_of(label, amounts, thresholds=[1000, 100, 10])
    assert tiers == ["platinum", "gold", "gold", "silver", "silver", "bronze", "bronze"]


def test_other_numbers_of_levels_are_numbered(label: Label) -> None:
    assert tiers_of(label, ["10.5", "10.49"], thresholds=["10.5"]) == ["level_1", "level_2"]
    assert tiers_of(label, [4, 3, 2, 1], top_percents=[50]) == ["level_1", "level_1", "level_2", "level_2"]


def test_profit_is_the_basis_where_it_is_asked_for(label: Label) -> None:
    assert tiers_of(label, [3, 2, 1], basis="profit", window_days=30, top_percents=[40]) == [
        "level_1", "level_1", "level_2",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("amounts", "top20", "for80"),
    [
        # 80 of 100 from the first of five
        ([80, 5, 5, 5, 5], "80.0", "20.0"),
        # ten equal customers: two bring 20 %, eight bring 80 %
        ([10] * 10, "20.0", "80.0"),
        # 3 customers: a fifth of them is 0.6 of the first, 0.6 * 60 of 100; 60 + 30 reach 80 with the second
        ([60, 30, 10], "36.0", "66.7"),
        # those below zero count as customers and bring nothing: 2 of 10, 90 of 100; 50 + 40 reach 80
        ([50, 40, 10, 0, 0, -5, -5, -5, -5, -5], "90.0", "20.0"),
        # a tie across both borders: 4 of 20 bring 4 * 5 of 100; 16 bring 80
        ([5] * 20, "20.0", "80.0"),
        # exactly 80 at the border of two groups
        ([40, 40, 10, 10], "32.0", "50.0"),
    ],
)
def test_pareto_figures_by_hand(label: Label, amounts: list[int], top20: str, for80: str) -> None:
    figures = pareto_of(label, amounts)
    assert (figures["top20_value_percent"], figures["customers_percent_for_80"]) == (Decimal(top20), Decimal(for80))
    assert figures["curve"][-1] == [len(amounts), Decimal(sum(amount for amount in amounts if amount > 0))]


def test_pareto_says_nothing_where_there_is_nothing(label: Label) -> None:
    assert pareto_of(label, [0, -5]) == {"curve": []}


def test_the_pareto_check_accompanies_own_amounts(label: Label) -> None:
    assert pareto_of(label, [80, 5, 5, 5, 5], thresholds=[50])["top20_value_percent"] == Decimal("80.0")
