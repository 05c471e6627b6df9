"""The label tables of runs as tests want them: rows, or files of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tierwise.contracts.rows import Rows
from tierwise.engine.duckdb import DuckDBEngine


def label_rows_of(labels: Rows) -> list[dict[str, Any]]:
    """The rows of a label table, stored or derived, in their order."""
    with DuckDBEngine(threads=1) as engine:
        engine.attach("labels", labels)
        return engine.native_records("labels", "FROM labels")


def label_file(labels: Rows, folder: Path) -> Path:
    """A label table, stored or derived, written into a folder of its own by one thread."""
    with DuckDBEngine(threads=1) as engine:
        engine.attach("labels", labels)
        engine.write("labels", folder)
    return folder / "part-000.parquet"
