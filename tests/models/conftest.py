"""Label a handful of customers, given their indicators, through the real SQL."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import settings

from tierwise.contracts.model import TierModel
from tierwise.contracts.scheme import Scheme
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.plans import run_plan
from tierwise.labelling import fit
from tierwise.sql.scheme import label_steps

QUICK = settings(max_examples=200 if os.environ.get("CI") else 15, deadline=None, derandomize=True)
"""Every example labels customers through the engine: few of them at the desk, many in CI, the same ones each time."""
MONEY = ("monetary", "profit")
Row = Mapping[str, Any]
Label = Callable[[TierModel[Any], Sequence[Row]], dict[str, dict[str, Any]]]


def as_arrow(rows: Sequence[Row]) -> pa.Table:
    """Rows as an indicator table: money DECIMAL(18, 2), the rest BIGINT; customers are named by their place."""
    named = [{"customer_id": f"c{place:03d}", **row} for place, row in enumerate(rows)]
    schema = pa.schema([(column, _kind(column)) for column in named[0]])
    exact = [{k: Decimal(v) if k.startswith(MONEY) and v is not None else v for k, v in row.items()} for row in named]
    return pa.Table.from_pylist(exact, schema=schema)


def _kind(column: str) -> pa.DataType:
    if column == "customer_id":
        return pa.string()
    return pa.decimal128(18, 2) if column.startswith(MONEY) else pa.int64()


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    with DuckDBEngine(threads=1) as opened:
        yield opened


@pytest.fixture(scope="module")
def label(engine: DuckDBEngine) -> Label:
    """Return the label row of each customer; the fitted scheme stays in `model.scheme_`."""

    def labelled(model: TierModel[Any], rows: Sequence[Row]) -> dict[str, dict[str, Any]]:
        engine.register("indicators", as_arrow(rows))
        scheme: Scheme = fit(engine, model).scheme_
        run_plan(engine, label_steps(scheme, "indicators", "labels"))
        return {row["customer_id"]: row for row in engine.records("labels", "SELECT * FROM labels")}

    return labelled
