"""JSON lines, one object a line, or a JSON array of objects; every value as text, lists as JSON.

The answer of an API that was saved, `{"orders": [...]}` over one line or many, is read as the list that is in it.
"""

from __future__ import annotations

from pathlib import Path

from tierwise.contracts.ingest import Example, RawTable, ReadOptions
from tierwise.engine.duckdb import DuckDBEngine, quoted
from tierwise.errors import Place, TierwiseError
from tierwise.language import Text
from tierwise.sources.json_answers import MOST_BYTES_OF_AN_ANSWER, list_within
from tierwise.sources.json_fields import json_fields, pointer
from tierwise.sources.nested import left_as_text
from tierwise.sources.problems import DAMAGED, NO_ROWS
from tierwise.sources.relation import clean_names, column_keys, describe, new_name
from tierwise.sources.stored import store, view
from tierwise.sources.text import TextFile, open_bytes, prepare_text

_NO_OBJECT = Text("the line is not a JSON object", "该行不是 JSON 对象")
_MAX_LINE_BYTES = 16_000_000
_EXAMPLES = 3


def open_jsonlines(engine: DuckDBEngine, path: Path, options: ReadOptions, scratch: Path) -> RawTable:
    """Open a file of JSON objects; its columns are the fields of all objects, `customer.id` for one of an object in it."""
    text = prepare_text(path, options.encoding, scratch)
    relation = new_name("json")
    lines_file, stored = scratch / f"{relation}.lines.parquet", scratch / f"{relation}.parquet"
    try:
        read = store(engine, _lines(text), lines_file)
    except TierwiseError as error:
        reason = str(error.__cause__).splitlines()[0]
        raise DAMAGED.error(Place(file=str(path)), path=str(path), reason=reason) from error
    lines = f"read_parquet({quoted(str(lines_file))})"
    fields = json_fields(engine, lines)
    if not fields:
        raise NO_ROWS.error(Place(file=str(path)), path=str(path))
    names = clean_names([field.name for field in fields], str(path))
    values = ", ".join(
        f"json_extract_string(line, {quoted(pointer(field.path))}) AS {column}"
        for field, column in zip(fields, column_keys(names), strict=True)
    )
    good = store(engine, f"SELECT row_number, {values} FROM {lines} WHERE good", stored)
    view(engine, relation, f"SELECT * FROM read_parquet({quoted(str(stored))})")
    bad = _keep_bad(engine, relation, lines) if good < read else ()
    return RawTable(
        path.name.split(".")[0], relation, describe(engine, relation, names), str(path), "jsonl", text.fingerprint,
        read, read - good, f"{relation}_bad" if bad else None, bad, left_as_text(fields), left_as_text(fields),
    )  # fmt: skip


def _lines(text: TextFile) -> str:
    """Return the SELECT of row_number, line, and whether it is an object."""
    source = quoted("".join(f"[{mark}]" if mark in "*?[" else mark for mark in str(text.path)))
    if wrapped := list_within(text):
        within = quoted(f'$."{wrapped}"[*]')
        rows = (
            f"SELECT CAST(unnest(json_extract(json, {within})) AS VARCHAR) AS line "
            f"FROM read_json_objects({source}, format = 'unstructured', maximum_object_size = {MOST_BYTES_OF_AN_ANSWER})"
        )
    elif _is_array(text):
        rows = f"SELECT CAST(json AS VARCHAR) AS line FROM read_json_objects({source}, format = 'array')"
    else:
        rows = (
            f"SELECT line FROM read_csv({source}, auto_detect = false, header = false, delim = chr(1), quote = '', "
            f"escape = '', columns = {{'line': 'VARCHAR'}}, compression = '{'gzip' if text.compressed else 'none'}', "
            f"max_line_size = {_MAX_LINE_BYTES}) WHERE trim(line) <> ''"
        )
    good = "coalesce(CASE WHEN json_valid(line) THEN json_type(line) = 'OBJECT' END, false)"
    return f"SELECT row_number() OVER () AS row_number, line, {good} AS good FROM ({rows})"


def _is_array(text: TextFile) -> bool:
    with open_bytes(text) as file:
        return file.read(1024).removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"["


def _keep_bad(engine: DuckDBEngine, relation: str, lines: str) -> tuple[Example, ...]:
    engine.native(
        "bad lines",
        f'CREATE TEMP TABLE "{relation}_bad" AS SELECT row_number, CAST(NULL AS VARCHAR) AS bad_column, '
        f"left(line, 1000) AS bad_value, {quoted(_NO_OBJECT.en)} AS reason_en, {quoted(_NO_OBJECT.zh)} AS reason_zh "
        f"FROM {lines} WHERE NOT good",
    )
    found = engine.native(
        "examples of bad lines",
        f'SELECT row_number, left(bad_value, 200) FROM "{relation}_bad" ORDER BY row_number LIMIT {_EXAMPLES}',
    )
    return tuple(Example(int(row), None, value, int(row)) for row, value in found)
