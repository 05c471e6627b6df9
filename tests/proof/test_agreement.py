"""One rule, four readings: the expression in Python, the z3 formulas, DuckDB and Spark agree on every customer."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import z3
from tests.proof.generator import DOMAINS, SHOPS, RuleSet, broken, sound

from tierwise.contracts.mece import Grid
from tierwise.engine.base import Engine
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.plans import read_tables, run_plan
from tierwise.proof import check_customers, customer_check
from tierwise.proof.encoding import Encoding

Row = dict[str, Any]


def customers(made: RuleSet, count: int, seed: int) -> list[Row]:
    """Random people, many of them on the boundaries of the rules, some with unknown values."""
    dice = random.Random(seed)
    near: dict[str, list[Any]] = {column: [] for column in DOMAINS}
    for condition in (c for rule in made.claim.rules for when in rule.form for c in when):
        if isinstance(condition.value, int | Decimal):
            step = Decimal("0.01") if DOMAINS[condition.column].grid is Grid.CENTS else 1
            near[condition.column] += [condition.value - step, condition.value, condition.value + step]
        elif condition.value is not None:
            near[condition.column].append(condition.value)
    return [{column: _value(column, near[column], dice) for column in DOMAINS} for _ in range(count)]


def _value(column: str, near: list[Any], dice: random.Random) -> Any:
    domain = DOMAINS[column]
    if domain.nullable and dice.random() < 0.2:
        return None
    if domain.grid is Grid.WORDS:
        return dice.choice([*near, *(domain.words or ("深圳",)), *(() if domain.closed else (*SHOPS, "Oslo"))])
    least, most = (-500 if domain.least is None else domain.least), (domain.most or 500)
    value = dice.choice([*(value for value in near if domain.contains(value)), dice.randint(least, most)])
    return Decimal(value).quantize(Decimal("0.01")) if domain.grid is Grid.CENTS else int(value)


def as_file(rows: list[Row], folder: Path) -> Path:
    kinds = {Grid.WORDS: pa.string(), Grid.WHOLE: pa.int64(), Grid.CENTS: pa.decimal128(18, 2)}
    schema = pa.schema([("customer_id", pa.string()), *((c, kinds[d.grid]) for c, d in DOMAINS.items())])
    named = [{"customer_id": f"c{place:05d}", **row} for place, row in enumerate(rows)]
    pq.write_table(pa.Table.from_pylist(named, schema=schema), folder / "people.parquet")
    return folder / "people.parquet"


def patterns(engine: Engine, made: RuleSet, file: Path) -> dict[tuple[int, ...], int]:
    engine.attach("indicators", [file])
    asked = check_customers(made.claim, DOMAINS, "indicators")
    run_plan(engine, asked.steps)
    found = customer_check(made.claim, read_tables(engine, asked.reads))
    assert not found.outside
    return {pattern.rules: pattern.customers for pattern in found.patterns}


def expected(made: RuleSet, rows: list[Row]) -> dict[tuple[int, ...], int]:
    held = [made.claim.held(row) for row in rows]
    return {places: held.count(places) for places in set(held)}


@pytest.mark.parametrize("seed", range(12))
def test_duckdb_counts_what_the_evaluator_says(seed: int, duck: DuckDBEngine, tmp_path: Path) -> None:
    made = broken(seed) if seed % 3 else sound(seed)
    rows = customers(made, 300, seed)
    assert patterns(duck, made, as_file(rows, tmp_path)) == expected(made, rows)


@pytest.mark.slow
@pytest.mark.spark
def test_spark_counts_what_the_evaluator_says(make_spark: Callable[..., Engine], tmp_path: Path) -> None:
    made = broken(7)
    rows = customers(made, 400, 7)
    engine = make_spark()
    assert patterns(engine, made, as_file(rows, tmp_path)) == expected(made, rows)
    engine.close()


@pytest.mark.parametrize("seed", range(12))
def test_the_formulas_say_what_the_evaluator_says(seed: int) -> None:
    made = broken(seed) if seed % 3 else sound(seed)
    encoding = Encoding(made.claim, DOMAINS)
    solver = z3.Solver(ctx=encoding.context)
    solver.add(*encoding.customers)
    formulas = [encoding.rule(place) for place in range(len(made.claim.rules))]
    for row in customers(made, 12, seed):
        solver.push()
        solver.add(*pinned(encoding, row))
        assert solver.check() == z3.sat
        model = solver.model()
        held = tuple(place for place, rule in enumerate(formulas) if z3.is_true(model.eval(rule, True)))
        assert held == made.claim.held(row)
        solver.pop()


def pinned(encoding: Encoding, row: Row) -> list[Any]:
    """The formulas that fix a customer's values."""
    fixed = []
    for column, value in row.items():
        unknown = encoding.unknown[column]
        fixed.append(unknown if value is None else z3.Not(unknown))
        if isinstance(value, str):
            words = encoding.words[column]
            fixed.append(encoding.value[column] == (words.index(value) if value in words else len(words) - 1))
        elif value is not None:
            fixed.append(encoding.value[column] == int(value * DOMAINS[column].scale))
    return fixed
