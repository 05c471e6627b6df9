"""Take one person out of one file, by its kind: rows of Parquet and CSV, entries of JSON, lines of logs.

Each function returns what is to stand in the file's place, written beside it, or None where the file does not hold
the person. Nothing here replaces a file.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tierwise.engine.duckdb import DuckDBEngine, quoted
from tierwise.privacy.person import Person, columns_of, in_text
from tierwise.snapshots.files import sync_file, to_json

_VECTOR = 2048
"""DuckDB's groups are of multiples of so many rows."""
ERASED = "[erased]"
WRITING = ".erasing-"
NOT_PERSONS = frozenset({"order_id", "product_id", "message_id", "import_id", "run_id", "state_id", "source_id"})
"""Ids that name no customer."""
SPOKEN = frozenset(
    {
        "customer",
        "customers",
        "id",
        "one",
        "other",
        "left",
        "right",
        "survivor",
        "referred",
        "members",
        "record_l",
        "record_r",
    }
)


def names_person(column: str) -> bool:
    """Whether a column or key holds ids of customers."""
    return column in SPOKEN or (column.endswith("_id") and column not in NOT_PERSONS) or column.endswith("_ids")


def beside(file: Path) -> Path:
    """Where the new content of a file is written before it takes its place."""
    return file.with_name(f"{WRITING}{file.name}")


def scrub(engine: DuckDBEngine, file: Path, person: Person) -> Path | None:
    """Write the file without the person beside it; None where it does not hold the person."""
    if file.suffix == ".parquet":
        return _parquet(engine, file, person)
    rewrite = _TEXTS.get(file.suffix)
    if rewrite is None:
        return None
    before = file.read_bytes()
    after = rewrite(before.decode("utf-8-sig"), person)
    if after is None:
        return None
    fresh = beside(file)
    mark = b"\xef\xbb\xbf" if before.startswith(b"\xef\xbb\xbf") else b""
    fresh.write_bytes(mark + after.encode())
    sync_file(fresh)
    return fresh


def count_in(engine: DuckDBEngine, file: Path, person: Person) -> int:
    """How many rows, lines or entries of a file are the person's."""
    if file.suffix == ".parquet":
        theirs = condition(columns_of(engine, file), person)
        if theirs is None:
            return 0
        sql = f"SELECT count(*) FROM read_parquet({quoted(str(file))}) WHERE {theirs}"
        return int(engine.native("rows of a person", sql)[0][0])
    rewrite = _TEXTS.get(file.suffix)
    if rewrite is None:
        return 0
    before = file.read_bytes().decode("utf-8-sig")
    after = rewrite(before, person)
    if after is None:
        return 0
    return 1 if file.suffix == ".json" else max(len(before.splitlines()) - len(after.splitlines()), 1)


def condition(columns: Mapping[str, str], person: Person) -> str | None:
    """SQL: a row is the person's; None where no column could say so.

    Rows without a customer are the person's by their order, as the lines of an order and the keys of earlier imports are.
    """
    ids = ", ".join(quoted(each) for each in person.ids)
    tests = [f'"{name}" IN ({ids})' for name, kind in columns.items() if kind == "VARCHAR" and names_person(name)]
    lists = [
        f'list_has_any("{name}", [{ids}])'
        for name, kind in columns.items()
        if kind == "VARCHAR[]" and names_person(name)
    ]
    if "order_id" in columns and "customer_id" not in columns and person.orders:
        tests.append(f"order_id IN ({', '.join(quoted(each) for each in person.orders)})")
    return " OR ".join(f"coalesce({test}, false)" for test in (*tests, *lists)) or None


def _parquet(engine: DuckDBEngine, file: Path, person: Person) -> Path | None:
    theirs = condition(columns_of(engine, file), person)
    if theirs is None:
        return None
    source = f"read_parquet({quoted(str(file))})"
    if not engine.native("rows of a person", f"SELECT count(*) FROM {source} WHERE {theirs}")[0][0]:
        return None
    fresh = beside(file)
    form = f"FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE {_group_rows(engine, file)}{_metadata(engine, file)}"
    kept = f"SELECT * FROM {source} WHERE NOT ({theirs})"
    engine.native("erase rows", f"COPY ({kept}) TO {quoted(str(fresh))} ({form})")
    sync_file(fresh)
    return fresh


def _group_rows(engine: DuckDBEngine, file: Path) -> int:
    """How many rows are read at once: files that are looked up by customer have small groups, and keep them."""
    sql = f"SELECT max(row_group_num_rows) FROM parquet_metadata({quoted(str(file))})"
    found = engine.native("row groups", sql)[0][0] or _VECTOR
    return max(_VECTOR, -(-int(found) // _VECTOR) * _VECTOR)


def _metadata(engine: DuckDBEngine, file: Path) -> str:
    """SQL: what a file says of itself beside its rows, to be written again (a queue of pairs names its model)."""
    found = engine.native(
        "metadata", f"SELECT decode(key), decode(value) FROM parquet_kv_metadata({quoted(str(file))})"
    )
    kept = ", ".join(f"{key}: {quoted(value)}" for key, value in found if key.isidentifier())
    return f", KV_METADATA {{{kept}}}" if kept else ""


def _json(text: str, person: Person) -> str | None:
    data = json.loads(text)
    clean = without(data, person)
    return None if clean == data else to_json(clean)


def _json_lines(text: str, person: Person) -> str | None:
    lines = text.splitlines(keepends=True)
    gone = [json.loads(line) for line in lines if line.strip() and holds(json.loads(line), person)]
    undone = {entry["id"] for entry in gone if isinstance(entry, dict) and "id" in entry}
    kept = [line for line in lines if not line.strip() or not _goes(json.loads(line), person, undone)]
    return None if len(kept) == len(lines) else "".join(kept)


def _goes(entry: Any, person: Person, undone: set[str]) -> bool:
    """Whether an entry speaks of the person, or takes back an entry that does."""
    return holds(entry, person) or (isinstance(entry, dict) and entry.get("undoes") in undone)


def holds(data: Any, person: Person) -> bool:
    """Whether data from JSON speaks of the person."""
    return bool(without(data, person) != data)


def without(data: Any, person: Person, key: str = "") -> Any:
    """Data from JSON without the person: entries of lists that are theirs go, single values become `[erased]`."""
    if isinstance(data, dict):
        return {name: without(value, person, name) for name, value in data.items()}
    if isinstance(data, list):
        return [without(each, person, key) for each in data if not _is_theirs(each, person, key)]
    return ERASED if isinstance(data, str) and _names(data, person, key) else data


def _is_theirs(entry: Any, person: Person, key: str) -> bool:
    if isinstance(entry, dict):
        if "row" in entry and entry.get("column", "") is None and isinstance(entry.get("value"), str):
            return _line_is_theirs(entry["value"], person)  # an example of a row that could not be split
        return any(isinstance(value, str) and _names(value, person, name) for name, value in entry.items())
    return isinstance(entry, str) and _names(entry, person, key)


def _names(value: str, person: Person, key: str) -> bool:
    if key == "order_id":
        return value in person.orders
    return value in person.naming or (value in person.ids and (names_person(key) or key == "value"))


def _csv(text: str, person: Person) -> str | None:
    """Rows of a CSV that name the person: in a column of customers, or in a value that was set aside."""
    rows = list(csv.reader(io.StringIO(text)))
    if not rows:
        return None
    header = rows[0]
    kept = [header, *(row for row in rows[1:] if not _row_is_theirs(header, row, person))]
    if len(kept) == len(rows):
        return None
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(kept)
    return out.getvalue()


def _row_is_theirs(header: list[str], row: list[str], person: Person) -> bool:
    cells = dict(zip(header, row, strict=False))
    if cells.get("reason") == "bad_row":
        return _line_is_theirs(cells.get("value", ""), person)
    return any(_names(value.removeprefix("'"), person, name) for name, value in cells.items())


def _line_is_theirs(line: str, person: Person) -> bool:
    """A rejected row that could not be split is a whole line of the source: rather one too many than theirs left."""
    theirs = {*person.ids, *person.orders, *person.naming}
    return any(part.strip(" \r\n\"'") in theirs for part in re.split(r"[,;\t|]", line)) or bool(
        in_text(person).search(line)
    )


def _log(text: str, person: Person) -> str | None:
    pattern = in_text(person)
    lines = text.splitlines(keepends=True)
    kept = [line for line in lines if not pattern.search(line)]
    return None if len(kept) == len(lines) else "".join(kept)


_TEXTS: dict[str, Callable[[str, Person], str | None]] = {
    ".json": _json,
    ".jsonl": _json_lines,
    ".csv": _csv,
    ".log": _log,
    ".txt": _log,
}
