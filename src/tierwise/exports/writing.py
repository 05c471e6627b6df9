"""Write one view as Parquet, CSV and Excel, so that nothing half-written is ever seen and no cell is run as a formula."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from tierwise.contracts.rows import Rows
from tierwise.language import Lang, Text
from tierwise.sql.expressions import literal

EXCEL_ROWS = 1_048_575
FORMATS = ("parquet", "csv", "xlsx")


class ExportEngine(Protocol):
    """What an export needs of the embedded engine."""

    def attach(self, table: str, rows: Rows) -> None:
        """Make Parquet files, or what is derived of them, readable as `table`."""
        ...

    def native(self, name: str, sql: str) -> list[tuple[Any, ...]]:
        """Run the engine's own SQL."""
        ...

    def stream(self, name: str, sql: str, rows: int = ...) -> Iterator[list[tuple[Any, ...]]]:
        """Yield rows in batches."""
        ...


@dataclass(frozen=True)
class Sheet:
    """A view to write: its columns with their names in words, which of them are text, and how many rows it has."""

    view: str
    title: Text
    columns: Mapping[str, Text]
    texts: Sequence[str]
    rows: int


def write_sheet(
    engine: ExportEngine, sheet: Sheet, folder: Path, stem: str, lang: Lang, formats: Sequence[str] = FORMATS
) -> dict[str, Path]:
    """Write `stem.parquet`, `stem.csv` and `stem.xlsx` into a folder; return the files by format.

    Excel is left out where the rows exceed what a sheet holds (1,048,575).
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):  # the engine would report it as a step that failed
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
    written: dict[str, Path] = {}
    writers = {"parquet": _write_parquet, "csv": _write_csv, "xlsx": _write_excel}
    for name in formats:
        if name == "xlsx" and sheet.rows > EXCEL_ROWS:
            continue
        file = folder / f"{stem}.{name}"
        fresh = folder / f".{stem}.{name}.writing"
        try:
            writers[name](engine, fresh, sheet, lang)
            fresh.replace(file)
        finally:
            fresh.unlink(missing_ok=True)
        written[name] = file
    return written


def _write_parquet(engine: ExportEngine, file: Path, sheet: Sheet, lang: Lang) -> None:
    engine.native("export parquet", f"COPY {sheet.view} TO {literal(str(file))} (FORMAT parquet, COMPRESSION zstd)")


def _write_csv(engine: ExportEngine, file: Path, sheet: Sheet, lang: Lang) -> None:
    """DuckDB writes the rows; the byte-order mark goes before them."""
    bare = file.with_suffix(".bare")
    guarded = ", ".join(f"{_guarded(column)} AS {column}" for column in sheet.texts)
    try:
        engine.native(
            "export csv",
            f"COPY (SELECT * REPLACE ({guarded}) FROM {sheet.view}) TO {literal(str(bare))} (FORMAT csv, HEADER)",
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


def _write_excel(engine: ExportEngine, file: Path, sheet: Sheet, lang: Lang) -> None:
    """Text cells are written as text and never as formulas, so ids keep their zeros and nothing is run."""
    import xlsxwriter

    book = xlsxwriter.Workbook(
        str(file), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    try:
        page = book.add_worksheet(sheet.title.to(lang))
        heading = book.add_format({"bold": True, "bottom": 1})
        money = book.add_format({"num_format": "#,##0.00"})
        for place, name in enumerate(sheet.columns.values()):
            page.write_string(0, place, name.to(lang), heading)
        page.freeze_panes(1, 1)
        page.autofilter(0, 0, sheet.rows, len(sheet.columns) - 1)
        page.set_column(0, len(sheet.columns) - 1, 16)
        row = 0
        for batch in engine.stream("export excel", f"SELECT * FROM {sheet.view}"):
            for record in batch:
                row += 1
                for place, value in enumerate(record):
                    _write_cell(page, row, place, value, money)
    finally:
        book.close()


def _write_cell(page: Any, row: int, place: int, value: Any, money: Any) -> None:
    """Numbers as numbers; days and whatever else as the text that they are written as."""
    if isinstance(value, int | float | Decimal):
        page.write_number(row, place, float(value), money if isinstance(value, Decimal) else None)
    elif value is not None:
        page.write_string(row, place, str(value))
