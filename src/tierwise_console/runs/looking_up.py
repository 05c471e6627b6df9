"""Engines that stay open, for questions about one customer: opening one takes longer than its answer.

An engine works for one request at a time; a request takes a free one or opens another, so there are never more than
requests at once. They belong to the process that opened them: a forked child opens its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from tierwise.engine.duckdb import DuckDBEngine

MEMORY = "512MB"
_FREE: dict[int, list[DuckDBEngine]] = {}
"""By process."""


@contextmanager
def looking_up() -> Iterator[DuckDBEngine]:
    """An engine of one thread that remembers the footers of the files it has read; what it is asked must be small."""
    free = _FREE.setdefault(os.getpid(), [])
    try:
        engine = free.pop()
    except IndexError:
        engine = _open()
    try:
        yield engine
    except BaseException:
        engine.close()
        raise
    free.append(engine)


def _open() -> DuckDBEngine:
    engine = DuckDBEngine(memory_limit=MEMORY, threads=1)
    engine.native("settings", "SET parquet_metadata_cache = true")
    return engine
