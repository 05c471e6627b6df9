"""The quality card, against figures counted by hand."""

from __future__ import annotations

import datetime
import json

import pytest

from tierwise.canonical import build_table, guess_mapping
from tierwise.contracts.ingest import IngestSettings, ReadOptions
from tierwise.contracts.tables import TABLES
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.progress import Silent
from tierwise.quality import assess
from tierwise.sources import open_source

ORDERS = (
    "order_id,customer_id,order_date,amount,channel,status\n"
    "1,a,2025-01-01,10,web,paid\n2,a,2025-02-01,-4,,paid\n3,b,2025-03-01,5,web,cancelled\n4,,2025-03-02,5,web,paid\n"
    "5,c,soon,5,web,paid\n6,c,2025-03-02,much,web,paid\n7,d,2025-03-03\n8,d,2025-03-03,1,,paid\n"
)
TICKETS = "customer_id,opened_at,priority\na,2025-04-01 10:00,high\n,2025-04-02 10:00,low\n"


@pytest.fixture
def card(tmp_path):
    with DuckDBEngine(temp_folder=tmp_path) as engine:
        tables = []
        for name, text in (("orders", ORDERS), ("tickets", TICKETS)):
            path = tmp_path / f"{name}.csv"
            path.write_text(text)
            raw = open_source(engine, str(path), ReadOptions(), tmp_path, Silent())
            mapping = guess_mapping(raw, TABLES[name], {})
            settings = IngestSettings(today=datetime.date(2026, 1, 1))
            tables.append(build_table(engine, raw, mapping, TABLES[name], settings, tmp_path / "tables"))
        yield assess(engine, tables)


def test_counts(card):
    assert (card.rows_read, card.rows_used, card.rows_set_aside) == (10, 5, 5)
    assert card.set_aside == {"no_customer": 2, "bad_date": 1, "bad_amount": 1, "bad_row": 1}
    assert (card.customers, card.orders, card.refunds, card.voids) == (3, 2, 1, 1)
    assert (card.first_date, card.last_date) == (datetime.date(2025, 1, 1), datetime.date(2025, 4, 1))


def test_completeness_and_accuracy(card):
    fields = {(field.table, field.field): field for field in card.fields}
    assert fields["orders", "channel"].completeness == 0.5
    assert fields["orders", "amount"].completeness == 1.0
    assert fields["orders", "amount"].accuracy == 1 - 1 / 8
    assert fields["orders", "order_date"].accuracy == 1 - 1 / 8
    assert fields["orders", "customer_id"].accuracy == 1 - 1 / 8
    assert fields["tickets", "customer_id"].accuracy == 0.5
    assert fields["tickets", "opened_at"].accuracy == 1.0


def test_as_json(card):
    shown = json.loads(json.dumps(card.to_json()))
    assert shown["rows_read"] == shown["rows_used"] + shown["rows_set_aside"] == 10
    assert shown["set_aside"]["no_customer"] == 2
    assert shown["first_date"] == "2025-01-01"
    assert {finding["code"] for finding in shown["findings"]} == {"void_orders"}
    assert all(path.endswith(".csv") for path in shown["rejects_files"])
