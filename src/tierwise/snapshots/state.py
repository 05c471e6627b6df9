"""Aggregates per customer that a run leaves for the next one, so that it need not make them all anew.

    state/<run>/<section>/<facts>/part-*.parquet    aggregates by customer; one section a day they were made for
    state/<run>/state.json                          what they were made from and by which SQL; SHA-256 of every file

A state is written whole before its run is published, never changed, and removed when a later run has taken its place.
Nobody but the next run reads it: without it everything still works, and takes longer.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from tierwise.errors import ErrorKind, Family, Place
from tierwise.language import Text
from tierwise.snapshots.files import files_below, sha256, sync_folder, sync_tree, to_json, write_synced
from tierwise.snapshots.workspace import Workspace

FORMAT = 1
MAIN = "main"
"""The section of the indicators themselves; models that learn from an earlier day have sections of their own."""

DAMAGED = ErrorKind(
    "state.damaged",
    Family.DATA,
    what=Text("the state of the run {name} is damaged: {message}", "运行 {name} 的状态已损坏：{message}"),
    cause=Text("a file was changed, removed or cut off after it was written", "写入后有文件被修改、删除或截断"),
    cure=Text("nothing is lost: the next run makes everything anew", "没有丢失数据：下次运行会全量重算"),
)


@dataclass(frozen=True, slots=True)
class KeptFacts:
    """What is kept of one table of facts: the SQL of its steps, and of its aggregates by column."""

    steps: tuple[str, ...]
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Section:
    """The aggregates made for one day."""

    as_of: date
    facts: Mapping[str, KeptFacts]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a run and the state it builds on must have in common: another engine, zone or currency counts otherwise.

    Customers are dealt into `shares` by the engine's own hash; only the engine that dealt them finds them again.
    """

    engine: str
    versions: Mapping[str, str]
    timezone: str | None
    currency: str | None
    shares: int


@dataclass(frozen=True)
class State:
    """A state that was written whole. `version` is what the facts were, as JSON of the ledger's version."""

    folder: Path
    circumstances: Circumstances
    version: Mapping[str, Any]
    sections: Mapping[str, Section]
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def run(self) -> str:
        """The run that left it."""
        return self.folder.name

    def verify(self) -> None:
        """Compare every file with its fingerprint; raises `state.damaged`."""
        found = {file.relative_to(self.folder).as_posix() for file in files_below(self.folder)} - {"state.json"}
        for name in sorted({*self.files, *found}):
            if name not in found or sha256(self.folder / name) != self.files.get(name):
                raise DAMAGED.error(Place(file=str(self.folder / name)), name=self.run, message=name)


class StateWriter:
    """A state being written, in a folder that no run builds on until `publish` renames it."""

    def __init__(self, workspace: Workspace, run: str) -> None:
        self.workspace, self.run = workspace, run
        self.folder = workspace.state / f".writing-{run}"
        self.folder.mkdir(parents=True)

    def publish(
        self, circumstances: Circumstances, version: Mapping[str, Any], sections: Mapping[str, Section]
    ) -> None:
        """Have the disk confirm every file, and give the state its lasting place."""
        files = {file.relative_to(self.folder).as_posix(): sha256(file) for file in files_below(self.folder)}
        told = {
            "format": FORMAT,
            "circumstances": {name: getattr(circumstances, name) for name in Circumstances.__dataclass_fields__},
            "version": version,
            "sections": {name: _section_json(section) for name, section in sections.items()},
            "files": files,
        }
        write_synced(self.folder / "state.json", to_json(told))
        sync_tree(self.folder)
        self.folder.rename(self.workspace.state / self.run)
        sync_folder(self.workspace.state)


def read_state(workspace: Workspace, run: str) -> State | None:
    """The state that a run left; None where it left none or it is gone. Raises `state.damaged`."""
    folder = workspace.state / run
    file = folder / "state.json"
    if not file.is_file():
        return None
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        if data["format"] != FORMAT:
            return None
        sections = {name: _section_of(section) for name, section in data["sections"].items()}
        return State(folder, Circumstances(**data["circumstances"]), data["version"], sections, data["files"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DAMAGED.error(Place(file=str(file)), name=run, message=str(error)) from error


def remove_states(workspace: Workspace, keep: str | None) -> None:
    """Remove what no run will build on: half-written states, and those of all runs but one. The writer alone may."""
    if workspace.state.is_dir():
        for folder in workspace.state.iterdir():
            if folder.name != keep:
                shutil.rmtree(folder)


def _section_json(section: Section) -> dict[str, Any]:
    facts = {name: {"steps": list(kept.steps), "columns": dict(kept.columns)} for name, kept in section.facts.items()}
    return {"as_of": section.as_of, "facts": facts}


def _section_of(data: Mapping[str, Any]) -> Section:
    facts = {name: KeptFacts(tuple(kept["steps"]), kept["columns"]) for name, kept in data["facts"].items()}
    return Section(date.fromisoformat(data["as_of"]), facts)
