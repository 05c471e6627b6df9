"""Erase a customer from a workspace, so that a crash at any point leaves either the old file or the new one.

The order: the journal; then file by file (noted, written beside, renamed); each run's manifest after its files; each
import's record after its files; exports; the tombstone; and last the journal is removed. Whoever finds a journal does
all of it again: what is erased already is left as it is.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tierwise.engine.duckdb import DuckDBEngine, quoted
from tierwise.engine.progress import Observer, Silent
from tierwise.engine.spill import remove_abandoned
from tierwise.errors import ErrorKind, Family, Place
from tierwise.identity.entry_index import INDEX
from tierwise.language import Text
from tierwise.privacy.exports import export_holds, noted_exports
from tierwise.privacy.journal import Journal, Planned, begin, pending, write_private
from tierwise.privacy.person import FOLDERS, Person, files_of, find_person
from tierwise.privacy.scrubbing import WRITING, count_in, scrub, without
from tierwise.privacy.tombstones import CONTACTS, folder, hashed, salt_of
from tierwise.snapshots.erased import erasure_record
from tierwise.snapshots.files import sha256, sync_file, sync_folder, to_json
from tierwise.snapshots.kept import forget
from tierwise.snapshots.workspace import Workspace

NOTHING_PENDING = ErrorKind(
    "erasure.nothing_pending",
    Family.USAGE,
    what=Text("no erasure is waiting to be finished", "没有尚未完成的删除"),
    cause=Text("all erasures that were begun here are finished", "此处开始的删除均已完成"),
    cure=Text("name a customer: tierwise erase CUSTOMER", "请给出客户编号：tierwise erase 客户编号"),
)
UNFINISHED = ErrorKind(
    "erasure.unfinished",
    Family.DATA,
    what=Text("the erasure {name} was begun and not finished", "删除 {name} 已开始但尚未完成"),
    cause=Text(
        "it was interrupted; part of the workspace still holds the customer", "过程被中断，工作区中仍有该客户的部分数据"
    ),
    cure=Text("tierwise erase --resume finishes it", "请执行 tierwise erase --resume 完成删除"),
)


@dataclass(frozen=True)
class Erased:
    """What an erasure found or did: rows and entries by file; exports that were removed; where rows came from."""

    id: str | None
    ids: int
    gone: Mapping[str, int]
    exports: tuple[tuple[str, str], ...] = ()
    sources: tuple[str, ...] = ()

    def by_area(self) -> dict[str, int]:
        """Rows and entries by part of the workspace: imports, runs, …"""
        areas: Counter[str] = Counter()
        for file, rows in self.gone.items():
            areas[file.partition("/")[0]] += rows
        return dict(areas)

    def to_json(self) -> dict[str, Any]:
        """As `--json` prints it; it names no customer."""
        return {
            "erasure": self.id,
            "ids": self.ids,
            "gone": dict(self.gone),
            "by_area": self.by_area(),
            "exports_removed": [file for _, file in self.exports],
            "sources": list(self.sources),
        }


Opened = Callable[[], DuckDBEngine]
_SILENT = Silent()
_AT_FILE = Text("file {number} of {files}", "第 {number}/{files} 个文件")


def look(workspace: Workspace, customer: str, opened: Opened = DuckDBEngine) -> Erased:
    """What an erasure would take out, file by file; nothing is changed. Raises `erasure.unknown_customer`."""
    with opened() as engine:
        person = find_person(engine, workspace, customer)
        gone = {
            _name(workspace, file): found for file in files_of(workspace) if (found := count_in(engine, file, person))
        }
        exports = tuple((run, str(file)) for run, file in _exports(engine, workspace, person))
        return Erased(None, len(person.ids), gone, exports, _sources(workspace, gone))


def erase(
    workspace: Workspace, customer: str, reason: str, by: str, opened: Opened = DuckDBEngine, told: Observer = _SILENT
) -> Erased:
    """Erase a customer; erasures that were interrupted before are finished first.

    Raises `erasure.unknown_customer`, `run.busy`.
    """
    with workspace.writing(), opened() as engine:
        for journal in pending(workspace):
            _carry_out(engine, journal, told)
        person = find_person(engine, workspace, customer)
        salt_of(workspace, create=True)
        return _carry_out(
            engine, begin(workspace, person, reason, by, _holding_imports(engine, workspace, person)), told
        )


def resume(workspace: Workspace, opened: Opened = DuckDBEngine, told: Observer = _SILENT) -> list[Erased]:
    """Finish every erasure that was interrupted; raises `erasure.nothing_pending`."""
    with workspace.writing(), opened() as engine:
        found = pending(workspace)
        if not found:
            raise NOTHING_PENDING.error(Place(file=str(workspace.root)))
        return [_carry_out(engine, journal, told) for journal in found]


def _holding_imports(engine: DuckDBEngine, workspace: Workspace, person: Person) -> dict[str, int]:
    found = {}
    for record in sorted(workspace.root.glob("imports/*/import.json")):
        if any(count_in(engine, file, person) for file in record.parent.rglob("*") if file.is_file()):
            found[record.parent.name] = int(json.loads(record.read_text(encoding="utf-8")).get("erasures", 0)) + 1
    return found


def _carry_out(engine: DuckDBEngine, journal: Journal, told: Observer) -> Erased:
    workspace = journal.workspace
    for name in (*FOLDERS, "."):
        for left in (workspace.root / name).rglob(f"{WRITING}*") if name != "." else workspace.root.glob(f"{WRITING}*"):
            left.unlink()
    remove_abandoned(workspace.root)  # what a search for duplicates exchanged with Spark when it was killed
    # Made anew by the next check: it holds names and numbers of all customers.
    for index in workspace.identity.glob(f"*{INDEX}*"):
        index.unlink()
    hashes = _hashes(engine, workspace, journal)
    files = [file for file in files_of(workspace) if file.name not in ("manifest.json", "import.json")]
    for number, file in enumerate(files, 1):
        told.detail(_AT_FILE.fill(number=number, files=len(files)))
        _replace(engine, journal, file)
    links = {run: link for run in workspace.names() if (link := _record_in_run(journal, workspace.runs / run))}
    for name, erasures in journal.imports.items():
        _record_in_import(engine, journal, workspace.root / "imports" / name / "import.json", erasures)
        forget(workspace, name)
    removed = []
    for run, file in _exports(engine, workspace, journal.person):
        file.unlink()
        removed.append((run, str(file)))
    gone = {planned.file: planned.gone for planned in journal.planned()}
    _raise_tombstone(journal, hashes, links, sum(gone.values()))
    journal.close()
    return Erased(journal.id, len(journal.person.ids), gone, tuple(removed), _sources(workspace, gone))


def _name(workspace: Workspace, file: Path) -> str:
    return file.relative_to(workspace.root).as_posix()


def _replace(engine: DuckDBEngine, journal: Journal, file: Path) -> None:
    """Put a file without the person in its place, noted before: whoever comes after a crash knows both fingerprints."""
    gone = count_in(engine, file, journal.person)
    fresh = scrub(engine, file, journal.person) if gone else None
    if fresh is not None:
        journal.note(Planned(_name(journal.workspace, file), sha256(file), sha256(fresh), gone))
        fresh.replace(file)
        sync_folder(file.parent)


def _record_in_run(journal: Journal, run: Path) -> str | None:
    """Say in a run's manifest which of its files were rewritten; return the link of that record.

    A file that was damaged before keeps the fingerprint it was published with: erasing does not make it sound.
    """
    manifest = run / "manifest.json"
    text = manifest.read_text(encoding="utf-8")
    data = json.loads(text)
    earlier = [record for record in data.get("erasures", []) if record["erasure"] == journal.id]
    if earlier:
        return str(earlier[0]["link"])
    news: dict[str, tuple[str, str]] = {}
    for planned in journal.planned():
        name = planned.file.removeprefix(f"runs/{run.name}/")
        if name in data["files"] and name != planned.file and data["files"][name] == planned.old:
            news[name] = (planned.old, planned.new)
    clean = without(data, journal.person)
    if not news and clean == data:
        return None
    record = erasure_record(data, sha256(manifest), journal.id, journal.at, news)
    clean["files"] = {**data["files"], **{name: new for name, (_, new) in news.items()}}
    clean["erasures"] = [*data.get("erasures", []), record]
    write_beside(manifest, to_json(clean))
    return str(record["link"])


def _record_in_import(engine: DuckDBEngine, journal: Journal, file: Path, erasures: int) -> None:
    """Say in an import's record that its rows were rewritten, and how many it has now."""
    data = without(json.loads(file.read_text(encoding="utf-8")), journal.person)
    parts = sorted((file.parent / data["table"]).glob("part-*.parquet"))
    listed = ", ".join(quoted(str(part)) for part in parts)
    rows = engine.native("rows of an import", f"SELECT count(*) FROM read_parquet([{listed}])")[0][0] if parts else 0
    write_beside(file, to_json({**data, "rows": int(rows), "erasures": erasures}))


def write_beside(file: Path, text: str) -> None:
    """Replace a file in one step."""
    fresh = file.with_name(f"{WRITING}{file.name}")
    fresh.write_text(text, encoding="utf-8")
    sync_file(fresh)
    fresh.replace(file)
    sync_folder(file.parent)


def _exports(engine: DuckDBEngine, workspace: Workspace, person: Person) -> list[tuple[str, Path]]:
    return [
        (run, file) for run, file in noted_exports(workspace) if file.is_file() and export_holds(engine, file, person)
    ]


def _sources(workspace: Workspace, gone: Mapping[str, int]) -> tuple[str, ...]:
    """Where the rows were read from: those places still hold the customer, and are not ours to change."""
    names = {file.split("/")[1] for file in gone if file.startswith("imports/")}
    found = set()
    for name in names:
        record = workspace.root / "imports" / name / "import.json"
        if record.exists():
            found.add(str(json.loads(record.read_text(encoding="utf-8"))["location"]))
    return tuple(sorted(found))


def _hashes(engine: DuckDBEngine, workspace: Workspace, journal: Journal) -> dict[str, list[str]]:
    """The salted hashes that recognise the person: ids, orders, phone and e-mail."""
    salt, person = salt_of(workspace, create=True), journal.person
    found = {"customer": hashed(salt, "customer", person.ids), "order": hashed(salt, "order", person.orders)}
    values = ", ".join(f"({quoted(value)})" for value in person.naming)
    for kind, written in CONTACTS.items():
        if person.naming:
            like = "value LIKE '%@%'" if kind == "email" else "length(regexp_replace(value, '[^0-9]', '', 'g')) >= 7"
            rows = engine.native(
                f"how a {kind} is written",
                f"SELECT DISTINCT {written} FROM (SELECT value AS {kind} FROM (VALUES {values}) AS named(value) WHERE {like})",
            )
            found[kind] = hashed(salt, kind, [str(row[0]) for row in rows])
    return found


def _raise_tombstone(journal: Journal, hashes: Mapping[str, list[str]], links: Mapping[str, str], rows: int) -> None:
    data = {
        "erasure": journal.id, "at": journal.at, "by": journal.by, "reason": journal.reason, "rows": rows,
        "hashes": hashes, "runs": links,
    }  # fmt: skip
    write_private(folder(journal.workspace) / f"{journal.id}.json", to_json(data))
