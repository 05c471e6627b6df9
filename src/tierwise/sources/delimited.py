"""CSV and its relatives: the delimiter is found, every value stays text, rows that do not fit are set aside."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from tierwise.contracts.ingest import Example, RawTable, ReadOptions
from tierwise.engine.base import STEP_FAILED
from tierwise.engine.duckdb import DuckDBEngine, quoted
from tierwise.errors import ErrorKind, Family, Place, TierwiseError
from tierwise.language import Text
from tierwise.sources.blank_lines import leave_out_blank_lines
from tierwise.sources.problems import NO_ROWS
from tierwise.sources.relation import clean_names, column_keys, describe, new_name
from tierwise.sources.text import TextFile, open_bytes, prepare_text

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

OPEN_QUOTE = ErrorKind(
    "input.open_quote",
    Family.DATA,
    what=Text("a quote in {path} is not closed on its line", "{path} 中有一个引号没有在本行闭合"),
    cause=Text("it would swallow more than {lines} lines that follow", "它会把后面 {lines} 行以上的数据都吞掉"),
    cure=Text(
        "open the file at that line and close or remove the quote; inside a cell it is written twice",
        "请打开文件到该行，补上或删掉这个引号；单元格内的引号要写两个",
    ),
)
MALFORMED = ErrorKind(
    "input.malformed",
    Family.DATA,
    what=Text("{path} cannot be split into rows and columns", "无法把 {path} 拆成行和列"),
    cause=Text("{reason}", "{reason}"),
    cure=Text(
        "check its quotes and line ends, or save it again from Excel as CSV UTF-8",
        "请检查引号和换行，或用 Excel 重新另存为“CSV UTF-8”",
    ),
)

_DELIMITERS = (",", "\t", ";", "|")
_HEAD_BYTES = 256 * 1024
_SNIFFED_RECORDS = 50
_MAX_LINE_BYTES = 2_000_000
_EXAMPLES = 3
_MOST_SWALLOWED_LINES = 100
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
    try:
        _store(engine, text, delimiter, names, stored, rejects)
    except TierwiseError as error:
        if error.problems[0].kind is not STEP_FAILED:
            raise
        reason = str(error.__cause__).splitlines()[0]
        raise MALFORMED.error(Place(file=str(path)), path=str(path), reason=reason) from error
    _check_quotes(engine, rejects, text)
    bad_rows = _keep_bad_rows(engine, rejects, relation)
    if bad_rows:
        leave_out_blank_lines(engine, text, f"{relation}_bad")
    shift = _numbering(engine, relation) if bad_rows else ""
    number = "ordinal + coalesce(shift, 0)" if bad_rows else "ordinal"
    engine.native(
        "open text",
        f'CREATE TEMP VIEW "{relation}" AS SELECT CAST({number} AS BIGINT) AS row_number, '
        f"{', '.join(column_keys(names))} FROM read_parquet({quoted(str(stored))}) {shift}",
    )
    rows = int(engine.native("count rows", f"SELECT count(*) FROM read_parquet({quoted(str(stored))})")[0][0])
    if not rows + bad_rows:
        raise NO_ROWS.error(Place(file=str(path)), path=str(path))
    columns = describe(engine, relation, names)
    return RawTable(
        path.name.split(".")[0], relation, columns, str(path), "csv", text.fingerprint, rows + bad_rows, bad_rows,
        f"{relation}_bad" if bad_rows else None, _bad_examples(engine, relation, text), _notes(text, delimiter),
    )  # fmt: skip


def _read_head(text: TextFile, delimiter: str | None) -> tuple[list[list[str]], str]:
    """Return the first records of the file, header first, and the delimiter that splits them best."""
    with open_bytes(text) as file:
        head = file.read(_HEAD_BYTES)
    whole = len(head) < _HEAD_BYTES
    decoded = head.decode("utf-8-sig", "replace")
    best = max((_split(decoded, mark, whole) for mark in ([delimiter] if delimiter else _DELIMITERS)), key=_fit)
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
    """Copy the rows as text, numbered, and what does not fit into `rejects`.

    A file whose cells hold line ends is read by one thread: several would begin in the middle of it, and can
    take the inside of a cell for the beginning of a row.
    """
    columns = ", ".join(f"{quoted(key)}: 'VARCHAR'" for key in column_keys(names))
    source = "".join(f"[{mark}]" if mark in "*?[" else mark for mark in str(text.path))
    engine.native(
        "read text",
        f"COPY (SELECT row_number() OVER () AS ordinal, * FROM read_csv({quoted(source)}, auto_detect = false, "
        f"header = true, delim = {quoted(delimiter)}, quote = '\"', escape = '\"', columns = {{{columns}}}, "
        f"compression = '{'gzip' if text.compressed else 'none'}', max_line_size = {_MAX_LINE_BYTES}, "
        f"parallel = {'false' if text.quoted_line_ends else 'true'}, store_rejects = true, "
        f"rejects_table = '{rejects}', rejects_scan = '{rejects}_scan', rejects_limit = 0)) "
        f"TO {quoted(str(stored))} (FORMAT parquet, COMPRESSION lz4)",
    )


def _check_quotes(engine: DuckDBEngine, rejects: str, text: TextFile) -> None:
    """Refuse a file one quote of which swallows a good part of it; a few lines are set aside as one row."""
    found = engine.native(
        "open quotes",
        f"SELECT min(line_byte_position) FROM {rejects} WHERE error_type = 'UNQUOTED VALUE' "
        f"AND length(csv_line) - length(replace(csv_line, chr(10), '')) > {_MOST_SWALLOWED_LINES}",
    )[0][0]
    if found is not None:
        line = _lines_at(text, [int(found)])[0]
        place = Place(file=str(text.original), line=line)
        raise OPEN_QUOTE.error(place, path=str(text.original), lines=_MOST_SWALLOWED_LINES)


def _keep_bad_rows(engine: DuckDBEngine, rejects: str, relation: str) -> int:
    """Keep the rows that could not be split as `<relation>_bad`; return how many they are."""
    whys = " ".join(f"WHEN {quoted(code)} THEN [{quoted(w.en)}, {quoted(w.zh)}]" for code, w in _WHY.items())
    engine.native(
        "bad rows",
        f'CREATE TEMP TABLE "{relation}_bad" AS SELECT line - 1 AS row_number, CAST(NULL AS VARCHAR) AS bad_column, '
        "left(ltrim(value, chr(13) || chr(10)), 1000) AS bad_value, coalesce((CASE error "
        + whys
        + " END)[1], error) AS reason_en, "
        "coalesce((CASE error " + whys + " END)[2], error) AS reason_zh, "
        "position + length(value) - length(ltrim(value, chr(13) || chr(10))) AS position FROM ("
        "SELECT line, any_value(line_byte_position) AS position, any_value(csv_line) AS value, "
        f"arg_min(CAST(error_type AS VARCHAR), byte_position) AS error FROM {rejects} GROUP BY line)",
    )
    return int(engine.native("count bad rows", f'SELECT count(*) FROM "{relation}_bad"')[0][0])


def _bad_examples(engine: DuckDBEngine, relation: str, text: TextFile) -> tuple[Example, ...]:
    """Return the first bad rows with their line in the file."""
    found = engine.native(
        "examples of bad rows",
        f'SELECT row_number, position, left(bad_value, 200) FROM "{relation}_bad" ORDER BY row_number LIMIT {_EXAMPLES}',
    )
    lines = _lines_at(text, [int(position) for _, position, _ in found])
    return tuple(Example(int(row), None, value, line) for (row, _, value), line in zip(found, lines, strict=True))


def _lines_at(text: TextFile, positions: Sequence[int]) -> list[int]:
    """Return the line, from 1, of each byte position (from 1, ascending) in the text."""
    lines: list[int] = []
    line, start = 1, 0
    with open_bytes(text) as file:
        for position in positions:
            while start < position - 1:
                chunk = file.read(min(1 << 20, position - 1 - start))
                if not chunk:
                    break
                line += chunk.count(b"\n")
                start += len(chunk)
            lines.append(line)
    return lines


def _numbering(engine: DuckDBEngine, relation: str) -> str:
    """Return the join that gives rows behind a bad one the number they have in the file."""
    engine.native(
        "number rows",
        f'CREATE TEMP TABLE "{relation}_shift" AS SELECT since, max(shift) AS shift FROM (SELECT row_number - shift + 1 '
        "AS since, shift FROM (SELECT row_number, row_number() OVER (ORDER BY row_number) AS shift "
        f'FROM "{relation}_bad")) GROUP BY since',
    )
    return f'ASOF LEFT JOIN "{relation}_shift" ON ordinal >= since'


def _notes(text: TextFile, delimiter: str) -> tuple[Text, ...]:
    shown = {"\t": Text("tab", "制表符")}.get(delimiter, Text.same(delimiter))
    return (
        Text("encoding {encoding}, delimiter {delimiter}", "编码 {encoding}，分隔符 {delimiter}").fill(
            encoding=text.encoding, delimiter=shown
        ),
    )
