"""A small made-up shop, as canonical Parquet tables, that holds every edge case a tier model can meet.

Ties on every indicator, cents and whole amounts, refunds, voids, somebody with refunds only, somebody who never
bought, a negative total, orders after as_of, people registered after it, ids that look like numbers or like SQL.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from tierwise.contracts.tables import TABLES, Kind
from tierwise.testing.sample_tables import further_tables

AS_OF = date(2026, 6, 30)
_ODD_IDS = ("007", "7", "O'Brien", "客户一号", "a b", 'quo"te', "-1", "NULL")
_AMOUNTS = ("19.90", "100.00", "100.00", "100.00", "250.50", "0.00", "0.01", "1999.99")

Row = dict[str, Any]


@dataclass(frozen=True)
class Sample:
    """Canonical tables as Parquet files, and the day to compute for."""

    tables: Mapping[str, Path]
    as_of: date

    def columns(self) -> dict[str, frozenset[str]]:
        """The columns that each table has."""
        import pyarrow.parquet as pq

        return {name: frozenset(pq.read_schema(file).names) for name, file in self.tables.items()}


def write_sample(folder: Path, customers: int = 300, seed: int = 5, shuffled: int | None = None) -> Sample:
    """Write every canonical table into a folder, each with the columns that indicators read.

    The rows depend on `customers` and `seed` alone; `shuffled` seeds another order of the same rows.
    """
    people, orders = _rows(customers, random.Random(seed))
    tables = {"customers": people, "orders": orders, **further_tables(people, orders, AS_OF, random.Random(seed + 1))}
    folder.mkdir(parents=True, exist_ok=True)
    files = {name: folder / f"{name}.parquet" for name in tables}
    for name, rows in tables.items():
        if shuffled is not None:
            random.Random(shuffled).shuffle(rows)
        _write(files[name], name, rows)
    return Sample(files, AS_OF)


def _rows(customers: int, dice: random.Random) -> tuple[list[Row], list[Row]]:
    names = [*_ODD_IDS, *(f"C{number:05d}" for number in range(customers - len(_ODD_IDS)))]
    people = [{"customer_id": name, "registered_at": _day(dice, 700)} for name in names if dice.random() < 0.9]
    people.append({"customer_id": "too-late", "registered_at": AS_OF + timedelta(days=1)})
    people.append({"customer_id": "never-bought", "registered_at": AS_OF - timedelta(days=10)})
    people.append({"customer_id": "unknown-since", "registered_at": None})
    orders: list[Row] = []
    for name in names:
        for _ in range(int(dice.paretovariate(0.9)) % 14):
            orders += _order(name, _day(dice, 700), Decimal(dice.choice(_AMOUNTS)), dice)
    last = AS_OF + timedelta(days=3)
    orders += [_line("only-refunds", AS_OF, Decimal("-5.00"), "refund"), _line("after", last, Decimal(9), "sale")]
    orders += [_line("negative", AS_OF - timedelta(days=40), Decimal(10), "sale")]
    orders += [_line("negative", AS_OF - timedelta(days=39), Decimal("-30.05"), "refund")]
    orders += [_line("only-void", AS_OF, Decimal(50), "void")]
    for number, row in enumerate(orders):
        row["order_id"] = f"N{number}"
    return people, orders


def _day(dice: random.Random, days: int) -> date | None:
    return AS_OF - timedelta(days=dice.choice((0, 1, 29, 30, 31, 89, 90, 91, dice.randrange(days))))


def _order(name: str, day: date | None, amount: Decimal, dice: random.Random) -> list[Row]:
    """One sale, now and then voided, or followed by its refund."""
    luck = dice.random()
    rows = [_line(name, day, amount, "void" if luck < 0.03 else "sale")]
    if luck > 0.93:
        rows.append(_line(name, day, -amount if amount else Decimal("-1.00"), "refund"))
    return rows


def _line(name: str, day: date | None, amount: Decimal, status: str) -> Row:
    cost = (amount * Decimal("0.6")).quantize(Decimal("0.01"))
    return {"customer_id": name, "order_date": day, "amount": amount, "cost": cost, "status": status}


def _write(file: Path, table: str, rows: list[Row]) -> None:
    """Write the columns that the rows have, with the types of the canonical table."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {
        Kind.TEXT: pa.string(),
        Kind.DATE: pa.date32(),
        Kind.MONEY: pa.decimal128(18, 2),
        Kind.QUANTITY: pa.decimal128(18, 4),
        Kind.INTEGER: pa.int64(),
    }
    have = {name for row in rows for name in row}
    columns = [column for column in TABLES[table].columns if column.name in have]
    schema = pa.schema([(column.name, types[column.kind]) for column in columns])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), file)
