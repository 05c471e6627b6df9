"""An erasure that is killed at any of its steps: finished later, it has taken everything and harmed nothing."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest
from tests.privacy.conftest import fill
from tests.privacy.test_erase import snapshot, traces

from tierwise.cli.main import execute
from tierwise.privacy.erasure import erase, resume
from tierwise.privacy.journal import pending
from tierwise.privacy.tombstones import tombstones
from tierwise.snapshots.runs import Run
from tierwise.snapshots.workspace import Workspace

STEPS = ("replace", "unlink", "rename")
FEW = (1, 2, 5, 11, 17)


class Steps:
    """Counts what an erasure does to names in folders, and dies before one of them."""

    def __init__(self, deadly: int | None) -> None:
        self.count, self.deadly = 0, deadly

    def watch(self, name: str) -> None:
        done = getattr(Path, name)

        def counted(path, *arguments, **settings):
            self.count += 1
            if self.count == self.deadly:
                os.kill(os.getpid(), signal.SIGKILL)
            return done(path, *arguments, **settings)

        setattr(Path, name, counted)


def in_child(action) -> int:
    """Run an action in a process of its own; return the signal that ended it, or 0."""
    child = os.fork()
    if child == 0:
        action()
        os._exit(0)
    return os.waitpid(child, 0)[1]


def erase_and_die(place: Workspace, deadly: int | None, told: Path) -> None:
    steps = Steps(deadly)
    for name in STEPS:
        steps.watch(name)
    erase(place, "c007", "", "ann")
    told.write_text(str(steps.count))


@pytest.fixture(scope="module")
def filled(tmp_path_factory) -> tuple[Path, int]:
    """A filled workspace, and how many steps it takes to erase someone from it."""
    folder = tmp_path_factory.mktemp("filled")
    fill(folder)
    spare = tmp_path_factory.mktemp("spare") / "copy"
    shutil.copytree(folder, spare)
    assert in_child(lambda: erase_and_die(Workspace(spare / "w"), None, spare / "count")) == 0
    return folder, int((spare / "count").read_text())


def die_and_finish(filled: Path, folder: Path, deadly: int) -> None:
    shutil.copytree(filled, folder)
    place = Workspace(folder / "w")
    others = snapshot(place)
    ended = in_child(lambda: erase_and_die(place, deadly, folder / "count"))
    # it dies at that step, unless this copy took fewer steps than were counted on another, by its own count
    if ended == 0:
        assert max(FEW) < deadly and int((folder / "count").read_text()) < deadly
    else:
        assert ended == signal.SIGKILL
    if pending(place):
        assert execute(["check", "--workspace", str(place.root)]) == 4
        resume(place)
    elif not tombstones(place):
        erase(place, "c007", "", "ann")
    assert traces(place.root) == {} and snapshot(place) == others
    assert len(tombstones(place)) == 1 and not pending(place)
    for name in place.names():
        Run(place.runs / name).verify()
        assert len(Run(place.runs / name).manifest.erasures) == 1
    assert not list(place.root.rglob(".erasing-*"))


@pytest.mark.parametrize("deadly", FEW)
def test_killed_at_some_steps(filled, tmp_path, deadly):
    folder, steps = filled
    assert steps > max(FEW)
    die_and_finish(folder, tmp_path / "copy", deadly)


@pytest.mark.slow
def test_killed_at_every_step(filled, tmp_path):
    folder, steps = filled
    for deadly in range(1, steps + 1):
        die_and_finish(folder, tmp_path / f"copy-{deadly}", deadly)
        shutil.rmtree(tmp_path / f"copy-{deadly}")
