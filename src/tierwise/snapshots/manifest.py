"""The manifest of a run: what it was computed from, how, and the fingerprint of every file."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from tierwise.contracts.imports import Version
from tierwise.errors import ErrorKind, Family, Place
from tierwise.language import Text

FORMAT = 1

IN_FILES, BY_SCHEME = "files", "scheme"
"""Where the labels of a model are: see `tierwise.snapshots.labels`."""

DAMAGED = ErrorKind(
    "run.damaged",
    Family.DATA,
    what=Text("the run {name} is damaged: {message}", "运行 {name} 已损坏：{message}"),
    cause=Text("a file was changed, removed or cut off after it was published", "发布后有文件被修改、删除或截断"),
    cure=Text("compute a new run; `tierwise check` names damaged runs", "请重新运行；tierwise check 可列出损坏的运行"),
)


@dataclass(frozen=True)
class InputFingerprint:
    """One input: where it came from, the SHA-256 of what was read, and its rows."""

    table: str
    source: str
    sha256: str
    rows_read: int
    rows_used: int


@dataclass(frozen=True)
class ModelResult:
    """One model of a run: its settings, the fitted scheme, the tier table and what it noted, all as JSON.

    `labels` says where its label table is: in files, or derived from the indicators by the scheme. Runs that do not
    say so were published when all labels were written.
    """

    model: str
    spec: dict[str, Any]
    scheme: dict[str, Any]
    tiers: list[dict[str, Any]]
    notes: list[dict[str, Any]]
    labels: str = IN_FILES


@dataclass(frozen=True)
class Manifest:
    """All that is known of a run. `files` maps each file, relative to the run, to its SHA-256.

    `erasures` say which files were rewritten since it was published: see `tierwise.snapshots.erased`.
    `left_out` are the models that nobody asked for by name and whose data is missing, with what each lacks.
    `version` says which imports its rows came with (`tierwise.contracts.imports.Version`), `tables` is its digest.
    `made` says how: `kind` is full (`why`) or incremental (`from` which run, `touched` customers, and per table of
    facts whose aggregates were `made_anew`: so many customers', or everyone's, which is null).
    """

    run: str
    as_of: date
    calculated_at: datetime
    engine: str
    versions: dict[str, str]
    specs_sha256: str
    inputs: list[InputFingerprint]
    mapping: dict[str, dict[str, str]]
    quality: dict[str, Any]
    indicators: list[dict[str, Any]]
    models: dict[str, ModelResult]
    totals: dict[str, Any]
    tables: str
    currency: str | None = None
    version: dict[str, Any] = field(default_factory=lambda: Version({}).to_json())
    made: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    erasures: list[dict[str, Any]] = field(default_factory=list)
    left_out: dict[str, list[str]] = field(default_factory=dict)
    format: int = FORMAT


def manifest_to_json(manifest: Manifest) -> dict[str, Any]:
    """The manifest as JSON-serialisable data."""
    data = dict(vars(manifest))
    data["inputs"] = [vars(item) for item in manifest.inputs]
    data["models"] = {name: vars(result) for name, result in manifest.models.items()}
    return data


def read_manifest(run: Path) -> Manifest:
    """Read a run's manifest; raises `run.damaged`."""
    file = run / "manifest.json"
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        data["as_of"] = date.fromisoformat(data["as_of"])
        data["calculated_at"] = datetime.fromisoformat(data["calculated_at"])
        data["inputs"] = [InputFingerprint(**item) for item in data["inputs"]]
        data["models"] = {name: ModelResult(**result) for name, result in data["models"].items()}
        return Manifest(**data)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DAMAGED.error(Place(file=str(file)), name=run.name, message=str(error)) from error
