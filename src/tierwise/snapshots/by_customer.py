"""Copies of large imports sorted by customer, beside them: one customer's rows are found without reading them all.

An import lies as its source had it, a customer's rows all over it. `imports/<id>/by_customer/part-*.parquet` holds the
same rows once more, sorted; a Parquet file knows the least and the greatest id of each group of its rows, so that a
reader of one customer skips all groups but one or two. The copy lies within the import: an erasure that goes through
the import's files goes through it too.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from tierwise.contracts.imports import ImportRecord, Version
from tierwise.contracts.tables import TABLES
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.snapshots.files import sync_file, sync_folder
from tierwise.snapshots.imports import record_of, table_of
from tierwise.snapshots.workspace import Workspace

LEAST_ROWS = 500_000
"""Smaller imports are read whole in a few hundredths of a second."""
FOLDER = "by_customer"


def sort_by_customer(
    engine: DuckDBEngine, workspace: Workspace, version: Version, least_rows: int = LEAST_ROWS
) -> list[str]:
    """Sort the large imports of a version that are not sorted yet; return their ids.

    Only the holder of `workspace.writing()` may: an erasure at the same time would miss a copy that is being made.
    """
    ids = dict.fromkeys(name for names in version.imports.values() for name in names)
    found = [record for name in ids if _wants_copy(workspace, record := record_of(workspace, name), least_rows)]
    for record in found:
        _sort(engine, workspace, record)
    return [record.id for record in found]


def _wants_copy(workspace: Workspace, record: ImportRecord, least_rows: int) -> bool:
    has_customers = "customer_id" in record.columns and record.table in TABLES
    return has_customers and record.rows >= least_rows and not (workspace.imports / record.id / FOLDER).is_dir()


def _sort(engine: DuckDBEngine, workspace: Workspace, record: ImportRecord) -> None:
    """Share by share, so that memory is bounded; whole under another name, then renamed."""
    writing = workspace.imports / f".writing-{FOLDER}-{record.id}"
    shutil.rmtree(writing, ignore_errors=True)
    writing.mkdir()
    table = table_of(workspace, record)
    shares = [table.share(number) for number in range(table.shares)] if table.shares > 1 else []
    for number, files in enumerate(filter(None, shares or [table.files])):
        target = writing / f"part-{number:03d}.parquet"
        engine.write_sorted(f"sort {record.table} by customer", files, target, "customer_id")
        sync_file(target)
    sync_folder(writing)
    writing.rename(workspace.imports / record.id / FOLDER)
    sync_folder(workspace.imports / record.id)


def files_by_customer(workspace: Workspace, record: ImportRecord) -> Sequence[Path]:
    """The files to look one customer up in: the sorted ones, or the import's own where there are none."""
    return sorted((workspace.imports / record.id / FOLDER).glob("part-*.parquet")) or table_of(workspace, record).files
