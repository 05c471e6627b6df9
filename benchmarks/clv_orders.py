"""`python -m benchmarks.clv_orders`: from order rows to purchase histories, beside lifetimes and the bare group-by.

Generates orders of the demo shop (1 M customers, about 10 M orders; once, shared with `benchmarks.rfm`), brings them
into the canonical table, and measures in one run, each in a process of its own:

- the limit: DuckDB's bare group-by (first, last, count, sum per customer) over the same Parquet;
- histories (x, t_x, T, mean spend) of every customer, ours: same-day orders merged, day resolution, read into numpy;
- the same with a hold-out split and the histogram of gaps, ours;
- lifetimes' summary_data_from_transaction_data over the same Parquet, columns it needs only.

Ours and lifetimes' sums of x are printed: both count days with an order.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from benchmarks.measure import OUT, Figure, peers, run_task, show


def histories(folder: Path, memory: str, threads: str, whole: str = "") -> str:
    """Histories of all customers as numpy columns; `whole` adds the split and the gaps."""
    from benchmarks.rfm_tasks import engine
    from tierwise.lifetime.clock import DAYS
    from tierwise.lifetime.reading import Shop, read_histories_only, read_shop

    facts = json.loads((folder / "canonical.json").read_text())
    last = date.fromisoformat(facts["last"])
    with engine(memory, threads) as duck, tempfile.TemporaryDirectory(dir=folder) as scratch:
        duck.attach("orders", _orders(facts))
        shop = Shop(duck, {"orders": frozenset(facts["columns"]) - {"cost"}}, last, Path(scratch))
        split = last - timedelta(days=180)
        found = read_shop(shop, DAYS, split, gaps=True) if whole else read_histories_only(shop, DAYS)
        summary = found.summary(1.0)
        return f"{len(summary):,} customers, {int(summary.x.sum()):,} repeat orders"


def bare(folder: Path, memory: str, threads: str) -> str:
    """The limit: one hash aggregate over the same file, kept in memory."""
    from benchmarks.rfm_tasks import engine

    facts = json.loads((folder / "canonical.json").read_text())
    sql = (
        "SELECT customer_id, min(order_date), max(order_date), count(*), sum(amount) FROM read_parquet(?) GROUP BY ALL"
    )
    with engine(memory, threads) as duck:
        duck.native("bare", f"CREATE TEMP TABLE bare AS {sql}", [[str(file) for file in _orders(facts)]])
        return f"{duck.native('count', 'SELECT count(*) FROM bare')[0][0]:,} customers"


def peer(folder: Path) -> str:
    """The same in lifetimes, as its users write it; runs in the peers' environment and imports nothing of ours."""
    import pandas as pd
    from lifetimes.utils import summary_data_from_transaction_data

    facts = json.loads((folder / "canonical.json").read_text())
    columns = ["customer_id", "order_date", "amount", "status"]
    orders = pd.concat([pd.read_parquet(file, columns=columns) for file in _orders(facts)])
    orders = orders[orders["status"] == "sale"]
    orders["amount"] = orders["amount"].astype("float64")
    orders["order_date"] = pd.to_datetime(orders["order_date"])
    found = summary_data_from_transaction_data(
        orders, "customer_id", "order_date", "amount", observation_period_end=facts["last"], freq="D"
    )
    return f"{len(found):,} customers, {int(found['frequency'].sum()):,} repeat orders"


def _orders(facts: dict[str, Any]) -> list[Path]:
    return sorted((Path(facts["folder"]) / "orders").glob("*.parquet"))


def _measured(task: Callable[..., str], *arguments: object) -> None:
    """Time a task and print its figures as the last line."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = task(*arguments)
    figures = {"seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - cpu, "result": result}
    print(json.dumps(figures))


def main() -> None:
    """Generate, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--memory", default="400MB", help="engine memory limit of the limit and of ours; - for none")
    parser.add_argument("--threads", default="-")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--no-peers", action="store_true")
    chosen = parser.parse_args()
    folder = OUT / f"orders-{chosen.customers}"
    if not (folder / "canonical.json").exists():
        for task in (("generate", str(folder), str(chosen.customers)), ("ingest", str(folder), "-", "-")):
            made = run_task(task[0], sys.executable, "benchmarks.rfm_tasks", *task, repeat=1)
            print(f"{task[0]}: {made.result} in {made.seconds:.0f} s")
    limits = (str(folder), chosen.memory, chosen.threads)

    def ours(name: str, *task: str) -> Figure:
        return run_task(name, sys.executable, "benchmarks.clv_orders", *task, repeat=chosen.repeat)

    limit = ours("bare group-by (DuckDB), the limit", "bare", *limits)
    plain = ours("histories, tierwise", "histories", *limits)
    whole = ours("histories, split, gaps, tierwise", "histories", *limits, "whole")
    figures = [limit, plain, whole]
    if not chosen.no_peers:
        python = peers("lifetimes", "lifetimes==0.11.3", "pandas==2.3.3", "pyarrow==26.0.1")
        figures.append(run_task("lifetimes", python, "benchmarks.clv_orders", "peer", str(folder), repeat=1))
    title = f"Orders to histories, {chosen.customers:,} customers, engine memory {chosen.memory}"
    show(title, figures, limit)
    if not chosen.no_peers:
        time_ratio, memory_ratio = figures[-1].seconds / plain.seconds, figures[-1].peak_mb / plain.peak_mb
        print(f"\nlifetimes / tierwise: {time_ratio:.1f} × the time, {memory_ratio:.1f} × the memory")


if __name__ == "__main__":
    tasks: dict[str, Callable[..., str]] = {"histories": histories, "bare": bare, "peer": peer}
    if sys.argv[1:2] and sys.argv[1] in tasks:
        _measured(tasks[sys.argv[1]], Path(sys.argv[2]), *sys.argv[3:])
    else:
        main()
