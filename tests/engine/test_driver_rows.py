"""What a run brings to the driver does not grow with the shop: counted through the door that every model uses."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tierwise.config.document import Document
from tierwise.datasets import simulate_shop
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.pipeline import Job, Resources, Source, run
from tierwise.registry import build_models, model_names
from tierwise.snapshots.workspace import Workspace

LEARNING = ("clusters", "decision_tree", "ltv")
"""These learn on the driver from a sample or from distinct histories, whose size is theirs and not the shop's."""
MOST_ROWS = 150


class Counting(DuckDBEngine):
    largest: tuple[int, str] = (0, "")

    def records(self, name: str, sql: str) -> list[dict[str, Any]]:
        rows = super().records(name, sql)
        Counting.largest = max(Counting.largest, (len(rows), name))
        return rows


@pytest.mark.slow
def test_no_sql_model_collects_customers(tmp_path: Path) -> None:
    shop = simulate_shop(tmp_path / "shop", 2_000, seed=5, tables=("orders", "customers"))
    sources = [Source(table, str(shop.paths[table])) for table in ("orders", "customers")]
    names = [name for name in model_names() if name not in LEARNING]
    models = build_models(Document({"models": {name: {} for name in names}}, "test"))
    job = Job(Workspace(tmp_path / "workspace"), sources, models, date(2026, 10, 31), optional=frozenset(names))
    done = run(job, Resources(DuckDBEngine, Counting))
    assert done.manifest.totals["customers"] > 1_000 and len(done.manifest.models) >= 9
    assert 0 < Counting.largest[0] <= MOST_ROWS, Counting.largest
