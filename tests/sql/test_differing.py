"""Two SELECTs of one shape disagree on the days that are found, and on no other."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tierwise.incremental.calendar import Calendar, Days
from tierwise.sql.differing import differences, entered
from tierwise.sql.renaming import renamed

DATES = ("order_date", "event_date")
ONE, TWO = date(2026, 3, 1), date(2026, 3, 3)


def days(sql: str) -> dict[str, Days] | None:
    found = differences(sql.format(day=f"CAST('{ONE}' AS DATE)"), sql.format(day=f"CAST('{TWO}' AS DATE)"), DATES)
    with Calendar() as calendar:
        return None if found is None else calendar.days_of(found)


def test_equal_texts_agree_on_all_days() -> None:
    assert days("SELECT SUM(amount) AS x FROM orders") == {}


def test_an_edge_moves_over_the_days_between() -> None:
    later = {"order_date": Days(((ONE + timedelta(days=1), TWO),))}
    assert days("SELECT customer_id FROM orders WHERE order_date <= {day}") == later
    assert days("SELECT SUM(CASE WHEN status = 'sale' AND o.order_date > {day} THEN 1 END) AS x FROM t AS o") == later


def test_what_no_row_can_count_for_is_left_out() -> None:
    """The age of every order changes; only orders of the window are looked at for it."""
    age = (
        "CASE WHEN order_date > CAST('2026-02-20' AS DATE) THEN CAST(DATE_DIFF('day', order_date, {day}) AS BIGINT) END"
    )
    found = days(f"SELECT SUM({age}) AS x FROM t WHERE order_date <= {{day}}")
    assert found == {"order_date": Days(((date(2026, 2, 21), TWO),))}


def test_rows_without_a_date_are_reached_where_they_count() -> None:
    found = days("SELECT customer_id FROM events WHERE COALESCE(event_date, {day}) > CAST('2026-03-02' AS DATE)")
    assert found == {"event_date": Days((), undated=True)}
    assert "event_date IS NULL" in found["event_date"].condition("event_date")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT MAX({day}) AS x FROM t",
        "SELECT customer_id FROM t WHERE amount > 0 AND other_date <= {day}",
        "SELECT CAST(DATE_DIFF('day', order_date, event_date) AS BIGINT) AS x, {day} AS y FROM t",
    ],
)
def test_what_is_no_matter_of_one_date_is_everywhere(sql: str) -> None:
    assert days(sql) is None


def test_another_shape_differs_everywhere() -> None:
    assert differences("SELECT a AS x FROM t", "SELECT b AS x FROM t", DATES) is None
    assert differences("SELECT a AS x FROM t", "SELECT a AS x, b AS y FROM t", DATES) is None


def test_more_ranges_than_can_be_listed_are_everywhere() -> None:
    """Two days of every thirty, for three centuries."""
    assert days("SELECT MAX(CAST(DATE_DIFF('day', order_date, {day}) AS BIGINT) // 30) AS x FROM t") is None


def test_rows_with_two_dates_are_reached_by_either() -> None:
    found = days("SELECT customer_id FROM t WHERE (order_date <= {day}) = (event_date > {day})")
    assert found is not None and found.keys() == {"order_date", "event_date"}


def test_tables_are_renamed_and_keep_their_alias() -> None:
    sql = renamed("SELECT o.a AS a FROM orders AS o JOIN lines ON lines.b = o.b", {"orders": "few", "lines": "others"})
    assert sql == "SELECT o.a AS a FROM few AS o JOIN others AS lines ON lines.b = o.b"


def test_rows_that_never_enter_are_known() -> None:
    sql = "SELECT customer_id FROM orders AS o WHERE status = 'sale' AND o.order_date <= CAST('2026-03-01' AS DATE)"
    assert entered(sql, "orders", "order_date") == "((order_date <= CAST('2026-03-01' AS DATE)))"
    assert entered(sql, "events", "event_date") is None
    assert entered("SELECT customer_id FROM orders", "orders", "order_date") == "TRUE"
