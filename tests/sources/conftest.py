"""Fixtures that write a source and open it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tierwise.contracts.ingest import RawTable, ReadOptions
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.progress import Silent
from tierwise.sources import open_source


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckDBEngine]:
    with DuckDBEngine(temp_folder=tmp_path) as opened:
        yield opened


@pytest.fixture
def opened(engine: DuckDBEngine, tmp_path: Path) -> Callable[..., RawTable]:
    """Open a location; keyword arguments are those of ReadOptions."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    def do(location: Path | str, **options: Any) -> RawTable:
        return open_source(engine, str(location), ReadOptions(**options), scratch, Silent())

    return do


@pytest.fixture
def rows(engine: DuckDBEngine) -> Callable[[RawTable], list[tuple[Any, ...]]]:
    """All rows of a raw table, by row number."""
    return lambda raw: engine.native("rows", f'SELECT * FROM "{raw.relation}" ORDER BY row_number')


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str, bytes | str], Path]:
    """Write a file and return its path."""

    def do(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return do
