"""The fence of a workspace: an earlier claim of a job is refused, and a later one waits for it."""

from __future__ import annotations

import multiprocessing
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from tierwise.errors import TierwiseError
from tierwise_console.runs import fencing
from tierwise_console.runs.fencing import WAITING, fenced

SPAWN = multiprocessing.get_context("spawn")
PATIENCE_SECONDS = 120


def silent(_: object) -> None:
    pass


def test_an_earlier_claim_is_refused_once_a_later_one_has_begun(tmp_path: Path) -> None:
    for attempt in (1, 1, 3):
        with fenced(tmp_path, 7, attempt, silent):
            pass
    with pytest.raises(TierwiseError) as found, fenced(tmp_path, 7, 2, silent):
        raise AssertionError("the body must not be entered")
    assert found.value.code == "job.stale_claim"
    with fenced(tmp_path, 8, 1, silent):
        pass  # another job's claims are its own


def test_the_oldest_jobs_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fencing, "REMEMBERED_JOBS", 2)
    for job in (9, 10, 11):
        with fenced(tmp_path, job, 2, silent):
            pass
    with fenced(tmp_path, 9, 1, silent):
        pass
    with pytest.raises(TierwiseError), fenced(tmp_path, 11, 1, silent):
        pass


def _keep(workspace: Path, entered: Event, leave: Event) -> None:
    with fenced(workspace, 7, 1, silent):
        entered.set()
        leave.wait(PATIENCE_SECONDS)
        (workspace / "done-by-the-first").touch()


def test_a_later_claim_waits_for_the_work_of_an_earlier_one(tmp_path: Path) -> None:
    entered, leave = SPAWN.Event(), SPAWN.Event()
    first = SPAWN.Process(target=_keep, args=(tmp_path, entered, leave))
    first.start()
    assert entered.wait(PATIENCE_SECONDS)
    told: list[object] = []

    def hear(words: object) -> None:
        told.append(words)
        leave.set()

    with fenced(tmp_path, 7, 2, hear):
        assert (tmp_path / "done-by-the-first").exists()
    first.join(PATIENCE_SECONDS)
    assert told == [WAITING]
