"""Nothing is dropped in silence, whatever stands in the cells."""

from __future__ import annotations

import csv
import io
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tierwise.errors import TierwiseError

CELL = st.one_of(
    st.sampled_from(
        ["", " ", "NULL", "007", "a", "2025-01-01", "2025/1/2", "2025-13-01", "20250103", "2027-01-01", "12.345", "-3", "¥1,234.50",
         "(5)", "NaN", "inf", "1e300", "refund", "cancelled", "=1+1", "客户", '"', "'", "\u3000x\u3000", "1.5e2", "99999999999999999"]
    ),
    st.text(st.characters(exclude_characters="\x00\r\n", exclude_categories=("Cs",)), max_size=8),
    st.integers(-(10**6), 10**6).map(str),
)  # fmt: skip
ROW = st.tuples(CELL, CELL, CELL, CELL, CELL)
REASONS = {
    "no_customer",
    "bad_date",
    "future_date",
    "bad_amount",
    "bad_row",
    "duplicate_row",
    "other_currency",
    "digits_lost",
}
MANY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def as_csv(rows):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["order_id", "customer_id", "order_date", "amount", "status"])
    writer.writerow(["good", "good", "2025-01-01", "1", "paid"])
    writer.writerows(rows)
    return text.getvalue()


@pytest.mark.slow
@MANY
@given(st.lists(ROW, max_size=12))
def test_every_row_is_used_or_set_aside_or_the_file_is_refused(ingest, rows):
    try:
        built = ingest.build(as_csv(rows))
    except TierwiseError as error:
        refused = {"mixed_currencies", "conflicting_numbers", "ambiguous_numbers", "ambiguous_dates"}
        assert error.code in {f"input.{reason}" for reason in refused}
        return
    assert built.rows_read == len(rows) + 1
    assert built.rows_read == built.rows_used + sum(aside.rows for aside in built.set_aside)
    assert {aside.reason for aside in built.set_aside} <= REASONS
    assert 1 <= built.rows <= built.rows_used
    if built.rejects_file:
        listed = list(csv.reader(io.StringIO(built.rejects_file.read_text("utf-8-sig"), newline="")))
        assert len(listed) - 1 == sum(aside.rows for aside in built.set_aside)
        assert not any(cell[:1] in "=+-@" for line in listed[1:] for cell in line if cell)
    orders = ingest.rows(built, "customer_id, order_date, amount, status")
    assert all(None not in order for order in orders)
    assert all((amount < 0) == (status == "refund") for _, _, amount, status in orders if status != "void")


@pytest.mark.slow
@MANY
@given(st.lists(st.tuples(st.sampled_from("abc"), st.decimals(-1000, 1000, places=4)), min_size=1, max_size=20))
def test_orders_add_up_to_their_lines(ingest, lines):
    text = "order_id,customer_id,order_date,amount,product\n" + "".join(f"{o},x,2025-01-01,{a},p\n" for o, a in lines)
    found = dict(ingest.rows(ingest.build(text), "order_id, amount"))
    for order in {order for order, _ in lines}:
        total = sum((amount for name, amount in lines if name == order), Decimal(0))
        assert found[order] == total.quantize(Decimal("0.01"), ROUND_HALF_UP)


@pytest.mark.slow
@MANY
@given(
    st.lists(st.tuples(st.sampled_from(["sale", "paid"]), st.decimals(0, 1000, places=2)), min_size=1, max_size=8),
    st.decimals(0, 500, places=2),
)
def test_a_refund_never_raises_money(ingest, lines, refund):
    def money(rows):
        text = "order_id,customer_id,order_date,amount,status\n" + "".join(
            f"{n},x,2025-01-01,{amount},{word}\n" for n, (word, amount) in enumerate(rows)
        )
        built = ingest.build(text)
        return sum(row[0] for row in ingest.rows(built, "amount"))

    assert money([*lines, ("refund", refund)]) == money(lines) - refund
