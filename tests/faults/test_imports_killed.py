"""`kill -9` in the middle of an import: what was there counts on, what was not finished is not there, nothing doubles."""

from __future__ import annotations

import signal
import time
from datetime import date
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import pytest
from tests.faults import child
from tests.faults.striking import Striker

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.ingestion import import_sources
from tierwise.job import Job, Source
from tierwise.snapshots.files import sha256
from tierwise.snapshots.imports import holding, records, version_of
from tierwise.snapshots.visible import Visible
from tierwise.snapshots.workspace import Workspace

FILES = 6
ORDERS = 3_000
STRIKES = 8


def folder_of(home: Path) -> Path:
    """Files of orders, each of which brings a tenth of the one before again."""
    folder = home / "till"
    folder.mkdir(parents=True)
    for number in range(FILES):
        first = number * ORDERS * 9 // 10
        lines = [f"{n},c{n % 700},2026-01-{1 + n % 28:02d},{n % 90}.{number}0" for n in range(first, first + ORDERS)]
        (folder / f"{number}.csv").write_text("order_id,customer_id,order_date,amount\n" + "\n".join(lines) + "\n")
    return folder


def total(workspace: Workspace) -> list[tuple[Any, ...]]:
    with DuckDBEngine(threads=1) as duck:
        Visible(workspace, version_of(workspace, holding(records(workspace)))).attach(duck)
        return duck.native("total", "SELECT count(*), count(DISTINCT order_id), sum(amount) FROM orders")


def bring(home: Path) -> None:
    source = Source("orders", str(home / "till"), name="till")
    import_sources(
        Job(Workspace(home / "w"), [source], [], today=date(2026, 12, 31)), child.resources_in(home, threads=1)
    )


def test_at_random_moments(tmp_path: Path, processes: ForkServerContext) -> None:
    whole = tmp_path / "whole"
    folder_of(whole)
    started = time.perf_counter()
    bring(whole)
    striker = Striker(processes, seed=5, longest_seconds=time.perf_counter() - started)
    for home in (tmp_path / f"killed {number}" for number in range(20)):
        folder_of(home)
        import_under_strikes(striker, home)
        assert total(Workspace(home / "w")) == total(Workspace(whole / "w"))
        if striker.killed >= STRIKES:
            return
    pytest.fail(f"only {striker.killed} strikes hit")


def import_under_strikes(striker: Striker, home: Path) -> None:
    """Strike until every file is there, or often enough; then let the import end by itself."""
    workspace, known = Workspace(home / "w"), dict[str, str]()
    while len(known) < FILES and striker.killed < STRIKES:
        striker.strike(child.import_when_told, home)
        after = {record.id: sha256(workspace.imports / record.id / "import.json") for record in records(workspace)}
        assert known.items() <= after.items(), "what was imported stays as it was"
        known = after
        if after:
            ((rows, orders, _),) = total(workspace)
            assert rows == orders, "no order counts twice"
    bring(home)
    assert len(records(workspace)) == FILES
    assert not list(workspace.imports.glob(".writing-*"))


@pytest.mark.parametrize("moment", ["synced", "renamed"])
def test_inside_publishing_an_import(tmp_path: Path, processes: ForkServerContext, moment: str) -> None:
    folder_of(tmp_path)
    process = processes.Process(target=child.import_dying_at, args=(tmp_path, moment))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    workspace = Workspace(tmp_path / "w")
    assert len(records(workspace)) == (1 if moment == "renamed" else 0)
    bring(tmp_path)
    assert len(records(workspace)) == FILES
