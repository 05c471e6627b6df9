"""A shop small enough to compute by hand: A buys and is known in every table, B buys twice on one day, C never bought,
D registers after as_of, E is known to the events alone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from tierwise.contracts.tables import TABLES, Kind

AS_OF = date(2026, 6, 30)
Row = tuple[Any, ...]

ROWS: dict[str, tuple[str, list[Row]]] = {
    "customers": (
        "customer_id kind gender region birth_date registered_at acquisition_cost",
        [
            ("A", "person", "女", "华东", "2000-07-01", "2026-01-01", "50.00"),
            ("C", "company", None, "华南", None, "2026-06-01", "0.00"),
            ("D", "person", "男", "华北", None, "2026-07-02", None),
        ],
    ),
    "orders": (
        "order_id customer_id order_date amount status cost discount coupon order_hour channel store",
        [
            ("1", "A", "2026-06-30", "100.00", "sale", "60.00", "10.00", "X", 9, "App", "S1"),
            ("2", "A", "2026-06-20", "50.00", "sale", "20.00", "0.00", None, 20, "App", None),
            ("3", "A", "2026-06-21", "-20.00", "refund", "-5.00", "0.00", None, 10, "App", None),
            ("4", "A", "2026-03-01", "200.00", "sale", "100.00", "50.00", "Y", 20, "门店", "S2"),
            ("5", "A", "2026-06-29", "999.00", "void", "1.00", "0.00", None, 1, "App", None),
            ("6", "A", "2026-07-01", "500.00", "sale", "1.00", "0.00", None, 1, "App", None),
            ("7", "B", "2026-05-01", "30.00", "sale", "10.00", None, None, 2, "官网", None),
            ("8", "B", "2026-05-01", "30.00", "sale", None, None, None, 3, "官网", None),
        ],
    ),
    "order_lines": (
        "order_id product_id category category_root category_leaf quantity unit_price discount",
        [
            ("1", "P1", "食品/零食", "食品", "零食", "2", "30", "10.00"),
            ("1", "P2", "服饰/上衣/新品", "服饰", "新品", "1", "60", "0.00"),
            ("2", "P1", "食品/零食", "食品", "零食", "1", "50", None),
            ("3", "P1", "食品/零食", "食品", "零食", "1", "20", None),
            ("4", "P3", None, None, None, "1", "200", "0.00"),
            ("6", "P9", "家居", "家居", "家居", "1", "500", "0.00"),
        ],
    ),
    "events": (
        "customer_id event event_date",
        [
            ("A", "login", "2026-06-30"), ("A", "login", "2026-06-30"), ("A", "login", "2026-06-30"),
            ("A", "comment", "2026-06-30"), ("A", "login", "2026-06-28"), ("A", "Product Added", "2026-06-10"),
            ("A", "login", "2026-05-15"), ("A", "login", "2026-07-01"), ("E", "login", "2026-06-30"),
        ],
    ),
    "feedback": (
        "customer_id given_date kind score",
        [
            ("A", "2026-06-01", "complaint", None), ("A", "2026-05-01", "nps", "8"), ("A", "2026-04-01", "nps", "9"),
            ("A", "2026-03-01", "rating", "4"), ("A", "2026-03-01", "review", "3"), ("A", "2026-02-01", "rating", None),
        ],
    ),
    "tickets": (
        "customer_id opened_date priority topic satisfaction first_response_minutes resolution_minutes",
        [
            ("A", "2026-06-15", "high", "使用咨询", "4", 30, 100),
            ("A", "2026-06-16", "normal", "物流", None, None, 201),
        ],
    ),
    "touches": (
        "customer_id sent_date opened clicked cost",
        [
            ("A", "2026-06-01", 1, 1, "0.05"), ("A", "2026-06-02", None, 0, "0.05"), ("A", "2026-06-03", 0, 0, None),
        ],
    ),
    "balances": (
        "customer_id as_of_date assets",
        [("A", "2026-06-30", "1000.00"), ("A", "2026-03-31", "800.00"), ("A", "2026-07-10", "5.00")],
    ),
    "referrals": (
        "customer_id referred_customer_id referred_at",
        [("A", "B", "2026-04-01"), ("C", "C", "2026-04-01")],
    ),
}  # fmt: skip


def _value(kind: Kind, value: Any) -> Any:
    if value is None:
        return None
    if kind is Kind.DATE:
        return date.fromisoformat(value)
    return Decimal(value) if kind in (Kind.MONEY, Kind.QUANTITY) else value


def write_tiny(folder: Path) -> dict[str, Path]:
    """Write the tables as Parquet and return their files."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {
        Kind.TEXT: pa.string(), Kind.DATE: pa.date32(), Kind.MONEY: pa.decimal128(18, 2),
        Kind.QUANTITY: pa.decimal128(18, 4), Kind.INTEGER: pa.int64(),
    }  # fmt: skip
    files = {}
    for name, (header, rows) in ROWS.items():
        columns = [TABLES[name].column(column) for column in header.split()]
        data = [{c.name: _value(c.kind, value) for c, value in zip(columns, row, strict=True)} for row in rows]
        files[name] = folder / f"{name}.parquet"
        pq.write_table(
            pa.Table.from_pylist(data, schema=pa.schema([(c.name, types[c.kind]) for c in columns])), files[name]
        )
    return files


def available_columns() -> dict[str, frozenset[str]]:
    """The columns that each table has."""
    return {name: frozenset(header.split()) for name, (header, _) in ROWS.items()}
