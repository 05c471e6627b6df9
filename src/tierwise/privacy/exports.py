"""Files that left a run for other folders: noted when they are written, so that an erasure can reach them."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tierwise.engine.duckdb import DuckDBEngine, quoted
from tierwise.errors import ErrorKind, Family, Place
from tierwise.language import Text
from tierwise.privacy.guises import guise_of
from tierwise.privacy.person import Person, columns_of, in_text
from tierwise.privacy.scrubbing import condition
from tierwise.snapshots.workspace import Workspace

LIST = "exports.jsonl"
CANNOT_NOTE = ErrorKind(
    "export.cannot_be_noted",
    Family.RESOURCE,
    what=Text("no export may leave this workspace: {file} cannot be written", "此工作区无法导出：不能写入 {file}"),
    cause=Text(
        "every export is noted there, so that an erasure reaches it; this user may only read the workspace",
        "每次导出都会记录在该文件中，以便删除个人信息时一并处理；当前用户对工作区只读",
    ),
    cure=Text(
        "give this user the right to write in the workspace, or work on a copy of it",
        "请为当前用户授予工作区的写入权限，或使用工作区的副本",
    ),
)


def require_noting(workspace: Workspace) -> None:
    """Raise `export.cannot_be_noted` before anything is written that could not be noted."""
    file = workspace.root / LIST
    place = file if file.exists() else workspace.root
    if place.exists() and not os.access(place, os.W_OK):
        raise CANNOT_NOTE.error(Place(file=str(workspace.root)), file=LIST)


def note_exports(workspace: Workspace, run: str, files: Iterable[Path]) -> None:
    """Note where files of a run were written to."""
    if not workspace.root.is_dir():
        return
    line = json.dumps({"run": run, "files": [str(file.resolve()) for file in files]}, ensure_ascii=False)
    if line in _lines(workspace):
        return
    with (workspace.root / LIST).open("a", encoding="utf-8") as stream:
        stream.write(line + "\n")
        stream.flush()
        os.fsync(stream.fileno())


def noted_exports(workspace: Workspace) -> list[tuple[str, Path]]:
    """The run and the place of every file that was noted; the last note of a place counts."""
    found: dict[Path, str] = {}
    for line in _lines(workspace):
        entry: dict[str, Any] = json.loads(line)
        found.update({Path(file): entry["run"] for file in entry["files"]})
    return [(run, file) for file, run in sorted(found.items())]


def _lines(workspace: Workspace) -> list[str]:
    file = workspace.root / LIST
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def export_holds(engine: DuckDBEngine, file: Path, person: Person) -> bool:
    """Whether an exported file names a person; of a masked or pseudonymised one that cannot be told, so it counts."""
    if guise_of(file) is not None:
        return True
    if file.suffix == ".parquet":
        theirs = condition(columns_of(engine, file), person)
        sql = f"SELECT count(*) FROM read_parquet({quoted(str(file))}) WHERE {theirs or 'false'}"
        return bool(engine.native("rows of a person", sql)[0][0])
    cells = _cells(file)
    if cells is not None:
        return bool(cells & {*person.ids, *person.naming})
    return bool(in_text(person).search(file.read_text(encoding="utf-8", errors="replace")))


def _cells(file: Path) -> set[str] | None:
    """The different cells of a table; None where the file is none."""
    if file.suffix == ".csv":
        import csv

        with file.open(encoding="utf-8-sig", newline="") as stream:
            return {cell.removeprefix("'") for row in csv.reader(stream) for cell in row}
    if file.suffix == ".xlsx":
        with zipfile.ZipFile(file) as book:
            parts = [book.read(name).decode() for name in book.namelist() if name.endswith(".xml")]
        return {text.partition("<")[0] for part in parts for text in part.split(">")}
    return None
