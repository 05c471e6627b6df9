"""The demo shop made messy in five ways comes in right, to the row, or says exactly what is wrong."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tierwise.datasets import simulate_shop
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.errors import TierwiseError
from tierwise.ingestion import import_sources
from tierwise.job import Job, Resources, Source
from tierwise.snapshots.imports import holding, records, version_of
from tierwise.snapshots.visible import Visible
from tierwise.snapshots.workspace import Workspace
from tierwise.sources.rates import read_rates

Row = tuple[str, str, date, Decimal]
Facts = list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    """Orders of the demo shop with a positive amount: id, customer, day, amount."""
    shop = simulate_shop(tmp_path_factory.mktemp("shop"), 500, seed=5, tables=("orders",), dirt=False)
    with DuckDBEngine(threads=2) as duck:
        found = duck.native(
            "orders",
            "SELECT order_id, customer_id, CAST(ordered_at AS DATE), CAST(amount AS DECIMAL(18, 2)) "
            f"FROM read_parquet('{shop.paths['orders']}') WHERE amount > 0 ORDER BY order_id",
        )
    assert len(found) > 1_000
    return found


def facts(rows: Sequence[Row]) -> Facts:
    return sorted((name, customer, day, amount) for name, customer, day, amount in rows)


@dataclass
class Desk:
    folder: Path

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.folder / "workspace")

    def bring(self, *sources: Source, **settings: Any) -> None:
        job = Job(self.workspace, sources, [], today=date(2030, 1, 1), **settings)
        import_sources(job, Resources(lambda: DuckDBEngine(threads=2)))

    def facts(self) -> Facts:
        with DuckDBEngine(threads=2) as duck:
            Visible(self.workspace, version_of(self.workspace, holding(records(self.workspace)))).attach(duck)
            return sorted(duck.native("facts", "SELECT order_id, customer_id, order_date, amount FROM orders"))

    def twice(self, source: Source, **settings: Any) -> Facts:
        """Import once and once more: the second time changes nothing."""
        self.bring(source, **settings)
        first, ids = self.facts(), [record.id for record in records(self.workspace)]
        self.bring(source, **settings)
        assert self.facts() == first and [record.id for record in records(self.workspace)] == ids
        return first


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def write_csv(file: Path, header: Sequence[str], rows: Any, encoding: str = "utf-8") -> Source:
    with file.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream).writerows((header, *rows))
    return Source("orders", str(file))


def test_gb18030_with_a_broken_header(desk: Desk, rows: list[Row]) -> None:
    """Blanks of any width, a line end inside a name, a unit in brackets, empty columns at the end."""
    header = ("　订单\n编号", " 客户 编号 ", "下单日期", "实付金额（元）", "", "")
    written = ((*row[:2], row[2].isoformat(), f"￥{row[3]:,}", "", "") for row in rows)
    assert desk.twice(write_csv(desk.folder / "订单.csv", header, written, "gb18030")) == facts(rows)


FORMS: tuple[Callable[[date], str], ...] = (
    date.isoformat,
    lambda day: f"{day.year}/{day.month}/{day.day}",
    lambda day: f"{day:%Y%m%d}",
    lambda day: f"{day.year}年{day.month}月{day.day}日",
    lambda day: f"{day:%d %b %Y}",
    lambda day: f"{day:%b} {day.day}, {day.year} 3:04 PM",
    lambda day: f"{day:%Y.%m.%d} 08:15",
    lambda day: f"{day:%d/%m/%Y}",
)


def test_mixed_date_formats(desk: Desk, rows: list[Row]) -> None:
    header = ("order_id", "customer_id", "order_date", "amount")
    written = [(*row[:2], FORMS[number % len(FORMS)](row[2]), row[3]) for number, row in enumerate(rows)]
    assert desk.twice(write_csv(desk.folder / "o.csv", header, written)) == facts(rows)


def test_date_formats_that_contradict_one_another_are_shown(desk: Desk, rows: list[Row]) -> None:
    written = [(*row[:2], row[2].isoformat(), row[3]) for row in rows[:20]]
    written[4] = (*written[4][:2], "25/03/2026", written[4][3])
    written[9] = (*written[9][:2], "03/25/2026", written[9][3])
    source = write_csv(desk.folder / "o.csv", ("order_id", "customer_id", "order_date", "amount"), written)
    with pytest.raises(TierwiseError) as caught:
        desk.bring(source)
    assert caught.value.code == "input.conflicting_dates"
    assert "row 5" in str(caught.value) and "row 10" in str(caught.value)
    assert records(desk.workspace) == []


def test_excel_with_merged_cells_and_numbers_stored_as_text(desk: Desk, rows: list[Row]) -> None:
    """A title merged over the header; the orders of a customer under one merged cell; amounts and ids as text."""
    import xlsxwriter

    few = sorted(rows[:300], key=lambda row: (row[1], row[0]))
    file = desk.folder / "orders.xlsx"
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet("订单")
    sheet.merge_range(0, 0, 0, 3, "2026 年订单汇总表")
    sheet.write_row(1, 0, ("客户编号", "订单号", "下单日期", "金额"))
    day_format = book.add_format({"num_format": "yyyy-mm-dd"})
    groups: dict[str, list[Row]] = {}
    for row in few:
        groups.setdefault(row[1], []).append(row)
    line = 2
    for customer, orders in groups.items():
        if len(orders) > 1:
            sheet.merge_range(line, 0, line + len(orders) - 1, 0, customer)
        else:
            sheet.write_string(line, 0, customer)
        for order in orders:
            sheet.write_string(line, 1, order[0])
            sheet.write_datetime(line, 2, order[2], day_format)  # type: ignore[arg-type]
            sheet.write_string(line, 3, f" {order[3]:,} ")
            line += 1
    book.close()
    assert any(len(orders) > 1 for orders in groups.values())
    assert desk.twice(Source("orders", str(file))) == facts(few)


def test_duplicate_and_late_orders(desk: Desk, rows: list[Row]) -> None:
    """Each day's file repeats rows of the days before, corrects one and brings orders that are years late."""
    dice = random.Random(4)
    folder = desk.folder / "daily"
    folder.mkdir()
    shuffled = dice.sample(rows, len(rows))
    parts = [shuffled[n::4] for n in range(4)]
    expected: dict[str, Row] = {}
    for number, part in enumerate(parts):
        again = dice.sample(list(expected.values()), 50) if expected else []
        corrected = [(name, customer, day + timedelta(days=1), amount + 1) for name, customer, day, amount in again[:5]]
        batch = [*part, *again[5:], *corrected, *part[:20]]  # twenty rows stand in the file twice
        expected |= {row[0]: row for row in batch}
        header = ("order_id", "customer_id", "order_date", "amount")
        write_csv(folder / f"{number}.csv", header, [(*row[:2], row[2].isoformat(), row[3]) for row in batch])
        found = desk.twice(Source("orders", str(folder), name="daily"))
        assert found == facts(list(expected.values()))


def test_two_currencies(desk: Desk, rows: list[Row]) -> None:
    written = [(*row[:2], row[2].isoformat(), row[3], "USD" if n % 3 == 0 else "CNY") for n, row in enumerate(rows)]
    source = write_csv(desk.folder / "o.csv", ("订单号", "客户编号", "下单日期", "金额", "币种"), written)
    with pytest.raises(TierwiseError) as caught:
        desk.bring(source)
    assert caught.value.code == "input.mixed_currencies"
    table = desk.folder / "rates.csv"
    table.write_text("currency,from,rate\nUSD,2000-01-01,7.1234\n", encoding="utf-8")
    found = desk.twice(source, currency="CNY", rates=read_rates(table))
    exact = [row if n % 3 else (*row[:3], (row[3] * Decimal("7.1234")).quantize(Decimal("0.01"), "ROUND_HALF_UP"))
             for n, row in enumerate(rows)]  # fmt: skip
    assert found == facts(exact)
