"""From the request of a wizard to a source that is open on an engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tierwise.contracts.ingest import RawTable, ReadOptions
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.progress import Observer
from tierwise.sources import open_source


def read_options(request: dict[str, Any]) -> ReadOptions:
    """How to read the file, as the person said."""
    given = {name: request.get(name) or None for name in ("encoding", "delimiter", "sheet")}
    mark = request.get("decimal_mark")
    return ReadOptions(**given, decimal_mark=mark if mark in (".", ",") else None)


@contextmanager
def opened(request: dict[str, Any], observer: Observer) -> Iterator[tuple[DuckDBEngine, RawTable]]:
    """Open the file of a request; scratch files are gone afterwards."""
    with TemporaryDirectory(prefix="tierwise-look-") as scratch, DuckDBEngine(request.get("memory")) as engine:
        yield engine, open_source(engine, request["file"], read_options(request), Path(scratch), observer)
