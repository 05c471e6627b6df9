"""The one door to canonical tables."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from tierwise.canonical.correcting import correct
from tierwise.canonical.findings import lasting_findings
from tierwise.canonical.orders import build_orders
from tierwise.canonical.other_tables import build_other
from tierwise.canonical.staging import work_folder
from tierwise.contracts.ingest import CanonicalTable, IngestSettings, Mapping, RawTable
from tierwise.contracts.tables import Table
from tierwise.engine.duckdb import DuckDBEngine


def build_table(
    engine: DuckDBEngine,
    raw: RawTable,
    mapping: Mapping,
    table: Table,
    settings: IngestSettings,
    target: Path,
) -> CanonicalTable:
    """Write `target/<table>/part-*.parquet`, and `target/rejects/<table>.csv` where rows are set aside.

    The table has its required columns and each optional one that the source fills. Raises `input.*` errors;
    `rows_read = rows_used + rows set aside` of what it returns always holds. What was corrected on the way is listed
    in `target/corrections/<table>.parquet`.
    """
    work = work_folder(target, table.name)
    work.mkdir(parents=True)
    try:
        build = build_orders if table.name == "orders" else build_other
        built = build(engine, correct(engine, raw, mapping, settings.corrections), mapping, settings, target)
        return replace(built, findings=(*built.findings, *lasting_findings(raw)))
    finally:
        shutil.rmtree(work, ignore_errors=True)
