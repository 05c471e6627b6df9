"""Published runs of the console's workspace, opened once each: a run never changes."""

from __future__ import annotations

import functools
import sys
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from tierwise.errors import TierwiseError
from tierwise.snapshots.runs import Run
from tierwise.snapshots.workspace import NO_RUN, Workspace

__all__ = ["Run", "named_run", "run_if_there", "run_names", "workspace"]
"""The type of a run is offered here, too: pages and services may not import it from the core's snapshots."""


def workspace() -> Workspace:
    """The workspace that this console shows."""
    return Workspace(Path(settings.ENVIRONMENT.workspace))


def named_run(name: str = "current") -> Run:
    """A published run by its id, or `current` or `previous`; raises `run.none` or `run.unknown`."""
    _heed_erasures()
    return _open(workspace().resolve(name))


def _heed_erasures() -> None:
    """Erasures are the one thing that changes a run: whatever this package keeps of runs is forgotten after each."""
    folder = workspace().root / "erasures"
    _forget_what_is_kept(str(folder), folder.stat().st_mtime_ns if folder.exists() else 0)


@lru_cache(maxsize=1)
def _forget_what_is_kept(folder: str, changed_ns: int) -> None:
    """Empty every cache of this package; being one itself, it does so once for each change of the folder."""
    package = __name__.rpartition(".")[0]
    for module in [found for name, found in sys.modules.items() if name.startswith(package)]:
        for value in list(vars(module).values()):
            if isinstance(value, functools._lru_cache_wrapper):
                value.cache_clear()


def run_if_there(name: str = "current") -> Run | None:
    """The run, or None where there is none of that name (any more)."""
    try:
        return named_run(name)
    except TierwiseError as error:
        if error.code in (NO_RUN.code, "run.unknown"):
            return None
        raise


def run_names() -> list[str]:
    """The ids of all published runs, oldest first."""
    return workspace().names()


@lru_cache(maxsize=8)
def _open(folder: Path) -> Run:
    return Run(folder)
