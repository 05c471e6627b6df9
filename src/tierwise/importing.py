"""One import: what is new in a source becomes canonical rows in the ledger, whole or not at all."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from tierwise.canonical import build_table, guess_mapping
from tierwise.contracts.imports import ImportRecord, SourceMode
from tierwise.contracts.ingest import CanonicalTable, IngestSettings, RawTable
from tierwise.contracts.tables import TABLES
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.progress import Observer
from tierwise.job import Job, Source
from tierwise.language import Text
from tierwise.snapshots.files import to_json
from tierwise.snapshots.imports import ImportWriter, holding, records
from tierwise.sources import open_source

READING = 1
"""Counts up when the same source would be read to other rows than before: imports are then made anew."""


def bring_in(engine: DuckDBEngine, source: Source, job: Job, told: Observer) -> list[ImportRecord]:
    """Import what is new in a source; return the imports made, none where nothing is new."""
    table = TABLES[source.table]
    told.stage(f"read {table.name}", Text("reading {table}", "读取{table}").fill(table=table.label))
    writer = ImportWriter(job.workspace)
    try:
        with tempfile.TemporaryDirectory(dir=writer.folder, prefix=".scratch-") as scratch:
            raw = open_source(engine, source.location, source.options, Path(scratch), told)
            if _is_known(raw, source, job):
                told.detail(Text("{name}: nothing new", "{name}：没有新内容").fill(name=source.called))
                writer.discard()
                return []
            mapping = guess_mapping(raw, table, dict(source.columns))
            told.detail(Text.same(", ".join(f"{field} ← {column}" for field, column in mapping.to_json().items())))
            settings = IngestSettings(job.today, job.timezone, job.currency, source.date_format)
            built = build_table(engine, raw, mapping, table, settings, writer.folder)
        return [writer.publish(_record(writer.id, source, job, built))]
    except BaseException:
        writer.discard()
        raise


def recipe_of(source: Source, job: Job) -> str:
    """The SHA-256 of all that decides how a source is read, but for its content."""
    how = {
        "reading": READING, "table": source.table, "columns": dict(source.columns), "options": asdict(source.options),
        "date_format": source.date_format, "timezone": job.timezone, "currency": job.currency,
    }  # fmt: skip
    return hashlib.sha256(to_json(how).encode()).hexdigest()


def _is_known(raw: RawTable, source: Source, job: Job) -> bool:
    """Whether an import of this content, read like this, holds, or was undone and nothing came after it.

    Rows dated after the day they were read may be due by now: then it is read again.
    """
    ours = [r for r in records(job.workspace) if (r.source, r.table) == (source.called, source.table)]
    held = [record.id for record in holding(ours)]
    recipe = recipe_of(source, job)
    for record in ours:
        if (record.fingerprint, record.recipe) != (raw.fingerprint, recipe) or (
            record.read_on < job.today and any(aside.reason == "future_date" for aside in record.set_aside)
        ):
            continue
        if record.id in held or (record.undone and record.id > max(held, default="")):
            return True
    return False


def _record(name: str, source: Source, job: Job, built: CanonicalTable) -> ImportRecord:
    before = [r for r in holding(records(job.workspace)) if (r.source, r.table) == (source.called, source.table)]
    return ImportRecord(
        id=name,
        source=source.called,
        table=source.table,
        mode=source.mode,
        location=built.source,
        fingerprint=built.fingerprint,
        recipe=recipe_of(source, job),
        listed=source.listed,
        imported_at=datetime.now(UTC),
        read_on=job.today,
        columns=built.columns,
        rows=built.rows,
        rows_read=built.rows_read,
        rows_used=built.rows_used,
        set_aside=built.set_aside,
        findings=built.findings,
        matches=built.mapping.matches,
        first_date=built.first_date,
        last_date=built.last_date,
        currency=built.currency,
        shares=built.shares,
        replaces=tuple(r.id for r in before) if source.mode is SourceMode.SNAPSHOT else (),
    )
