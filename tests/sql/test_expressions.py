"""Each portable spelling against plain Python, on edge values, and the same on both engines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import trunc
from typing import Any

import pytest

from tierwise.engine.base import Engine
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.sql.expressions import (
    cents,
    count_where,
    date_before,
    days_between,
    literal,
    money_ratio,
    percent_change,
    percent_of_money,
    scaled_ratio,
    total_money,
)
from tierwise.sql.steps import Step

CENT = Decimal("0.01")
LARGEST = Decimal("9999999999999999.99")
MONEY = [None, "0", "0.01", "-0.01", "0.05", "-0.05", "1", "10.005", "-10.01", "99.99", "100", "-100", "1234567.89"]
AMOUNTS = [Decimal(amount).quantize(CENT, ROUND_DOWN) if amount else None for amount in MONEY]
COUNTS = [0, 1, 2, 3, 7, 200]


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=[pytest.mark.spark, pytest.mark.slow])])
def engine(request: pytest.FixtureRequest) -> Any:
    opened: Engine = request.getfixturevalue("make_spark")() if request.param == "spark" else DuckDBEngine()
    yield opened
    opened.close()


def table(engine: Engine, columns: dict[str, str], rows: Sequence[Sequence[Any]]) -> None:
    """Make the table `t` of literal rows; `columns` names each with its type."""
    listed = ", ".join("(" + ", ".join("NULL" if v is None else literal(v) for v in row) + ")" for row in rows)
    cast = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in columns.items())
    engine.run(Step("t", f"SELECT {cast} FROM (VALUES {listed}) AS v({', '.join(columns)})", stored=True))


def computed(engine: Engine, expression: str) -> dict[int, Any]:
    return {row["id"]: row["found"] for row in engine.records("t", f"SELECT id, {expression} AS found FROM t")}


def test_cents(engine: Engine) -> None:
    around = [Decimal(10**14) + step for step in (-CENT, Decimal(0), CENT)]
    amounts = [*AMOUNTS, LARGEST, -LARGEST, *around, *(-amount for amount in around)]
    table(engine, {"id": "BIGINT", "m": "DECIMAL(18, 2)"}, list(enumerate(amounts)))
    expected = {place: None if amount is None else int(amount * 100) for place, amount in enumerate(amounts)}
    assert computed(engine, cents("m")) == expected


def test_money_ratio_rounds_half_away_from_zero(engine: Engine) -> None:
    pairs = [(amount, count) for amount in AMOUNTS for count in COUNTS]
    rows = [(place, amount, count) for place, (amount, count) in enumerate(pairs)]
    table(engine, {"id": "BIGINT", "m": "DECIMAL(18, 2)", "n": "BIGINT"}, rows)
    expected = {
        place: None if amount is None or count == 0 else (amount / count).quantize(CENT, ROUND_HALF_UP)
        for place, amount, count in rows
    }
    assert computed(engine, money_ratio("m", "n")) == expected


def test_percent_change_is_cut_towards_zero(engine: Engine) -> None:
    pairs = [(now, before) for now in AMOUNTS for before in AMOUNTS]
    rows = [(place, now, before) for place, (now, before) in enumerate(pairs)]
    table(engine, {"id": "BIGINT", "now": "DECIMAL(18, 2)", "earlier": "DECIMAL(18, 2)"}, rows)
    expected = {
        place: None if now is None or before is None or before <= 0 else int((now - before) * 100 / before)
        for place, now, before in rows
    }
    assert computed(engine, percent_change("now", "earlier")) == expected


def test_days_between(engine: Engine) -> None:
    """Across a leap day, a change to summer time, a century, and backwards."""
    pairs = [
        (date(2024, 2, 28), date(2024, 3, 1)), (date(2026, 3, 7), date(2026, 3, 9)), (date(1899, 12, 31), date(2026, 1, 1)),
        (date(2026, 5, 2), date(2026, 5, 1)), (date(2026, 5, 1), date(2026, 5, 1)), (None, date(2026, 5, 1)),
    ]  # fmt: skip
    rows = [(place, *pair) for place, pair in enumerate(pairs)]
    table(engine, {"id": "BIGINT", "a": "DATE", "b": "DATE"}, rows)
    expected = {place: None if a is None or b is None else (b - a).days for place, a, b in rows}
    assert computed(engine, days_between("a", "b")) == expected


def test_totals_and_counts(engine: Engine) -> None:
    rows = [(place % 3, amount, place) for place, amount in enumerate([*AMOUNTS, Decimal("0.05")])]
    table(engine, {"id": "BIGINT", "m": "DECIMAL(18, 2)", "n": "BIGINT"}, [*rows, (9, None, None)])
    query = f"SELECT id, {total_money('m')} AS total, {count_where('m > 0')} AS above FROM t GROUP BY id"
    found = {row["id"]: (row["total"], row["above"]) for row in engine.records("t", query)}
    groups = {place: [amount for key, amount, _ in rows if key == place and amount is not None] for place in range(3)}
    assert found == {k: (sum(v, Decimal(0)), sum(a > 0 for a in v)) for k, v in groups.items()} | {9: (Decimal(0), 0)}


def test_text_survives_as_a_literal(engine: Engine) -> None:
    words = ["O'Brien", "客户", "a\\b", "100%", '"', "", " x ", "--", "\\'", "tab\there"]
    table(engine, {"id": "BIGINT", "w": "VARCHAR"}, list(enumerate(words)))
    assert computed(engine, "w") == dict(enumerate(words))


def test_decimals_are_written_in_full() -> None:
    assert literal(Decimal("1E+3")) == "1000" and literal(Decimal("1E-7")) == "0.0000001"
    assert literal(date(2026, 1, 2)) == "CAST('2026-01-02' AS DATE)"


def test_a_window_before_the_calendar_begins_is_everything() -> None:
    assert date_before(date(2026, 1, 1), 10**7) == date(1, 1, 1)
    assert date_before(date(2026, 3, 1), 1) == date(2026, 2, 28)


LARGE = [Decimal(amount) for amount in ("9999999999999999.99", "1000000000000000.00", "999999999999999.97", "100000000000000.00",
                                        "99999999999999.99", "3333333333333333.33", "777.77", "0.03")]  # fmt: skip


def test_percentages_of_money_of_every_size(engine: Engine) -> None:
    """A hundred times the cents of the largest amounts does not fit into 64 bits."""
    signed = [*LARGE, *(-amount for amount in LARGE), Decimal("0.00")]
    pairs = [(one, other) for one in signed for other in signed]
    rows = [(place, *pair) for place, pair in enumerate(pairs)]
    table(engine, {"id": "BIGINT", "a": "DECIMAL(18, 2)", "b": "DECIMAL(18, 2)"}, rows)
    for expression, of in (
        (percent_change("a", "b"), lambda a, b: a - b),
        (percent_of_money("a", "b"), lambda a, b: a),
    ):
        exact = {place: trunc(Fraction(of(a, b)) * 100 / Fraction(b)) if b > 0 else None for place, a, b in rows}
        for place, value in computed(engine, expression).items():
            known = exact[place]
            assert value == known or (
                known is not None and value is not None and min(abs(value), abs(known)) >= 9 * 10**18
            )


def test_scaled_ratios_of_money_of_every_size(engine: Engine) -> None:
    signed = [amount for amount in (*LARGE, *AMOUNTS) if amount is not None]
    rows = list(enumerate([*signed, *(-amount for amount in signed)]))
    table(engine, {"id": "BIGINT", "m": "DECIMAL(20, 2)"}, rows)
    for times, count in ((1, 35), (30, 90), (7, 365), (30, 30)):
        expected = {place: (m * times / count).quantize(CENT, ROUND_HALF_UP) for place, m in rows}
        assert computed(engine, scaled_ratio("m", times, count)) == expected
