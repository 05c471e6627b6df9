"""What could have arrived: files of the sources, the project file, imports that nobody has computed with yet.

Files are told apart by size and time of change, as `make` does; what is in them is for the import to find out. Databases
are not asked: they are read at each run, so that a timetable is what they need.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path

from tierwise.contracts.imports import Version, version_from_json
from tierwise.errors import TierwiseError
from tierwise.job import Job
from tierwise.snapshots.files import sync_folder, write_synced
from tierwise.snapshots.imports import holding, records, version_of
from tierwise.snapshots.runs import open_run
from tierwise.snapshots.workspace import NO_RUN, UNKNOWN_RUN, Workspace

Seen = dict[str, list[int]]
"""By path, size and time of change in nanoseconds."""

_FILE = "watch.json"
_OWN = ("imports", "runs", "state", "identity", "out", "logs")


def seen_files(job: Job, also: Sequence[Path] = ()) -> Seen:
    """Every file that the sources of a job may be read from, and those of `also`."""
    seen: Seen = {}
    for location in (*(source.location for source in job.sources), *map(str, also)):
        if "://" not in location:
            seen |= dict(_looked_at(job.workspace, location))
    return seen


def _looked_at(workspace: Workspace, location: str) -> Iterator[tuple[str, list[int]]]:
    path = Path(location).expanduser()
    files: Iterator[Path]
    if any(mark in location for mark in "*?") and not path.exists():
        files = Path(path.anchor or ".").glob(str(path.relative_to(path.anchor)))
    else:
        files = path.rglob("*") if path.is_dir() else iter([path])
    own = [workspace.root / name for name in _OWN]
    for file in sorted(files):
        if file.name.startswith(".") or any(file.is_relative_to(folder) for folder in own):
            continue
        try:
            found = file.stat()
        except OSError:
            continue  # it went between listing and looking, or never came: the run will say so
        if file.is_file():
            yield str(file), [found.st_size, found.st_mtime_ns]


def ledger_version(job: Job) -> Version:
    """What the ledger holds now, for the sources of a job."""
    listed = [source.called for source in job.sources]
    return version_of(job.workspace, holding(records(job.workspace), listed))


def computed_version(workspace: Workspace) -> Version | None:
    """What the published run was computed from; None where there is no run."""
    try:
        return version_from_json(open_run(workspace).manifest.version)
    except TierwiseError as error:
        if error.problems[0].kind not in (NO_RUN, UNKNOWN_RUN):
            raise
        return None


def remember(workspace: Workspace, seen: Seen) -> None:
    """Keep what the last run had before it, so that a watch that is started again goes on from there."""
    fresh = workspace.root / f".{_FILE}.{secrets.token_hex(4)}"
    write_synced(fresh, json.dumps(seen, ensure_ascii=False, indent=1))
    fresh.replace(workspace.root / _FILE)
    sync_folder(workspace.root)


def remembered(workspace: Workspace) -> Seen | None:
    """What the last run of a watch had before it; None where that is not known."""
    try:
        found = json.loads((workspace.root / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
