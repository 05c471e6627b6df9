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
from tierwise.sql.median import median_steps, unit_of, whole_median_step
from tierwise.sql.steps import Step

Rows = list[tuple[int, Decimal | None]]


def rows_of(seed: int) -> Rows:
    """Groups of many shapes: one value, two, all nulls, negatives around a unit's edge, dense cents, far apart."""
    dice = random.Random(seed)
    edges = [Decimal(cents) / 100 for cents in (-151, -150, -149, -51, -50, -49, -1, 0, 1, 49, 50, 51, 149, 150, 151)]
    rows: Rows = [(1, Decimal("7.77")), (2, Decimal("1.00")), (2, Decimal("2.00")), (3, None)]
    rows += [(4, dice.choice(edges)) for _ in range(dice.randrange(1, 60))]
    rows += [(5, Decimal(dice.randrange(0, 300)) / 100) for _ in range(dice.randrange(1, 200))]
    rows += [(6, Decimal(dice.randrange(-(10**13), 10**13)) / 100) for _ in range(dice.randrange(1, 40))]
    ends = [Decimal(end) for end in (-1000, 1000, 100_000, 10_000_000, 1_000_000_000, 10**11)]
    close = [Decimal(cents) / 100 for cents in (-60, -50, -1, 0, 1, 50, 60)]
    rows += [(8, dice.choice(ends) + dice.choice(close)) for _ in range(dice.randrange(1, 60))]
    rows += [(7, dice.choice([None, Decimal("0.50"), Decimal("0.49")])) for _ in range(30)]
    dice.shuffle(rows)
    return rows


def medians(engine: Engine, folder: Path, rows: Rows) -> dict[int, Decimal]:
    """The medians by rank; the same rows grouped by another column, and with units made beforehand, give the same."""
    kinds = pa.schema([("rank", pa.int32()), ("other", pa.int32()), ("money", pa.decimal128(18, 2))])
    file = folder / "rows.parquet"
    told = [{"rank": rank, "other": -rank, "money": money} for rank, money in rows]
    pq.write_table(pa.Table.from_pylist(told, schema=kinds), file)
    engine.attach("people", [file])
    engine.run(Step("with_units", f"SELECT rank, other, money, {unit_of('money')} AS unit FROM people"))
    run_plan(engine, median_steps("m", "people", "money", ("rank", "other"), "middle"))
    run_plan(engine, median_steps("u", "with_units", "money", ("rank",), "middle_by_units", "unit"))
    found = middles(engine, "middle")
    assert {("other", -part): value for (_, part), value in of(found, "rank").items()} == of(found, "other")
    assert middles(engine, "middle_by_units") == of(found, "rank")
    return {part: value for (_, part), value in of(found, "rank").items()}


def middles(engine: Engine, table: str) -> dict[tuple[str, int], Decimal]:
    rows = engine.records(table, f"SELECT * FROM {table}")
    return {(row["grouping_column"], row["part"]): (Decimal(row["low"]) + row["high"]) / 2 for row in rows}


def of(found: dict[tuple[str, int], Decimal], grouping: str) -> dict[tuple[str, int], Decimal]:
    return {place: value for place, value in found.items() if place[0] == grouping}


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


@pytest.mark.parametrize("seed", range(4))
def test_whole_numbers_equal_pythons(seed: int, tmp_path: Path, duck: DuckDBEngine) -> None:
    rows = [(rank, None if money is None else money.to_integral_value()) for rank, money in rows_of(seed)]
    medians(duck, tmp_path, rows)
    duck.run(whole_median_step("w", "people", "money", ("rank",), "whole_middle"))
    assert {part: value for (_, part), value in middles(duck, "whole_middle").items()} == expected(rows)


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
