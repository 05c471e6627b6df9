"""The journal of an erasure: who is to be erased, and what every file was and is to become, until it is finished.

It is written before anything is touched, and names the person in plain words: nobody could finish the work otherwise.
It is removed when the tombstone stands.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tierwise.privacy.person import Person
from tierwise.privacy.tombstones import folder
from tierwise.snapshots.files import sync_folder, to_json
from tierwise.snapshots.workspace import Workspace, new_id

PENDING = "pending-"
PLAN = "plan-"


@dataclass(frozen=True)
class Planned:
    """One file that is rewritten: its fingerprints before and after, and how many rows or entries go."""

    file: str
    old: str
    new: str
    gone: int


@dataclass(frozen=True)
class Journal:
    """One erasure on its way. `imports` are those that hold the person, with the count of erasures each will have."""

    workspace: Workspace
    id: str
    person: Person
    reason: str
    by: str
    at: datetime
    imports: Mapping[str, int]

    @property
    def file(self) -> Path:
        """Where it is written."""
        return folder(self.workspace) / f"{PENDING}{self.id}.json"

    @property
    def plan_file(self) -> Path:
        """Where the files are noted, each before it is replaced."""
        return folder(self.workspace) / f"{PLAN}{self.id}.jsonl"

    def note(self, planned: Planned) -> None:
        """Have the disk know of a replacement before it is made."""
        with self.plan_file.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(vars(planned), ensure_ascii=False) + "\n")
            stream.flush()
            os.fsync(stream.fileno())

    def planned(self) -> list[Planned]:
        """The replacements noted so far; a line that a crash cut off was never acted upon."""
        if not self.plan_file.exists():
            return []
        found = []
        for line in self.plan_file.read_text(encoding="utf-8").splitlines():
            try:
                found.append(Planned(**json.loads(line)))
            except ValueError:
                break
        return found

    def close(self) -> None:
        """Forget the person: the tombstone stands by now."""
        self.plan_file.unlink(missing_ok=True)
        self.file.unlink(missing_ok=True)
        sync_folder(self.file.parent)


def begin(workspace: Workspace, person: Person, reason: str, by: str, imports: Mapping[str, int]) -> Journal:
    """Write the journal of a new erasure; the disk has it before this returns."""
    journal = Journal(workspace, new_id(), person, reason, by, datetime.now(UTC), imports)
    data = {
        "id": journal.id,
        "person": person.to_json(),
        "reason": reason,
        "by": by,
        "at": journal.at,
        "imports": imports,
    }
    folder(workspace).mkdir(exist_ok=True)
    write_private(journal.file, to_json(data))
    return journal


def write_private(file: Path, text: str) -> None:
    """Write a file that its owner alone may read, whole or not at all, and have the disk confirm it."""
    fresh = file.with_name(f".writing-{file.name}")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(file)
    sync_folder(file.parent)


def pending(workspace: Workspace) -> list[Journal]:
    """The erasures that were begun and not finished, oldest first."""
    place = folder(workspace)
    return [_read(workspace, file) for file in sorted(place.glob(f"{PENDING}*.json"))] if place.is_dir() else []


def _read(workspace: Workspace, file: Path) -> Journal:
    data: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    person = Person(**{name: tuple(values) for name, values in data["person"].items()})
    at = datetime.fromisoformat(data["at"])
    return Journal(workspace, data["id"], person, data["reason"], data["by"], at, data["imports"])
