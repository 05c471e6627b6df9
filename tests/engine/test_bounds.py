"""Limits: a run finishes within them, or stops beforehand with the number that it needs, and that number is enough."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tierwise.cli.commands import load
from tierwise.config.document import Document
from tierwise.datasets import simulate_shop
from tierwise.engine.bounds import MB, bytes_of, needed_bytes, require_memory, require_room, threads_within
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.errors import TierwiseError
from tierwise.pipeline import Job, Resources, Source, run
from tierwise.registry import build_models
from tierwise.snapshots.runs import Run
from tierwise.snapshots.workspace import Workspace

COMPUTING = ("run", "tier", "explain", "simulate", "compare", "disagree", "clv", "advise", "indicators", "report",
             "export", "prove", "demo")  # fmt: skip


def test_sizes_are_read_as_duckdb_writes_them() -> None:
    assert [bytes_of(size) for size in ("2GB", "500 MB", "57.2 MiB", "1kb")] == [2 * 10**9, 500 * MB, 59978547, 1000]
    assert bytes_of("80%") is None and bytes_of("lots") is None


def test_a_low_limit_takes_fewer_threads() -> None:
    assert threads_within("80MB") == 1 and threads_within("10MB") == 1
    assert threads_within("1TB") == os.cpu_count()
    with DuckDBEngine("80MB") as engine:
        assert engine.native("threads", "SELECT current_setting('threads')")[0][0] == 1
    with DuckDBEngine("80MB", threads=2) as engine:
        assert engine.native("threads", "SELECT current_setting('threads')")[0][0] == 2


def test_what_is_needed_grows_until_a_row_group_is_full() -> None:
    one, full, more = (needed_bytes(rows, 100, 2) for rows in (1, 122_880, 10**9))
    assert one < full == more == 6 * MB + 2 * (4 * MB + 122_880 * 100)


def test_too_little_memory_names_the_number() -> None:
    require_memory(10**9, 100, 2, needed_bytes(10**9, 100, 2))
    with pytest.raises(TierwiseError, match=r"this needs about 39 MB of memory, and the limit is 20 MB") as caught:
        require_memory(10**9, 100, 2, 20 * MB)
    assert caught.value.code == "resource.memory_needed" and "--memory 39MB" in str(caught.value)


def test_too_little_room_names_the_folder(tmp_path: Path) -> None:
    require_room(1_000, 100, 20 * MB, tmp_path)
    with pytest.raises(TierwiseError, match=re.escape(str(tmp_path))) as caught:
        require_room(10**13, 100, 20 * MB, tmp_path)
    assert caught.value.code == "resource.room_needed" and "--temp" in str(caught.value)


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulate_shop(tmp_path_factory.mktemp("shop"), 2_000, seed=3, tables=("orders",)).paths["orders"]


@pytest.fixture
def compute(orders: Path, tmp_path: Path) -> Callable[[str], Run]:
    """Read without a limit, then compute within one."""

    def within(memory: str) -> Run:
        models = build_models(Document({"models": {"rfm": {}, "pyramid": {}}}, "test"))
        job = Job(Workspace(tmp_path / "workspace"), [Source("orders", str(orders))], models, date(2026, 10, 31))
        return run(job, Resources(DuckDBEngine, lambda: DuckDBEngine(memory, threads=2, temp_folder=tmp_path)))

    return within


def test_a_run_stops_before_it_computes_and_the_number_it_names_is_enough(compute: Callable[[str], Run]) -> None:
    plain = compute("1GB")
    with pytest.raises(TierwiseError) as caught:
        compute("9MB")
    assert caught.value.code == "resource.memory_needed"
    named = re.search(r"--memory (\d+)MB", str(caught.value))
    assert named is not None
    small = compute(f"{named[1]}MB")
    assert small.manifest.totals == plain.manifest.totals
    assert {name: result.tiers for name, result in small.manifest.models.items()} == {
        name: result.tiers for name, result in plain.manifest.models.items()
    }


@pytest.mark.parametrize("name", COMPUTING)
def test_whatever_computes_can_be_limited(name: str) -> None:
    assert {"memory", "threads", "temp"} <= {parameter.name for parameter in load(name).params}
