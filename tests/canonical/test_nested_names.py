"""Dotted names, and a column that is called just `id`."""

from __future__ import annotations

import json

import pytest

from tierwise.errors import TierwiseError

NESTED = {
    "id": "o1", "customer": {"id": "c1", "email": "a@b.example", "created_at": "2020-01-01"}, "created_at": "2025-01-02",
    "total": {"amount": "12.50", "currency": "EUR"}, "tax": {"amount": "2.00"}, "items": [{"sku": "a"}],
}  # fmt: skip
FOUND = {
    "customer_id": "customer.id", "order_id": "id", "order_date": "created_at", "amount": "total.amount",
    "currency": "total.currency",
}  # fmt: skip


def written(ingest, *rows):
    path = ingest.fresh() / "o.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_nested_orders_need_no_help(ingest):
    path = written(ingest, NESTED, NESTED | {"id": "o2", "created_at": "2025-01-03"})
    assert ingest.map(path).to_json() == FOUND
    built = ingest.build(path)
    said = [finding for finding in built.findings if finding.code == "read_as"]
    assert [(finding.rows, "items" in finding.label.en, "items" in finding.label.zh) for finding in said] == [
        (2, True, True)
    ]
    assert [(row[0], row[1], str(row[2])) for row in ingest.rows(built, "order_id, customer_id, amount")] == [
        ("o1", "c1", "12.50"), ("o2", "c1", "12.50"),
    ]  # fmt: skip


def test_nested_parquet_needs_no_help(ingest):
    path = ingest.fresh() / "o.parquet"
    source = written(ingest, NESTED)
    ingest.engine.native("write", f"COPY (SELECT * FROM read_json('{source}')) TO '{path}' (FORMAT parquet)")
    assert ingest.map(path).to_json() == FOUND


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            {"order": {"id": 1, "created_at": "2025-01-02", "total": {"amount": 1.5}}, "customer": {"id": 7}},
            {"order_id": "order.id", "customer_id": "customer.id", "order_date": "order.created_at",
             "amount": "order.total.amount"},
        ),
        (
            {"data": {"order": {"grand_total": {"value": 1.5}, "paid_at": "2025-01-02"}, "buyer": {"phone": "138"}}},
            {"customer_id": "data.buyer.phone", "order_date": "data.order.paid_at",
             "amount": "data.order.grand_total.value"},
        ),
        (
            {"customer_id": 7, "customer": {"id": 7}, "date": "2025-01-02", "amount": 1.5},
            {"customer_id": "customer_id", "order_date": "date", "amount": "amount"},
        ),
        (
            {"客户": {"编号": "c"}, "订单": {"编号": "o", "下单时间": "2025-01-02", "实付金额": 1.5}},
            {"customer_id": "客户.编号", "order_id": "订单.编号", "order_date": "订单.下单时间", "amount": "订单.实付金额"},
        ),
    ],
)  # fmt: skip
def test_the_last_part_says_what_and_the_parts_before_whose(row, expected, ingest):
    assert ingest.map(written(ingest, row)).to_json() == expected


def test_a_date_of_the_customer_is_not_that_of_the_order(ingest):
    row = {"customer": {"id": 7, "created_at": "2020-01-02"}, "placed": "2025-01-02", "amount": 1.5}
    with pytest.raises(TierwiseError) as caught:
        ingest.map(written(ingest, row))
    assert caught.value.code == "input.missing_column"
    assert ingest.map(written(ingest, row), order_date="placed").to_json()["customer_id"] == "customer.id"


def test_nested_customers(ingest):
    row = {"customer": {"id": 7, "email": "a@b.example", "created_at": "2020-01-02"}, "address": {"city": "Bonn"}}
    assert ingest.map(written(ingest, row), "customers").to_json() == {
        "customer_id": "customer.id", "email": "customer.email", "city": "address.city",
        "registered_at": "customer.created_at",
    }  # fmt: skip


STRIPE = "id,Created date (UTC),Amount,Currency,Customer ID,Status,Description\n"


def test_payments_of_stripe_need_no_help(ingest):
    rows = "ch_1,2025-01-02 10:00:00,10.00,eur,cus_1,Paid,\nch_2,2025-01-02 10:00:00,20.00,eur,cus_1,Refunded,\n"
    source = STRIPE + rows + "ch_3,2025-01-02 10:00:00,30.00,eur,cus_2,Failed,\n"
    assert ingest.map(source).to_json() == {
        "customer_id": "Customer ID", "order_id": "id", "order_date": "Created date (UTC)", "amount": "Amount",
        "status": "Status", "currency": "Currency",
    }  # fmt: skip
    built = ingest.build(source)
    assert ingest.rows(built, "order_id, status") == [("ch_1", "sale"), ("ch_2", "void"), ("ch_3", "void")]
    assert not [finding for finding in built.findings if finding.code in ("unknown_status", "no_order_id")]


@pytest.mark.parametrize(
    "source",
    [
        "id,customer_id,date,amount\n1,a,2025-01-02,1\n1,b,2025-01-03,2\n",
        "id,date,amount\n1,2025-01-02,1\n2,2025-01-03,2\n",
    ],
)
def test_an_id_that_repeats_or_may_be_the_customers_is_no_order(source, ingest):
    assert "order_id" not in ingest.map(source).to_json()


def test_an_order_number_is_better_than_an_id(ingest):
    source = "id,order_no,customer_id,date,amount\n1,o1,a,2025-01-02,1\n"
    assert ingest.map(source).to_json()["order_id"] == "order_no"
