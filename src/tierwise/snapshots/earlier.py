"""The run that a model with memory builds on: found by name, so that no more manifests are read than it takes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from tierwise.errors import TierwiseError
from tierwise.snapshots.files import to_json
from tierwise.snapshots.runs import Run
from tierwise.snapshots.workspace import Workspace

_DAY = re.compile(r"-asof(\d{8})-")


@dataclass(frozen=True, slots=True)
class Earlier:
    """The latest run of an earlier day that has a model; `damaged` are younger runs whose manifest cannot be read."""

    run: Run | None
    damaged: tuple[str, ...] = ()


def run_before(workspace: Workspace, as_of: date, model: str) -> Earlier:
    """Find the latest run of a day before `as_of` that has this model; the run is None where there is none.

    The same day never counts, so that computing a day once more gives the same labels. A damaged manifest is passed
    over: only where it is younger than the run that is found, or none is found, it may have mattered.
    """
    damaged = []
    for name in reversed(workspace.names()):
        run = Run(workspace.runs / name)
        if not _is_before(name, as_of) or not _may_have(run, model):
            continue
        try:
            manifest = run.manifest
        except TierwiseError:
            damaged.append(name)
            continue
        if manifest.as_of < as_of and model in manifest.models:
            return Earlier(run, tuple(damaged))
    return Earlier(None, tuple(damaged))


def _is_before(name: str, as_of: date) -> bool:
    """Whether a run is of an earlier day by its name, or does not say of which."""
    told = _DAY.search(name)
    return told is None or datetime.strptime(told[1], "%Y%m%d").date() < as_of


def _may_have(run: Run, model: str) -> bool:
    """Whether a manifest speaks of a model; one that is not whole may have."""
    text = (run.folder / "manifest.json").read_bytes()
    return to_json(model).strip().encode() in text or not text.rstrip().endswith(b"}")
