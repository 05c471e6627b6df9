"""A watch runs when something has arrived and has settled, one run at a time, and goes on where it was killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tierwise.cli.projects import load_job
from tierwise.engine.base import DISK_FULL
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.errors import TierwiseError
from tierwise.job import Job, Resources
from tierwise.pipeline import run
from tierwise.snapshots.imports import records, redo, undo
from tierwise.snapshots.runs import Run
from tierwise.watch.arrivals import remembered, seen_files
from tierwise.watch.timetable import Timetable
from tierwise.watch.watching import Pace, Watch

PROJECT = "version: 1\nas_of: 2026-06-30\nsources:\n  orders: {location: orders.csv}\nmodels: {pyramid: {}}\n"
HEAD = "order_id,customer_id,order_date,amount\n"


@dataclass
class Scene:
    """A project, and a watch over it whose time passes only when it sleeps."""

    root: Path
    moment: datetime = datetime(2026, 7, 1, 5, 0, tzinfo=UTC)
    told: list[str] = field(default_factory=list)
    slept: int = 0
    while_asleep: dict[int, str] = field(default_factory=dict)
    """What is appended to the orders during which sleep."""
    while_running: list[str] = field(default_factory=list)
    fail: list[TierwiseError] = field(default_factory=list)

    def append(self, lines: str) -> None:
        with (self.root / "orders.csv").open("a") as stream:
            stream.write(lines)

    def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)
        self.slept += 1
        if self.slept in self.while_asleep:
            self.append(self.while_asleep[self.slept])

    def load(self) -> Job:
        return load_job(self.root, (), None, (None, None, None, None, None))[0]

    def run(self, job: Job) -> Run:
        if self.fail:
            raise self.fail.pop()
        published = run(job, Resources(lambda: DuckDBEngine(threads=1)))
        if self.while_running:
            self.append(self.while_running.pop())
        return published

    def done(self, made: Run, why: str, seconds: float) -> None:
        self.told.append(f"{why} {made.manifest.totals['orders']}")

    def failed(self, error: TierwiseError, wait_seconds: float | None) -> None:
        self.told.append(f"{error.code} {wait_seconds}")

    def watch(self, schedule: str | None = None) -> Watch:
        timetable = Timetable(schedule, "Asia/Shanghai") if schedule else None
        project = (self.root / "tierwise.yaml",)
        return Watch(self.load, self.run, self, project, Pace(), timetable, self.sleep, lambda: self.moment)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    (tmp_path / "tierwise.yaml").write_text(PROJECT)
    (tmp_path / "orders.csv").write_text(HEAD + "N1,A,2026-06-01,5.00\nN2,B,2026-06-02,6.00\n")
    return Scene(tmp_path)


def test_first_then_only_when_something_arrives(scene: Scene) -> None:
    watch = scene.watch()
    assert watch.look() and not watch.look()
    scene.append("N3,C,2026-06-03,7.00\n")
    assert watch.look() and not watch.look()
    assert scene.told == ["start 2", "arrival 3"]


def test_a_file_that_grows_is_waited_for(scene: Scene) -> None:
    scene.while_asleep = {1: "N3,C,2026-06-03,7.00\n", 2: "N4,D,2026-06-04,8.00\n"}
    scene.watch().look()
    assert scene.told == ["start 4"]
    assert scene.slept == 3


def test_what_arrives_during_a_run_is_taken_together_by_the_next(scene: Scene) -> None:
    scene.while_running = ["N3,C,2026-06-03,7.00\nN4,D,2026-06-04,8.00\n"]
    watch = scene.watch()
    watch.look()
    assert watch.look() and not watch.look()
    assert scene.told == ["start 2", "arrival 4"]


def test_a_watch_started_again_goes_on(scene: Scene) -> None:
    scene.watch().look()
    assert remembered(scene.load().workspace) == seen_files(scene.load(), (scene.root / "tierwise.yaml",))
    assert scene.watch().look() is None
    scene.append("N3,C,2026-06-03,7.00\n")
    assert scene.watch().look()


def test_imports_of_others_and_undoing_count(scene: Scene) -> None:
    scene.watch().look()
    scene.append("N3,C,2026-06-03,7.00\n")
    watch = scene.watch()
    watch.look()
    workspace = scene.load().workspace
    last = records(workspace)[-1].id
    with workspace.writing():
        undo(workspace, last, "test")
    assert watch.look() and not watch.look()
    with workspace.writing():
        redo(workspace, last)
    assert watch.look() and not watch.look()
    assert scene.told == ["start 2", "arrival 3", "arrival 2", "arrival 3"]


def test_an_edited_project_counts(scene: Scene) -> None:
    watch = scene.watch()
    watch.look()
    (scene.root / "tierwise.yaml").write_text(PROJECT.replace("pyramid", "vip"))
    found = watch.look()
    assert found is not None and list(found.manifest.models) == ["vip"]


def test_a_timetable_runs_whatever_arrived_and_once_for_all_times_missed(scene: Scene) -> None:
    watch = scene.watch("0 14 * * *")  # two in the afternoon in Shanghai is six o'clock UTC
    watch.look()
    scene.moment += timedelta(minutes=50)
    assert watch.look() is None
    scene.moment += timedelta(days=3)
    assert watch.look() and not watch.look()
    assert scene.told == ["start 2", "schedule 2"]


def forever(scene: Scene, watch: Watch, looks: int) -> None:
    """Let a watch look so many times, then interrupt it."""
    begun = scene.slept

    def sleep(seconds: float) -> None:
        scene.sleep(seconds)
        if seconds == watch.pace.every_seconds and scene.slept - begun >= looks:
            raise KeyboardInterrupt

    watch.sleep = sleep
    with pytest.raises(KeyboardInterrupt):
        watch.forever()


def test_wrong_data_wait_for_other_data(scene: Scene) -> None:
    good = (scene.root / "orders.csv").read_text()
    watch = scene.watch()
    watch.look()
    (scene.root / "orders.csv").write_text("nothing,useful\n1,2\n")
    forever(scene, watch, 4)
    assert scene.told == ["start 2", "input.missing_column None"]
    (scene.root / "orders.csv").write_text(good + "N3,C,2026-06-03,7.00\n")
    forever(scene, watch, 2)
    assert scene.told[2:] == ["arrival 3"]


def test_what_the_machine_lacks_is_tried_again_after_twice_as_long(scene: Scene) -> None:
    scene.fail = [DISK_FULL.error(message="full"), DISK_FULL.error(message="full")]
    forever(scene, scene.watch(), 8)
    assert scene.told == ["resource.disk_full 5.0", "resource.disk_full 10.0", "again 2"]


def test_a_project_that_cannot_be_read_is_told_once(scene: Scene) -> None:
    watch = scene.watch()
    (scene.root / "tierwise.yaml").write_text("version: 1\nsources: {orders: {}}\n")
    forever(scene, watch, 3)
    assert len(scene.told) == 1 and scene.told[0].startswith("config.")
    (scene.root / "tierwise.yaml").write_text(PROJECT)
    forever(scene, watch, 2)
    assert scene.told[1:] == ["start 2"]


def test_a_timetable_that_is_none_is_refused() -> None:
    with pytest.raises(TierwiseError) as caught:
        Timetable("every morning", None)
    assert caught.value.code == "watch.bad_schedule"


def _heed_interrupts() -> None:
    """A suite that a shell runs in the background ignores Ctrl-C, and so would what it starts."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def command(scene: Scene) -> Iterator[subprocess.Popen[str]]:
    arguments = ["watch", "--workspace", str(scene.root), "--every", "0.1", "--settle", "0.1", "--no-export"]
    with subprocess.Popen(
        [sys.executable, "-m", "tierwise", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_heed_interrupts,  # noqa: PLW1509  (no thread of ours runs here)
    ) as process:
        yield process
        process.kill()


def runs_of(root: Path, count: int) -> None:
    """Wait until so many runs are published."""
    patience = time.monotonic() + 60
    while len(list((root / "runs").glob("2*"))) < count and time.monotonic() < patience:
        time.sleep(0.05)
    assert len(list((root / "runs").glob("2*"))) == count


@pytest.mark.slow
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_command_runs_and_ends_cleanly(
    scene: Scene, command: subprocess.Popen[str], ending: signal.Signals
) -> None:
    runs_of(scene.root, 1)
    scene.append("N3,C,2026-06-03,7.00\n")
    runs_of(scene.root, 2)
    command.send_signal(ending)
    out, err = command.communicate(timeout=30)
    assert command.returncode == 130
    lines = out.splitlines()
    assert len(lines) in (2, 3) and "Interrupted" in err
    assert "first run" in lines[1] and "everything anew" in lines[1]
    assert not list((scene.root / "runs").glob(".*"))
