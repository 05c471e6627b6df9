"""Small tables attached to an engine, so that every figure can be counted by hand."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tierwise.contracts.tables import TABLES, Kind

ARROW = {
    Kind.TEXT: pa.string(), Kind.DATE: pa.date32(), Kind.TIMESTAMP: pa.timestamp("us"),
    Kind.MONEY: pa.decimal128(18, 2), Kind.QUANTITY: pa.decimal128(18, 4), Kind.INTEGER: pa.int64(),
}  # fmt: skip
DAY = datetime.date(2026, 1, 31)


def _value(kind: Kind, given: Any) -> Any:
    if given is None:
        return None
    if kind is Kind.DATE:
        return datetime.date.fromisoformat(given)
    if kind is Kind.TIMESTAMP:
        return datetime.datetime.fromisoformat(given)
    return Decimal(str(given)) if kind in (Kind.MONEY, Kind.QUANTITY) else given


def write_table(folder: Path, table: str, columns: str, rows: list[tuple[Any, ...]]) -> Path:
    """Write rows of some columns of a canonical table as it lies in a workspace."""
    names = columns.split()
    kinds = [TABLES[table].column(name).kind for name in names]
    data = {
        name: pa.array([_value(kind, row[place]) for row in rows], ARROW[kind])
        for place, (name, kind) in enumerate(zip(names, kinds, strict=True))
    }
    file = folder / table / "part-0.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(data), file)
    return file


@pytest.fixture
def attach(tmp_path, duck) -> Callable[..., frozenset[str]]:
    """Write and attach a table; returns its columns."""

    def attached(table: str, columns: str, rows: list[tuple[Any, ...]], engine: Any = duck) -> frozenset[str]:
        engine.attach(table, [write_table(tmp_path, table, columns, rows)])
        return frozenset(columns.split())

    return attached
