"""`python -m benchmarks.rfm`: RFM and whole runs beside a bare group-by, polars and pandas.

Generates orders of the demo shop (1 M customers, about 10 M orders; once, into benchmarks/out), brings them into
the canonical table, and measures in one run, each in a process of its own:

- the limit: DuckDB's bare group-by (last date, count, sum per customer) over the orders as the shop has them, in
  the order of time; and the same over our canonical table, whose files keep each customer's orders together;
- RFM scores and segments of every customer, ours;
- indicators, three models, tier tables and the written, fingerprinted run, ours; and the same with every model whose
  labels are SQL alone and that orders can carry;
- who would move under other settings of a model of that run (`tierwise simulate`);
- RFM scores and segments in polars and in pandas.

`--customers 10000000 --memory 1GB` is the hundred-million case; peers are left out there with `--no-peers`.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from benchmarks.measure import OUT, Figure, Goal, Table, peers, run_task, show_table

ORDERS_PER_CUSTOMER = 10
FULL = 1_000_000
TASKS = "benchmarks.rfm_tasks"
OURS = "RFM scores and segments, tierwise"
THREE = "indicators, 3 models, written run, tierwise"
ALL = "indicators, all SQL models, written run, tierwise"
WHAT_IF = "simulate other settings, tierwise"
GOALS = {
    OURS: (Goal("cpu_ratio", 2.0),),
    THREE: (Goal("cpu_ratio", 3.0),),
    ALL: (Goal("cpu_ratio", 3.0),),
    WHAT_IF: (Goal("seconds", 1.0),),
}


def main() -> None:
    """Generate, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--memory", default="-", help="engine memory limit of the limit and of ours, as 1GB")
    parser.add_argument("--threads", default="-")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--no-peers", action="store_true")
    chosen = parser.parse_args()
    show_table(measured(chosen.customers, chosen.memory, chosen.threads, chosen.repeat, not chosen.no_peers))


def tables(quick: bool) -> list[Table]:
    """What `benchmarks.every` asks: a million customers with peers, or a thousandth of them, alone and once."""
    return [measured(2_000, repeat=1, with_peers=False)] if quick else [measured(1_000_000)]


def measured(customers: int, memory: str = "-", threads: str = "-", repeat: int = 3, with_peers: bool = True) -> Table:
    """Measure everything for one number of customers."""
    folder = prepared(customers, memory, threads)

    def ours(name: str, task: str) -> Figure:
        return run_task(name, sys.executable, TASKS, task, str(folder), memory, threads, repeat=repeat)

    bare = ours("bare group-by of the orders (DuckDB), the limit", "bare")
    figures = [
        bare,
        ours("the same over our canonical table", "bare_dealt"),
        ours(OURS, "rfm"),
        ours(THREE, "run"),
        ours(ALL, "run_all"),
        ours(WHAT_IF, "simulate"),
    ]
    if with_peers:
        python = peers("frames", "polars==2.1.0", "pandas==3.1.1", "pyarrow==26.0.1")
        for peer in ("polars", "pandas"):
            name = f"RFM scores and segments, {peer}"
            figures.append(run_task(name, python, "benchmarks.rfm_peers", peer, str(folder), repeat=repeat))
    title = f"RFM, {customers:,} customers, engine memory {memory}, threads {threads}"
    return Table(title, figures, bare, GOALS if customers >= FULL else {})


def prepared(customers: int, memory: str = "-", threads: str = "-") -> Path:
    """The folder with the canonical orders of so many customers, made once."""
    folder = OUT / f"orders-{customers}"
    if not (folder / "canonical.json").exists():
        shutil.rmtree(folder, ignore_errors=True)
        made = run_task("generate", sys.executable, TASKS, "generate", str(folder), str(customers), repeat=1)
        print(f"generated {made.result} in {made.seconds:.0f} s, peak {made.peak_mb:.0f} MB", flush=True)
        read = run_task("ingest", sys.executable, TASKS, "ingest", str(folder), memory, threads, repeat=1)
        print(f"ingested {read.result} in {read.seconds:.1f} s, peak {read.peak_mb:.0f} MB", flush=True)
    return folder


if __name__ == "__main__":
    main()
