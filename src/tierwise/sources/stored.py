"""Sources that are copied once, as text or typed columns, into a Parquet file of the scratch folder."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from tierwise.engine.duckdb import DuckDBEngine, quoted
from tierwise.sources.relation import column_keys


def store(engine: DuckDBEngine, select: str, file: Path) -> int:
    """Write what a SELECT returns into `file`; return its number of rows."""
    done = engine.native("store source", f"COPY ({select}) TO {quoted(str(file))} (FORMAT parquet, COMPRESSION snappy)")
    return int(done[0][0])


def view(engine: DuckDBEngine, relation: str, select: str) -> None:
    """Make a SELECT readable as `relation`."""
    engine.native("open source", f'CREATE TEMP VIEW "{relation}" AS {select}')


def without_blank_rows(keys: Sequence[str]) -> str:
    """Return the SQL test of a row that has anything in it."""
    return " OR ".join(f"trim({key}) <> ''" for key in keys)


def content_fingerprint(engine: DuckDBEngine, file: Path, names: Sequence[str]) -> str:
    """Return a SHA-256 of names and rows that does not depend on the order of rows, for sources without bytes."""
    cells = ", ".join(f"coalesce(CAST({key} AS VARCHAR), chr(30))" for key in column_keys(names))
    row = f"concat_ws(chr(31), {cells})"
    sums = engine.native(
        "fingerprint",
        f"SELECT count(*), sum(CAST(md5_number_lower({row}) AS HUGEINT)), sum(CAST(md5_number_upper({row}) AS HUGEINT)) "
        f"FROM read_parquet({quoted(str(file))})",
    )[0]
    return hashlib.sha256("\x1f".join([*names, *map(str, sums)]).encode()).hexdigest()
