"""CSV and its relatives: the delimiter is found, every value stays text, rows that do not fit are set aside."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Sequence
from pathlib import Path

from tierwise.contracts.ingest import BadRow, RawTable, ReadOptions
from tierwise.engine.duckdb import DuckDBEngine, quoted
from tierwise.errors import ErrorKind, Family, Place
from tierwise.language import Text
from tierwise.sources.problems import NO_ROWS
from tierwise.sources.relation import clean_names, column_keys, describe, new_name
from tierwise.sources.text import TextFile, prepare_text

LONG_HEADER = ErrorKind(
    "input.long_header",
    Family.DATA,
    what=Text("the header of {path} does not end within 256 KB", "{path} 的表头超过 256 KB 仍未结束"),
    cause=Text(
        "the first line has a quote that is never closed, or the file is no table",
        "首行有未闭合的引号，或该文件不是表格",
    ),
    cure=Text("check the first line of the file", "请检查文件首行"),
)

_DELIMITERS = (",", "\t", ";", "|")
_HEAD_BYTES = 256 * 1024
_SNIFFED_RECORDS = 50
_MAX_LINE_BYTES = 2_000_000
_KEPT_BAD_ROWS = 1_000
_WHY = {
    "MISSING COLUMNS": Text("fewer columns than the header", "列数少于表头"),
    "TOO MANY COLUMNS": Text("more columns than the header", "列数多于表头"),
    "UNQUOTED VALUE": Text("a quote that is never closed", "引号没有闭合"),
    "INVALID ENCODING": Text("bytes that are not UTF-8", "含有非 UTF-8 字节"),
    "LINE SIZE OVER MAXIMUM": Text("longer than 2 MB", "单行超过 2 MB"),
}


def open_delimited(engine: DuckDBEngine, path: Path, options: ReadOptions, scratch: Path) -> RawTable:
    """Open a delimited text file; it is read once and kept as Parquet in `scratch`, every column as text."""
    text = prepare_text(path, options.encoding, scratch)
    records, delimiter = _read_head(text, options.delimiter)
    names = clean_names(records[0], str(path))
    relation = new_name("csv")
    rejects = f"{relation}_errors"
    stored = scratch / f"{relation}.parquet"
    _store(engine, text, delimiter, names, stored, rejects)
    bad, bad_count = _bad_rows(engine, rejects, text)
    shift = _numbering(engine, rejects, relation) if bad_count else ""
    number = "ordinal + coalesce(shift, 0)" if bad_count else "ordinal"
    engine.native(
        "open text",
        f'CREATE TEMP VIEW "{relation}" AS SELECT CAST({number} AS BIGINT) AS row_number, '
        f"{', '.join(column_keys(names))} FROM read_parquet({quoted(str(stored))}) {shift}",
    )
    rows = int(engine.native("count rows", f"SELECT count(*) FROM read_parquet({quoted(str(stored))})")[0][0])
    if not rows + bad_count:
        raise NO_ROWS.error(Place(file=str(path)), path=str(path))
    columns = describe(engine, relation, names)
    return RawTable(
        path.name.split(".")[0], relation, columns, str(path), "csv", text.fingerprint, rows + bad_count, bad, bad_count,
        _notes(text, delimiter),
    )  # fmt: skip


def _read_head(text: TextFile, delimiter: str | None) -> tuple[list[list[str]], str]:
    """Return the first records of the file, header first, and the delimiter that splits them best."""
    opened = gzip.open(text.path, "rb") if text.compressed else text.path.open("rb")
    with opened as file:
        head = file.read(_HEAD_BYTES)
    whole = len(head) < _HEAD_BYTES
    decoded = head.decode("utf-8-sig", "replace")
    best = max(
        (_split(decoded, mark, whole) for mark in ([delimiter] if delimiter else _DELIMITERS)), key=_fit
    )
    if not best[0]:
        raise LONG_HEADER.error(Place(file=str(text.original), line=1), path=str(text.original))
    return best


def _split(head: str, delimiter: str, whole: bool) -> tuple[list[list[str]], str]:
    csv.field_size_limit(_HEAD_BYTES)
    records: list[list[str]] = []
    for record in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter):
        if any(cell.strip() for cell in record):
            records.append(record)
        if len(records) > _SNIFFED_RECORDS:
            return records[:-1], delimiter
    return (records if whole else records[:-1]), delimiter


def _fit(split: tuple[list[list[str]], str]) -> tuple[int, float, int]:
    """Rank a delimiter: it splits the header, rows have as many cells as the header, and the more cells the better."""
    records, _ = split
    if not records:
        return (0, 0.0, 0)
    cells = len(records[0])
    same = sum(len(record) == cells for record in records) / len(records)
    return (min(cells, 2), same, cells)


def _store(
    engine: DuckDBEngine, text: TextFile, delimiter: str, names: Sequence[str], stored: Path, rejects: str
) -> None:
    columns = ", ".join(f"{quoted(key)}: 'VARCHAR'" for key in column_keys(names))
    source = "".join(f"[{mark}]" if mark in "*?[" else mark for mark in str(text.path))
    engine.native(
        "read text",
        f"COPY (SELECT row_number() OVER () AS ordinal, * FROM read_csv({quoted(source)}, auto_detect = false, "
        f"header = true, delim = {quoted(delimiter)}, quote = '\"', escape = '\"', columns = {{{columns}}}, "
        f"compression = '{'gzip' if text.compressed else 'none'}', max_line_size = {_MAX_LINE_BYTES}, "
        f"store_rejects = true, rejects_table = '{rejects}', rejects_scan = '{rejects}_scan', rejects_limit = 0)) "
        f"TO {quoted(str(stored))} (FORMAT parquet, COMPRESSION lz4)",
    )


def _bad_rows(engine: DuckDBEngine, rejects: str, text: TextFile) -> tuple[tuple[BadRow, ...], int]:
    """Return the first rows that could not be split, with their line in the file, and the number of all."""
    count = int(engine.native("count bad rows", f"SELECT count(DISTINCT line) FROM {rejects}")[0][0])
    if not count:
        return (), 0
    found = engine.native_records(
        "bad rows",
        "SELECT line - 1 AS row, any_value(line_byte_position) AS position, "
        "arg_min(CAST(error_type AS VARCHAR), byte_position) AS error, "
        f"left(any_value(csv_line), 200) AS value FROM {rejects} GROUP BY line ORDER BY line LIMIT {_KEPT_BAD_ROWS}",
    )
    lines = _lines_at(text, [int(record["position"]) for record in found])
    return tuple(
        BadRow(
            int(record["row"]),
            line,
            None,
            str(record["value"]),
            _WHY.get(record["error"], Text.same(record["error"])),
        )
        for record, line in zip(found, lines, strict=True)
    ), count


def _lines_at(text: TextFile, positions: Sequence[int]) -> list[int]:
    """Return the line, from 1, of each byte position (from 1, ascending) in the text."""
    lines: list[int] = []
    line, start = 1, 0
    opened = gzip.open(text.path, "rb") if text.compressed else text.path.open("rb")
    with opened as file:
        for position in positions:
            while start < position - 1:
                chunk = file.read(min(1 << 20, position - 1 - start))
                if not chunk:
                    break
                line += chunk.count(b"\n")
                start += len(chunk)
            lines.append(line)
    return lines


def _numbering(engine: DuckDBEngine, rejects: str, relation: str) -> str:
    """Give the rows behind a bad one the number they have in the file."""
    engine.native(
        "number rows",
        f'CREATE TEMP TABLE "{relation}_shift" AS SELECT line - row_number() OVER (ORDER BY line) AS since, '
        f"row_number() OVER (ORDER BY line) AS shift FROM (SELECT DISTINCT line FROM {rejects})",
    )
    return f'ASOF LEFT JOIN (SELECT since, max(shift) AS shift FROM "{relation}_shift" GROUP BY since) ON ordinal >= since'


def _notes(text: TextFile, delimiter: str) -> tuple[Text, ...]:
    shown = {"\t": Text("tab", "制表符")}.get(delimiter, Text.same(delimiter))
    return (
        Text("encoding {encoding}, delimiter {delimiter}", "编码 {encoding}，分隔符 {delimiter}").fill(
            encoding=text.encoding, delimiter=shown
        ),
    )
