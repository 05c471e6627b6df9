"""Compute a run, as the project file of the workspace says."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from tierwise import pipeline
from tierwise.cli.projects import load_job
from tierwise.engine.progress import Observer


def compute(request: dict[str, Any], observer: Observer) -> dict[str, Any]:
    """Publish a run and say which."""
    as_of = date.fromisoformat(request["as_of"]) if request.get("as_of") else None
    job, resources = load_job(Path(request["workspace"]), (), as_of, (None, None, None, None, None))
    run = pipeline.run(job, resources, observer)
    return {"run": run.name, "as_of": run.manifest.as_of.isoformat(), "customers": run.manifest.totals["customers"]}
