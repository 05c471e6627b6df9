"""The tasks that `benchmarks.rfm` measures, one a process: `python -m benchmarks.rfm_tasks TASK FOLDER …`.

Imports are made before the clock starts, here and in the peers' file.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from benchmarks.rfm import ORDERS_PER_CUSTOMER
from tierwise.config.document import Document
from tierwise.contracts.ingest import QualityCard
from tierwise.contracts.tables import ORDERS
from tierwise.datasets import simulate_shop
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.plans import run_plan
from tierwise.engine.progress import Silent
from tierwise.indicators.compile import indicator_steps
from tierwise.labelling import fit
from tierwise.models.rfm import Rfm, RfmSpec
from tierwise.pipeline import Ingested, Job, Resources, Source, compute
from tierwise.pipeline import ingest as read
from tierwise.registry import build_models, models
from tierwise.snapshots.imports import records, version_of
from tierwise.snapshots.workspace import Workspace
from tierwise.sql.scheme import label_steps
from tierwise.sql.steps import Step

LEARNING = ("clusters", "decision_tree", "ltv")
"""Models that learn from a sample or from histories on the driver, and are measured apart."""


def engine(memory: str, threads: str) -> DuckDBEngine:
    """An engine within the limits of the command line; `-` is no limit."""
    return DuckDBEngine(None if memory == "-" else memory, None if threads == "-" else int(threads))


def generate(folder: Path, customers: str) -> str:
    """Simulate the orders of the demo shop, in the order of time, as a shop's own table is.

    The simulator writes chunk after chunk of customers; left so, every group-by would find a customer's rows
    side by side, which no real order table offers.
    """
    made = simulate_shop(
        folder / "shop", int(customers), tables=("orders",), orders_per_customer=ORDERS_PER_CUSTOMER, dirt=False
    )
    with DuckDBEngine("2GB") as duck:
        rows = f"SELECT * FROM read_parquet('{made.paths['orders']}') ORDER BY ordered_at"
        duck.native("by time", f"COPY ({rows}) TO '{folder / 'orders.parquet'}' (FORMAT parquet)")
    shutil.rmtree(folder / "shop")
    return f"{made.rows['orders']:,} orders"


def ingest(folder: Path, memory: str, threads: str) -> str:
    """Bring the simulated orders into the canonical table, and keep what a later process needs to compute."""

    workspace = Workspace(folder / "workspace")
    shutil.rmtree(workspace.root, ignore_errors=True)
    job = Job(workspace, [Source("orders", str(folder / "orders.parquet"))], [])
    found = read(job, Resources(lambda: engine(memory, threads)), Silent())
    orders = found.orders
    facts = {
        "folder": str(orders.folder.parent), "columns": orders.columns, "rows": orders.rows,
        "first": orders.first_date, "last": orders.last_date,
    }  # fmt: skip
    (folder / "canonical.json").write_text(json.dumps(facts, default=str))
    return f"{orders.rows:,} rows"


def bare(folder: Path, memory: str, threads: str) -> str:
    """The limit: one hash aggregate over the orders as the shop has them, kept in memory."""
    return _group_by([folder / "orders.parquet"], memory, threads)


def bare_dealt(folder: Path, memory: str, threads: str) -> str:
    """The same hash aggregate over our canonical table, whose files keep customers together."""
    return _group_by(_orders(folder), memory, threads)


def _group_by(files: list[Path], memory: str, threads: str) -> str:
    with engine(memory, threads) as duck:
        sql = "SELECT customer_id, max(order_date), count(*), sum(amount) FROM read_parquet(?) GROUP BY customer_id"
        duck.native("bare", f"CREATE TEMP TABLE bare AS {sql}", [[str(file) for file in files]])
        return f"{duck.native('count', 'SELECT count(*) FROM bare')[0][0]:,} customers"


def rfm(folder: Path, memory: str, threads: str) -> str:
    """Full RFM: indicators, cut-points, scores, segments of every customer, kept in memory."""

    facts = _facts(folder)
    model = Rfm(RfmSpec())
    with engine(memory, threads) as duck:
        duck.attach(ORDERS.name, _orders(folder))
        *steps, last = indicator_steps(
            model.needs(), date.fromisoformat(facts["last"]), {"orders": frozenset(facts["columns"])}
        )
        run_plan(duck, (*steps, Step(last.name, last.sql, stored=True)))
        scheme = fit(duck, model).scheme_
        *steps, labels = label_steps(scheme, "indicators", "labels")
        run_plan(duck, (*steps, Step(labels.name, labels.sql, stored=True)))
        return f"{duck.native('count', 'SELECT count(*) FROM labels')[0][0]:,} customers"


def run(folder: Path, memory: str, threads: str) -> str:
    """Indicators, three models, tier tables, fingerprints: a whole published run from the canonical table."""
    return _computed(folder, Resources(lambda: engine(memory, threads)), ("rfm", "lifecycle", "pyramid"))


def run_all(folder: Path, memory: str, threads: str) -> str:
    """The same with every model whose labels are SQL alone and that orders can carry."""
    names = [name for name in models() if name not in LEARNING]
    return _computed(folder, Resources(lambda: engine(memory, threads)), names)


def run_on_spark(folder: Path, master: str, events: str) -> str:
    """The whole run of three models on a Spark cluster, with an event log."""
    from tierwise.engine.spark import SparkEngine

    settings = {
        "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1",
        "spark.eventLog.enabled": "true", "spark.eventLog.dir": Path(events).resolve().as_uri(),
        "spark.eventLog.rolling.enabled": "false", "spark.eventLog.compress": "false",
    }  # fmt: skip
    resources = Resources(DuckDBEngine, lambda: SparkEngine(master, memory="1500m", settings=settings))
    return _computed(folder, resources, ("rfm", "lifecycle", "pyramid"), keep=True)


def _computed(folder: Path, resources: Resources, names: Sequence[str], keep: bool = False) -> str:
    """Compute and publish a run of models from the canonical table; runs of before go, unless they are kept."""
    facts = _facts(folder)
    workspace = Workspace(folder / "workspace")
    if not keep:
        shutil.rmtree(workspace.runs, ignore_errors=True)
    first, last = date.fromisoformat(facts["first"]), date.fromisoformat(facts["last"])
    card = QualityCard(facts["rows"], facts["rows"], 0, {}, {}, (), (), first, last, 0, facts["rows"], 0, 0, None)
    wanted = build_models(Document({"models": {name: {} for name in names}}, "bench"))
    job = Job(workspace, [], wanted, optional=frozenset(names))
    with workspace.writing():
        published = compute(
            job, Ingested(workspace, version_of(workspace, records(workspace)), card), resources, Silent()
        )
    return f"{published.manifest.totals['customers']:,} customers, {len(published.manifest.models)} models"


def simulate(folder: Path, memory: str, threads: str) -> str:
    """Who would move if RFM had four bins: everything from the published run to the flows."""
    from tierwise.simulation import simulate as ask
    from tierwise.snapshots.runs import open_run

    workspace = Workspace(folder / "workspace")
    published = open_run(workspace, "current")
    changed = build_models(Document({"models": {"rfm": {"bins": 4}}}, "bench"))
    with engine(memory, threads) as duck:
        migration = ask(duck, workspace, published, changed)["rfm"].migration
    return f"{migration.moved:,} of {published.manifest.totals['customers']:,} move"


def _facts(folder: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((folder / "canonical.json").read_text())
    return found


def _orders(folder: Path) -> list[Path]:
    return sorted((Path(_facts(folder)["folder"]) / "orders").glob("*.parquet"))


def report(task: Callable[..., str], *arguments: object) -> None:
    """Time a task and print its figures as the last line."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = task(*arguments)
    figures = {"seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - cpu, "result": result}
    print(json.dumps(figures))


if __name__ == "__main__":
    models()  # imported before the clock, too
    tasks = (generate, ingest, bare, bare_dealt, rfm, run, run_all, run_on_spark, simulate)
    report({task.__name__: task for task in tasks}[sys.argv[1]], Path(sys.argv[2]), *sys.argv[3:])
