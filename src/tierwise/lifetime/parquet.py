"""Tables of an engine as Arrow batches: written by the engine, read on the driver a batch at a time.

The same on every engine: a cluster writes Parquet where the driver can read it, and no row passes through Python.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tierwise.engine.base import Engine

BATCH_ROWS = 65_536


def write_table(engine: Engine, table: str, folder: Path, order_by: Sequence[str] = ()) -> list[Path]:
    """Write a table into `folder` anew and return its files, in order."""
    shutil.rmtree(folder, ignore_errors=True)
    engine.write(table, folder, order_by)
    return sorted(folder.glob("*.parquet"))


def numbers(column: Any) -> NDArray[Any]:
    """An Arrow column as numpy: whole numbers as int64, decimals of up to 18 digits as the nearest doubles; null as 0."""
    import pyarrow as pa

    if not pa.types.is_decimal(column.type):
        whole: NDArray[Any] = column.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
        return whole
    plain = column.cast(pa.decimal128(38, column.type.scale)).fill_null(0)
    words = np.frombuffer(plain.buffers()[1], dtype=np.int64)
    unscaled = words[2 * plain.offset : 2 * (plain.offset + len(plain)) : 2]
    found: NDArray[Any] = unscaled / 10.0**column.type.scale
    return found


def batches(files: Sequence[Path], columns: Sequence[str] | None = None) -> Iterator[Any]:
    """Yield Arrow record batches of at most `BATCH_ROWS` rows, in the order of the files."""
    import pyarrow.parquet as pq

    for file in files:
        with pq.ParquetFile(file) as opened:
            yield from opened.iter_batches(BATCH_ROWS, columns=columns)
