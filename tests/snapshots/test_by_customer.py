"""One customer's rows: the same as among everyone's, whether looked up in sorted copies or not."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.snapshots.test_imports import A1, A2, B3, Shop

from tierwise.contracts.imports import Version
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.snapshots.by_customer import FOLDER, sort_by_customer
from tierwise.snapshots.imports import record_of
from tierwise.snapshots.visible import Visible

B3_LATER = ("3", "b", "2026-01-03", "4.00")
C4 = ("4", "c", "2026-01-04", "5.00")
TABLES = ("orders", "customers")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """Two sources of orders, of which the second brings an order of the first again, and two of customers."""
    shop = Shop(tmp_path)
    shop.orders([A1, A2, B3])
    shop.orders([B3_LATER, C4], name="till")
    shop.people([("a", "Ann", ""), ("b", "Bob", "Paris")])
    shop.people([("a", "", "Rome"), ("c", "Cid", "Oslo")], name="club")
    return shop


def of_one(engine: DuckDBEngine, shop: Shop, version: Version, customer: str) -> dict[str, list[str]]:
    Visible(shop.workspace, version).attach_customer(engine, customer)
    return {table: rows(engine, table, customer) for table in TABLES}


def among_all(engine: DuckDBEngine, shop: Shop, version: Version, customer: str) -> dict[str, list[str]]:
    Visible(shop.workspace, version).attach(engine)
    return {table: rows(engine, table, customer) for table in TABLES}


def rows(engine: DuckDBEngine, table: str, customer: str) -> list[str]:
    found = engine.native_records("rows", f"SELECT * FROM \"{table}\" WHERE customer_id = '{customer}'")
    return sorted(str(sorted(row.items())) for row in found)


@pytest.mark.parametrize("merged", [False, True])
@pytest.mark.parametrize("sorted_first", [False, True])
def test_one_customer_has_the_rows_it_has_among_all(shop: Shop, merged: bool, sorted_first: bool) -> None:
    if merged:
        shop.read()
        shop.merge("m1", [("b", "a")])
    version = shop.read().version
    with DuckDBEngine() as engine:
        if sorted_first:
            assert len(sort_by_customer(engine, shop.workspace, version, least_rows=1)) == 4
    for customer in ("a", "b", "c", "nobody"):
        with DuckDBEngine() as one, DuckDBEngine() as other:
            assert of_one(one, shop, version, customer) == among_all(other, shop, version, customer)


def test_the_sorted_copy_is_what_is_read(shop: Shop) -> None:
    version = shop.read().version
    with DuckDBEngine() as engine:
        sort_by_customer(engine, shop.workspace, version, least_rows=1)
        for name in version.imports["orders"]:
            (shop.workspace.imports / name / "orders" / "part-000.parquet").unlink(missing_ok=True)
            (shop.workspace.imports / name / "orders" / "part-000-0.parquet").unlink(missing_ok=True)
        assert len(of_one(engine, shop, version, "a")["orders"]) == 2


def test_small_imports_and_sorted_ones_are_left_alone(shop: Shop) -> None:
    version = shop.read().version
    with DuckDBEngine() as engine:
        assert sort_by_customer(engine, shop.workspace, version) == []
        made = sort_by_customer(engine, shop.workspace, version, least_rows=3)
        assert [record_of(shop.workspace, name).rows for name in made] == [3]
        assert sort_by_customer(engine, shop.workspace, version, least_rows=3) == []


def test_a_copy_that_was_being_made_does_not_count(shop: Shop) -> None:
    version = shop.read().version
    left = shop.workspace.imports / f".writing-{FOLDER}-{version.imports['orders'][0]}"
    left.mkdir()
    (left / "part-000.parquet").write_bytes(b"half")
    with DuckDBEngine() as engine:
        sort_by_customer(engine, shop.workspace, version, least_rows=1)
        assert len(of_one(engine, shop, version, "a")["orders"]) == 2
    assert not left.exists()
