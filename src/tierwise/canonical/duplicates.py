"""Exact copies of rows, found by a hash over all columns of the source."""

from __future__ import annotations

from pathlib import Path

from tierwise.canonical.headers import plain
from tierwise.canonical.staging import mark_rows
from tierwise.contracts.ingest import Mapping, RawTable
from tierwise.engine.duckdb import DuckDBEngine

_LINE_MARKS = (
    "product", "sku", "item", "quantity", "qty", "stock", "lineitem", "商品", "货号", "数量", "产品", "宝贝", "品类", "单价", "款号",
)  # fmt: skip


def has_lines(raw: RawTable, mapping: Mapping) -> bool:
    """Tell a file of order lines, where two equal rows are two lines, by what its columns are called."""
    product = len(mapping.need("amount").columns) > 1
    return product or any(mark in plain(column.name) for column in raw.columns for mark in _LINE_MARKS)


def count_copies(engine: DuckDBEngine, raw: RawTable, staged: str) -> int:
    """Return how many rows in use are exact copies of another: all but one of each."""
    copies = engine.native(
        "copies of rows",
        f"SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM ({row_hashes(raw, staged)}) GROUP BY h)",
    )
    return int(copies[0][0])


def mark_copies(engine: DuckDBEngine, raw: RawTable, staged: str, file: Path) -> str:
    """Set aside all but the first of equal rows; return what to select from."""
    hashes = row_hashes(raw, staged)
    later = (
        f"SELECT row_number FROM ({hashes}) WHERE h IN (SELECT h FROM ({hashes}) GROUP BY h HAVING count(*) > 1) "
        "QUALIFY row_number() OVER (PARTITION BY h ORDER BY row_number) > 1"
    )
    return mark_rows(engine, staged, "duplicate_row", later, "", file)


def row_hashes(raw: RawTable, staged: str) -> str:
    """SQL: `row_number` and `h`, the hash over all columns as the source says them, of the rows in use."""
    keys = ", ".join(column.said for column in raw.columns)
    return (
        f'SELECT row_number, hash({keys}) AS h FROM "{raw.relation}" '
        f"WHERE row_number NOT IN (SELECT row_number FROM {staged} WHERE rejected_for IS NOT NULL)"
    )
