"""Every table but orders: rows as they are read; where a table has a key, the last row of each key."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tierwise.canonical.correcting import Corrections
from tierwise.canonical.corrections_list import write_list
from tierwise.canonical.derived import derive, is_derivable
from tierwise.canonical.findings import repeated_key_finding
from tierwise.canonical.rejects import set_aside
from tierwise.canonical.staging import work_folder
from tierwise.canonical.table_rows import TableRows
from tierwise.contracts.ingest import CanonicalTable, IngestSettings, Mapping
from tierwise.contracts.tables import Table
from tierwise.engine.duckdb import DuckDBEngine, quoted


def build_other(
    engine: DuckDBEngine, corrections: Corrections, mapping: Mapping, settings: IngestSettings, target: Path
) -> CanonicalTable:
    """Build any table but orders from one source in `target`; see `build_table`."""
    table, raw = mapping.table, corrections.raw
    work = work_folder(target, table.name)
    reading = TableRows(engine, raw, mapping, settings)
    staged = reading.stage.write(engine, work / "staged.parquet")
    asides, rejects = set_aside(engine, staged, raw, mapping, target)
    used = raw.rows_read - sum(aside.rows for aside in asides)
    part = target / table.name / "part-0.parquet"
    part.parent.mkdir(parents=True)
    columns = _columns(table, set(reading.stage.fields))
    rows = _write(engine, table, columns, staged, part)
    first, last = _period(engine, table, part)
    findings = (*reading.stage.findings(engine, staged), *reading.findings, *repeated_key_finding(used - rows))
    owner = next((name for name in ("customer_id", "order_id") if name in columns), None)
    stage, file = reading.stage, target / "corrections" / f"{table.name}.parquet"
    corrected = write_list(engine, corrections, stage.readings, stage.source, staged, owner, file)
    return CanonicalTable(
        table.name, part.parent, columns, rows, raw.rows_read, used, asides, findings, mapping, rejects,
        first, last, None, raw.file, raw.fingerprint, corrected=corrected,
    )  # fmt: skip


def _columns(table: Table, fields: set[str]) -> tuple[str, ...]:
    return tuple(c.name for c in table.columns if c.name in fields or (c.derived and is_derivable(c.name, fields)))


def _write(engine: DuckDBEngine, table: Table, columns: tuple[str, ...], staged: str, part: Path) -> int:
    listed = ", ".join(f"{derive(name)} AS {name}" if table.column(name).derived else name for name in columns)
    rows = f"(SELECT * FROM {staged} WHERE rejected_for IS NULL)"
    if table.key:
        last = f"SELECT arg_max(rows, row_number) AS kept FROM {rows} AS rows GROUP BY {', '.join(table.key)}"
        rows = f"(SELECT unnest(kept) FROM ({last}))"
    written = engine.native(
        f"write {table.name}",
        f"COPY (SELECT {listed} FROM {rows}) TO {quoted(str(part))} (FORMAT parquet, COMPRESSION zstd)",
    )
    return int(written[0][0])


def _period(engine: DuckDBEngine, table: Table, part: Path) -> tuple[date | None, date | None]:
    if table.date is None:
        return None, None
    first, last = engine.native(
        f"period of {table.name}",
        f"SELECT min({table.date}), max({table.date}) FROM read_parquet({quoted(str(part))})",
    )[0]
    return first, last
