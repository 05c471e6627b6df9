"""`python -m benchmarks.flapping`: how often tiers flap from run to run, with and without a margin and a minimum stay.

Makes the demo shop once, runs three models at the end of each of the last months, each time with the orders up to
that day, and counts over all customers present in three runs in a row: changes of tier, and flaps (a tier left and
taken up again in the very next run).
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tierwise.contracts.rows import Rows
from tierwise.engine.duckdb import DuckDBEngine

SETTINGS: dict[str, dict[str, Any]] = {
    "as the rules say": {},
    "margin 10 %": {"margin_percent": 10},
    "stay 60 days": {"minimum_stay_days": 60},
    "margin 10 %, stay 60 days": {"margin_percent": 10, "minimum_stay_days": 60},
}
MODELS = ("rfm", "lifecycle", "pyramid")


def main() -> None:
    """Make the shop, run, count, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=5000)
    parser.add_argument("--months", type=int, default=8)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        orders, last = shop(folder / "shop", chosen.customers)
        days = [last - timedelta(days=30 * months) for months in reversed(range(chosen.months))]
        print(
            f"demo shop, {chosen.customers:,} customers, {len(days)} runs from {days[0]} to {days[-1]}, every 30 days"
        )
        print(f"{'model':<12}{'setting':<28}{'changes':>9}{'flaps':>8}{'flaps per 100 changes':>24}")
        for title, settings in SETTINGS.items():
            for model, (changes, flaps) in counted(folder / title.replace(" ", "-"), orders, settings, days).items():
                share = f"{100 * flaps / changes:.1f}" if changes else "–"
                print(f"{model:<12}{title:<28}{changes:>9,}{flaps:>8,}{share:>24}")


def shop(folder: Path, customers: int) -> tuple[Path, date]:
    """Simulate the orders of a shop; return their file and the day of the last."""
    from tierwise.datasets import simulate_shop
    from tierwise.engine.duckdb import DuckDBEngine

    simulate_shop(folder, customers, tables=("orders",), dirt=False)
    file = folder / "orders.parquet"
    with DuckDBEngine() as engine:
        columns = engine.native_records("columns", f"DESCRIBE SELECT * FROM read_parquet('{file}')")
        column = "order_date" if any(c["column_name"] == "order_date" for c in columns) else "ordered_at"
        last = engine.native("last", f"SELECT CAST(MAX({column}) AS DATE) FROM read_parquet('{file}')")[0][0]
    return file, last


def counted(folder: Path, orders: Path, settings: dict[str, Any], days: Sequence[date]) -> dict[str, tuple[int, int]]:
    """Run the models on each day; per model the changes of tier and the flaps."""
    from tierwise.config.document import Document
    from tierwise.pipeline import Job, Source, run
    from tierwise.registry import build_models
    from tierwise.snapshots.workspace import Workspace

    seen: dict[str, list[dict[str, str]]] = {model: [] for model in MODELS}
    for day in days:
        models = build_models(Document({"models": dict.fromkeys(MODELS, settings)}, "benchmark"))
        published = run(Job(Workspace(folder), [Source("orders", str(orders))], models, as_of=day))
        for model in MODELS:
            seen[model].append(tiers(published.labels(model)))
    return {model: flapping(labels) for model, labels in seen.items()}


def tiers(labels: Rows) -> dict[str, str]:
    """The tier of every customer in a label table."""
    with DuckDBEngine() as engine:
        engine.attach("labels", labels)
        return dict(engine.native("tiers", "SELECT customer_id, tier FROM labels"))


def flapping(labels: Sequence[dict[str, str]]) -> tuple[int, int]:
    """Changes of tier, and those taken back in the next run, among customers in three runs in a row."""
    changes = flaps = 0
    for before, now, after in zip(labels, labels[1:], labels[2:], strict=False):
        for customer, tier in now.items():
            if customer in before and customer in after and before[customer] != tier:
                changes += 1
                flaps += before[customer] == after[customer]
    return changes, flaps


if __name__ == "__main__":
    main()
