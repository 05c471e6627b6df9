"""The label table (客户分类标签表): one row per customer, with indicators and the tier of every model.

Columns: customer_id; each indicator; for each model its tier in words, `_key`, `_rank`, `_score` and the scores behind
it; and what every label is worth: the day it is for, when it was calculated, and the version of the data. CSV is UTF-8
with a byte-order mark, so that Excel reads the Chinese; text that a spreadsheet would take for a formula gets a leading
apostrophe.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from tierwise.contracts.scheme import Scheme
from tierwise.language import Lang, Text
from tierwise.sql.expressions import literal

EXCEL_ROWS = 1_048_575
FORMATS = ("parquet", "csv", "xlsx")


class ExportEngine(Protocol):
    """What an export needs of the embedded engine."""

    def attach(self, table: str, files: Sequence[Path]) -> None:
        """Make Parquet files readable as `table`."""
        ...

    def native(self, name: str, sql: str) -> list[tuple[Any, ...]]:
        """Run the engine's own SQL."""
        ...

    def stream(self, name: str, sql: str, rows: int = ...) -> Iterator[list[tuple[Any, ...]]]:
        """Yield rows in batches."""
        ...


@dataclass(frozen=True)
class LabelledRun:
    """What of a run goes into a label table; `indicators` maps each column to its name in words.

    Every row ends in the day the labels are for, when they were calculated (UTC), and the version of the data.
    """

    indicators: Mapping[str, Text]
    indicator_files: Sequence[Path]
    schemes: Mapping[str, Scheme]
    label_files: Mapping[str, Sequence[Path]]
    customers: int
    as_of: date
    calculated_at: datetime
    data_version: str


STAMPS = {
    "as_of": Text("as of", "计算日"),
    "calculated_at": Text("calculated at (UTC)", "计算时间（UTC）"),
    "data_version": Text("data version", "数据版本"),
}
"""The columns that say of each label what it is worth."""


def write_label_table(
    engine: ExportEngine, run: LabelledRun, folder: Path, lang: Lang, formats: Sequence[str] = FORMATS
) -> dict[str, Path]:
    """Write `labels.parquet`, `labels.csv` and `labels.xlsx` into a folder; return the files by format.

    Excel is left out where the rows exceed what a sheet holds (1,048,575).
    """
    folder.mkdir(parents=True, exist_ok=True)
    _attach(engine, run, lang)
    written: dict[str, Path] = {}
    writers = {"parquet": _write_parquet, "csv": _write_csv, "xlsx": _write_excel}
    for name in formats:
        if name == "xlsx" and run.customers > EXCEL_ROWS:
            continue
        file = folder / f"labels.{name}"
        fresh = folder / f".labels.{name}.writing"
        try:
            writers[name](engine, fresh, run, lang)
            fresh.replace(file)
        finally:
            fresh.unlink(missing_ok=True)
        written[name] = file
    return written


def columns_of(run: LabelledRun) -> dict[str, Text]:
    """The columns of the label table and their names in words."""
    columns = {"customer_id": Text("Customer", "客户编号"), **run.indicators}
    for model, scheme in run.schemes.items():
        columns[f"{model}_tier"] = Text(f"{model}: tier", f"{model}：层级")
        columns[f"{model}_key"] = Text(f"{model}: tier code", f"{model}：层级代码")
        columns[f"{model}_rank"] = Text(f"{model}: rank (1 is best)", f"{model}：排名（1 为最高）")
        columns[f"{model}_score"] = Text(f"{model}: score", f"{model}：得分")
        for score in scheme.scores:
            columns[f"{model}_{score.name}"] = Text(f"{model}: {score.label.en}", f"{model}：{score.label.zh}")
    return columns | STAMPS


def _attach(engine: ExportEngine, run: LabelledRun, lang: Lang) -> None:
    """Make the view `label_table`."""
    engine.attach("export_indicators", run.indicator_files)
    columns = ["i.customer_id", *(f"i.{column}" for column in run.indicators)]
    joins = []
    for place, (model, scheme) in enumerate(run.schemes.items()):
        alias = f"m{place}"
        engine.attach(f"export_{model}", run.label_files[model])
        names = " ".join(f"WHEN {literal(t.key)} THEN {literal(t.name.to(lang))}" for t in scheme.tiers)
        columns += [
            f"CASE {alias}.tier {names} END AS {model}_tier",
            f"{alias}.tier AS {model}_key",
            f"{alias}.rank AS {model}_rank",
            f"{alias}.score AS {model}_score",
            *(f"{alias}.{score.name} AS {model}_{score.name}" for score in scheme.scores),
        ]
        joins.append(f'JOIN "export_{model}" AS {alias} ON i.customer_id = {alias}.customer_id')
    calculated = run.calculated_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    stamps = (literal(run.as_of.isoformat()), literal(calculated), literal(run.data_version))
    columns += [f"{value} AS {name}" for name, value in zip(STAMPS, stamps, strict=True)]
    sql = f"SELECT {', '.join(columns)} FROM export_indicators AS i {' '.join(joins)}"
    engine.native("label table", f"CREATE OR REPLACE TEMP VIEW label_table AS {sql} ORDER BY i.customer_id")


def _write_parquet(engine: ExportEngine, file: Path, run: LabelledRun, lang: Lang) -> None:
    engine.native("export parquet", f"COPY label_table TO {literal(str(file))} (FORMAT parquet, COMPRESSION zstd)")


def _write_csv(engine: ExportEngine, file: Path, run: LabelledRun, lang: Lang) -> None:
    """DuckDB writes the rows; the byte-order mark goes before them."""
    bare = file.with_suffix(".bare")
    texts = ["customer_id", *(f"{model}_tier" for model in run.schemes)]
    guarded = ", ".join(f"{_guarded(column)} AS {column}" for column in texts)
    try:
        engine.native(
            "export csv",
            f"COPY (SELECT * REPLACE ({guarded}) FROM label_table) TO {literal(str(bare))} (FORMAT csv, HEADER)",
        )
        with bare.open("rb") as rows, file.open("wb") as out:
            out.write(b"\xef\xbb\xbf")
            shutil.copyfileobj(rows, out, 1 << 20)
    finally:
        bare.unlink(missing_ok=True)


def _guarded(column: str) -> str:
    """SQL that puts an apostrophe before text which a spreadsheet would run as a formula."""
    return (
        f"CASE WHEN left({column}, 1) IN ('=', '+', '-', '@', chr(9), chr(13)) THEN '''' || {column} ELSE {column} END"
    )


def _write_excel(engine: ExportEngine, file: Path, run: LabelledRun, lang: Lang) -> None:
    """Text cells are written as text and never as formulas, so ids keep their zeros and nothing is run."""
    import xlsxwriter

    columns = columns_of(run)
    book = xlsxwriter.Workbook(
        str(file), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    try:
        sheet = book.add_worksheet(Text("labels", "客户标签").to(lang))
        heading = book.add_format({"bold": True, "bottom": 1})
        money = book.add_format({"num_format": "#,##0.00"})
        for place, name in enumerate(columns.values()):
            sheet.write_string(0, place, name.to(lang), heading)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, run.customers, len(columns) - 1)
        sheet.set_column(0, len(columns) - 1, 16)
        row = 0
        for batch in engine.stream("export excel", "SELECT * FROM label_table"):
            for record in batch:
                row += 1
                for place, value in enumerate(record):
                    if isinstance(value, str):
                        sheet.write_string(row, place, value)
                    elif value is not None:
                        sheet.write_number(row, place, float(value), money if isinstance(value, Decimal) else None)
    finally:
        book.close()
