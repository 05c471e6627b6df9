"""The tasks that `benchmarks.incremental` measures, one a process: `python -m benchmarks.incremental_tasks TASK FOLDER …`.

Each prints one JSON object as its last line. What is measured is computing; imports come before the clock.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.rfm_tasks import engine
from tierwise.config.document import Document
from tierwise.contracts.imports import SourceMode
from tierwise.datasets import simulate_shop
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.progress import Silent
from tierwise.ingestion import ingest
from tierwise.job import Job, Resources, Source
from tierwise.pipeline import compute
from tierwise.registry import build_models, models
from tierwise.snapshots.runs import open_run
from tierwise.snapshots.state import remove_states
from tierwise.snapshots.workspace import Workspace

ORDERS_PER_CUSTOMER = 10
MODELS = (
    "rfm", "lifecycle", "pyramid", "vip", "value_grade", "two_axis", "b2b", "behaviour_types", "goal_groups",
)  # fmt: skip
"""Every model that orders alone can carry and whose tiers are SQL; the learning and predicting ones are others."""


def generate(folder: Path, orders: str) -> dict[str, Any]:
    """Simulate orders, put them in the order of time, and part them: base, then 1 %, then .01 %."""
    wanted = int(orders)
    made = simulate_shop(
        folder / "shop", wanted // ORDERS_PER_CUSTOMER, tables=("orders",), dirt=False,
        orders_per_customer=ORDERS_PER_CUSTOMER,
    )  # fmt: skip
    rows = made.rows["orders"]
    base, percent = rows - rows // 100 - rows // 10_000, rows - rows // 10_000
    with DuckDBEngine("2GB") as duck:
        source = f"SELECT * FROM read_parquet('{made.paths['orders']}') ORDER BY ordered_at, order_id"
        duck.native("by time", f"COPY ({source}) TO '{folder / 'all.parquet'}' (FORMAT parquet)")
        parts = {"base": (0, base), "percent": (base, percent), "hundredth": (percent, rows)}
        for name, (first, last) in parts.items():
            part = (
                f"SELECT * EXCLUDE (file_row_number) FROM read_parquet('{folder / 'all.parquet'}', file_row_number = true) "
                f"WHERE file_row_number >= {first} AND file_row_number < {last}"
            )
            duck.native(name, f"COPY ({part}) TO '{folder / f'{name}.parquet'}' (FORMAT parquet)")
    shutil.rmtree(folder / "shop")
    (folder / "all.parquet").unlink()
    return {"orders": rows}


def bare(folder: Path, memory: str, threads: str) -> dict[str, Any]:
    """The limit: one hash aggregate over the orders as the shop has them, kept in memory."""
    with engine(memory, threads) as duck:
        clock = _Clock()
        files = f"read_parquet(['{folder / 'base.parquet'}'])"
        sql = f"SELECT customer_id, max(order_date), count(*), sum(amount) FROM {files} GROUP BY customer_id"
        duck.native("bare", f"CREATE TEMP TABLE bare AS {sql}")
        found = clock.read()
        return found | {"customers": duck.native("count", "SELECT count(*) FROM bare")[0][0]}


def run(folder: Path, memory: str, threads: str, bring: str, full: str, days: str = "") -> dict[str, Any]:
    """Import a part, where one is named; then compute: `full`, or on top of the run before.

    The day is that of the last run, `days` later; without `days` the newest order's.
    """
    workspace = Workspace(folder / "workspace")
    resources = Resources(lambda: engine(memory, threads))
    sources = (
        [Source("orders", str(folder / f"{bring}.parquet"), mode=SourceMode.APPEND, listed=False)] if bring else []
    )
    as_of = open_run(workspace).manifest.as_of + timedelta(days=int(days)) if days else None
    job = Job(workspace, sources, build_models(_asked()), as_of, keep_state=True, full=full == "full")
    with workspace.writing():
        begun = time.perf_counter()
        ingested = ingest(job, resources, Silent())
        importing = time.perf_counter() - begun
        clock = _Clock()
        published = compute(job, ingested, resources, Silent())
        found = clock.read()
        remove_states(workspace, published.name)
    made = published.manifest.made
    told = made["kind"] if made["kind"] == "full" else f"{made['touched']:,} touched, {made['made_anew']} made anew"
    return found | {"import_seconds": importing, "made": f"{told}, as of {published.manifest.as_of}"}


def _asked() -> Document:
    return Document({"models": {name: {} for name in MODELS}}, "bench")


class _Clock:
    """Seconds and CPU seconds of this process since it was made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def read(self) -> dict[str, Any]:
        return {"seconds": time.perf_counter() - self._wall, "cpu_seconds": time.process_time() - self._cpu}


def report(found: dict[str, Any]) -> None:
    """Print the figures of a task as the last line."""
    result = {name: value for name, value in found.items() if name not in ("seconds", "cpu_seconds")}
    times = {name: found.get(name, 0.0) for name in ("seconds", "cpu_seconds")}
    print(json.dumps({**times, "result": json.dumps(result)}))


if __name__ == "__main__":
    models()  # imported before the clock
    tasks = {"generate": generate, "bare": bare, "run": run}
    report(tasks[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:]))
