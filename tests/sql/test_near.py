"""Cut-points found among few values are those found among all, on both engines."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.sql.test_median import rows_of

from tierwise.engine.base import Engine
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.plans import run_plan
from tierwise.sql.histogram import CutRequest, cut_steps

PERCENTS = (Decimal("0.5"), Decimal(20), Decimal("99.9"))
REQUESTS = {
    "quintiles": CutRequest("money", "quantile", True, 5),
    "tenths downwards": CutRequest("money", "quantile", False, 10),
    "median": CutRequest("money", "median", True),
    "top": CutRequest("money", "top", True, top_percents=PERCENTS),
    "quintiles in groups": CutRequest("money", "quantile", True, 5, by=("rank",)),
    "median in groups": CutRequest("money", "median", True, by=("rank",)),
    "top in groups": CutRequest("money", "top", True, top_percents=PERCENTS, by=("rank",)),
}


def attach(engine: Engine, folder: Path, rows: list[dict[str, Any]], kind: Any = pa.decimal128(18, 2)) -> None:
    file = folder / "rows.parquet"
    pq.write_table(pa.Table.from_pylist(rows, pa.schema([("rank", pa.int32()), ("money", kind)])), file)
    engine.attach("people", [file])


def both_ways(engine: Engine, request: CutRequest) -> tuple[list[Any], list[Any]]:
    """The cut-points found in units, and those found in the histogram of all values."""
    run_plan(engine, cut_steps("near", "people", request))
    run_plan(engine, cut_steps("all", "people", request, few=True))
    near, every = (engine.records(name, f"SELECT * FROM {name}_cuts") for name in ("near", "all"))
    return sorted(near, key=repr), sorted(every, key=repr)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("name", REQUESTS)
def test_the_same_cut_points(name: str, seed: int, tmp_path: Path, duck: DuckDBEngine) -> None:
    attach(duck, tmp_path, [{"rank": rank, "money": money} for rank, money in rows_of(seed)])
    near, every = both_ways(duck, REQUESTS[name])
    assert near == every
    assert any(row["lowest"] is not None for row in every)


@pytest.mark.parametrize("name", REQUESTS)
def test_whole_numbers_too(name: str, tmp_path: Path, duck: DuckDBEngine) -> None:
    attach(duck, tmp_path, [{"rank": n % 3, "money": n * n % 37 - 9} for n in range(200)], pa.int64())
    near, every = both_ways(duck, REQUESTS[name])
    assert near == every


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize("rows", [[], [{"rank": 1, "money": None}], [{"rank": 1, "money": Decimal("2.50")}]])
def test_nothing_and_one(name: str, rows: list[dict[str, Any]], tmp_path: Path, duck: DuckDBEngine) -> None:
    attach(duck, tmp_path, rows)
    near, every = both_ways(duck, REQUESTS[name])
    assert near == every


@pytest.mark.spark
@pytest.mark.slow
def test_the_same_cut_points_on_spark(tmp_path: Path, make_spark: Callable[..., Engine]) -> None:
    engine = make_spark()
    try:
        attach(engine, tmp_path, [{"rank": rank, "money": money} for rank, money in rows_of(1)])
        for request in REQUESTS.values():
            near, every = both_ways(engine, request)
            assert near == every
    finally:
        engine.close()
