"""What the tests of faults run in a process of its own: a run that dies, stalls or hits a limit at a chosen moment."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.pipeline.conftest import job_of

import tierwise.pipeline
import tierwise.snapshots.files
import tierwise.snapshots.imports
import tierwise.snapshots.runs
import tierwise.snapshots.workspace
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.errors import TierwiseError
from tierwise.language import Text
from tierwise.pipeline import Resources, run
from tierwise.snapshots.workspace import Workspace

STAGES = ("read orders", "quality", "indicators", "model rfm", "model lifecycle", "model pyramid", "tiers", "publish")
MOMENTS = ("manifest", "synced", "run renamed", "pointer written", "pointer replaced")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class DiesAt:
    """An observer that kills its own process, as the system would, when a stage begins."""

    def __init__(self, stage: str, action: Callable[[], None] = die) -> None:
        self.fatal, self.action = stage, action

    def stage(self, name: str, label: Text) -> None:
        if name == self.fatal:
            self.action()

    def detail(self, label: Text) -> None:
        pass


def resources_in(folder: Path, threads: int = 2) -> Resources:
    spill = folder / "spill"
    spill.mkdir(exist_ok=True)
    return Resources(lambda: DuckDBEngine(threads=threads, temp_folder=spill))


def run_dying_at_stage(folder: Path, orders: Path, stage: str) -> None:
    run(job_of(folder, orders), resources_in(folder), DiesAt(stage))


def run_dying_at_moment(folder: Path, orders: Path, moment: str) -> None:
    """Die inside the publishing of a run, at the moments between two steps that reach the disk."""
    runs, workspace, pipeline = tierwise.snapshots.runs, tierwise.snapshots.workspace, tierwise.pipeline
    patched: dict[str, tuple[Any, str, Callable[[Any], Callable[..., Any]]]] = {
        "manifest": (runs, "write_synced", _instead),
        "synced": (runs, "sync_tree", _instead),
        "run renamed": (workspace.Workspace, "publish", _instead),
        "pointer written": (workspace, "write_synced", _after_pointer),
        "pointer replaced": (pipeline, "remove_old", _instead),
    }
    owner, name, wrap = patched[moment]
    setattr(owner, name, wrap(getattr(owner, name)))
    run(job_of(folder, orders), resources_in(folder))


def _instead(original: Any) -> Callable[..., Any]:
    def dying(*args: Any) -> None:
        die()

    return dying


def _after_pointer(original: Any) -> Callable[..., Any]:
    def writing(file: Path, text: str) -> None:
        original(file, text)
        if file.name.startswith(".CURRENT"):
            die()

    return writing


def run_when_told(folder: Path, orders: Path, begun: Any) -> None:
    """Say when the work begins, so that the parent can strike at a moment of its own choice."""
    begun.set()
    run(job_of(folder, orders), resources_in(folder))


def run_with_file_limit(folder: Path, orders: Path, limit: int, told: Any) -> None:
    """No file may grow beyond `limit` bytes, as on a disk that is full."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    told.put(code_of(folder, orders))


def code_of(folder: Path, orders: Path) -> str:
    try:
        run(job_of(folder, orders), resources_in(folder))
    except TierwiseError as error:
        return error.code
    except BaseException as error:  # noqa: BLE001  (whatever it is, the parent is to hear of it)
        return f"raw {type(error).__name__}: {error}"
    return "done"


def run_interrupted_at(folder: Path, orders: Path, stage: str, told: Any) -> None:
    """Ctrl-C while a stage runs."""
    signal.signal(signal.SIGINT, signal.default_int_handler)

    def interrupt() -> None:
        os.kill(os.getpid(), signal.SIGINT)

    try:
        run(job_of(folder, orders), resources_in(folder), DiesAt(stage, interrupt))
    except BaseException as error:  # noqa: BLE001  (whatever it is, the parent is to hear of it)
        told.put(type(error).__name__)
    else:
        told.put("done")


def run_interruptible(folder: Path, orders: Path, begun: Any, told: Any) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        begun.set()
        run(job_of(folder, orders), resources_in(folder))
        told.put("done")
    except BaseException as error:  # noqa: BLE001  (whatever it is, the parent is to hear of it)
        told.put(type(error).__name__)


def hold_the_lock(folder: Path, held: Any, enough: Any) -> None:
    with Workspace(folder).writing():
        held.set()
        enough.wait(60)


def publish_many(folder: Path, orders: Path, times: int) -> None:
    for _ in range(times):
        run(job_of(folder, orders, {"pyramid": {}}, keep_runs_days=1), resources_in(folder, threads=1))


def import_when_told(home: Path, begun: Any) -> None:
    from tests.faults.test_imports_killed import bring

    begun.set()
    bring(home)


def import_dying_at(home: Path, moment: str) -> None:
    """Die inside the publishing of an import: before it has its name, or just after."""
    from tests.faults.test_imports_killed import bring

    imports = tierwise.snapshots.imports
    name = "sync_tree" if moment == "synced" else "sync_folder"
    setattr(imports, name, _instead(getattr(imports, name)))
    bring(home)
