"""The analysis window that the gaps between purchases suggest, against numbers worked out by hand."""

from __future__ import annotations

from datetime import date

import pytest

from tierwise.advisor.window import FEWEST_GAPS, suggested_window, window_of
from tierwise.engine.duckdb import DuckDBEngine


def test_the_shortest_standard_window_that_holds_nine_in_ten_gaps() -> None:
    # 100 gaps: 50 of 10 days, 40 of 25, 10 of 80. 30 days hold 90 of them, the median is 10, and 2 x 10 < 30.
    found = suggested_window({10: 50, 25: 40, 80: 10}, 400)
    assert (found.window_days, found.gaps, found.median_gap_days) == (30, 100, 10)
    assert found.within == ((30, 90), (60, 90), (90, 100), (180, 100), (365, 100), (730, 100))
    assert "90% of repeat purchases come within 30 days" in found.why.en and "90%" in found.why.zh


def test_one_gap_less_and_the_window_is_longer() -> None:
    # 89 of 100 within 30 and within 60 days; 90 days hold all.
    assert suggested_window({10: 50, 25: 39, 80: 11}, 400).window_days == 90


def test_a_gap_as_long_as_the_window_is_outside_it() -> None:
    # as_of - w < d <= as_of: purchases 30 days apart never lie in one window of 30 days.
    assert suggested_window({30: 100}, 400).window_days == 90, "60 days hold one gap, but not two: 2 x 30 = 60"
    assert suggested_window({29: 100}, 400).window_days == 60


def test_two_median_gaps_have_to_fit() -> None:
    # all gaps of 89 days: 90 days hold each, 180 hold two of them one after the other (178 < 180).
    assert suggested_window({89: 100}, 800).window_days == 180


def test_a_short_history_says_that_all_of_it_counts() -> None:
    found = suggested_window({50: 40}, 120)
    assert found.window_days == 180
    assert "the data span 120 days" in found.why.en and "120 天" in found.why.zh


def test_customers_who_hardly_come_back_get_no_window() -> None:
    # 50 of 100 gaps are longer than two years.
    found = suggested_window({300: 50, 800: 50}, 3000)
    assert found.window_days is None and "730 days hold 50%" in found.why.en


@pytest.mark.parametrize(("gaps", "count"), [({}, 0), ({7: FEWEST_GAPS - 1}, FEWEST_GAPS - 1)])
def test_a_few_gaps_say_nothing(gaps: dict[int, int], count: int) -> None:
    found = suggested_window(gaps, 365)
    assert found.window_days is None and found.gaps == count
    assert f"only {count} repeat purchases" in found.why.en


def test_gaps_are_those_between_days_of_sales() -> None:
    # a buys on days 1, 1, 11, 21 (gaps 10, 10); its refund on day 15 is no purchase; b buys once.
    rows = [
        ("a", 1, "sale"),
        ("a", 1, "sale"),
        ("a", 11, "sale"),
        ("a", 15, "refund"),
        ("a", 21, "sale"),
        ("b", 5, "sale"),
    ]
    listed = ", ".join(f"('{who}', DATE '2026-01-{day:02d}', '{status}')" for who, day, status in rows)
    with DuckDBEngine() as engine:
        engine.native(
            "orders", f"CREATE TEMP TABLE orders AS FROM (VALUES {listed}) AS t(customer_id, order_date, status)"
        )
        found = window_of(engine, date(2026, 1, 1), date(2026, 1, 31))
    assert (found.gaps, found.median_gap_days, found.span_days, found.window_days) == (2, 10, 31, None)
    assert found.within[0] == (30, 100)
