"""Tables of an engine as Arrow batches: written by the engine, read on the driver a batch at a time.

The same on every engine: a cluster writes Parquet where the driver can read it, and no row passes through Python.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tierwise.engine.base import Engine

BATCH_ROWS = 65_536


def write_table(engine: Engine, table: str, folder: Path, order_by: Sequence[str] = ()) -> list[Path]:
    """Write a table into `folder` anew and return its files, in order."""
    shutil.rmtree(folder, ignore_errors=True)
    engine.write(table, folder, order_by)
    return sorted(folder.glob("*.parquet"))


def batches(files: Sequence[Path], columns: Sequence[str] | None = None) -> Iterator[Any]:
    """Yield Arrow record batches of at most `BATCH_ROWS` rows, in the order of the files."""
    import pyarrow.parquet as pq

    for file in files:
        with pq.ParquetFile(file) as opened:
            yield from opened.iter_batches(BATCH_ROWS, columns=columns)
