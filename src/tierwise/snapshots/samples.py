"""Large imports are looked at by a sample: the rows of one share of their customers (or orders)."""

from __future__ import annotations

from tierwise.contracts.ingest import ROWS_PER_SHARE, CanonicalTable
from tierwise.engine.duckdb import DuckDBEngine

_BY = ("customer_id", "order_id")


def is_sampled(table: CanonicalTable) -> bool:
    """Whether a table has so many rows that some of them are looked at."""
    return table.rows >= ROWS_PER_SHARE and _key(table) is not None


def attach_some(engine: DuckDBEngine, name: str, table: CanonicalTable) -> int:
    """Attach a table, of a large one the rows of one share; return how many rows.

    Where its files were dealt into these very shares, the others are not read.
    """
    shares, key = 1 + table.rows // ROWS_PER_SHARE, _key(table)
    if not is_sampled(table) or key is None:
        engine.attach(name, table.files)
        return table.rows
    if (table.shares, key) == (shares, "customer_id") and (dealt := table.share(0)):
        engine.attach(name, dealt)
    else:
        engine.attach_share(name, table.files, key, 0, shares)
    return int(engine.native("rows of a sample", f'SELECT count(*) FROM "{name}"')[0][0])


def _key(table: CanonicalTable) -> str | None:
    return next((column for column in _BY if column in table.columns), None)
