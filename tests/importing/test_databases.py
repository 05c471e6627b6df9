"""PostgreSQL and MySQL, real servers: a first import, what is new above the cursor, what changed, nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.importing.servers import mariadb, postgres

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.ingestion import import_sources
from tierwise.job import Job, Resources, Source
from tierwise.snapshots.imports import holding, records, version_of
from tierwise.snapshots.visible import Visible
from tierwise.snapshots.workspace import Workspace

TABLE = (
    "CREATE TABLE orders (order_id VARCHAR(20) PRIMARY KEY, customer_id VARCHAR(20), order_date TIMESTAMP NOT NULL,"
    " amount DECIMAL(18, 2), updated_at TIMESTAMP NOT NULL)"
)


@pytest.fixture(scope="module", params=["postgresql", "mysql"])
def server(request: pytest.FixtureRequest) -> Iterator[tuple[str, Any]]:
    """A server's URL, and SQLAlchemy's engine for it."""
    import sqlalchemy

    with (postgres if request.param == "postgresql" else mariadb)() as url:
        written = url.replace("postgresql://", "postgresql+psycopg://")
        database = sqlalchemy.create_engine(written)
        yield url, database
        database.dispose()


def test_a_cursor_follows_a_table(server: tuple[str, Any], tmp_path: Path) -> None:
    import sqlalchemy

    url, database = server

    def write(*statements: str) -> None:
        with database.begin() as connection:
            for statement in statements:
                connection.execute(sqlalchemy.text(statement))

    write(
        TABLE,
        "INSERT INTO orders VALUES ('1', '何志远', '2026-01-01 10:00:00', 0.10, '2026-01-01 10:00:00')",
        "INSERT INTO orders VALUES ('2', 'b', '2026-01-02 10:00:00', 9999999999999.99, '2026-01-02 10:00:00')",
    )
    workspace = Workspace(tmp_path / "workspace")
    source = Source("orders", url, cursor="updated_at", name="shop")

    def bring() -> int:
        job = Job(workspace, [source], [], today=date(2026, 12, 31))
        found = import_sources(job, Resources(lambda: DuckDBEngine(threads=2)))
        return sum(one.record.rows for one in found if one.record)

    assert (bring(), bring()) == (2, 0)
    write(
        "INSERT INTO orders VALUES ('3', 'b', '2026-01-03 10:00:00', 3, '2026-01-02 10:00:00')",
        "UPDATE orders SET amount = 7, updated_at = '2026-01-05 10:00:00' WHERE order_id = '1'",
    )
    assert bring() == 3, "the row at the last value, the one that arrived with an equal value, and the changed one"
    assert bring() == 0
    with DuckDBEngine(threads=2) as duck:
        Visible(workspace, version_of(workspace, holding(records(workspace)))).attach(duck)
        rows = sorted(duck.native("rows", "SELECT order_id, customer_id, amount FROM orders"))
    assert rows == [
        ("1", "何志远", Decimal("7.00")), ("2", "b", Decimal("9999999999999.99")), ("3", "b", Decimal("3.00")),
    ]  # fmt: skip
    assert all(
        "@" not in r.location or "***" in r.location or "root@localhost" in r.location for r in records(workspace)
    )
