"""Medians of groups: equal to Python's on any values, on both engines."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tierwise.engine.base import Engine
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.plans import run_plan
from tierwise.sql.median import median_steps

Rows = list[tuple[int, Decimal | None]]


def rows_of(seed: int) -> Rows:
    """Groups of many shapes: one value, two, all nulls, negatives around a unit's edge, dense cents, far apart."""
    dice = random.Random(seed)
    edges = [Decimal(cents) / 100 for cents in (-151, -150, -149, -51, -50, -49, -1, 0, 1, 49, 50, 51, 149, 150, 151)]
    rows: Rows = [(1, Decimal("7.77")), (2, Decimal("1.00")), (2, Decimal("2.00")), (3, None)]
    rows += [(4, dice.choice(edges)) for _ in range(dice.randrange(1, 60))]
    rows += [(5, Decimal(dice.randrange(0, 300)) / 100) for _ in range(dice.randrange(1, 200))]
    rows += [(6, Decimal(dice.randrange(-(10**13), 10**13)) / 100) for _ in range(dice.randrange(1, 40))]
    rows += [(7, dice.choice([None, Decimal("0.50"), Decimal("0.49")])) for _ in range(30)]
    dice.shuffle(rows)
    return rows


def medians(engine: Engine, folder: Path, rows: Rows) -> dict[int, Decimal]:
    kinds = pa.schema([("rank", pa.int32()), ("money", pa.decimal128(18, 2))])
    file = folder / "rows.parquet"
    pq.write_table(pa.Table.from_pylist([{"rank": rank, "money": money} for rank, money in rows], schema=kinds), file)
    engine.attach("people", [file])
    run_plan(engine, median_steps("m", "people", "money", "rank", "middle"))
    return {row["part"]: (row["low"] + row["high"]) / 2 for row in engine.records("middle", "SELECT * FROM middle")}


def expected(rows: Rows) -> dict[int, Decimal]:
    groups: dict[int, list[Decimal]] = {}
    for rank, money in rows:
        if money is not None:
            groups.setdefault(rank, []).append(money)
    return {rank: statistics.median(values) for rank, values in groups.items()}


@pytest.mark.parametrize("seed", range(12))
def test_equals_pythons(seed: int, tmp_path: Path, duck: DuckDBEngine) -> None:
    rows = rows_of(seed)
    assert medians(duck, tmp_path, rows) == expected(rows)


@pytest.mark.spark
@pytest.mark.slow
def test_equals_pythons_on_spark(tmp_path: Path, make_spark: Callable[..., Engine]) -> None:
    engine = make_spark()
    try:
        for seed in range(3):
            rows = rows_of(seed)
            folder = tmp_path / str(seed)
            folder.mkdir()
            assert medians(engine, folder, rows) == expected(rows)
    finally:
        engine.close()
