"""Workbooks: one sheet, its first row the header, every cell as text: 12345 is no 12345.0 and 007 stays 007."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tierwise.contracts.ingest import RawTable, ReadOptions
from tierwise.engine.duckdb import DuckDBEngine, quoted
from tierwise.errors import ErrorKind, Family, Place
from tierwise.language import Text
from tierwise.sources.merged import Merged, filled_down, merged_ranges, title_rows
from tierwise.sources.problems import DAMAGED, NO_ROWS
from tierwise.sources.relation import clean_names, column_keys, describe, new_name
from tierwise.sources.stored import store, view, without_blank_rows

CHOOSE_SHEET = ErrorKind(
    "input.choose_sheet",
    Family.DATA,
    what=Text("{path} has several sheets with data: {sheets}", "{path} 有多个工作表含数据：{sheets}"),
    cause=Text("it is not known which one is meant", "不清楚要读取哪一个"),
    cure=Text('name it: --sheet "{first}"', '请指明工作表：--sheet "{first}"'),
)
NO_SUCH_SHEET = ErrorKind(
    "input.no_such_sheet",
    Family.DATA,
    what=Text("{path} has no sheet {sheet}", "{path} 没有名为“{sheet}”的工作表"),
    cause=Text("its sheets are: {sheets}", "现有工作表：{sheets}"),
    cure=Text('name one of them: --sheet "{first}"', '请从中选一个：--sheet "{first}"'),
)
ZIP_ARCHIVE = ErrorKind(
    "input.zip_archive",
    Family.DATA,
    what=Text("{path} is a zip archive and no table", "{path} 是 zip 压缩包，不是表格"),
    cause=Text("it holds {count} files: {files}", "其中有 {count} 个文件：{files}"),
    cure=Text(
        "unpack it and name the file that is meant; a single file may stay packed as .gz",
        "请先解压，再指定其中的文件；单个文件也可以用 .gz 压缩",
    ),
)

_SHOWN_FILES = 5
ZIP_MAGIC, OLE_MAGIC = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"

_MOST_TITLES = 10


def open_excel(engine: DuckDBEngine, path: Path, options: ReadOptions, scratch: Path) -> RawTable:
    """Open one sheet of a workbook; the sheet is in memory while it is copied, as the format demands."""
    workbook = _workbook(path)
    sheet, hidden = _choose_sheet(workbook, path, options.sheet)
    header, cells, skipped, filled = _cells(workbook, sheet, merged_ranges(path, sheet))
    names = clean_names(header, f"{path} [{sheet}]")
    keys = column_keys(names)
    relation = new_name("excel")
    engine.register(f"{relation}_cells", cells.rename_columns(keys))
    stored = scratch / f"{relation}.parquet"
    rows = store(
        engine,
        f'SELECT * FROM (SELECT row_number() OVER () - 1 AS row_number, {", ".join(keys)} FROM "{relation}_cells") '
        f"WHERE row_number > 0 AND ({without_blank_rows(keys)})",
        stored,
    )
    engine.unregister(f"{relation}_cells")
    if not rows:
        raise NO_ROWS.error(Place(file=f"{path} [{sheet}]"), path=str(path))
    view(engine, relation, f"SELECT * FROM read_parquet({quoted(str(stored))})")
    with path.open("rb") as file:
        fingerprint = hashlib.file_digest(file, "sha256").hexdigest()
    notes = [Text("sheet {sheet}", "工作表 {sheet}").fill(sheet=sheet)]
    if hidden:
        listed = ", ".join(hidden)
        notes.append(Text("hidden sheets are not read: {sheets}", "隐藏的工作表未读取：{sheets}").fill(sheets=listed))
    if skipped:
        notes.append(Text(f"{skipped} title rows above the header", f"表头上方有 {skipped} 行标题，已略过"))
    if filled:
        notes.append(Text(f"{filled} cells filled from merged ones", f"{filled} 个单元格由合并单元格填充"))
    columns = describe(engine, relation, names)
    return RawTable(path.stem, relation, columns, str(path), "excel", fingerprint, rows, notes=tuple(notes))


def _workbook(path: Path) -> Any:
    import fastexcel

    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                if "[Content_Types].xml" not in archive.namelist() and "mimetype" not in archive.namelist():
                    files = [name for name in archive.namelist() if not name.endswith("/")]
                    raise ZIP_ARCHIVE.error(
                        Place(file=str(path)), path=str(path), files=", ".join(files[:_SHOWN_FILES]), count=len(files)
                    )
        return fastexcel.read_excel(path)
    except (fastexcel.FastExcelError, zipfile.BadZipFile) as error:
        reason = str(error).splitlines()[0]
        raise DAMAGED.error(Place(file=str(path)), path=str(path), reason=reason) from error


def _choose_sheet(workbook: Any, path: Path, wanted: str | None) -> tuple[str, tuple[str, ...]]:
    """The sheet to read, and those with data that are left out because a person hid them."""
    names = [str(name) for name in workbook.sheet_names]
    if wanted is not None:
        if wanted in names:
            return wanted, ()
        raise NO_SUCH_SHEET.error(
            Place(file=str(path)), path=str(path), sheet=wanted, sheets=", ".join(names), first=names[0]
        )
    heads = {name: workbook.load_sheet(name, header_row=None, n_rows=3, dtypes="string") for name in names}
    with_data = [name for name, head in heads.items() if head.height > 1]
    # What a person hid is old or auxiliary: it is read where it is named, or where nothing else is there.
    filled = [name for name in with_data if heads[name].visible == "visible"] or with_data
    if len(filled) > 1:
        raise CHOOSE_SHEET.error(Place(file=str(path)), path=str(path), sheets=", ".join(filled), first=filled[0])
    if not filled:
        raise NO_ROWS.error(Place(file=str(path)), path=str(path))
    return filled[0], tuple(name for name in with_data if name not in filled)


def _cells(workbook: Any, sheet: str, merged: Sequence[Merged]) -> tuple[list[str | None], Any, int, int]:
    """Return the header and an Arrow table of text, whose first row is the header; empty last columns are left out.

    Titles merged over the header are skipped, merged cells filled down; their numbers come third and fourth.
    """
    import pyarrow as pa

    table = pa.table(workbook.load_sheet(sheet, header_row=None, dtypes="string"))
    skipped = title_rows(merged, [tuple(row.values()) for row in table.slice(0, _MOST_TITLES).to_pylist()])
    table, filled = filled_down(table.slice(skipped), merged, skipped)
    header = [column[0].as_py() for column in table.columns]
    width = max((n for n, column in enumerate(table.columns, 1) if column.null_count < len(column)), default=0)
    return header[:width], table.select(range(width)), skipped, filled
