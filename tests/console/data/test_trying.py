"""A dry run of the wizard: it says what an import would do, and leaves nothing but the list of rejected rows."""

from __future__ import annotations

import csv
import json
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tierwise.canonical.rejects import ALL_ROWS_BAD
from tierwise.engine.progress import Silent
from tierwise.errors import TierwiseError
from tierwise.importing import bring_in
from tierwise.job import Job, Resources, Source
from tierwise.snapshots.imports import table_of
from tierwise.snapshots.workspace import Workspace
from tierwise_console.runs.tasks.trying import SHOWN_ROWS, try_import

HEADER = "订单号,会员号,下单时间,实付金额,渠道\n"
GOOD = [f"o{n},c{n % 3},2025-01-{n + 1:02d} 10:00:00,{n}.50,门店\n" for n in range(12)]
BAD = ["o90,,2025-01-01 10:00:00,5,门店\n", "o91,c1,soon,5,App\n", "o92,c1,2025-01-02 10:00:00,much,App\n"]


def request(folder: Path, rows: list[str], **more: Any) -> dict[str, Any]:
    """What the wizard asks for, of a file with these rows."""
    file = folder / "orders.csv"
    file.write_text(HEADER + "".join(rows), encoding="utf-8")
    rejects = str(folder / "kept" / "rejects.csv")
    return {"table": "orders", "file": str(file), "today": "2026-01-31", "rejects": rejects, **more}


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go: nothing of a dry run may stay there."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_it_says_what_would_come_in_and_why_the_rest_would_not(tmp_path: Path, scratch: Path) -> None:
    found = try_import(request(tmp_path, [*GOOD, *BAD]), Silent())
    assert json.loads(json.dumps(found)) == found
    assert found["rows"] == len(GOOD) and found["rejects"]
    card = found["card"]
    assert (card["rows_read"], card["rows_used"], card["customers"], card["orders"]) == (15, 12, 3, 12)
    assert card["set_aside"] == {"no_customer": 1, "bad_date": 1, "bad_amount": 1}
    assert card["rejects_files"] == []
    assert found["matches"]["customer_id"] == "会员号" and found["matches"]["amount"] == "实付金额"
    with (tmp_path / "kept" / "rejects.csv").open(encoding="utf-8-sig") as stream:
        assert sorted(row["reason"] for row in csv.DictReader(stream)) == sorted(card["set_aside"])
    assert list(scratch.iterdir()) == []


def test_the_first_rows_stand_as_an_import_would_write_them(tmp_path: Path) -> None:
    asked = request(tmp_path, GOOD)
    sample = try_import(asked, Silent())["sample"]
    assert len(sample["rows"]) == SHOWN_ROWS
    first = dict(zip(sample["columns"], sample["rows"][0], strict=True))
    assert {name: first[name] for name in ("order_id", "customer_id", "order_date", "order_hour", "amount", "status")} == {
        "order_id": "o0", "customer_id": "c0", "order_date": "2025-01-01", "order_hour": "10", "amount": "0.50",
        "status": "sale",
    }  # fmt: skip
    place = Workspace(tmp_path / "shop")
    with Resources().ingest() as engine:
        (made,) = bring_in(engine, Source("orders", asked["file"]), Job(place, [], []), Silent())
        assert made.record is not None
        files = [str(file) for file in table_of(place, made.record).files]
        rows = engine.native("rows", f"SELECT * FROM read_parquet({files}) LIMIT {SHOWN_ROWS}")
    assert sample["rows"] == [[None if value is None else str(value) for value in row] for row in rows]


def test_what_the_person_set_is_heeded(tmp_path: Path) -> None:
    rows = ["o1,c1,03.04.2025,5,x\n", "o2,c2,05.06.2025,7,y\n"]
    columns = {"store": "渠道"}
    found = try_import(request(tmp_path, rows, date_format="%d.%m.%Y", columns=columns, currency="CNY"), Silent())
    dates = [row[found["sample"]["columns"].index("order_date")] for row in found["sample"]["rows"]]
    assert dates == ["2025-04-03", "2025-06-05"]
    assert found["matches"]["store"] == "渠道" and found["card"]["currency"] == "CNY"


def test_a_second_look_without_rejects_takes_the_old_list_away(tmp_path: Path) -> None:
    assert try_import(request(tmp_path, [*GOOD, *BAD]), Silent())["rejects"]
    assert not try_import(request(tmp_path, GOOD), Silent())["rejects"]
    assert not (tmp_path / "kept" / "rejects.csv").exists()


def test_where_no_row_can_be_used_the_error_names_no_file_that_is_gone(tmp_path: Path, scratch: Path) -> None:
    with pytest.raises(TierwiseError) as raised:
        try_import(request(tmp_path, BAD), Silent())
    (problem,) = raised.value.problems
    assert problem.kind is ALL_ROWS_BAD and problem.place.row is not None
    assert "the file that an import leaves" in problem.cure.en and "正式导入后生成的文件" in problem.cure.zh
    assert str(scratch) not in problem.cure.en + problem.cure.zh
    assert list(scratch.iterdir()) == []


def test_orders_suggest_a_window_with_the_reason(tmp_path: Path) -> None:
    # 5 customers buy 9 times, 20 days apart: 40 gaps of 20 days. Two of them need more than 40 days, so 60.
    days = [date(2025, 1, 1) + timedelta(days=20 * n) for n in range(9)]
    rows = [f"{who}-{day},{who},{day} 10:00:00,5,门店\n" for who in "abcde" for day in days]
    window = try_import(request(tmp_path, rows), Silent())["window"]
    assert (window["days"], window["gaps"], window["median"], window["span"]) == (60, 40, 20, 161)
    assert window["within"][:2] == [[30, 100.0], [60, 100.0]]
    assert "60 天" in window["why"]["zh-CN"]


def test_other_tables_suggest_none(tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("customer_id,name\nc1,何志远\n", encoding="utf-8")
    asked = {"table": "customers", "file": str(file), "today": "2026-01-31", "rejects": str(tmp_path / "r.csv")}
    assert try_import(asked, Silent())["window"] is None
