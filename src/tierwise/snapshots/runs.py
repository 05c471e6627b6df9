"""Write a run and publish it; open a published one; check it; remove old ones."""

from __future__ import annotations

import errno
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from tierwise.contracts.rows import Rows
from tierwise.contracts.scheme import Scheme
from tierwise.contracts.scheme_json import scheme_from_json
from tierwise.errors import ErrorKind, Family, Place, TierwiseError
from tierwise.language import Text
from tierwise.snapshots.erased import chain_problem
from tierwise.snapshots.files import files_below, sha256, sync_folder, sync_tree, to_json, write_synced
from tierwise.snapshots.imports import holding, records
from tierwise.snapshots.labels import label_rows
from tierwise.snapshots.manifest import DAMAGED, Manifest, manifest_to_json, read_manifest
from tierwise.snapshots.workspace import Workspace, new_id

NO_MODEL = ErrorKind(
    "run.no_such_model",
    Family.DATA,
    what=Text("the run {run} has no model {name}", "运行 {run} 中没有模型 {name}"),
    cause=Text("its models are: {known}", "其中的模型：{known}"),
    cure=Text("choose one of these, or compute it with --model {name}", "请选择其中之一，或用 --model {name} 重新计算"),
)


class RunWriter:
    """A run being written, in a folder that readers ignore until `publish` renames it."""

    def __init__(self, workspace: Workspace, as_of: date) -> None:
        self.workspace = workspace
        self.as_of = as_of
        self.name = new_id(as_of)
        self.folder = workspace.runs / f".writing-{self.name}"
        self.folder.mkdir(parents=True)

    def publish(self, manifest: Manifest) -> Run:
        """Fingerprint and sync every file, rename the folder, then point CURRENT at it."""
        files = {file.relative_to(self.folder).as_posix(): sha256(file) for file in files_below(self.folder)}
        whole = replace(manifest, files=files)
        write_synced(self.folder / "manifest.json", to_json(manifest_to_json(whole)))
        sync_tree(self.folder)
        final = self.workspace.runs / self.name
        prepared = self.workspace.prepare_pointer(self.name)
        self.folder.rename(final)
        sync_folder(self.workspace.runs)
        self.workspace.publish(prepared)
        return Run(final)

    def discard(self) -> None:
        """Remove what was written; on a full disk even that may fail, and the next writer clears it."""
        try:
            self.workspace.clear_leftovers()
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise


@dataclass(frozen=True)
class Run:
    """A published run, read-only."""

    folder: Path

    @property
    def name(self) -> str:
        """The id of the run."""
        return self.folder.name

    @cached_property
    def manifest(self) -> Manifest:
        """The manifest; raises `run.damaged`."""
        return read_manifest(self.folder)

    def scheme(self, model: str) -> Scheme:
        """The fitted scheme of one of its models; raises `run.no_such_model`."""
        known = self.manifest.models
        if model not in known:
            raise NO_MODEL.error(Place(file=str(self.folder)), run=self.name, name=model, known=", ".join(known))
        return scheme_from_json(known[model].scheme)

    def settings(self) -> dict[str, dict[str, Any]]:
        """The settings of its models by instance, as the section `models` of a project file has them."""
        return {name: {**result.spec, "model": result.model} for name, result in self.manifest.models.items()}

    def indicator_files(self) -> list[Path]:
        """The Parquet files of its indicator table, sorted by customer_id over all of them."""
        return sorted((self.folder / "indicators").glob("*.parquet"))

    def labels(self, model: str) -> Rows:
        """The label table of one model, to be attached; raises `run.no_such_model`."""
        self.scheme(model)
        return label_rows(self.folder, self.manifest.models, model)

    def verify(self) -> None:
        """Compare every file with its fingerprint; raises `run.damaged` with the first that differs or is foreign.

        Files that were rewritten by an erasure are compared with what the record of that erasure says of them.
        """
        expected = self.manifest.files
        if problem := chain_problem(self.manifest):
            raise DAMAGED.error(Place(file=str(self.folder / "manifest.json")), name=self.name, message=problem)
        found = {file.relative_to(self.folder).as_posix() for file in files_below(self.folder)} - {"manifest.json"}
        for name in sorted({*expected, *found}):
            file = self.folder / name
            if name not in expected or name not in found or sha256(file) != expected[name]:
                raise DAMAGED.error(Place(file=str(file)), name=self.name, message=name)


def open_run(workspace: Workspace, name: str = "current") -> Run:
    """Open a run by id, or `current` or `previous`."""
    return Run(workspace.resolve(name))


def remove_old(workspace: Workspace, keep_days: int, now: datetime | None = None) -> list[str]:
    """Remove runs older than `keep_days` and imports nobody needs; the current run and the one before stay.

    An import is needed while it holds, while a run refers to it, and for `keep_days`, so that it can be redone. A
    run whose manifest cannot be read stays too, and so do all imports then: nobody knows which of them it used.
    """
    limit = (now or datetime.now(UTC)) - timedelta(days=keep_days)
    manifests = {name: _readable(workspace.runs / name) for name in workspace.names()}
    removed = []
    for name, manifest in list(manifests.items())[:-2]:
        if name != workspace.current() and manifest and manifest.calculated_at < limit:
            hidden = workspace.runs / f".writing-removed-{name}"
            (workspace.runs / name).rename(hidden)
            shutil.rmtree(hidden)
            removed.append(name)
    staying = [manifest for name, manifest in manifests.items() if name not in removed]
    used = {name for manifest in staying if manifest for ids in manifest.version["imports"].values() for name in ids}
    if all(staying):
        _remove_imports(workspace, used, limit)
    return removed


def _remove_imports(workspace: Workspace, used: set[str], limit: datetime) -> None:
    """Remove imports that neither hold nor are used, and are older than the limit."""
    found = records(workspace)
    needed = used | {record.id for record in holding(found)}
    for record in found:
        if record.id not in needed and record.imported_at < limit:
            hidden = workspace.imports / f".writing-removed-{record.id}"
            (workspace.imports / record.id).rename(hidden)
            shutil.rmtree(hidden)


def _readable(run: Path) -> Manifest | None:
    try:
        return read_manifest(run)
    except TierwiseError:
        return None
