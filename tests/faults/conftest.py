"""A workspace with one published run, and processes that are started cheaply to be struck down."""

from __future__ import annotations

import multiprocessing
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import pytest
from tests.faults.child import resources_in
from tests.pipeline.conftest import job_of, write_orders

from tierwise.pipeline import run
from tierwise.snapshots.files import files_below
from tierwise.snapshots.runs import Run, open_run
from tierwise.snapshots.workspace import Workspace

DAY = date(2026, 5, 31)


def order_rows(count: int, seed: int = 3) -> list[tuple[str, date, str]]:
    dice = random.Random(seed)
    return [
        (
            f"c{dice.randrange(1 + count // 4)}",
            DAY - timedelta(days=dice.randrange(500)),
            f"{dice.randrange(9000) / 100}",
        )
        for _ in range(count)
    ]


@dataclass(frozen=True)
class Shop:
    """A workspace in which a run was published before the trouble starts."""

    folder: Path
    orders: Path
    first: Run

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.folder)

    def run(self) -> Run:
        return run(job_of(self.folder, self.orders), resources_in(self.folder))

    def check_intact(self) -> None:
        """The first run is the current one and every byte of it is as it was."""
        found = open_run(self.workspace)
        assert found.name == self.first.name
        found.verify()

    def check_next_run_clears_up(self) -> None:
        """The next run succeeds, and nothing is left of the one that failed."""
        before = self.workspace.current()
        second = self.run()
        assert open_run(self.workspace).name == second.name
        assert open_run(self.workspace, "previous").name == before
        second.verify()
        open_run(self.workspace, "previous").verify()
        self.check_no_leftovers()

    def check_no_leftovers(self) -> None:
        known = [Run(self.workspace.runs / name) for name in self.workspace.names()]
        assert sorted(path.name for path in self.workspace.runs.iterdir()) == [found.name for found in known]
        used = {name for found in known for name in found.manifest.version["imports"]["orders"]}
        assert {path.name for path in self.workspace.imports.iterdir()} == used
        assert sorted(path.name for path in self.folder.iterdir()) == [".lock", "CURRENT", "imports", "runs", "spill"]
        assert not list(files_below(self.folder / "spill"))


@pytest.fixture
def make_shop(tmp_path: Path) -> Callable[..., Shop]:
    def make(orders: int = 200, folder: Path | None = None) -> Shop:
        home = folder or tmp_path / "shop"
        home.mkdir(exist_ok=True)
        file = write_orders(tmp_path / "orders.csv", order_rows(orders))
        return Shop(home, file, run(job_of(home, file), resources_in(home)))

    return make


@pytest.fixture
def shop(make_shop: Callable[..., Shop]) -> Shop:
    return make_shop()


@pytest.fixture(scope="session")
def processes() -> ForkServerContext:
    """Fork from a server that has imported everything and started nothing."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.child"])
    return context


@pytest.fixture
def outcome(processes: ForkServerContext) -> Callable[..., str]:
    """Run a function of `child` that puts one word about how it ended."""

    def ended(target: Callable[..., None], *args: Any) -> str:
        told = processes.Queue()
        process = processes.Process(target=target, args=(*args, told))
        process.start()
        process.join(60)
        assert process.exitcode == 0
        return str(told.get(timeout=10))

    return ended
