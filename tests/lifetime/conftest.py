"""A shop written down as rows: customer, day, amount, and where needed cost and status."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tierwise.engine.base import Engine
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.lifetime.reading import Shop

START = date(2026, 1, 1)
Order = tuple[str, int, str | int] | tuple[str, int, str | int, str | int | None]
OpenShop = Callable[..., Shop]


def write_orders(file: Path, orders: Iterable[Sequence[Any]], *, cost: bool = False) -> None:
    """Write orders (customer, days after START, amount[, cost]); below zero is a refund, `void …` a void order."""
    rows = []
    for place, (customer, day, amount, *more) in enumerate(orders):
        void = isinstance(amount, str) and amount.startswith("void ")
        money = Decimal(str(amount).removeprefix("void "))
        status = "void" if void else "refund" if money < 0 else "sale"
        row = {
            "order_id": f"o{place}", "customer_id": customer, "order_date": START + timedelta(days=day),
            "amount": money, "status": status,
        }  # fmt: skip
        if cost:
            row["cost"] = None if not more or more[0] is None else Decimal(str(more[0]))
        rows.append(row)
    money_type = pa.decimal128(18, 2)
    schema = [("order_id", pa.string()), ("customer_id", pa.string()), ("order_date", pa.date32())]
    schema += [("amount", money_type), ("status", pa.string())] + ([("cost", money_type)] if cost else [])
    pq.write_table(pa.Table.from_pylist(rows, schema=pa.schema(schema)), file)


def attach_shop(
    engine: Engine, folder: Path, orders: Iterable[Sequence[Any]], last_day: int, cost: bool = False
) -> Shop:
    folder.mkdir(parents=True, exist_ok=True)
    write_orders(folder / "orders.parquet", orders, cost=cost)
    engine.attach("orders", [folder / "orders.parquet"])
    columns = frozenset(pq.read_schema(folder / "orders.parquet").names)
    return Shop(engine, {"orders": columns}, START + timedelta(days=last_day), folder / "scratch")


@pytest.fixture
def open_shop(duck: DuckDBEngine, tmp_path: Path) -> OpenShop:
    """Open a shop on DuckDB from its orders and the last day seen."""

    def opened(orders: Iterable[Sequence[Any]], last_day: int, cost: bool = False) -> Shop:
        return attach_shop(duck, tmp_path / "shop", orders, last_day, cost)

    return opened


def busy_shop(customers: int = 600, days: int = 400, seed: int = 3) -> list[tuple[str, int, str]]:
    """Orders of customers with rates and drop-out of their own: MBG/NBD by hand, at the resolution of a day."""
    rng = np.random.default_rng(seed)
    orders = []
    for number in range(customers):
        day, rate, leave = int(rng.integers(0, days // 2)), rng.gamma(0.8, 1 / 25), rng.beta(1.0, 3.0)
        mean = 15 / rng.gamma(4.0, 1 / 3.0)
        while day <= days:
            orders.append((f"c{number:04d}", day, f"{max(rng.gamma(6.0, mean / 6.0), 0.01):.2f}"))
            if rng.random() < leave:
                break
            day += max(int(np.ceil(rng.exponential(1 / rate))), 1) if rate * days > 1e-3 else days + 1
    return orders
