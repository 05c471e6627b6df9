"""CSV and its relatives: the delimiter is found, every value stays text, rows that do not fit are set aside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from tierwise.contracts.ingest import Example, RawTable, ReadOptions
from tierwise.engine.base import STEP_FAILED
from tierwise.engine.duckdb import DuckDBEngine, quoted
from tierwise.errors import ErrorKind, Family, Place, TierwiseError
from tierwise.language import Text
from tierwise.sources.blank_lines import leave_out_blank_lines
from tierwise.sources.problems import NO_ROWS
from tierwise.sources.relation import clean_names, column_keys, describe, new_name
from tierwise.sources.relaying import relaid
from tierwise.sources.sniffing import Layout, sniff
from tierwise.sources.text import TextFile, open_bytes, prepare_text

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

ONE_COLUMN = ErrorKind(
    "input.one_column",
    Family.DATA,
    what=Text("{path} has one column only", "{path} 只有一列"),
    cause=Text(
        "no comma, tab, semicolon, bar or run of blanks parts its first line into several",
        "逗号、制表符、分号、竖线或空格都无法把首行分成多列",
    ),
    cure=Text(
        'name the mark that parts the columns, as in --delimiter "{mark}"; if there is one column indeed, export the '
        "others with it",
        '请指明分隔列的符号，例如 --delimiter "{mark}"；若确实只有一列，请把其他列一并导出',
    ),
)
HEADER_COUNT = ErrorKind(
    "input.header_count",
    Family.USAGE,
    what=Text(
        "{names} names are given for the {columns} columns of {path}", "为 {path} 的 {columns} 列给出了 {names} 个列名"
    ),
    cause=Text("a file without a header needs a name for each of its columns", "没有表头的文件需要为每一列命名"),
    cure=Text(
        "name them all in their order; those that are not needed may be called x1, x2",
        "请按顺序写全列名；不需要的列可写作 x1、x2",
    ),
)
_SHOWN = 80
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
    layout = sniff(text, options.delimiter)
    header = _header_given(options, layout, path)
    titles = 0 if header else layout.title_lines
    text, delimiter = relaid(text, layout.delimiter, titles, header, scratch)
    names = clean_names(header or layout.names, str(path))
    _check_several(names, path)
    relation = new_name("csv")
    rejects = f"{relation}_errors"
    stored = scratch / f"{relation}.parquet"
    _store(engine, text, replace(layout, delimiter=delimiter), names, stored, rejects)
    _check_quotes(engine, rejects, text)
    bad_rows = _keep_bad_rows(engine, rejects, relation)
    if bad_rows:
        leave_out_blank_lines(engine, text, f"{relation}_bad")
    _show(engine, relation, names, stored, renumbered=bad_rows > 0)
    rows = int(engine.native("count rows", f"SELECT count(*) FROM read_parquet({quoted(str(stored))})")[0][0])
    if not rows + bad_rows:
        raise NO_ROWS.error(Place(file=str(path)), path=str(path))
    columns = describe(engine, relation, names)
    return RawTable(
        path.name.split(".")[0], relation, columns, str(path), "csv", text.fingerprint, rows + bad_rows, bad_rows,
        f"{relation}_bad" if bad_rows else None, _bad_examples(engine, relation, text),
        tuple(_notes(text, delimiter, titles)), text.doubts,
    )  # fmt: skip


def _header_given(options: ReadOptions, layout: Layout, path: Path) -> tuple[str, ...]:
    """The names that the user gives to a file without a header. Raises `input.header_count`."""
    names = tuple(options.header or ())
    if names and len(names) != len(layout.records[0]):
        first = layout.delimiter.join(layout.records[0])[:_SHOWN]
        raise HEADER_COUNT.error(
            Place(file=str(path), line=1, value=first), path=str(path), names=len(names), columns=len(layout.records[0])
        )
    return names


def _check_several(names: Sequence[str], path: Path) -> None:
    """Refuse a text of one column: no table has less than two, so that some other mark parts them."""
    if len(names) == 1:
        mark = next((letter for letter in names[0] if not letter.isalnum() and letter not in " _-.'\"#:"), "^")
        raise ONE_COLUMN.error(Place(file=str(path), line=1, value=names[0][:_SHOWN]), path=str(path), mark=mark)


def _show(engine: DuckDBEngine, relation: str, names: Sequence[str], stored: Path, renumbered: bool) -> None:
    """Make the rows that were kept readable as `relation`, each with the number it has in the file."""
    shift = _numbering(engine, relation) if renumbered else ""
    number = "ordinal + coalesce(shift, 0)" if renumbered else "ordinal"
    engine.native(
        "open text",
        f'CREATE TEMP VIEW "{relation}" AS SELECT CAST({number} AS BIGINT) AS row_number, '
        f"{', '.join(column_keys(names))} FROM read_parquet({quoted(str(stored))}) {shift}",
    )


def _store(
    engine: DuckDBEngine, text: TextFile, layout: Layout, names: Sequence[str], stored: Path, rejects: str
) -> None:
    """Copy the rows as text, numbered, and what does not fit into `rejects`. Raises `input.malformed`.

    A file whose cells hold line ends is read by one thread: several would begin in the middle of it, and can
    take the inside of a cell for the beginning of a row.
    """
    columns = ", ".join(f"{quoted(key)}: 'VARCHAR'" for key in column_keys(names))
    source = "".join(f"[{mark}]" if mark in "*?[" else mark for mark in str(text.path))
    copy = (
        f"COPY (SELECT row_number() OVER () AS ordinal, * FROM read_csv({quoted(source)}, auto_detect = false, "
        f"header = true, delim = {quoted(layout.delimiter)}, quote = '\"', escape = {quoted(layout.escape)}, columns = {{{columns}}}, "
        f"compression = '{'gzip' if text.compressed else 'none'}', max_line_size = {_MAX_LINE_BYTES}, "
        f"parallel = {'false' if text.quoted_line_ends else 'true'}, store_rejects = true, "
        f"rejects_table = '{rejects}', rejects_scan = '{rejects}_scan', rejects_limit = 0)) "
        f"TO {quoted(str(stored))} (FORMAT parquet, COMPRESSION lz4)"
    )
    try:
        engine.native("read text", copy)
    except TierwiseError as error:
        if error.problems[0].kind is not STEP_FAILED:
            raise
        file, reason = str(text.original), str(error.__cause__).splitlines()[0]
        raise MALFORMED.error(Place(file=file), path=file, reason=reason) from error


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
    line, start = 1 + text.lines_before, 0
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


def _notes(text: TextFile, delimiter: str, titles: int) -> Iterator[Text]:
    shown = {"\t": Text("tab", "制表符")}.get(delimiter, Text.same(delimiter))
    yield Text("encoding {encoding}, delimiter {delimiter}", "编码 {encoding}，分隔符 {delimiter}").fill(
        encoding=text.encoding, delimiter=shown
    )
    if titles:
        yield Text("{lines} lines of titles above the header", "表头上方有 {lines} 行标题，已略过").fill(lines=titles)
    yield from text.doubts
