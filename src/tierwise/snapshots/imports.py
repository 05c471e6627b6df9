"""The ledger of imports: write one, list them, undo and redo them, and say which of them hold."""

from __future__ import annotations

import errno
import secrets
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from tierwise.contracts.imports import ImportRecord, SourceMode, Undone, Version
from tierwise.contracts.ingest import CanonicalTable, Mapping
from tierwise.contracts.tables import TABLES
from tierwise.errors import ErrorKind, Family, Place
from tierwise.language import Text
from tierwise.snapshots.files import sync_folder, sync_tree, to_json, write_synced
from tierwise.snapshots.workspace import Workspace, new_id

UNKNOWN = ErrorKind(
    "import.unknown",
    Family.DATA,
    what=Text("there is no import {name}", "没有导入 {name}"),
    cause=Text("the imports here are: {known}", "现有导入：{known}"),
    cure=Text("`tierwise import --list` shows all of them", "tierwise import --list 可列出全部"),
)
ALREADY = ErrorKind(
    "import.already",
    Family.DATA,
    what=Text("the import {name} {state}", "导入 {name} {state}"),
    cause=Text("nothing is left to be changed", "没有需要更改的内容"),
    cure=Text("`tierwise import --list` shows the state of each", "tierwise import --list 可查看每次导入的状态"),
)
DAMAGED = ErrorKind(
    "import.damaged",
    Family.DATA,
    what=Text("the import {name} is damaged: {message}", "导入 {name} 已损坏：{message}"),
    cause=Text("a file was changed, removed or cut off after it was written", "写入后有文件被修改、删除或截断"),
    cure=Text(
        "restore the folder from a backup, or move it away and import the source again",
        "请从备份恢复该文件夹，或把它移走后重新导入该数据源",
    ),
)


class ImportWriter:
    """An import being written, in a folder that readers ignore until `publish` renames it."""

    def __init__(self, workspace: Workspace, place: Path | None = None) -> None:
        """Write in the workspace; a dry run, which is never published, in another place."""
        self.workspace = workspace
        self.id = new_id()
        self.folder = (place or workspace.imports) / f".writing-{self.id}"
        self.folder.mkdir(parents=True)

    def publish(self, record: ImportRecord) -> ImportRecord:
        """Have the disk confirm every file, then give the import its lasting place: it holds from then on."""
        write_synced(self.folder / "import.json", to_json(_adapter(ImportRecord).dump_python(record, mode="json")))
        sync_tree(self.folder)
        self.folder.rename(self.workspace.imports / self.id)
        sync_folder(self.workspace.imports)
        return record

    def discard(self) -> None:
        """Remove what was written; on a full disk even that may fail, and the next writer clears it."""
        try:
            shutil.rmtree(self.folder)
        except FileNotFoundError:
            return
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise


def records(workspace: Workspace) -> list[ImportRecord]:
    """All imports, oldest first, undone ones among them; raises `import.damaged`."""
    if not workspace.imports.is_dir():
        return []
    folders = (folder for folder in workspace.imports.iterdir() if folder.is_dir() and folder.name[0] != ".")
    return [_read(folder) for folder in sorted(folders)]


def record_of(workspace: Workspace, name: str) -> ImportRecord:
    """One import by its id, or by the beginning of one that no other shares; raises `import.unknown`."""
    found = [record for record in records(workspace) if name and record.id.startswith(name)]
    if len(found) != 1:
        known = ", ".join(record.id for record in found or records(workspace)[-5:])
        raise UNKNOWN.error(Place(file=str(workspace.root)), name=name, known=known or "-")
    return found[0]


def _read(folder: Path) -> ImportRecord:
    try:
        record: ImportRecord = _parse(folder / "import.json", ImportRecord)
        undone = folder / "undone.json"
        return replace(record, undone=_parse(undone, Undone)) if undone.exists() else record
    except (OSError, ValueError) as error:
        message = str(error).split("\n", 1)[0]
        raise DAMAGED.error(Place(file=str(folder / "import.json")), name=folder.name, message=message) from error


def _parse(file: Path, kind: Callable[..., Any]) -> Any:
    return _adapter(kind).validate_json(file.read_bytes())


@cache
def _adapter(kind: Any) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def holding(found: Sequence[ImportRecord], listed: Iterable[str] | None = None) -> list[ImportRecord]:
    """Return those of the imports whose rows count, in the order of `listed`, then by source and age.

    Undone ones do not; a snapshot hides the older imports of its source, and any import those that it replaces; a
    listed source must be in `listed` (None: all are).
    """
    order = None if listed is None else list(listed)
    kept: dict[tuple[str, str], list[ImportRecord]] = {}
    for record in found:
        if record.undone or (order is not None and record.listed and record.source not in order):
            continue
        before = [each for each in kept.get((record.source, record.table), []) if each.id not in record.replaces]
        kept[record.source, record.table] = [*([] if record.mode is SourceMode.SNAPSHOT else before), record]
    trusted = {name: rank for rank, name in enumerate(order or ())}
    sources = sorted(kept, key=lambda key: (trusted.get(key[0], len(trusted)), key))
    return [record for key in sources for record in kept[key]]


def version_of(workspace: Workspace, found: Sequence[ImportRecord]) -> Version:
    """Return the version that holds when these imports do; keep their order."""
    imports: dict[str, tuple[str, ...]] = {}
    for record in found:
        imports[record.table] = (*imports.get(record.table, ()), record.id)
    return Version(imports, workspace.identity_state(), sum(record.erasures for record in found))


def undo(workspace: Workspace, name: str, by: str) -> ImportRecord:
    """Take an import back: its rows count no longer. The holder of `writing` alone may; raises `import.already`."""
    record = record_of(workspace, name)
    if record.undone:
        raise ALREADY.error(name=record.id, state=Text("is undone already", "已撤销"))
    undone = Undone(by, datetime.now(UTC))
    folder = workspace.imports / record.id
    prepared = folder / f".undone-{secrets.token_hex(4)}"
    write_synced(prepared, to_json(_adapter(Undone).dump_python(undone, mode="json")))
    prepared.rename(folder / "undone.json")
    sync_folder(folder)
    return replace(record, undone=undone)


def redo(workspace: Workspace, name: str) -> ImportRecord:
    """Have the rows of an undone import count again; raises `import.already`."""
    record = record_of(workspace, name)
    if not record.undone:
        raise ALREADY.error(name=record.id, state=Text("is not undone", "并未撤销"))
    folder = workspace.imports / record.id
    (folder / "undone.json").unlink()
    sync_folder(folder)
    return replace(record, undone=None)


def import_json(record: ImportRecord) -> dict[str, Any]:
    """An import as `tierwise import --json` shows it: all that `import.json` holds, and whether it is undone."""
    found: dict[str, Any] = _adapter(ImportRecord).dump_python(record, mode="json")
    return found


def table_of(workspace: Workspace, record: ImportRecord) -> CanonicalTable:
    """Return the canonical table of one import."""
    folder = workspace.imports / record.id
    rejects = folder / "rejects" / f"{record.table}.csv"
    return CanonicalTable(
        record.table, folder / record.table, record.columns, record.rows, record.rows_read, record.rows_used,
        record.set_aside, record.findings, Mapping(TABLES[record.table], record.matches),
        rejects if rejects.exists() else None, record.first_date, record.last_date, record.currency,
        record.location, record.fingerprint, record.shares, record.corrected,
    )  # fmt: skip
