"""Imports into the core's ledger, and taking them back."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from tierwise.contracts.imports import ImportRecord, SourceMode
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.progress import Observer
from tierwise.importing import bring_in
from tierwise.job import Job, Source
from tierwise.snapshots.imports import record_of, records, redo, undo
from tierwise.snapshots.workspace import Workspace
from tierwise_console.runs.tasks.opening import read_options


def bring(request: dict[str, Any], observer: Observer) -> dict[str, Any]:
    """Import files; one whose content the ledger has already is named and not imported again."""
    workspace = Workspace(Path(request["workspace"]))
    sources = [_source(each) for each in request["sources"]]
    job = Job(
        workspace, sources, [], timezone=request.get("timezone"), currency=request.get("currency"),
        today=date.fromisoformat(request["today"]),
    )  # fmt: skip
    with workspace.writing(), DuckDBEngine(request.get("memory")) as engine:
        found = []
        for source in sources:
            fresh = [one.record for one in bring_in(engine, source, job, observer) if one.record]
            found += [_told(record, fresh=True) for record in fresh] or _known(workspace, source)
    return {"imports": found}


def _source(each: dict[str, Any]) -> Source:
    return Source(
        each["table"], each["file"], read_options(each), each.get("columns") or {}, each.get("date_format"),
        each["name"], SourceMode(each["mode"]), listed=False,
    )  # fmt: skip


def _known(workspace: Workspace, source: Source) -> list[dict[str, Any]]:
    """The newest import of a source that has brought nothing new."""
    ours = [r for r in records(workspace) if (r.source, r.table) == (source.called, source.table)]
    return [_told(ours[-1], fresh=False)] if ours else []


def _told(record: ImportRecord, fresh: bool) -> dict[str, Any]:
    return {
        "id": record.id, "table": record.table, "source": record.source, "rows": record.rows,
        "rows_read": record.rows_read, "rows_used": record.rows_used, "fresh": fresh,
    }  # fmt: skip


def take_back(request: dict[str, Any], observer: Observer) -> dict[str, Any]:
    """Undo an import, or have an undone one count again; what is so already stays so."""
    workspace = Workspace(Path(request["workspace"]))
    with workspace.writing():
        record = record_of(workspace, request["import"])
        if request["undo"] and not record.undone:
            undo(workspace, record.id, request["by"])
        elif not request["undo"] and record.undone:
            redo(workspace, record.id)
    return {"import": record.id, "undone": request["undo"]}
