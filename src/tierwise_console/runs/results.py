"""The files that jobs have written for people: where they lie, and how long those by the calendar are kept."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from tierwise_console.jobs.models import Job, Status

KEPT_BY_CALENDAR = 12
"""So many times of a schedule keep their files: a label table names every customer and should not pile up."""


def folder_of(job: Any) -> Path:
    """Where a finished job has put its files."""
    return Path((job.result or {}).get("folder") or job.arguments["folder"])


def files_of(job: Any) -> list[str]:
    """The names of the files of a finished job that are still there."""
    if job.status != Status.DONE:
        return []
    folder = folder_of(job)
    return [name for name in (job.result or {}).get("files", {}).values() if (folder / name).is_file()]


def remove_old_results(unique_key: str) -> None:
    """Remove the files of earlier times of the schedule that asked for this job, but for the newest."""
    schedule, _, _ = unique_key.removeprefix("schedule:").partition(":")
    if not unique_key.startswith("schedule:"):
        return
    done = Job.objects.filter(unique_key__startswith=f"schedule:{schedule}:", status=Status.DONE).order_by("-pk")
    for job in done[KEPT_BY_CALENDAR - 1 :]:
        shutil.rmtree(folder_of(job), ignore_errors=True)
