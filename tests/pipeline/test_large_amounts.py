"""Shops in a currency of many zeros: every model runs on amounts up to what money may be, and sums stay exact."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from tests.label_tables import label_file

from tierwise.config.document import Document
from tierwise.contracts.tables import TABLES
from tierwise.datasets import simulate_shop
from tierwise.pipeline import Job, Source, run
from tierwise.registry import build_models, models
from tierwise.snapshots.runs import Run
from tierwise.snapshots.workspace import Workspace

MONEY = {
    "orders": ("amount", "discount", "cost"),
    "order_lines": ("unit_price",),
    "customers": ("annual_revenue", "acquisition_cost"),
    "balances": ("assets",),
    "touches": ("cost",),
}
LARGEST_TOTAL = 9_000_000_000_000_000
"""What the best customer's orders are to add up to; money holds 9,999,999,999,999,999.99."""


def scaled(shop: Path, times: dict[str, int]) -> list[Source]:
    """The tables of a shop with their money multiplied."""
    sources = []
    for table in TABLES:
        file = shop / f"{table}.parquet"
        if not file.exists():
            continue
        held = {row[0] for row in duckdb.sql(f"DESCRIBE FROM '{file}'").fetchall()}
        columns = [name for name in MONEY.get(table, ()) if name in held]
        changed = ", ".join(f"CAST({name} * {times[table]} AS DECIMAL(20, 4)) AS {name}" for name in columns)
        target = shop / f"{table}.large.parquet"
        select = f"SELECT * REPLACE ({changed})" if columns else "SELECT *"
        duckdb.sql(f"COPY ({select} FROM '{file}') TO '{target}' (FORMAT parquet)")
        sources.append(Source(table, str(target)))
    return sources


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, int, Path]:
    folder = tmp_path_factory.mktemp("large")
    shop = folder / "shop"
    simulate_shop(shop, 400, seed=11)
    best = duckdb.sql(
        f"SELECT max(total) FROM (SELECT sum(abs(amount)) AS total FROM '{shop}/orders.parquet' GROUP BY customer_id)"
    ).fetchall()[0]
    times = LARGEST_TOTAL // int(best[0] + 1)
    # Balances up to the same size, prices as wide as their four places leave room for.
    by_table = dict.fromkeys(MONEY, times) | {
        "order_lines": 10**8,
        "balances": 10**9,
        "touches": 10**9,
        "customers": 10**7,
    }
    built = build_models(Document({"models": {name: {} for name in models()}}, "tierwise.yaml"))
    published = run(Job(Workspace(folder / "workspace"), scaled(shop, by_table), built, timezone="Asia/Shanghai"))
    return published, times, folder


def test_every_model_labels_everyone(large: tuple[Run, int, Path]) -> None:
    published, _, folder = large
    assert set(published.manifest.models) == set(models())
    people = published.manifest.totals["customers"]
    for name in models():
        rows = duckdb.sql(f"SELECT count(tier) FROM '{label_file(published.labels(name), folder / name)}'").fetchall()[
            0
        ]
        assert rows == (people,)


def test_sums_are_exact(large: tuple[Run, int, Path]) -> None:
    """Of the rows that can be used: the shop has some without a customer, and some that stand twice."""
    published, times, folder = large
    used = f"(SELECT DISTINCT * FROM '{folder}/shop/orders.parquet' WHERE customer_id <> '')"
    total = duckdb.sql(f"SELECT sum(amount) FROM {used} WHERE status <> 'void'").fetchall()[0][0]
    assert Decimal(published.manifest.totals["revenue"]) == Decimal(total) * times
