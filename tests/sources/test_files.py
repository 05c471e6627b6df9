"""Parquet, workbooks, JSON lines, and paths that lead nowhere."""

from __future__ import annotations

import datetime
import hashlib
import json
import sqlite3
import zipfile
from contextlib import closing

import pytest
import xlsxwriter

from tierwise.errors import TierwiseError
from tierwise.language import Lang


def parquet(engine, path, select):
    engine.native("write", f"COPY ({select}) TO '{path}' (FORMAT parquet)")
    return path


def test_parquet_keeps_its_types_and_is_not_copied(tmp_path, engine, opened, rows):
    path = parquet(
        engine, tmp_path / "o.parquet", "SELECT '01' AS id, DATE '2025-03-04' AS d, 1.5::DECIMAL(9,2) AS amount"
    )
    raw = opened(path)
    assert [column.kind for column in raw.columns] == ["text", "date", "decimal"]
    assert rows(raw)[0][:2] == (1, "01")
    assert not list((tmp_path / "scratch").iterdir())


def test_a_folder_and_a_pattern_of_parts_are_numbered_through(tmp_path, engine, opened):
    folder = tmp_path / "parts"
    folder.mkdir()
    for part in range(3):
        parquet(engine, folder / f"part-{part}.parquet", f"SELECT i + {part * 10} AS n FROM range(10) t(i)")
    for location in (folder, f"{folder}/part-*.parquet"):
        raw = opened(location)
        assert raw.rows_read == 30
        numbers = engine.native(
            "n", f'SELECT bool_and(c1 + 1 = row_number), count(DISTINCT row_number) FROM "{raw.relation}"'
        )
        assert numbers == [(True, 30)]


def test_parts_whose_columns_differ_are_joined_by_name(tmp_path, engine, opened, rows):
    folder = tmp_path / "parts"
    folder.mkdir()
    parquet(engine, folder / "a.parquet", "SELECT 1 AS a, 2 AS b")
    parquet(engine, folder / "b.parquet", "SELECT 3 AS b")
    assert rows(opened(folder)) == [(1, 1, 2), (2, None, 3)]


def test_a_damaged_parquet_file_is_an_error(tmp_path, engine, opened):
    path = parquet(engine, tmp_path / "o.parquet", "SELECT * FROM range(1000)")
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(TierwiseError) as caught:
        opened(path)
    assert caught.value.code == "input.damaged"


def test_an_empty_parquet_file_has_no_rows(tmp_path, engine, opened):
    with pytest.raises(TierwiseError) as caught:
        opened(parquet(engine, tmp_path / "o.parquet", "SELECT 1 AS a WHERE false"))
    assert caught.value.code == "input.no_rows"


@pytest.mark.parametrize(
    ("name", "code"), [("nothing.csv", "input.not_found"), ("*.parquet", "input.folder_without_data")]
)
def test_paths_that_lead_nowhere(tmp_path, opened, name, code):
    with pytest.raises(TierwiseError) as caught:
        opened(tmp_path / "missing" / name)
    assert caught.value.code == code


def test_a_folder_without_data_files(tmp_path, opened):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "readme.txt").write_text("hello")
    with pytest.raises(TierwiseError) as caught:
        opened(tmp_path / "folder")
    assert caught.value.code == "input.folder_without_data"


def test_a_folder_of_tables_is_answered_with_the_file_that_may_be_meant(tmp_path, opened):
    for name in ("a_customers.csv", "b_orders.csv"):
        (tmp_path / name).write_text("a\n1\n")
    with pytest.raises(TierwiseError, match=r"b_orders\.csv"):
        opened(tmp_path)


def test_a_file_that_may_not_be_read(tmp_path, opened, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text("a\n1\n")
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(TierwiseError) as caught:
        opened(path)
    assert caught.value.code == "input.unreadable"


def workbook(path, sheets, hidden=()):
    book = xlsxwriter.Workbook(str(path))
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    for name, lines in sheets.items():
        sheet = book.add_worksheet(name)
        if name in hidden:
            sheet.hide()
        for r, line in enumerate(lines):
            for c, value in enumerate(line):
                if isinstance(value, datetime.datetime):
                    sheet.write_datetime(r, c, value, moment)
                elif isinstance(value, str):
                    sheet.write_string(r, c, value)
                elif value is not None:
                    sheet.write_number(r, c, value)
    book.close()
    return path


LINES = [
    ["会员号", "下单时间", "金额", "备注"],
    [12345, datetime.datetime(2025, 3, 4, 10, 30), 12.5, "007"],
    [None, None, None, None],
    [12346, datetime.datetime(2025, 3, 5), 8, "008"],
]


def test_lone_cells_above_the_header_are_titles(tmp_path, opened, rows, capfd):
    titled = [["已应用的筛选器：年份 为 2025", None, None, None], [None] * 4, *LINES, ["总计", None, 20.5, None]]
    raw = opened(workbook(tmp_path / "o.xlsx", {"订单": titled}))
    assert [column.name for column in raw.columns] == LINES[0]
    assert [row[1] for row in rows(raw)] == ["12345", "12346", "总计"]
    assert any("2" in note.en and "title" in note.en for note in raw.notes)
    assert capfd.readouterr().err == ""


def test_a_workbook_keeps_ids_as_they_look(tmp_path, opened, rows):
    raw = opened(workbook(tmp_path / "o.xlsx", {"订单": LINES, "说明": [["hello"]], "空": []}))
    assert rows(raw) == [
        (1, "12345", "2025-03-04 10:30:00", "12.5", "007"),
        (3, "12346", "2025-03-05 00:00:00", "8", "008"),
    ]
    assert raw.rows_read == 2
    assert raw.format == "excel"


def test_several_sheets_with_data_must_be_chosen_from(tmp_path, opened):
    path = workbook(tmp_path / "o.xlsx", {"一月": LINES, "二月": LINES})
    with pytest.raises(TierwiseError) as caught:
        opened(path)
    assert caught.value.code == "input.choose_sheet"
    assert "一月, 二月" in str(caught.value)
    assert opened(path, sheet="二月").rows_read == 2
    with pytest.raises(TierwiseError) as caught:
        opened(path, sheet="三月")
    assert caught.value.code == "input.no_such_sheet"


def test_sheets_that_were_hidden_are_read_only_where_they_are_named(tmp_path, opened):
    path = workbook(tmp_path / "o.xlsx", {"订单": LINES, "旧": [*LINES, *LINES[1:]]}, hidden=("旧",))
    raw = opened(path)
    assert raw.rows_read == 2
    assert any("旧" in note.en and "hidden" in note.en for note in raw.notes)
    assert opened(path, sheet="旧").rows_read == 4


def test_a_workbook_with_a_doubled_column(tmp_path, opened):
    raw = opened(workbook(tmp_path / "o.xlsx", {"a": [["金额", "金额", "金额 (2)"], [1, 2, 3]]}))
    assert [column.name for column in raw.columns] == ["金额", "金额 (3)", "金额 (2)"]


def test_broken_and_foreign_archives(tmp_path, opened, written):
    whole = workbook(tmp_path / "o.xlsx", {"a": LINES}).read_bytes()
    with pytest.raises(TierwiseError) as caught:
        opened(written("cut.xlsx", whole[:-500]))
    assert caught.value.code == "input.damaged"
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.writestr("orders.csv", "a\n1\n")
    with pytest.raises(TierwiseError) as caught:
        opened(tmp_path / "z.zip")
    assert caught.value.code == "input.zip_archive" and "orders.csv" in str(caught.value)


def test_json_lines_with_bad_ones(written, opened, rows):
    lines = ['{"id": "007", "amount": 12.50, "a/b": {"x": 1}}', "not json", "[1, 2]", "", '{"id": 8, "extra": "é"}']
    raw = opened(written("o.jsonl", "\n".join(lines) + "\n"))
    assert [column.name for column in raw.columns] == ["id", "amount", "a/b.x", "extra"]
    assert [(row[1], row[4]) for row in rows(raw)] == [("007", None), ("8", "é")]
    assert [row[3] for row in rows(raw)] == ["1", None]
    assert (raw.rows_read, raw.bad_rows) == (4, 2)
    assert [row[0] for row in rows(raw)] == [1, 4]


def test_a_json_array_is_read_too(written, opened, rows):
    assert rows(opened(written("o.json", '[{"id": "1"},\n {"id": "2"}]'))) == [(1, "1"), (2, "2")]


@pytest.mark.parametrize("indent", [None, 2])
def test_the_saved_answer_of_an_api_is_read_as_the_list_in_it(written, opened, rows, indent):
    answer = {"count": 2, "orders": [{"id": "007", "total": {"amount": 1.5}}, {"id": 8, "note": "é"}], "tags": ["a"]}
    raw = opened(written("o.json", json.dumps(answer, indent=indent)))
    assert [column.name for column in raw.columns] == ["id", "total.amount", "note"]
    assert rows(raw) == [(1, "007", "1.5", None), (2, "8", None, "é")]


def test_json_lines_with_lists_are_not_taken_for_an_answer(written, opened, rows):
    line = '{"id": 1, "items": [{"sku": "a"}]}\n'
    assert len(rows(opened(written("o.jsonl", line * 2)))) == 2
    alone = opened(written("one.jsonl", '{"id": 1, "sku": "a"}\n'))
    assert rows(alone) == [(1, "1", "a")]


def test_a_sqlite_file_is_read_as_the_database_it_is(tmp_path, opened, rows):
    path = tmp_path / "shop data.db"
    with closing(sqlite3.connect(path)) as shop:
        shop.execute("CREATE TABLE orders (order_id TEXT, amount REAL)")
        shop.execute("INSERT INTO orders VALUES ('007', 1.5)")
        shop.commit()
    raw = opened(path, table="orders")
    assert rows(raw) == [(1, "007", "1.5")]
    assert raw.fingerprint == hashlib.sha256(path.read_bytes()).hexdigest(), "the same file is not imported twice"
    with closing(sqlite3.connect(path)) as shop:
        shop.execute("CREATE TABLE customers (customer_id TEXT)")
        shop.commit()
    with pytest.raises(TierwiseError) as caught:
        opened(path)
    assert caught.value.code.startswith("source.")


@pytest.mark.parametrize("head", ["<html><table>", "<!DOCTYPE html>\n", "<table border=1>", '<?xml version="1.0"?>'])
def test_a_web_page_under_the_name_of_a_workbook(written, opened, head):
    with pytest.raises(TierwiseError) as caught:
        opened(written("订单.xls", head + "<tr><td>1</td></tr>"))
    assert caught.value.code == "input.unknown_format"
    assert ".xlsx" in caught.value.to(Lang.ZH)


def test_json_without_objects(written, opened):
    with pytest.raises(TierwiseError) as caught:
        opened(written("o.jsonl", "1\n2\n"))
    assert caught.value.code == "input.no_rows"
