"""The ledger: what is new is imported once, snapshots follow one another, undo and redo are exact, ids give way to others."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tierwise.contracts.imports import Version, version_from_json
from tierwise.engine.base import Engine
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.progress import Silent
from tierwise.errors import TierwiseError
from tierwise.ingestion import Ingested, ingest
from tierwise.job import Job, Resources, Source
from tierwise.snapshots.imports import holding, record_of, records, redo, undo, version_of
from tierwise.snapshots.touched import attach_touched
from tierwise.snapshots.visible import Visible
from tierwise.snapshots.workspace import Workspace

Rows = Sequence[Sequence[Any]]
ORDERS = ("order_id", "customer_id", "order_date", "amount")
PEOPLE = ("customer_id", "name", "city")


def write(file: Path, header: Sequence[str], rows: Rows) -> Path:
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows((header, *rows))
    return file


class Shop:
    """A workspace over CSV files that a test writes and rewrites."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workspace = Workspace(folder / "workspace")
        self.sources: dict[str, Source] = {}

    def orders(self, rows: Rows, name: str = "orders") -> None:
        file = write(self.folder / f"{name}.csv", ORDERS, rows)
        self.sources[name] = Source("orders", str(file), name=name)

    def people(self, rows: Rows, name: str = "customers") -> None:
        file = write(self.folder / f"{name}.csv", PEOPLE, rows)
        self.sources[name] = Source("customers", str(file), name=name)

    def read(self) -> Ingested:
        job = Job(self.workspace, list(self.sources.values()), [], today=date(2026, 12, 31))
        with self.workspace.writing():
            return ingest(job, Resources(lambda: DuckDBEngine(threads=2)), Silent())

    def now(self) -> Version:
        return version_of(self.workspace, holding(records(self.workspace), self.sources))

    def rows(self, engine: Engine, table: str, version: Version | None = None) -> list[tuple[Any, ...]]:
        visible = Visible(self.workspace, version or self.now())
        visible.attach(engine)
        columns = [name for name in (*ORDERS, *PEOPLE[1:]) if name in visible.available[table]]
        found = engine.records("rows", f"SELECT {', '.join(columns)} FROM {table}")
        return sorted(tuple(str(value) for value in row.values()) for row in found)

    def merge(self, state: str, pairs: Rows) -> None:
        folder = self.workspace.identity / state
        folder.mkdir(parents=True)
        file = write(folder / "map.csv", ("customer_id", "survivor_id"), pairs)
        with DuckDBEngine() as duck:
            duck.native("map", f"COPY (FROM read_csv('{file}', all_varchar = true)) TO '{folder / 'map.parquet'}'")
        (self.workspace.identity / "CURRENT").write_text(state)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


A1, A2, B3 = ("1", "a", "2026-01-01", "1.00"), ("2", "a", "2026-01-02", "2.00"), ("3", "b", "2026-01-03", "3.00")


def code_of(action: Callable[[], object]) -> str:
    with pytest.raises(TierwiseError) as caught:
        action()
    return caught.value.code


def test_the_same_content_is_imported_once(shop: Shop) -> None:
    shop.orders([A1, A2])
    first = shop.read().version
    assert shop.read().version == first
    assert [record.id for record in records(shop.workspace)] == list(first.imports["orders"])


def test_a_snapshot_takes_the_place_of_the_one_before(shop: Shop, duck: DuckDBEngine) -> None:
    shop.orders([A1, A2])
    first = shop.read().version
    shop.orders([A1, B3])
    second = shop.read().version
    assert shop.rows(duck, "orders") == [A1, B3]
    assert shop.rows(duck, "orders", first) == [A1, A2], "a version keeps its rows whatever came after"
    assert record_of(shop.workspace, second.imports["orders"][0]).replaces == first.imports["orders"]


def test_undo_and_redo_are_exact(shop: Shop, duck: DuckDBEngine) -> None:
    shop.orders([A1, A2])
    first = shop.read().version
    shop.orders([A1, B3])
    second = shop.read().version
    name = second.imports["orders"][0]
    assert undo(shop.workspace, name, "wang").undone is not None
    assert shop.now() == first and shop.rows(duck, "orders") == [A1, A2]
    assert record_of(shop.workspace, name).undone.by == "wang"  # type: ignore[union-attr]
    assert code_of(lambda: undo(shop.workspace, name, "wang")) == "import.already"
    redo(shop.workspace, name)
    assert shop.now() == second and shop.rows(duck, "orders") == [A1, B3]
    assert code_of(lambda: redo(shop.workspace, name)) == "import.already"
    assert code_of(lambda: undo(shop.workspace, "2", "wang")) == "import.unknown", "several ids begin like this"
    assert code_of(lambda: undo(shop.workspace, "", "wang")) == "import.unknown"


def test_what_was_undone_does_not_come_back_by_itself(shop: Shop, duck: DuckDBEngine) -> None:
    shop.orders([A1])
    shop.read()
    shop.orders([A1, B3])
    undo(shop.workspace, shop.read().version.imports["orders"][0], "wang")
    shop.read()
    assert shop.rows(duck, "orders") == [A1]
    shop.orders([A1, A2, B3])
    shop.read()
    assert shop.rows(duck, "orders") == [A1, A2, B3], "other content is new"


def test_sources_of_one_table_add_up(shop: Shop, duck: DuckDBEngine) -> None:
    shop.orders([A1, A2], "shop")
    shop.orders([B3], "till")
    version = shop.read().version
    assert len(version.imports["orders"]) == 2
    assert shop.rows(duck, "orders") == [A1, A2, B3]
    del shop.sources["till"]
    assert shop.read().version.imports["orders"] == version.imports["orders"][:1], "what the project names no more"


def test_customers_of_several_sources_are_told_field_by_field(shop: Shop, duck: DuckDBEngine) -> None:
    shop.orders([A1, B3])
    shop.people([("a", "An", ""), ("b", "", "")], "crm")
    shop.people([("a", "Anna", "Rome"), ("b", "Bo", ""), ("c", "Cy", "Oslo")], "till")
    shop.read()
    assert shop.rows(duck, "customers") == [("a", "An", "Rome"), ("b", "Bo", "None"), ("c", "Cy", "Oslo")]


def test_ids_give_way_without_any_fact_being_written(shop: Shop, duck: DuckDBEngine) -> None:
    shop.orders([A1, A2, B3])
    shop.people([("a", "", "Rome"), ("b", "Bo", "Oslo"), ("c", "Cy", "")])
    before = shop.read().version
    shop.merge("m1", [("b", "a")])
    assert shop.rows(duck, "orders") == [A1, A2, ("3", "a", *B3[2:])]
    assert shop.rows(duck, "customers") == [("a", "Bo", "Rome"), ("c", "Cy", "None")]
    assert shop.rows(duck, "orders", before) == [A1, A2, B3]


def test_a_version_survives_json() -> None:
    version = Version({"orders": ("i1", "i2"), "customers": ("i3",)}, "m1", 2)
    assert version_from_json(version.to_json()) == version


def test_a_damaged_import_is_named(shop: Shop) -> None:
    shop.orders([A1])
    name = shop.read().version.imports["orders"][0]
    (shop.workspace.imports / name / "import.json").write_text("{")
    assert code_of(lambda: records(shop.workspace)) == "import.damaged"


def touched(shop: Shop, engine: Engine, old: Version, new: Version) -> list[str]:
    assert attach_touched(engine, shop.workspace, old, new)
    return sorted(row["customer_id"] for row in engine.records("touched", "SELECT customer_id FROM touched"))


def test_touched_by_a_new_snapshot_are_those_whose_rows_differ(shop: Shop, duck: DuckDBEngine) -> None:
    shop.orders([A1, A2, B3, ("4", "c", "2026-01-04", "4.00")])
    shop.people([("a", "An", "Rome"), ("d", "Di", "Kiev")])
    old = shop.read().version
    assert touched(shop, duck, old, old) == []
    shop.orders([A1, A2, ("3", "b", "2026-01-03", "3.50"), ("4", "c", "2026-01-04", "4.00")])
    shop.people([("a", "An", "Rome"), ("d", "Di", "Lviv")])
    assert touched(shop, duck, old, shop.read().version) == ["b", "d"]


def test_touched_by_another_source_are_its_customers(shop: Shop, duck: DuckDBEngine) -> None:
    shop.orders([A1])
    old = shop.read().version
    shop.orders([B3], "till")
    new = shop.read().version
    assert touched(shop, duck, old, new) == touched(shop, duck, new, old) == ["b"]


def test_touched_by_merges_are_all_ids_concerned(shop: Shop, duck: DuckDBEngine) -> None:
    shop.orders([A1, B3, ("4", "c", "2026-01-04", "4.00")])
    old = shop.read().version
    shop.merge("m1", [("b", "a")])
    one = shop.now()
    assert touched(shop, duck, old, one) == touched(shop, duck, one, old) == ["a", "b"]
    shop.merge("m2", [("b", "c")])
    assert touched(shop, duck, one, shop.now()) == ["a", "b", "c"]


def test_after_an_erasure_it_may_be_anyone(shop: Shop, duck: DuckDBEngine) -> None:
    shop.orders([A1])
    version = shop.read().version
    assert not attach_touched(duck, shop.workspace, version, replace(version, erasures=1))
