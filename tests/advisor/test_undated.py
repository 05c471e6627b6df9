"""What carries no date is said to be taken as it is today: which of it this very data has, and in how many rows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from tests.advisor.conftest import leaving_orders, write_orders

from tierwise.advisor.advice import Advice
from tierwise.advisor.undated import KINDS
from tierwise.cli.main import execute
from tierwise.contracts.tables import TABLES
from tierwise.indicators.catalogue import CATALOGUE


def test_every_column_is_one_of_its_table() -> None:
    for kind in KINDS:
        assert {TABLES[kind.table].column(name).name for name in kind.columns} == set(kind.columns)


def test_no_indicator_reads_a_column_of_customers_that_is_not_named() -> None:
    """Registration and birth are dates themselves."""
    profile = next(kind for kind in KINDS if kind.table == "customers")
    read = {column for each in CATALOGUE.values() for table, column in each.needs if table == "customers"}
    assert read - set(profile.columns) <= {"registered_at", "birth_date"}


def test_orders_alone_have_nothing_undated(ask: Callable[..., Advice], tmp_path: Path) -> None:
    orders = write_orders(tmp_path / "orders.parquet", leaving_orders(200, 400))
    assert ask({"orders": orders}, ["rfm"]).undated == ()


def test_the_demo_shop_has_what_its_tables_hold(ask: Callable[..., Advice], shop: Path) -> None:
    files = {name: shop / f"{name}.parquet" for name in ("orders", "customers", "tickets", "touches")}
    found = {each.kind.code: each for each in ask(files, ["rfm"]).undated}
    void = pc.sum(pc.equal(pq.read_table(files["orders"], columns=["status"])["status"], "void")).as_py()
    assert found["order_status"].rows == void
    opened = pq.read_table(files["touches"], columns=["opened", "clicked"])
    assert found["opened_clicked"].columns == ("opened", "clicked")
    known = pc.or_(pc.is_valid(opened["opened"]), pc.is_valid(opened["clicked"]))
    assert found["opened_clicked"].rows == pc.sum(known).as_py()
    assert set(found) == {kind.code for kind in KINDS}


def test_it_is_on_the_screen_and_in_the_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    orders = str(write_orders(tmp_path / "orders.parquet", leaving_orders(200, 400)))
    people = tmp_path / "customers.csv"
    people.write_text("customer_id,city\nC0001,苏州\nC0002,\n", encoding="utf-8")
    line = ["advise", orders, "--also", f"customers={people}", "--model", "rfm"]
    assert execute([*line, "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["back_test"]["undated"]
    assert (found["code"], found["columns"], found["rows"]) == ("profile", ["city"], 1)
    assert execute([*line, "--lang", "zh-CN"]) == 0
    assert "客户资料（城市；1 行）" in capsys.readouterr().out.replace("\n", "")
    assert execute([*line, "--lang", "en"]) == 0
    assert "profiles of customers (city; 1 rows)" in " ".join(capsys.readouterr().out.split())
