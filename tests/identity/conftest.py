"""Small tables of hand-written rows, and what becomes of one value."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pyarrow as pa
import pytest

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.identity.folding import quoted
from tierwise.identity.kinds import Kind
from tierwise.identity.standardise import standardise

Rows = Sequence[dict[str, str | None]]


@pytest.fixture
def load(duck: DuckDBEngine) -> Callable[[str, Rows], str]:
    """Make a table of the rows; a column that a row leaves out is null."""

    def make(table: str, rows: Rows) -> str:
        columns = list(dict.fromkeys(column for row in rows for column in row))
        arrays = {column: pa.array([row.get(column) for row in rows], pa.string()) for column in columns}
        duck.register("loading", pa.table(arrays))
        duck.native("load", f"CREATE OR REPLACE TABLE {quoted(table)} AS SELECT * FROM loading")
        duck.unregister("loading")
        return table

    return make


@pytest.fixture
def forms(duck: DuckDBEngine, load: Callable[[str, Rows], str]) -> Callable[..., list[str | None]]:
    """One form of each of some values of a kind, in their order."""

    def of(kind: Kind, form: str, *values: str | None, region: str = "CN") -> list[str | None]:
        table = load("given", [{"n": f"{n:04d}", "value": value} for n, value in enumerate(values)])
        made = standardise(duck, table, {"value": kind}, region)
        return [
            row["form"] for row in duck.native_records("form", f"SELECT value_{form} AS form FROM {made} ORDER BY n")
        ]

    return of
