"""`python -m benchmarks.clusters`: inertia and stability on the retail data, and a million customers by eight indicators.

Retail: log(1 + x) of recency (days), purchases and amount, z-scored with the population deviation, k = 4. Twice:
sales alone (rows of cancelled invoices and of quantity 0 or less left out), as the exercise is usually done, and all
rows, where the amount is net of refunds and the few customers with nothing left count as 0.

Speed: eight indicators of 1,000,000 made-up customers in one Parquet file; time from the file to the written label
table, with k = 4 given and with k chosen among 2 to 8.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.measure import OUT, Goal, Table, run_task, show_table

COLUMNS = (
    "recency_days", "frequency", "monetary", "average_order_value",
    "tenure_days", "active_periods", "spend_per_month", "visits_per_month",
)  # fmt: skip
FOUR = "clusters, k = 4"
MONEY = ("monetary", "average_order_value", "spend_per_month")


def main() -> None:
    """Print the retail figures, then the speed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--task", choices=["bare", "four", "auto"])
    parser.add_argument("--no-retail", action="store_true")
    chosen = parser.parse_args()
    file = OUT / f"clusters-{chosen.customers}.parquet"
    if chosen.task:
        print(json.dumps(measured(chosen.task, file)))
        return
    if not chosen.no_retail:
        retail()
    show_table(speed(chosen.customers, chosen.repeat))


def tables(quick: bool) -> list[Table]:
    """What `benchmarks.every` asks."""
    return [speed(2_000, 1)] if quick else [speed(1_000_000, 3)]


def speed(customers: int, repeat: int) -> Table:
    """From a file of indicators to the written labels, beside copying the file."""
    file = OUT / f"clusters-{customers}.parquet"
    if not file.exists():
        make(file, customers)

    def task(name: str, which: str) -> Any:
        arguments = ("--task", which, "--customers", str(customers))
        return run_task(name, sys.executable, "benchmarks.clusters", *arguments, repeat=repeat)

    bare = task("copying the table (DuckDB), the limit", "bare")
    figures = [bare, task(FOUR, "four"), task("clusters, k chosen among 2 to 8", "auto")]
    goals = {FOUR: (Goal("seconds", 5.0),)} if customers >= 1_000_000 else {}
    return Table(f"Clusters, {customers:,} customers by {len(COLUMNS)} indicators", figures, bare, goals)


def make(file: Path, customers: int) -> None:
    """Write made-up customers of four kinds, in no order."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    dice = np.random.default_rng(3)
    kind = dice.integers(0, 4, customers)
    table: dict[str, Any] = {"customer_id": pa.array([f"C{n:08d}" for n in dice.permutation(customers)])}
    for place, column in enumerate(COLUMNS):
        middle = np.array([1.0, 2.5, 4.0, 5.0])[(kind + place) % 4]
        values = np.exp(dice.normal(middle, 0.6))
        if column in MONEY:
            table[column] = _cents(np.rint(values * 100).astype("int64"))
        else:
            table[column] = pa.array(np.rint(values).astype("int64"))
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(table), file)


def _cents(whole: Any) -> Any:
    """Whole cents as DECIMAL(18, 2)."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.multiply(pa.array(whole), pa.scalar(Decimal("0.01"))).cast(pa.decimal128(18, 2))


def measured(which: str, file: Path) -> dict[str, Any]:
    """One task in this process: seconds, CPU seconds and what came out."""
    start, used = time.perf_counter(), os.times()
    with tempfile.TemporaryDirectory() as folder:
        result = bare(file, Path(folder)) if which == "bare" else grouped(which, file, Path(folder))
    now = os.times()
    cpu = now.user + now.system - used.user - used.system
    return {"seconds": time.perf_counter() - start, "cpu_seconds": cpu, "result": result}


def bare(file: Path, folder: Path) -> str:
    """Write the table once more, unsorted."""
    from tierwise.engine.duckdb import DuckDBEngine

    with DuckDBEngine() as engine:
        engine.attach("indicators", [file])
        return f"{engine.write('indicators', folder / 'copy'):,} rows"


def grouped(which: str, file: Path, folder: Path) -> str:
    """Learn centres, label everyone, write the label table."""
    from tierwise.engine.duckdb import DuckDBEngine
    from tierwise.labelling import fit
    from tierwise.models.clusters import Clusters, ClustersSpec
    from tierwise.sql.scheme import label_steps
    from tierwise.sql.steps import in_one

    indicators = [{"indicator": column} for column in COLUMNS]
    spec = ClustersSpec.model_validate({"indicators": indicators, "k": 4 if which == "four" else None})
    with DuckDBEngine() as engine:
        engine.attach("indicators", [file])
        model = fit(engine, Clusters(spec))
        engine.run(in_one(label_steps(model.scheme_, "indicators", "labels")))
        rows = engine.write("labels", folder / "labels")
    figures = model.notes_[0].figures
    return f"{rows:,} labels, k = {figures['k']}, weakest Jaccard {min(figures['jaccard'].values()):.2f}"


def retail() -> None:
    """Print inertia and stability on the retail data."""
    data = Path(os.environ.get("TIERWISE_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))
    file = data / "retail" / "online_retail_2010_2011.parquet"
    if not file.exists():
        print(f"no retail data at {file}: set TIERWISE_SHARED_DATA")
        return
    with tempfile.TemporaryDirectory() as folder:
        sales = Path(folder) / "sales.parquet"
        only_sales(file, sales)
        for name, source in (("sales alone", sales), ("all rows, net of refunds", file)):
            print_retail(name, source, Path(folder) / name.replace(" ", "-"))


def only_sales(file: Path, target: Path) -> None:
    """Copy the rows of sales: invoices that are not cancellations, of a positive quantity."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    rows = pq.read_table(file)
    cancelled = pc.starts_with(rows["InvoiceNo"], "C")
    pq.write_table(rows.filter(pc.and_(pc.invert(cancelled), pc.greater(rows["Quantity"], 0))), target)


def print_retail(name: str, source: Path, folder: Path) -> None:
    """Run the pipeline on one reading of the retail data and print what the clusters noted."""
    from tierwise.config.document import Document
    from tierwise.pipeline import Job, Source, run
    from tierwise.registry import build_models
    from tierwise.snapshots.workspace import Workspace

    models = build_models(Document({"models": {"clusters": {"k": 4}}}, "benchmark"))
    found = run(Job(Workspace(folder), [Source("orders", str(source))], models)).manifest.models["clusters"]
    figures = found.notes[0]["figures"]
    print(f"retail, {name}: {figures['customers']:,} customers, k = 4, inertia {figures['inertia']:,.1f}")
    print(f"  {found.notes[0]['text']['en']}")
    jaccard = figures["jaccard"]
    for tier in found.tiers:
        if tier["key"] in jaccard:
            print(f"  {tier['key']}: {tier['customers']:,} customers, bootstrap Jaccard {jaccard[tier['key']]:.2f}")


if __name__ == "__main__":
    main()
