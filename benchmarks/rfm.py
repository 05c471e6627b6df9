"""`python -m benchmarks.rfm`: RFM and whole runs beside a bare group-by, polars and pandas.

Generates orders of the demo shop (1 M customers, about 10 M orders; once, into benchmarks/out), brings them into
the canonical table, and measures in one run, each in a process of its own:

- the limit: DuckDB's bare group-by (last date, count, sum per customer) over the orders as the shop has them, in
  the order of time; and the same over our canonical table, whose files keep each customer's orders together;
- RFM scores and segments of every customer, ours;
- indicators, three models, tier tables and the written, fingerprinted run, ours;
- RFM scores and segments in polars and in pandas.

`--customers 10000000 --memory 1GB` is the hundred-million case; peers are left out there with `--no-peers`.
"""

from __future__ import annotations

import argparse
import shutil
import sys

from benchmarks.measure import OUT, Figure, peers, run_task, show

ORDERS_PER_CUSTOMER = 10


def main() -> None:
    """Generate, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--memory", default="-", help="engine memory limit of the limit and of ours, as 1GB")
    parser.add_argument("--threads", default="-")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--no-peers", action="store_true")
    chosen = parser.parse_args()
    folder = OUT / f"orders-{chosen.customers}"
    if not (folder / "canonical.json").exists():
        shutil.rmtree(folder, ignore_errors=True)
        made = run_task(
            "generate", sys.executable, "benchmarks.rfm_tasks", "generate", str(folder), str(chosen.customers), repeat=1
        )
        print(f"generated {made.result} in {made.seconds:.0f} s, peak {made.peak_mb:.0f} MB")
        read = run_task(
            "ingest",
            sys.executable,
            "benchmarks.rfm_tasks",
            "ingest",
            str(folder),
            chosen.memory,
            chosen.threads,
            repeat=1,
        )
        print(f"ingested {read.result} in {read.seconds:.1f} s, peak {read.peak_mb:.0f} MB")
    limits = (str(folder), chosen.memory, chosen.threads)

    def ours(name: str, task: str) -> Figure:
        return run_task(name, sys.executable, "benchmarks.rfm_tasks", task, *limits, repeat=chosen.repeat)

    bare = ours("bare group-by of the orders (DuckDB), the limit", "bare")
    figures = [
        bare,
        ours("the same over our canonical table", "bare_dealt"),
        ours("RFM scores and segments, tierwise", "rfm"),
        ours("indicators, 3 models, written run, tierwise", "run"),
    ]
    if not chosen.no_peers:
        python = peers("frames", "polars==2.1.0", "pandas==3.1.1", "pyarrow==26.0.1")
        for peer in ("polars", "pandas"):
            name = f"RFM scores and segments, {peer}"
            figures.append(run_task(name, python, "benchmarks.rfm_peers", peer, str(folder), repeat=chosen.repeat))
    show(f"RFM, {chosen.customers:,} customers, engine memory {chosen.memory}, threads {chosen.threads}", figures, bare)


if __name__ == "__main__":
    main()
