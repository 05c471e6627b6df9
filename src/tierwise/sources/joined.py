"""Several files joined by one query: each is a table by the name of its file, `SELECT … FROM orders JOIN customers …`.

Exports of shop systems are often normalised: orders in one file, their customers and payments in others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from tierwise.contracts.ingest import RawTable, ReadOptions
from tierwise.engine.base import STEP_FAILED
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.errors import ErrorKind, Family, Place, TierwiseError
from tierwise.language import Text
from tierwise.sources.problems import NO_ROWS
from tierwise.sources.relation import clean_names, column_keys, describe, new_name
from tierwise.sources.stored import store, view

BAD_QUERY = ErrorKind(
    "input.bad_query",
    Family.CONFIG,
    what=Text("the query cannot be answered from {path}", "无法在 {path} 上执行该查询"),
    cause=Text("{reason}; the tables are: {tables}", "{reason}；可用的表：{tables}"),
    cure=Text(
        "correct the query; tables are called as their files, columns as in their headers, and every value is text",
        "请修改查询；表名即文件名，列名即表头，所有值均为文本",
    ),
)

Opener = Callable[[DuckDBEngine, Path, ReadOptions, Path], RawTable]


def open_joined(
    engine: DuckDBEngine, location: str, files: Sequence[Path], options: ReadOptions, scratch: Path, opener: Opener
) -> RawTable:
    """Open each file by `opener` and keep what the query of `options` makes of them. Raises `input.bad_query`."""
    alone = replace(options, query=None)
    opened = [opener(engine, file, alone, scratch) for file in files]
    tables = {file.name.split(".")[0]: raw for file, raw in zip(files, opened, strict=True)}
    for name, raw in tables.items():
        _named(engine, name, raw)
    relation = new_name("joined")
    stored = scratch / f"{relation}.parquet"
    query = str(options.query).strip().rstrip(";")
    try:
        described = engine.native("describe query", f"DESCRIBE SELECT * FROM ({query})")
        names = clean_names([str(row[0]) for row in described], location)
        keys = ", ".join(column_keys(names))
        select = f"SELECT row_number() OVER () AS row_number, {keys} FROM ({query}) AS answered({keys})"
        rows = store(engine, select, stored)
    except TierwiseError as error:
        if error.problems[0].kind is not STEP_FAILED:
            raise
        reason = str(error.__cause__).splitlines()[0]
        raise BAD_QUERY.error(Place(file=location), path=location, reason=reason, tables=", ".join(tables)) from error
    if not rows:
        raise NO_ROWS.error(Place(file=location), path=location)
    view(engine, relation, f"SELECT * FROM read_parquet('{stored}')")
    fingerprint = hashlib.sha256("\n".join(raw.fingerprint for raw in opened).encode()).hexdigest()
    note = Text("{files} files joined by the query", "{files} 个文件按查询关联").fill(files=len(files))
    doubts = tuple(dict.fromkeys(doubt for raw in opened for doubt in raw.lasting_notes))
    return RawTable(
        Path(location).stem, relation, describe(engine, relation, names), location, "database", fingerprint, rows,
        notes=(note, *(note for raw in opened for note in raw.notes)), lasting_notes=doubts,
    )  # fmt: skip


def _named(engine: DuckDBEngine, name: str, raw: RawTable) -> None:
    """Show a raw table under the names that a person knows."""
    columns = ", ".join(f'{column.key} AS "{_doubled(column.name)}"' for column in raw.columns)
    view_name = _doubled(name)
    engine.native("name table", f'CREATE OR REPLACE TEMP VIEW "{view_name}" AS SELECT {columns} FROM "{raw.relation}"')


def _doubled(name: str) -> str:
    return name.replace('"', '""')
