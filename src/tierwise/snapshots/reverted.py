"""Corrections that were taken back for single sources: `corrections.json` in the workspace."""

from __future__ import annotations

import json

from tierwise.snapshots.files import sync_folder, to_json, write_synced
from tierwise.snapshots.workspace import Workspace

_FILE = "corrections.json"


def reverted(workspace: Workspace) -> dict[str, list[str]]:
    """`table/source` → codes that are not made in it."""
    file = workspace.root / _FILE
    return dict(json.loads(file.read_bytes())) if file.exists() else {}


def reverted_of(workspace: Workspace, table: str, source: str) -> frozenset[str]:
    """The codes that are not made in one source."""
    return frozenset(reverted(workspace).get(f"{table}/{source}", ()))


def keep_reverted(workspace: Workspace, codes: dict[str, list[str]]) -> None:
    """Write which codes are not made in which source; the holder of `writing` alone may."""
    file = workspace.root / _FILE
    prepared = file.with_name(f".{_FILE}")
    write_synced(prepared, to_json({source: sorted(set(found)) for source, found in sorted(codes.items()) if found}))
    prepared.replace(file)
    sync_folder(workspace.root)
