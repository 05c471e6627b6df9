"""What is found out about an import once and kept in its folder, so that it is not found out again.

Each file says what it rests on. Where that is no longer so (rules changed, rows were erased, another way of counting),
where the file is missing, as in imports of before, or cannot be read, nothing is kept: whoever asks finds out anew.
"""

from __future__ import annotations

import json
import shutil
from typing import Any, Final

from tierwise.contracts.imports import ImportRecord
from tierwise.snapshots.files import to_json, write_synced
from tierwise.snapshots.workspace import Workspace

PROFILE: Final = "profile.json"
DRIFT: Final = "drift.json"
MEASURES: Final = "measures"
STANDING: Final = "measures_standing"
COUNTS: Final = "counts.json"
"""Lies in both."""


def read_kept(workspace: Workspace, record: ImportRecord, name: str, basis: str) -> Any | None:
    """What is kept of an import under a name; None where it rests on something else, or is not there whole."""
    try:
        kept = json.loads((workspace.imports / record.id / name).read_bytes())
        return kept["found"] if kept["basis"] == basis else None
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def keep(workspace: Workspace, record: ImportRecord, name: str, basis: str, found: Any) -> None:
    """Keep what was found of an import; only the holder of `workspace.writing()` may."""
    file = workspace.imports / record.id / name
    prepared = file.with_name(f".{file.name}")
    prepared.unlink(missing_ok=True)
    write_synced(prepared, to_json({"basis": basis, "found": found}))
    prepared.replace(file)


def forget(workspace: Workspace, name: str) -> None:
    """Remove what is kept of an import, where rows of it were erased: the figures count them, and may name a word of theirs."""
    folder = workspace.imports / name
    for kept in (PROFILE, DRIFT):
        (folder / kept).unlink(missing_ok=True)
    for kept in (MEASURES, STANDING):
        (folder / kept / COUNTS).unlink(missing_ok=True)
        shutil.rmtree(folder / kept, ignore_errors=True)
