"""The rows of a source none of which could be used: there is no import to list them in, and a person must see them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tierwise.snapshots.workspace import Workspace


def rejected_file(workspace: Workspace, source: str, table: str) -> Path:
    """Where the rejected rows of a source stay until an import of it succeeds; erasures reach them there."""
    name = re.sub(r"[^\w.-]", "_", f"{source}.{table}").lstrip(".")
    return workspace.root / "logs" / "rejects" / f"{name}.csv"


def keep_rejected(workspace: Workspace, source: str, table: str, file: Path) -> Path:
    """Copy a rejects file to its lasting place, over that of an earlier attempt."""
    kept = rejected_file(workspace, source, table)
    kept.parent.mkdir(parents=True, exist_ok=True)
    fresh = kept.with_name(f".{kept.name}.writing")
    shutil.copyfile(file, fresh)
    fresh.replace(kept)
    return kept


def drop_rejected(workspace: Workspace, source: str, table: str) -> None:
    """Remove what an earlier attempt left."""
    rejected_file(workspace, source, table).unlink(missing_ok=True)
