"""The one door to sources: tell the format of a location and hand it to its reader."""

from __future__ import annotations

import os
from pathlib import Path

from tierwise.contracts.ingest import RawTable, ReadOptions
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.progress import Observer
from tierwise.language import Text
from tierwise.sources.delimited import open_delimited
from tierwise.sources.parquet import open_parquet
from tierwise.sources.problems import EMPTY, NOT_FOUND, UNREADABLE


def open_source(
    engine: DuckDBEngine, location: str, options: ReadOptions, scratch: Path, observer: Observer
) -> RawTable:
    """Open a file, a folder or pattern of Parquet files, or a database URL, as a raw table on `engine`.

    Scratch files go into `scratch` and must stay until the raw table is no longer used. Raises
    `input.*` and `source.*` errors that name the place and the cure.
    """
    observer.detail(Text("reading {location}", "正在读取 {location}").fill(location=location))
    path = Path(location).expanduser()
    if any(mark in location for mark in "*?") and not path.exists():
        return open_parquet(engine, location, sorted(Path().glob(location)))
    if path.is_dir():
        return open_parquet(engine, location, sorted(path.rglob("*.parquet")))
    _check_readable(path)
    if _starts_with(path, b"PAR1"):
        return open_parquet(engine, location, [path])
    return open_delimited(engine, path, options, scratch)


def _check_readable(path: Path) -> None:
    if not path.exists():
        raise NOT_FOUND.error(path=str(path))
    if not os.access(path, os.R_OK):
        raise UNREADABLE.error(path=str(path), reason="permission denied")
    if path.stat().st_size == 0:
        raise EMPTY.error(path=str(path))


def _starts_with(path: Path, magic: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(magic)) == magic
