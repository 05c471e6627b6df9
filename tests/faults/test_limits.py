"""A full disk, a second writer, Ctrl-C, readers beside a writer: clear errors, and nothing published is touched."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import date
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest
from tests.faults import child
from tests.faults.conftest import Shop

from tierwise.errors import TierwiseError
from tierwise.pipeline import run
from tierwise.snapshots.files import files_below
from tierwise.snapshots.runs import open_run

Outcome = Callable[..., str]


def slow(case: object) -> object:
    """One case of each fault belongs to the quick suite; CI runs them all."""
    return pytest.param(case, marks=pytest.mark.slow)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 4 MB."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"mounting is not allowed here: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("share", [slow(0), slow(0.1), 0.3, slow(0.6), slow(0.9)])
def test_a_full_disk(make_shop: Callable[..., Shop], small_disk: Path, share: float) -> None:
    """With more and more of the room that a run keeps the next one fails later: at the indicators, … at the end."""
    shop = make_shop(4_000, small_disk / "shop")
    run_bytes = sum(file.stat().st_size for file in files_below(shop.first.folder))
    free = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"\0" * (free - int(run_bytes * share)))
    with pytest.raises(TierwiseError) as caught:
        shop.run()
    assert caught.value.code == "resource.disk_full", str(caught.value)
    shop.check_intact()
    ballast.unlink()
    shop.check_next_run_clears_up()


@pytest.mark.parametrize("limit", [10, slow(1_000), slow(3_000), slow(10_000), slow(20_000)])
def test_a_file_that_may_not_grow(shop: Shop, outcome: Outcome, limit: int) -> None:
    assert outcome(child.run_with_file_limit, shop.folder, shop.orders, limit) == "resource.disk_full"
    shop.check_intact()
    shop.check_next_run_clears_up()


def test_two_writers(shop: Shop, processes: ForkServerContext) -> None:
    held, enough = processes.Event(), processes.Event()
    process = processes.Process(target=child.hold_the_lock, args=(shop.folder, held, enough))
    process.start()
    held.wait(60)
    with pytest.raises(TierwiseError) as caught:
        shop.run()
    assert caught.value.code == "run.busy"
    shop.check_intact()
    enough.set()
    process.join(60)
    shop.check_next_run_clears_up()


@pytest.mark.parametrize("stage", [slow("read orders"), "indicators", slow("model rfm"), slow("publish")])
def test_ctrl_c(shop: Shop, outcome: Outcome, stage: str) -> None:
    assert outcome(child.run_interrupted_at, shop.folder, shop.orders, stage) == "KeyboardInterrupt"
    shop.check_intact()
    shop.check_no_leftovers()
    shop.check_next_run_clears_up()


@pytest.mark.slow
def test_ctrl_c_inside_a_query(make_shop: Callable[..., Shop], processes: ForkServerContext) -> None:
    """The engine is deep in native code: it must stop within seconds, not at the end of the query."""
    shop = make_shop(20_000)
    started = time.perf_counter()
    shop.run()
    whole = time.perf_counter() - started
    parts = [0.1, 0.3, 0.5, 0.7]
    for _ in range(30):
        current = shop.workspace.current()
        begun, told = processes.Event(), processes.Queue()
        process = processes.Process(target=child.run_interruptible, args=(shop.folder, shop.orders, begun, told))
        process.start()
        assert begun.wait(60)
        time.sleep(whole * parts[0])
        os.kill(process.pid or 0, signal.SIGINT)
        heard = told.get(timeout=20)
        process.join(20)
        if heard == "done":  # this machine runs the second time faster than the first: aim earlier
            whole *= 0.7
            continue
        assert heard == "KeyboardInterrupt"
        assert shop.workspace.current() == current
        parts.pop(0)
        if not parts:
            break
    assert not parts, "the runs were over before they could be interrupted"
    shop.check_next_run_clears_up()


def test_a_failed_run_leaves_no_tables_behind(shop: Shop) -> None:
    """A job that fails every night must not fill the disk."""
    for _ in range(3):
        with pytest.raises(TierwiseError):
            run(child.job_of(shop.folder, shop.orders, as_of=date(1999, 1, 1)), child.resources_in(shop.folder))
    shop.check_intact()
    shop.check_no_leftovers()


@pytest.mark.slow
def test_readers_never_see_half_a_run(shop: Shop, processes: ForkServerContext) -> None:
    writer = processes.Process(target=child.publish_many, args=(shop.folder, shop.orders, 8))
    writer.start()
    seen: set[str] = set()
    reads = 0
    while writer.is_alive():
        found = open_run(shop.workspace)
        found.verify()
        assert found.manifest.run == found.name
        assert set(found.manifest.files) >= {"indicators/part-000.parquet"}
        seen.add(found.name)
        reads += 1
    writer.join(60)
    assert writer.exitcode == 0
    assert len(seen) >= 4 and reads >= 20, f"{reads} reads of {len(seen)} runs prove little"
