"""Cells that a spreadsheet would run are disarmed; figures stay figures."""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

from tierwise.contracts.scheme import Scheme, Tier
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.exports.label_table import LabelledRun, write_label_table
from tierwise.language import Lang, Text

EVIL = ["=1+1", "+86 139", "-2", "@sum", "\tx", "plain", '逗号,引号"']


def run_of(duck: DuckDBEngine, folder: Path) -> LabelledRun:
    tier = Tier("top", Text("=HYPERLINK(1)", "顶层"), 1, Text.same(""), Text.same(""))
    duck.native("ids", "CREATE TEMP TABLE ids AS SELECT unnest(?) AS customer_id", [EVIL])
    indicators = folder / "i.parquet"
    labels = folder / "l.parquet"
    duck.native("i", f"COPY (SELECT customer_id, CAST(-5.25 AS DECIMAL(18, 2)) AS monetary FROM ids) TO '{indicators}'")
    duck.native(
        "l",
        f"COPY (SELECT customer_id, 'top' AS tier, 1 AS rank, CAST(1 AS DECIMAL(24, 6)) AS score FROM ids) TO '{labels}'",
    )
    scheme = Scheme((), (tier,), (), "top", (), {"monetary": Decimal(1)})
    words = {"monetary": Text("amount", "金额")}
    when = datetime(2026, 7, 1, 8, 30, tzinfo=timezone(timedelta(hours=8)))
    return LabelledRun(
        words, [indicators], {"m": scheme}, {"m": [labels]}, len(EVIL), date(2026, 6, 30), when, "1a2b3c4d5e6f"
    )


def test_csv_disarms_text_and_leaves_numbers(duck: DuckDBEngine, tmp_path: Path) -> None:
    files = write_label_table(duck, run_of(duck, tmp_path), tmp_path / "out", Lang.EN, ("csv",))
    with files["csv"].open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    by_id = {row["customer_id"] for row in rows}
    assert by_id == {"'=1+1", "'+86 139", "'-2", "'@sum", "'\tx", "plain", '逗号,引号"'}
    assert {row["m_tier"] for row in rows} == {"'=HYPERLINK(1)"}
    assert {row["monetary"] for row in rows} == {"-5.25"}
    stamps = {(row["as_of"], row["calculated_at"], row["data_version"]) for row in rows}
    assert stamps == {("2026-06-30", "2026-07-01T00:30:00Z", "1a2b3c4d5e6f")}
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["labels.csv"]


def test_excel_keeps_text_as_text(duck: DuckDBEngine, tmp_path: Path) -> None:
    import fastexcel

    files = write_label_table(duck, run_of(duck, tmp_path), tmp_path / "out", Lang.ZH, ("xlsx",))
    sheet = fastexcel.read_excel(files["xlsx"]).load_sheet(0).to_arrow()
    assert sorted(sheet.column(0).to_pylist()) == sorted(EVIL)
    assert sheet.column(1).to_pylist() == [-5.25] * len(EVIL)
    assert sheet.column_names[1] == "金额"
