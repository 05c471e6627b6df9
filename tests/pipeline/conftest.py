"""What the tests of whole runs share: a job over order rows, and the fingerprints of what it publishes."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.label_tables import label_file

from tierwise.config.document import Document
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.pipeline import Job, Resources, Source, run
from tierwise.registry import build_models
from tierwise.snapshots.files import sha256
from tierwise.snapshots.runs import Run
from tierwise.snapshots.workspace import Workspace

THREE = {"rfm": {}, "lifecycle": {}, "pyramid": {}}
RunOrders = Callable[..., Run]


def job_of(folder: Path, orders: Path, models: dict[str, Any] | None = None, **settings: Any) -> Job:
    built = build_models(Document({"models": THREE if models is None else models}, "tierwise.yaml"))
    sources = [Source("orders", str(orders)), *settings.pop("more_sources", ())]
    return Job(Workspace(folder), sources, built, **settings)


def write_orders(file: Path, rows: Iterable[Sequence[Any]]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("order_id", "customer_id", "order_date", "amount"))
        writer.writerows((f"N{number}", *row) for number, row in enumerate(rows))
    return file


@pytest.fixture
def run_rows(tmp_path: Path) -> RunOrders:
    """Run the three models over rows (customer, date, amount) of a CSV file."""

    def run_them(rows: Iterable[Sequence[Any]], models: dict[str, Any] | None = None, **settings: Any) -> Run:
        orders = write_orders(tmp_path / "orders.csv", rows)
        return run(job_of(tmp_path / "workspace", orders, models, today=date(2026, 12, 31), **settings))

    return run_them


def duckdb_with(threads: int) -> Resources:
    return Resources(lambda: DuckDBEngine(threads=threads))


def label_prints(published: Run) -> dict[str, list[str]]:
    """The SHA-256 of every model's label table, written out, and of the indicator table."""
    with tempfile.TemporaryDirectory() as scratch:
        prints = {
            name: [sha256(label_file(published.labels(name), Path(scratch) / name))]
            for name in published.manifest.models
        }
    return prints | {"indicators": [sha256(file) for file in published.indicator_files()]}
