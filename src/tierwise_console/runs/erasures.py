"""Erasures of the workspace as the console follows them: their tombstones, and whom a tombstone means."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tierwise.privacy.tombstones import salt_of, tombstones
from tierwise_console.runs.published import workspace


@dataclass(frozen=True, slots=True)
class Stone:
    """One tombstone: when, by whom, why, and how many rows and entries went. It names nobody."""

    id: str
    at: datetime
    by: str
    reason: str
    rows: int
    customers: frozenset[str]
    """Salted hashes of the ids."""


def stone_names() -> list[str]:
    """The ids of all tombstones, oldest first; reads the folder alone."""
    return [file.stem for file in tombstones(workspace())]


def stones() -> list[Stone]:
    """All tombstones, oldest first."""
    return [_stone(file) for file in tombstones(workspace())]


def stone(name: str) -> Stone | None:
    """One tombstone."""
    return next((_stone(file) for file in tombstones(workspace()) if file.stem == name), None)


def _stone(file: Path) -> Stone:
    data = json.loads(file.read_text(encoding="utf-8"))
    hashes = frozenset(data["hashes"].get("customer", ()))
    at = datetime.fromisoformat(data["at"])
    return Stone(str(data["erasure"]), at, str(data["by"]), str(data["reason"]), int(data["rows"]), hashes)


def recognised(found: Stone, ids: Iterable[str]) -> list[str]:
    """Those of some ids whom a tombstone means; raises `erasure.salt_missing`."""
    start = hashlib.sha256(f"{salt_of(workspace())}|customer|".encode())
    return [each for each in ids if _hash(start, each) in found.customers]


def _hash(start: hashlib._Hash, value: str) -> str:
    """As `tierwise.privacy.tombstones.hashed`, with the salt hashed once for all."""
    found = start.copy()
    found.update(value.encode())
    return found.hexdigest()
