"""Sources that stay connected: folders, cursors, several of one table, own ids, existing values, currencies."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tierwise.contracts.imports import SourceMode
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.errors import TierwiseError
from tierwise.importing import Imported
from tierwise.ingestion import import_sources
from tierwise.job import Job, Resources, Source
from tierwise.snapshots.imports import holding, records, redo, undo, version_of
from tierwise.snapshots.visible import Visible
from tierwise.snapshots.workspace import Workspace
from tierwise.sources.rates import read_rates

TODAY = date(2026, 12, 31)


class Desk:
    """A workspace, and what is imported into it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.workspace = folder, Workspace(folder / "workspace")

    def file(self, name: str, text: str) -> str:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return str(file)

    def bring(self, *sources: Source, dry: bool = False, **settings: Any) -> list[Imported]:
        job = Job(self.workspace, sources, [], today=TODAY, **settings)
        return import_sources(job, Resources(lambda: DuckDBEngine(threads=2)), dry=dry)

    def rows(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        found = holding(records(self.workspace))
        with DuckDBEngine(threads=2) as duck:
            Visible(self.workspace, version_of(self.workspace, found)).attach(duck)
            return sorted(duck.native("rows", f"SELECT {', '.join(columns)} FROM {table}"), key=str)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


HEAD = "order_id,customer_id,order_date,amount\n"


def made(found: Sequence[Imported]) -> int:
    return sum(one.record is not None for one in found)


def test_a_folder_brings_new_files_and_orders_that_come_again_take_the_place(desk: Desk) -> None:
    desk.file("till/1.csv", HEAD + "1,a,2026-01-01,10\n2,b,2026-01-02,20\n")
    till = Source("orders", str(desk.folder / "till"), name="till")
    assert made(desk.bring(till)) == 1 and made(desk.bring(till)) == 0
    desk.file("till/2.csv", HEAD + "2,c,2026-01-02,25\n3,c,2026-01-03,30\n")
    second = desk.bring(till)[1].record
    assert second is not None and second.mode is SourceMode.APPEND and list(second.overlaps.values()) == [1]
    kept = [("1", "a", Decimal("10.00")), ("2", "c", Decimal("25.00")), ("3", "c", Decimal("30.00"))]
    assert desk.rows("orders", "order_id", "customer_id", "amount") == kept
    undo(desk.workspace, second.id, "li")
    assert desk.rows("orders", "order_id", "customer_id") == [("1", "a"), ("2", "b")]
    assert desk.bring(till)[1].undone == second.id, "what was undone stays so"
    redo(desk.workspace, second.id)
    assert desk.rows("orders", "order_id", "customer_id", "amount") == kept


def test_orders_without_ids_are_apart_in_each_file(desk: Desk) -> None:
    for day in (1, 2):
        desk.file(f"till/{day}.csv", f"customer_id,order_date,amount\na,2026-01-0{day},1{day}\n")
    desk.bring(Source("orders", str(desk.folder / "till"), name="till"))
    assert len({name for (name,) in desk.rows("orders", "order_id")}) == 2


def test_a_cursor_reads_what_is_new_and_never_loses_an_equal_value(desk: Desk) -> None:
    file = desk.folder / "shop.db"
    with sqlite3.connect(file) as shop:
        shop.execute("CREATE TABLE orders (order_id TEXT, customer_id TEXT, order_date TEXT, amount REAL, seq INTEGER)")
        shop.executemany(
            "INSERT INTO orders VALUES (?, ?, ?, ?, ?)",
            [("1", "a", "2026-01-01", 1, 9), ("2", "b", "2026-01-02", 2, 10)],
        )
    source = Source("orders", f"sqlite:///{file}", cursor="seq")
    first = desk.bring(source)[0].record
    assert first is not None and (first.cursor, first.mode) == ("10", SourceMode.CURSOR), "numbers compare as numbers"
    assert made(desk.bring(source)) == 0
    with sqlite3.connect(file) as shop:
        shop.execute("INSERT INTO orders VALUES ('3', 'c', '2026-01-03', 3, 10)")
        shop.execute("UPDATE orders SET amount = 8, seq = 11 WHERE order_id = '1'")
    second = desk.bring(source)[0]
    assert second.record is not None and second.record.cursor == "11"
    assert second.changed is not None and (second.changed.added, second.changed.changed) == (1, 1)
    amounts = [("1", Decimal("8.00")), ("2", Decimal("2.00")), ("3", Decimal("3.00"))]
    assert desk.rows("orders", "order_id", "amount") == amounts
    assert made(desk.bring(source)) == 0


def test_a_cursor_that_is_no_column_is_named_with_the_nearest(desk: Desk) -> None:
    file = desk.folder / "shop.db"
    with sqlite3.connect(file) as shop:
        shop.execute(
            "CREATE TABLE orders (order_id TEXT, customer_id TEXT, order_date TEXT, amount REAL, updated_at TEXT)"
        )
        shop.execute("INSERT INTO orders VALUES ('1', 'a', '2026-01-01', 1, '2026-01-01')")
    with pytest.raises(TierwiseError) as caught:
        desk.bring(Source("orders", f"sqlite:///{file}", cursor="updatet_at"))
    assert caught.value.code == "input.no_cursor_column"
    assert "did you mean updated_at?" in caught.value.problems[0].cure.en and records(desk.workspace) == []


def test_own_ids_keep_customers_of_two_shops_apart(desk: Desk) -> None:
    north = Source("orders", desk.file("n.csv", HEAD + "1,7,2026-01-01,10\n"), name="north", own_ids=True)
    south = Source("orders", desk.file("s.csv", HEAD + "1,7,2026-01-01,20\n"), name="south")
    desk.bring(north, south)
    assert desk.rows("orders", "customer_id", "order_id") == [("7", "1"), ("north:7", "north:1")]


def test_existing_values_are_not_overwritten_when_asked(desk: Desk) -> None:
    first = desk.file("a.csv", "customer_id,name,city\na,An,\nb,,Oslo\n")
    crm = Source("customers", first, name="crm")
    desk.bring(crm)
    other = desk.file("b.csv", "customer_id,name,city,gender\na,Anna,Rome,f\nc,Cy,Bonn,m\n")
    desk.bring(Source("customers", other, name="crm", keep_existing=True))
    rows = [("a", "An", "Rome"), ("b", None, "Oslo"), ("c", "Cy", "Bonn")]
    assert desk.rows("customers", "customer_id", "name", "city") == rows


def test_a_dry_run_writes_nothing_and_says_what_would_change(desk: Desk) -> None:
    file = desk.file("orders.csv", HEAD + "1,a,2026-01-01,10\n2,b,2026-01-02,20\n3,b,2026-01-02,20\n")
    desk.bring(Source("orders", file))
    before = sorted(path.name for path in desk.workspace.imports.iterdir())
    desk.file("orders.csv", HEAD + "1,a,2026-01-01,10\n2,b,2026-01-02,21\n4,b,2026-01-02,x\n5,b,2026-01-05,1\n")
    found = desk.bring(Source("orders", file), dry=True)[0]
    assert found.changed is not None
    assert found.changed.to_json() == {"added": 1, "changed": 1, "removed": 1, "unchanged": 1}
    assert any("bad_amount" in line and "3," in line for line in found.rejects)
    assert sorted(path.name for path in desk.workspace.imports.iterdir()) == before


def rates(desk: Desk, text: str = "") -> Any:
    return read_rates(Path(desk.file("rates.csv", text or "currency,from,rate\nUSD,2026-01-01,7\nUSD,2026-02-01,8\n")))


def test_amounts_are_converted_by_the_rate_of_their_day_and_the_original_is_kept(desk: Desk) -> None:
    text = "order_id,customer_id,order_date,amount,currency\n1,a,2026-01-31,10,USD\n2,a,2026-02-01,10,usd\n3,a,2026-02-01,10,CNY\n"
    desk.bring(Source("orders", desk.file("o.csv", text)), currency="CNY", rates=rates(desk))
    assert [tuple(map(str, row)) for row in desk.rows("orders", "order_id", "amount", "currency", "original_amount")] == [
        ("1", "70.00", "USD", "10.00"), ("2", "80.00", "USD", "10.00"), ("3", "10.00", "CNY", "10.00"),
    ]  # fmt: skip


def test_a_missing_rate_is_named(desk: Desk) -> None:
    text = "order_id,customer_id,order_date,amount,currency\n1,a,2025-12-31,10,USD\n2,a,2026-02-01,10,EUR\n3,a,2026-02-01,1,CNY\n"
    with pytest.raises(TierwiseError) as caught:
        desk.bring(Source("orders", desk.file("o.csv", text)), currency="CNY", rates=rates(desk))
    assert caught.value.code == "input.missing_rate"
    said = str(caught.value)
    assert "EUR,2026-02-01,RATE" in said and "USD,2025-12-31,RATE" in said and "row 1" in said


@pytest.mark.parametrize(
    "text", ["currency,from,rate\nUSD,never,7\n", "currency,from,rate\nUSD,2026-01-01,0\n", "a\n1\n"]
)
def test_a_bad_rate_table(desk: Desk, text: str) -> None:
    with pytest.raises(TierwiseError) as caught:
        rates(desk, text)
    assert caught.value.code == "config.bad_rate"


def test_a_day_and_a_time_in_two_columns_are_one_moment(desk: Desk) -> None:
    text = (
        "order_id,customer_id,order_date,ordered_at,amount\n1,a,2026-01-31,2026-01-31 18:05:00,10\n2,a,2026-02-01,,10\n"
    )
    desk.bring(Source("orders", desk.file("o.csv", text)))
    found = desk.rows("orders", "order_id", "CAST(ordered_at AS VARCHAR)", "order_hour")
    assert found == [("1", "2026-01-31 18:05:00", 18), ("2", "2026-02-01 00:00:00", 0)]


def test_clean_columns_stand_beside_the_raw_ones(desk: Desk) -> None:
    text = (
        "customer_id,name,phone,email,city\na,　王　芳 ,138-0013-8000,An@Example.COM ,上海市\nb,,not a number,nobody,\n"
    )
    desk.bring(Source("customers", desk.file("c.csv", text)))
    raw = desk.rows("customers", "customer_id", "phone", "email")
    assert raw == [("a", "138-0013-8000", "An@Example.COM"), ("b", "not a number", "nobody")]
    clean = desk.rows("customers", "customer_id", "phone_clean", "email_clean", "city_clean")
    assert clean[0] == ("a", "+8613800138000", "an@example.com", clean[0][3]) and "上海" in clean[0][3]
    assert clean[1][1:3] == (None, None)


def test_addresses_give_province_and_city_and_companies_their_bare_name(desk: Desk) -> None:
    text = (
        "customer_id,name,region,city,地址\n"
        "a,南京市华智商贸有限公司,江苏省,南京市,\n"
        "b,王芳,,,浙江省杭州市西湖区文三路 90 号\n"
        "c,Acme Trading Ltd.,,成都市,\n"
        "d,李雷,华东,,somewhere\n"
    )
    desk.bring(Source("customers", desk.file("c.csv", text)))
    clean = desk.rows("customers", "customer_id", "company_clean", "region_clean", "city_clean", "address IS NULL")
    assert clean == [
        ("a", "华智商贸", "江苏", "南京", True),
        ("b", None, "浙江", "杭州", False),
        ("c", "acmetrading", "四川", "成都", True),
        ("d", None, None, None, False),
    ]
    assert desk.rows("customers", "customer_id", "region", "name")[0] == ("a", "江苏省", "南京市华智商贸有限公司")


def test_an_unknown_phone_region(desk: Desk) -> None:
    file = desk.file("c.csv", "customer_id,phone\na,138\n")
    with pytest.raises(TierwiseError) as caught:
        desk.bring(Source("customers", file), phone_region="QQ")
    assert caught.value.code == "identity.unknown_region"
    assert records(desk.workspace) == []


ODOO_ZH = (
    "订单关联,创建日期,客户,销售员,公司,合计,状态\nS00021,2026-03-02 08:11:09,何志远,李伟,示例公司,1280.50,销售订单\n"
)
ODOO_EN = (
    "Order Reference,Creation Date,Customer,Salesperson,Company,Total,Status\n"
    "S00021,2026-03-02 08:11:09,何志远,Li,Acme,1280.50,Sales Order\n"
)


@pytest.mark.parametrize(
    ("text", "quotation"), [(ODOO_ZH, "报价单"), (ODOO_EN, "Quotation")], ids=["Chinese", "English"]
)
def test_the_sale_order_export_of_odoo_comes_in_as_it_is(desk: Desk, text: str, quotation: str) -> None:
    """A quotation is no sale; the further lines of an order repeat nothing of it."""
    more = f"S00022,2026-03-03 09:00:00,李娜,李伟,示例公司,99.00,{quotation}\n,,,,,,\n"
    desk.bring(Source("orders", desk.file("sale.order.csv", text + more)))
    found = [
        tuple(map(str, row)) for row in desk.rows("orders", "order_id", "customer_id", "amount", "status", "order_date")
    ]
    assert found == [
        ("S00021", "何志远", "1280.50", "sale", "2026-03-02"), ("S00022", "李娜", "99.00", "void", "2026-03-03"),
    ]  # fmt: skip


def test_a_time_alone_gives_the_day(desk: Desk) -> None:
    text = "order_id,customer_id,ordered_at,amount\n1,a,2026-01-31 18:05:00,10\n"
    desk.bring(Source("orders", desk.file("o.csv", text)))
    found = desk.rows("orders", "CAST(order_date AS VARCHAR)", "order_hour")
    assert found == [("2026-01-31", 18)]
