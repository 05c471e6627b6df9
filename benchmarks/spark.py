"""`python -m benchmarks.spark`: the same run on a standalone Spark cluster, with a worker killed in the middle.

Starts a master and two workers on the loopback and computes three models from the canonical orders of the demo shop
(1 M customers, about 10 M orders), on DuckDB and on the cluster; then once more, and kills one worker by its id while
indicators are being written. Shows the time of each, how many rows EXCEPT ALL finds between them both ways, and of all
stages the largest part that any one task read, as a share of the rows of orders, from Spark's event log.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.measure import Figure, Goal, Table, run_task, show_table
from benchmarks.rfm import TASKS, prepared
from tierwise.testing.event_log import lost_executors, stages
from tierwise.testing.spark_cluster import SparkCluster, spark_cluster

DUCK = "3 models, written run, DuckDB"
SPARK = "the same on Spark, master and two workers"
KILLED = "the same, one worker killed in the middle"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    show_table(measured(parser.parse_args().customers))


def tables(quick: bool) -> list[Table]:
    """What `benchmarks.every` asks; a cluster has no quick size, its test is in the suite."""
    return [] if quick else [measured(1_000_000)]


def measured(customers: int) -> Table:
    """Run on DuckDB, on the cluster, and on the cluster that loses a worker."""
    folder = prepared(customers)
    duck = run_task(DUCK, sys.executable, TASKS, "run", str(folder), "-", "-", repeat=1)
    figures = [duck]
    with tempfile.TemporaryDirectory() as scratch:
        for name, kill in ((SPARK, False), (KILLED, True)):
            events = Path(scratch) / f"events-{kill}"
            events.mkdir()
            with spark_cluster(Path(scratch) / f"cluster-{kill}", workers=2, memory="1600m") as cluster:
                figures.append(_on_cluster(name, folder, cluster, events, kill))
    goals = {name: (Goal("differing_rows", 0), Goal("largest_part_percent", 5.0)) for name in (SPARK, KILLED)}
    return Table(f"Cluster, {customers:,} customers", figures, duck, goals)


def _on_cluster(name: str, folder: Path, cluster: SparkCluster, events: Path, kill: bool) -> Figure:
    command = [sys.executable, "-m", TASKS, "run_on_spark", str(folder), cluster.master, str(events)]
    before = set((folder / "workspace" / "runs").iterdir())
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    if kill:
        _await_writing(folder, process)
        cluster.kill_worker(1)
    process.communicate()
    if process.returncode:
        raise SystemExit(f"{name} ended with {process.returncode}")
    seconds = time.perf_counter() - start
    made = next(run for run in (folder / "workspace" / "runs").iterdir() if run not in before and run.name[0] != ".")
    rows, part = _differing(folder, made), _largest_part(folder, events)
    shutil.rmtree(made)
    said = f"{rows} rows differ, largest part {part:.2f}% of rows"
    figure = Figure(name, seconds, 0.0, 0.0, said + f", {lost_executors(events)} executors lost")
    return replace(figure, more={"differing_rows": rows, "largest_part_percent": part})


def _await_writing(folder: Path, process: subprocess.Popen[str]) -> None:
    while process.poll() is None and not list((folder / "workspace/runs").glob(".writing-*/indicators/*")):
        time.sleep(0.1)


def _differing(folder: Path, made: Path) -> int:
    """Rows that only one of the two runs has: indicators and every model's labels, EXCEPT ALL both ways."""
    from tierwise.engine.duckdb import DuckDBEngine

    other = next(run for run in (folder / "workspace" / "runs").iterdir() if run != made and run.name[0] != ".")
    parts = ["indicators", *(f"labels/{path.name}" for path in sorted((other / "labels").iterdir()))]
    count = 0
    with DuckDBEngine("4GB") as engine:
        for part in parts:
            engine.attach("l", sorted((other / part).glob("*.parquet")))
            engine.attach("r", sorted((made / part).glob("*.parquet")))
            for a, b in (("l", "r"), ("r", "l")):
                count += engine.native("x", f"SELECT count(*) FROM (FROM {a} EXCEPT ALL FROM {b})")[0][0]
    return count


def _largest_part(folder: Path, events: Path) -> float:
    """The rows that the largest task of any stage read, in per cent of the rows of orders."""
    orders = json.loads((folder / "canonical.json").read_text())["rows"]
    return 100 * max(stage.largest_rows for stage in stages(events)) / orders


if __name__ == "__main__":
    main()
