"""Parquet: one file, or the parts of one table. Types are taken as they are, structs apart; nothing is copied."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import reduce
from pathlib import Path

from tierwise.contracts.ingest import RawTable
from tierwise.engine.duckdb import DuckDBEngine, quoted
from tierwise.errors import Place, TierwiseError
from tierwise.sources.nested import Holds, Nested, flat, left_as_text, within
from tierwise.sources.problems import DAMAGED, FOLDER_WITHOUT_DATA, NO_ROWS
from tierwise.sources.relation import clean_names, column_keys, describe, new_name

_CHUNK = 1 << 20


def _example(folder: Path) -> str:
    """Return a file of the folder that may be meant: the first one with orders in its name, else the first."""
    inside = folder.iterdir() if folder.is_dir() else ()
    found = sorted(file for file in inside if file.is_file() and not file.name.startswith("."))
    named = [file for file in found if "order" in file.name.lower() or "订单" in file.name]
    return str((named or found or [folder / "orders.csv"])[0])


def open_parquet(engine: DuckDBEngine, location: str, files: Sequence[Path]) -> RawTable:
    """Open Parquet files, read in the order given, as one raw table; columns are joined by name."""
    if not files:
        raise FOLDER_WITHOUT_DATA.error(path=location, example=_example(Path(location)))
    listed = "[" + ", ".join(quoted(_literal(file)) for file in files) + "]"
    try:
        fields = _fields(engine, listed)
        counts = engine.native("count Parquet rows", f"SELECT num_rows FROM parquet_file_metadata({listed})")
    except TierwiseError as error:
        raise DAMAGED.error(Place(file=location), path=location, reason=_first_line(error)) from error
    rows = [int(row[0]) for row in counts]
    if not sum(rows):
        raise NO_ROWS.error(path=location)
    names = clean_names([field.name for field in fields], location)
    relation = new_name("parquet")
    engine.native("open Parquet", f'CREATE TEMP VIEW "{relation}" AS {_select(listed, fields, rows)}')
    return RawTable(
        Path(location).stem,
        relation,
        describe(engine, relation, names),
        location,
        "parquet",
        _fingerprint(files),
        sum(rows),
        notes=left_as_text(fields),
        lasting_notes=left_as_text(fields),
    )


def _fields(engine: DuckDBEngine, listed: str) -> list[Nested]:
    """Return the columns, and the fields of structs in the place of the structs."""

    def inside(parent: Nested) -> list[Nested]:
        what = f"unnest({_expression(parent.path)})" if parent.path else "*"
        described = engine.native(
            "describe Parquet", f"DESCRIBE SELECT {what} FROM read_parquet({listed}, union_by_name = true)"
        )
        return [within(parent, str(row[0]), _holds(str(row[1]))) for row in described]

    return flat(inside(Nested(())), inside)


def _holds(sql_type: str) -> Holds:
    if sql_type.endswith("]") or sql_type.startswith("MAP("):
        return Holds.LIST
    return Holds.OBJECT if sql_type.startswith("STRUCT(") else Holds.VALUE


def _expression(path: Sequence[str]) -> str:
    column, *inner = path
    start = '"' + column.replace('"', '""') + '"'
    return reduce(lambda value, name: f"struct_extract({value}, {quoted(name)})", inner, start)


def _select(listed: str, fields: Sequence[Nested], rows: Sequence[int]) -> str:
    """Number rows through all files: a file's rows begin where those of the file before it end."""
    starts = [sum(rows[:n]) for n in range(len(rows))]
    start = f"[{', '.join(map(str, starts))}][CAST(file_index AS BIGINT) + 1]" if len(rows) > 1 else "0"
    keys = column_keys([field.name for field in fields])
    columns = ", ".join(f"{_expression(field.path)} AS {key}" for field, key in zip(fields, keys, strict=True))
    return (
        f"SELECT CAST(file_row_number + 1 + {start} AS BIGINT) AS row_number, {columns} "
        f"FROM read_parquet({listed}, union_by_name = true)"
    )


def _fingerprint(files: Sequence[Path]) -> str:
    """Return the SHA-256 of the file, or of the parts' SHA-256s one per line."""
    sums = [_sha256(file) for file in files]
    return sums[0] if len(sums) == 1 else hashlib.sha256("\n".join(sums).encode()).hexdigest()


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        while chunk := opened.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _literal(file: Path) -> str:
    """Return the path so that DuckDB reads no pattern into it."""
    return "".join(f"[{mark}]" if mark in "*?[" else mark for mark in str(file))


def _first_line(error: TierwiseError) -> str:
    return error.problems[0].what.en.split(": ", 1)[-1].splitlines()[0]
