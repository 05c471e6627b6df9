"""Compute a run, as the project file of the workspace says."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from tierwise import pipeline
from tierwise.cli.projects import load_job
from tierwise.config.project import FILE_NAME
from tierwise.engine.progress import Observer
from tierwise.snapshots.runs import Run, open_run
from tierwise.snapshots.workspace import Workspace


def compute(request: dict[str, Any], observer: Observer) -> dict[str, Any]:
    """Publish a run and say which; one that was published since `before` is the one that was asked for."""
    root = Path(request["workspace"])
    workspace = Workspace(root)
    if "before" in request and workspace.pointer.exists() and workspace.current() != request["before"]:
        return _told(open_run(workspace))
    _begin_project(root)
    as_of = date.fromisoformat(request["as_of"]) if request.get("as_of") else None
    job, resources = load_job(root, (), as_of, (None, None, None, None, None))
    return _told(pipeline.run(job, resources, observer))


def _told(run: Run) -> dict[str, Any]:
    return {"run": run.name, "as_of": run.manifest.as_of.isoformat(), "customers": run.manifest.totals["customers"]}


def _begin_project(root: Path) -> None:
    """Where nobody wrote a project file yet, begin one: what the screen changes later is written there."""
    file = root / FILE_NAME
    if not file.exists():
        file.write_text("version: 1\n", encoding="utf-8")
