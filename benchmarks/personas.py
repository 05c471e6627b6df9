"""How well the fashion personas, as shipped, find the true personas of the demo shop.

The rules see indicators only; the truth is who the simulator made somebody. Nothing was fitted to it.

    python -m benchmarks.personas [--customers 20000] [--seed 7]
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq

from tierwise.datasets import simulate_shop
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.models.personas import Personas, PersonasSpec
from tierwise.pipeline import Job, Source, run
from tierwise.snapshots.workspace import Workspace

TABLES = ("customers", "orders", "order_lines")
PERSONAS = ("trend", "bargain", "basics", "gift")


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--customers", type=int, default=20_000)
    arguments.add_argument("--seed", type=int, default=7)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        pairs = _pairs(Path(scratch), given.customers, given.seed)
    print(f"{'purchases':>9} {'customers':>9} {'right':>7} {'largest persona':>15}")
    for least in (1, 3, 5, 10):
        found = Counter((true, said) for true, said, purchases in pairs if purchases >= least)
        total = sum(found.values())
        right = sum(count for (true, said), count in found.items() if true == said)
        largest = max(sum(count for (true, _), count in found.items() if true == persona) for persona in PERSONAS)
        print(f"{'≥ ' + str(least):>9} {total:>9,} {right / total:>7.1%} {largest / total:>15.1%}")
    print("\nbuyers by true persona (rows) and by rule (columns)")
    print(f"{'':>9}" + "".join(f"{said:>9}" for said in PERSONAS) + f"{'found':>9}")
    found = Counter((true, said) for true, said, purchases in pairs if purchases >= 1)
    for true in PERSONAS:
        row = [found[true, said] for said in PERSONAS]
        print(f"{true:>9}" + "".join(f"{count:>9,}" for count in row) + f"{found[true, true] / sum(row):>9.1%}")


def _pairs(folder: Path, customers: int, seed: int) -> list[tuple[str, str, int]]:
    """True persona, persona by rule, and purchases of every customer who is known to both."""
    simulate_shop(folder / "shop", customers, seed=seed, tables=(*TABLES, "truth"))
    sources = [Source(table, str(folder / "shop" / f"{table}.parquet")) for table in TABLES]
    job = Job(Workspace(folder / "workspace"), sources, [Personas(PersonasSpec())], timezone="Asia/Shanghai")
    published = run(job)
    truth = {row["customer_id"]: row["persona"] for row in pq.read_table(folder / "shop" / "truth.parquet").to_pylist()}
    with DuckDBEngine() as engine:
        engine.attach("labels", published.labels("personas"))
        rows = engine.native_records("labels", "FROM labels")
    return [(truth[r["customer_id"]], r["tier"], r["frequency"]) for r in rows if r["customer_id"] in truth]


if __name__ == "__main__":
    main()
