"""A folder of several tables, as Olist publishes its data: joined by a query, or told that it is one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tierwise.contracts.ingest import ReadOptions
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.errors import TierwiseError
from tierwise.ingestion import import_sources
from tierwise.job import Job, Resources, Source
from tierwise.snapshots.imports import holding, records, version_of
from tierwise.snapshots.visible import Visible
from tierwise.snapshots.workspace import Workspace

QUERY = """
SELECT o.order_id, customer_unique_id AS customer_id, order_purchase_timestamp AS order_date, order_status AS status,
       payment_value AS amount
FROM orders o JOIN customers USING (customer_id) JOIN payments USING (order_id);
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two orders of one person, under a customer_id each; the second is paid in two parts."""
    made = tmp_path / "my olist"
    made.mkdir()
    (made / "customers.csv").write_text('"customer_id","customer_unique_id"\n"c1","u1"\n"c2","u1"\n')
    (made / "orders.csv").write_text(
        '"order_id","customer_id","order_status","order_purchase_timestamp"\n'
        '"o1","c1","delivered","2018-01-05 10:00:00"\n"o2","c2","delivered","2018-02-05 10:00:00"\n'
    )
    (made / "payments.csv").write_text('"order_id","payment_value"\n"o1","10.50"\n"o2","1.00"\n"o2","20.00"\n')
    return made


def bring(workspace: Workspace, folder: Path, query: str | None) -> None:
    source = Source("orders", str(folder), ReadOptions(query=query))
    import_sources(Job(workspace, [source], [], today=date(2026, 1, 1)), Resources(lambda: DuckDBEngine(threads=2)))


def test_a_query_joins_the_files_of_a_folder_once(folder: Path, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "w")
    for _ in range(2):
        bring(workspace, folder, QUERY)
    found = records(workspace)
    assert [record.rows_read for record in found] == [3]
    with DuckDBEngine(threads=2) as duck:
        Visible(workspace, version_of(workspace, holding(found))).attach(duck)
        rows = duck.native("orders", "SELECT order_id, customer_id, CAST(amount AS VARCHAR) FROM orders ORDER BY 1")
    assert rows == [("o1", "u1", "10.50"), ("o2", "u1", "21.00")]


def test_a_query_that_cannot_be_answered_names_the_tables(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(TierwiseError) as caught:
        bring(Workspace(tmp_path / "w"), folder, "SELECT * FROM order")
    assert caught.value.code == "input.bad_query"
    assert "customers, orders, payments" in caught.value.problems[0].cause.en


def test_a_folder_of_several_tables_is_told_how_to_join_them(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(TierwiseError) as caught:
        bring(Workspace(tmp_path / "w"), folder, None)
    assert [problem.kind.code for problem in caught.value.problems][-1] == "input.several_tables"
    assert "FROM customers JOIN orders" in caught.value.problems[-1].cure.zh
