"""Dates as people write them, and columns that cannot be told apart."""

from __future__ import annotations

import pytest

from tierwise.errors import TierwiseError
from tierwise.language import Lang


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2025-03-04", "2025-03-04"),
        ("2025/3/4", "2025-03-04"),
        ("2025.03.04", "2025-03-04"),
        ("20250304", "2025-03-04"),
        ("2025年3月4日", "2025-03-04"),
        ("２０２５－０３－０４", "2025-03-04"),
        (" 2025-03-04 ", "2025-03-04"),
        ("Mar 4, 2025", "2025-03-04"),
        ("4 March 2025", "2025-03-04"),
        ("04-Mar-25", "2025-03-04"),
        ("4. März 2025", "2025-03-04"),
        ("04.03.2025", "2025-03-04"),
        ("4.3.25", "2025-03-04"),
        ("Tue, 4 Mar 2025", "2025-03-04"),
    ],
)
def test_days(value, expected, dates):
    assert dates(value) == [expected]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2025-03-04 10:11:12", "2025-03-04 10:11:12"),
        ("2025-03-04T10:11", "2025-03-04 10:11:00"),
        ("2025-03-04 10:11:12.5", "2025-03-04 10:11:12.5"),
        ("2025/3/4 9:05", "2025-03-04 09:05:00"),
        ("2025-03-04 12:30 AM", "2025-03-04 00:30:00"),
        ("2025/3/4 1:02:03 PM", "2025-03-04 13:02:03"),
        ("2025年3月4日 下午3:04", "2025-03-04 15:04:00"),
        ("2025年3月4日10时20分30秒", "2025-03-04 10:20:30"),
        ("2025年3月4日 上午12点5分", "2025-03-04 00:05:00"),
        ("20250304101112", "2025-03-04 10:11:12"),
        ("March 4 2025 3:04 pm", "2025-03-04 15:04:00"),
        ("1741082415", "2025-03-04 10:00:15"),
        ("1741082415250", "2025-03-04 10:00:15.25"),
        ("1741082415250000", "2025-03-04 10:00:15.25"),
        ("1741082415250000999", "2025-03-04 10:00:15.25"),
        ("20250304101112345", "2025-03-04 10:11:12"),
        ("Tue, 04 Mar 2025 10:11:12 +0000", "2025-03-04 10:11:12"),
        ("18.03.2025 10:11:12 +0100", "2025-03-18 09:11:12"),
        ("Tue Mar  4 10:11:12 2025", "2025-03-04 10:11:12"),
        ("Tue Mar 04 10:11 2025", "2025-03-04 10:11:00"),
        ("Tue Mar  4 10:11:12 UTC 2025", "2025-03-04 10:11:12"),
        ("Tue Mar 04 2025 18:11:12 GMT+0800 (China Standard Time)", "2025-03-04 10:11:12"),
        ("Tue Mar 04 2025 18:11:12 GMT+0800 (中国标准时间)", "2025-03-04 10:11:12"),
        ("Tue Mar 04 2025 06:11:12 GMT-0400 (Amazon Standard Time)", "2025-03-04 10:11:12"),
        ("Tue Mar 04 2025 10:11:12 GMT+0000 (GMT)", "2025-03-04 10:11:12"),
        ("Tue, 04 Mar 2025 18:11:12 +0800 (CST)", "2025-03-04 10:11:12"),
        ("2025-03-04 18:11:12 GMT+08:00", "2025-03-04 10:11:12"),
    ],
)
def test_days_with_a_clock(value, expected, dates):
    assert dates(value) == [expected]


@pytest.mark.parametrize(
    "value", ["", "soon", "2025-02-30", "20251341", "0001-01-01", "infinity", "1899-12-31", "2025-03-04 25:00", "N/A"]
)
def test_what_is_no_date_is_set_aside(value, dates):
    assert dates(value) == [None]


@pytest.mark.parametrize(
    "value",
    ["2025-03", "2025/3", "2025年3月", "2025年03月份", "03/2025", "3-2025", "Mar 2025", "March 2025", "Mar-2025"],
)
def test_a_month_alone_is_its_first_day_and_said_so(value, dates, ingest):
    assert dates(value) == ["2025-03-01"]
    built = ingest.build(f"customer_id,order_date,amount\na,{value},1\nb,2025-03-20,1\n")
    found = {finding.code: finding for finding in built.findings}
    assert (found["month_without_day"].rows, found["month_without_day"].severity) == (1, "warning")


@pytest.mark.parametrize(
    "value", ["2025-13", "2025年0月", "2025.10", "13/2025", "Tue Mar 4 10:11:12 CST 2025", "Foo 2025"]
)
def test_what_may_be_a_month_or_a_zone_but_is_not_certain_is_set_aside(value, dates):
    assert dates(value) == [None]


def test_months_of_birth_are_said_too(ingest):
    built = ingest.build("customer_id,birth_date\na,1990-05\nb,1991-06-07\n", "customers")
    assert [str(row[0]) for row in ingest.rows(built, "birth_date", "customer_id")] == ["1990-05-01", "1991-06-07"]
    assert [finding.rows for finding in built.findings if finding.code == "month_without_day"] == [1]


def test_an_offset_behind_any_form_is_said(ingest):
    built = ingest.build('customer_id,order_date,amount\n1,"Tue, 04 Mar 2025 10:11:12 +0000",1\n')
    assert [(finding.code, finding.rows) for finding in built.findings] == [("offset_as_utc", 1)]


def test_day_numbers_of_excel_in_a_text_that_holds_nothing_else(ingest):
    header = "customer_id,order_date,amount\n"
    built = ingest.build(header + "1,45720,1\n2,45721.5,1\n")
    assert [str(row[0]) for row in ingest.rows(built, "order_date")] == ["2025-03-04", "2025-03-05"]
    for other in ("2025-03-04", "2024"):  # a date beside them, or years
        mixed = (
            header + f"1,45720,1\n2,{other},1\n" if other != "2024" else header + "1,2024,1\n2,2023,1\n3,2025-03-04,1\n"
        )
        assert ingest.build(mixed).rows == 1


def test_forms_may_be_mixed_where_each_is_plain(dates):
    assert dates("2025-03-04", "2025年3月5日", "20250306", "7 Mar 2025", "x") == [
        "2025-03-04", "2025-03-05", "2025-03-06", "2025-03-07", None,
    ]  # fmt: skip


def test_day_and_month_are_told_apart_by_the_whole_column(dates):
    assert dates("03/04/2025", "25/12/2025") == ["2025-04-03", "2025-12-25"]
    assert dates("03/04/2025", "12/25/2025") == ["2025-03-04", "2025-12-25"]
    assert dates("03.04.2025", "25.12.2025 10:00") == ["2025-04-03 00:00:00", "2025-12-25 10:00:00"]


def test_rows_that_conflict_are_both_shown(dates):
    with pytest.raises(TierwiseError) as caught:
        dates("03/04/2025", "12/25/2025", "25/12/2025")
    assert caught.value.code == "input.conflicting_dates"
    for language in Lang:
        shown = caught.value.to(language)
        assert "12/25/2025" in shown and "25/12/2025" in shown and "3" in shown and "4" in shown


@pytest.mark.parametrize("value", ["03/04/2025", "03-04-2025", "03/04/25", "25/03/04"])
def test_a_column_that_can_be_read_in_two_ways_is_an_error(value, dates):
    with pytest.raises(TierwiseError) as caught:
        dates(value)
    assert caught.value.code == "input.ambiguous_dates"
    assert "--date-format" in caught.value.to(Lang.ZH)
    assert caught.value.problems[0].place.row == 2


def test_a_format_that_is_given_settles_it(ingest):
    source = "customer_id,order_date,amount\n1,03/04/2025,1\n2,05/06/2025,1\n3,2025-01-01,1\n"
    built = ingest.build(source, date_format="%d/%m/%Y")
    assert [str(row[0]) for row in ingest.rows(built, "order_date")] == ["2025-04-03", "2025-06-05"]
    assert built.set_aside[0].reason == "bad_date"


def test_a_format_that_is_none(dates):
    with pytest.raises(TierwiseError) as caught:
        dates("2025-01-01", date_format="%Q")
    assert caught.value.code == "input.bad_date_format"


def test_offsets_become_the_time_of_the_business(dates):
    values = ["2025-03-04T17:00:00Z", "2025-03-04 10:00:00 -0500", "2025-03-04 10:00:00+08", "2025-03-04 23:00:00"]
    assert dates(*values, timezone="Asia/Shanghai") == [
        "2025-03-05 01:00:00", "2025-03-04 23:00:00", "2025-03-04 10:00:00", "2025-03-04 23:00:00",
    ]  # fmt: skip


def test_offsets_without_a_zone_are_read_as_utc_and_said_so(ingest):
    built = ingest.build("customer_id,order_date,amount\n1,2025-03-04T23:00:00-05:00,1\n")
    assert [str(row[0]) for row in ingest.rows(built, "order_date")] == ["2025-03-05"]
    assert [finding.code for finding in built.findings] == ["offset_as_utc"]


def test_summer_time_is_that_of_the_zone(dates):
    assert dates("2025-07-01T12:00:00Z", "2025-01-01T12:00:00Z", timezone="America/New_York") == [
        "2025-07-01 08:00:00", "2025-01-01 07:00:00",
    ]  # fmt: skip


def test_a_zone_that_is_none(dates):
    with pytest.raises(TierwiseError) as caught:
        dates("2025-01-01", timezone="Mars/Olympus")
    assert caught.value.code == "input.unknown_timezone"


def test_future_dates_are_set_aside(ingest):
    built = ingest.build("customer_id,order_date,amount\n1,2026-01-01 23:59,1\n2,2026-01-02,1\n3,9999-12-31,1\n")
    assert built.rows == 1
    assert [(aside.reason, aside.rows) for aside in built.set_aside] == [("future_date", 2)]


def test_instants_of_parquet_are_turned_to_the_zone(ingest, tmp_path):
    path = tmp_path / "o.parquet"
    ingest.engine.native(
        "write",
        f"COPY (SELECT 'a' AS customer_id, TIMESTAMPTZ '2025-03-04 17:00:00+00' AS order_date, 1 AS amount) TO '{path}'",
    )
    built = ingest.build(path, timezone="Asia/Shanghai")
    assert [str(row[0]) for row in ingest.rows(built, "order_date")] == ["2025-03-05"]
    assert [finding.code for finding in built.findings] == ["converted_times"]
