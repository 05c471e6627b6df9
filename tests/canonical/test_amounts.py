"""Amounts as people write them, currencies, and what cannot be added."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tierwise.canonical import build_table, guess_mapping
from tierwise.contracts.ingest import IngestSettings
from tierwise.contracts.tables import TABLES
from tierwise.errors import TierwiseError


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("12", "12.00"),
        ("1234.5", "1234.50"),
        ("¥1,234.50", "1234.50"),
        ("￥１，２３４．５０", "1234.50"),
        ("1,234,567.89", "1234567.89"),
        ("(12.00)", "-12.00"),
        ("-12.00", "-12.00"),
        ("12.00-", "-12.00"),
        ("−12.00", "-12.00"),
        ("-¥12", "-12.00"),
        ("1 234.50", "1234.50"),
        ("1'234.50", "1234.50"),
        ("12.5元", "12.50"),
        ("1.2万", "12000.00"),
        ("-3.25万元", "-32500.00"),
        ("0.5亿", "50000000.00"),
        ("12,34,567.50", "1234567.50"),
        ("AED 12.5", "12.50"),
        ("Rs. 1,234.50", "1234.50"),
        ("1\u202f234.50", "1234.50"),
        ("CNY 12.5", "12.50"),
        ("1e3", "1000.00"),
        ("1002.675", "1002.68"),
        ("-1002.675", "-1002.68"),
        ("0.005", "0.01"),
        ("9999999999999999.99", "9999999999999999.99"),
    ],
)
def test_numbers(value, expected, amounts):
    assert amounts(value) == [expected]


@pytest.mark.parametrize(
    "value",
    [
        "",
        "free",
        "NaN",
        "inf",
        "-inf",
        "1e400",
        "99999999999999999.00",
        "9999999999999999.995",
        "12,5,0",
        "1.2.3",
        "--5",
        "5%",
    ],
)
def test_what_is_no_amount_is_set_aside(value, amounts):
    assert amounts(value) == [None]


def test_decimal_commas_are_read_where_no_row_speaks_against_it(amounts):
    assert amounts("1.234,56", "12,50", "1.234", "7") == ["1234.56", "12.50", "1234.00", "7.00"]


def test_commas_part_thousands_unless_proven_otherwise(amounts):
    assert amounts("1,234", "12.5") == ["1234.00", "12.50"]


@pytest.mark.parametrize("other", ["1,234.56", "0.5", "12.3456"])
def test_a_column_with_both_decimal_marks_is_an_error(other, amounts):
    with pytest.raises(TierwiseError) as caught:
        amounts("1.234,56", other)
    assert caught.value.code == "input.conflicting_numbers"
    assert "1.234,56" in str(caught.value) and other in str(caught.value)


def test_a_point_before_three_digits_everywhere_may_part_thousands(ingest):
    """A column of whole amounts from Germany, read as decimals, would be a thousandth of the turnover."""
    source = "customer_id,order_date,amount\n1,2025-01-01,1.234\n2,2025-01-01,950\n3,2025-01-01,12.500\n"
    with pytest.raises(TierwiseError) as caught:
        ingest.build(source)
    problem = caught.value.problems[0]
    assert (caught.value.code, problem.place.row, problem.place.column) == ("input.ambiguous_numbers", 1, "amount")
    assert "--decimal-mark ," in problem.cure.en and "--decimal-mark ." in problem.cure.zh


@pytest.mark.parametrize(
    ("mark", "expected"), [(",", ["1234.00", "12500.00", "950.00"]), (".", ["1.23", "12.50", "950.00"])]
)
def test_the_decimal_mark_can_be_named(ingest, mark, expected):
    source = "customer_id,order_date,amount\n1,2025-01-01,1.234\n2,2025-01-01,950\n3,2025-01-01,12.500\n"
    raw = replace(ingest.open(source), decimal_mark=mark)
    mapping = guess_mapping(raw, TABLES["orders"], {})
    built = build_table(ingest.engine, raw, mapping, TABLES["orders"], IngestSettings(date(2026, 1, 1)), ingest.fresh())
    assert sorted(str(row[0]) for row in ingest.rows(built, "amount")) == expected


def test_what_contradicts_the_decimal_mark_that_was_named_is_set_aside(ingest):
    source = 'customer_id,order_date,amount\n1,2025-01-01,"1.234,50"\n2,2025-01-01,950.5\n'
    raw = replace(ingest.open(source), decimal_mark=",")
    mapping = guess_mapping(raw, TABLES["orders"], {})
    built = build_table(ingest.engine, raw, mapping, TABLES["orders"], IngestSettings(date(2026, 1, 1)), ingest.fresh())
    assert [str(row[0]) for row in ingest.rows(built, "amount")] == ["1234.50"]
    assert built.set_aside[0].reason == "bad_amount"


@pytest.mark.parametrize(
    ("proof", "expected"),
    [
        ("0.500", "1.23"), ("1234.000", "1.23"), ("1500", "1.23"), ("12.5", "1.23"), ("1.234.567", "1234.00"),
        ("12,50", "1234.00"),
    ],
)  # fmt: skip
def test_one_row_tells_what_the_points_of_a_column_part(amounts, proof, expected):
    assert amounts("1.234", proof)[0] == expected


@pytest.mark.parametrize(("discount", "expected"), [("2,50", "1234.00"), ("2.50", "1.23")])
def test_another_column_of_numbers_tells_what_points_part(ingest, discount, expected):
    built = ingest.build(f'customer_id,order_date,amount,discount\n1,2025-01-01,1.234,"{discount}"\n')
    assert [str(row[0]) for row in ingest.rows(built, "amount")] == [expected]


@pytest.mark.parametrize(
    ("header", "worth"),
    [
        ("amount_cents", "12.34"), ("Amount (cents)", "12.34"), ("totalCents", "12.34"), ("金额（分）", "12.34"),
        ("合同金额（万元）", "12340000.00"), ("订单金额(单位：千元)", "1234000.00"), ("revenue in thousands", "1234000.00"),
        ("金额（元）", "1234.00"), ("percentage of amount", "1234.00"), ("总分", "1234.00"),
    ],
)  # fmt: skip
def test_amounts_whose_header_names_another_unit_are_converted(ingest, header, worth):
    built = ingest.build(f"customer_id,order_date,{header}\n1,2025-01-01,1234\n", given={"amount": header})
    assert [str(row[0]) for row in ingest.rows(built, "amount")] == [worth]
    said = [finding.code for finding in built.findings]
    assert said == ([] if worth == "1234.00" else ["amounts_in_unit"])


def test_the_unit_does_not_hide_a_name_that_is_known(ingest):
    assert ingest.map("customer_id,order_date,order_total_cents,x\n1,2025-01-01,1234,5\n").match("amount").columns == (
        "order_total_cents",
    )


@pytest.mark.parametrize("value", ["'NaN'::DOUBLE", "'infinity'::DOUBLE", "1e30::DOUBLE", "NULL::DOUBLE"])
def test_floats_that_are_no_amounts(value, ingest, tmp_path):
    path = tmp_path / "o.parquet"
    rows = f"SELECT * FROM (VALUES ('a', DATE '2025-01-01', 2.675::DOUBLE), ('b', DATE '2025-01-01', {value})) t(customer_id, d, amount)"
    ingest.engine.native("write", f"COPY ({rows}) TO '{path}'")
    built = ingest.build(path, given={"order_date": "d"})
    assert [(str(row[0])) for row in ingest.rows(built, "amount")] == ["2.68"]
    assert [(aside.reason, aside.rows) for aside in built.set_aside] == [("bad_amount", 1)]


def test_rounding_is_reported(ingest):
    built = ingest.build("customer_id,order_date,amount\n1,2025-01-01,1.005\n2,2025-01-01,2.50\n")
    assert [(finding.code, finding.rows) for finding in built.findings] == [("rounded_amount", 1)]
    assert built.findings[0].examples[0].value == "1.005"


MIXED = "customer_id,order_date,amount,currency\n1,2025-01-01,10,CNY\n2,2025-01-01,20,usd\n3,2025-01-01,30,人民币\n4,2025-01-01,40,\n"


def test_mixed_currencies_are_an_error(ingest):
    with pytest.raises(TierwiseError) as caught:
        ingest.build(MIXED)
    assert caught.value.code == "input.mixed_currencies"
    assert "CNY (2), USD (1)" in str(caught.value)


def test_one_currency_can_be_chosen(ingest):
    built = ingest.build(MIXED, currency="cny")
    assert [str(row[0]) for row in ingest.rows(built, "amount")] == ["10.00", "30.00", "40.00"]
    assert [(aside.reason, aside.rows) for aside in built.set_aside] == [("other_currency", 1)]
    assert built.currency == "CNY"


def test_currencies_are_told_by_the_signs_of_amounts(ingest, amounts):
    with pytest.raises(TierwiseError) as caught:
        amounts("¥5", "$5")
    assert caught.value.code == "input.mixed_currencies"
    assert amounts("¥5", "$6", "7元", "RMB 8", "9", currency="CNY") == ["5.00", None, "7.00", "8.00", "9.00"]
    built = ingest.build("customer_id,order_date,amount\n1,2025-01-01,€5\n")
    assert built.currency == "EUR"


def test_none_is_named_where_none_is_known(ingest):
    assert ingest.build("customer_id,order_date,amount\n1,2025-01-01,5\n").currency is None


def test_a_sum_that_no_longer_fits_sets_its_order_aside(ingest):
    big = "9999999999999999.99"
    built = ingest.build(
        f"order_id,customer_id,order_date,amount\n1,a,2025-01-01,{big}\n1,a,2025-01-01,{big}\n2,b,2025-01-01,{big}\n"
    )
    assert [str(row[0]) for row in ingest.rows(built, "amount")] == [big]
    assert [(aside.reason, aside.rows) for aside in built.set_aside] == [("bad_amount", 2)]


def test_a_product_that_no_longer_fits_is_set_aside(ingest):
    built = ingest.build(
        "customer_id,order_date,quantity,unit_price\n1,2025-01-01,99999999999,99999999999\n2,2025-01-01,3,1.11115\n"
    )
    assert [str(row[0]) for row in ingest.rows(built, "amount")] == ["3.33"]
    assert built.set_aside[0].reason == "bad_amount"
