"""What rows of a new import have to do with those that hold already: which they bring again, which they leave alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tierwise.contracts.imports import SUPERSEDING_KEYS, ImportRecord
from tierwise.contracts.ingest import CanonicalTable
from tierwise.engine.duckdb import DuckDBEngine, quoted
from tierwise.snapshots.imports import table_of
from tierwise.snapshots.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Change:
    """What an import changes in the rows of its source: rows that are new, that differ, that go, that stay.

    Rows of tables without a key cannot differ: they go and come.
    """

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0

    def to_json(self) -> dict[str, int]:
        """As `tierwise import --json` shows it."""
        return {
            "added": self.added, "changed": self.changed, "removed": self.removed, "unchanged": self.unchanged,
        }  # fmt: skip


def rows_of(workspace: Workspace, found: Sequence[ImportRecord]) -> str | None:
    """SQL of the rows of imports, with `import_id`; None where there are none."""
    files = [quoted(str(file)) for record in found for file in table_of(workspace, record).files]
    if not files:
        return None
    return (
        f"(SELECT * EXCLUDE (_file), string_split(_file, '/')[-3] AS import_id FROM "
        f"read_parquet([{', '.join(files)}], union_by_name = true, filename = '_file'))"
    )


def standing_rows(workspace: Workspace, found: Sequence[ImportRecord]) -> str | None:
    """SQL of the rows of a source that count: of each key only the youngest; None where there are none."""
    rows = rows_of(workspace, found)
    if rows is None or len(found) == 1:
        return rows
    keys = SUPERSEDING_KEYS.get(found[0].table)
    if not keys or found[0].table == "order_lines" or not set(keys) <= set(found[0].columns):
        return rows
    filled = " AND ".join(f"{key} IS NOT NULL" for key in keys)
    youngest = f"rank() OVER (PARTITION BY {', '.join(keys)} ORDER BY import_id DESC) = 1"
    return f"(SELECT * FROM {rows} QUALIFY NOT ({filled}) OR {youngest})"


def write_superseded(
    engine: DuckDBEngine, workspace: Workspace, built: CanonicalTable, before: Sequence[ImportRecord], folder: Path
) -> dict[str, int]:
    """Write which keys of which earlier imports a new one brings again; return how many rows of each these are."""
    keys = SUPERSEDING_KEYS.get(built.name, ())
    older = rows_of(workspace, before)
    if not keys or older is None or not set(keys) <= set(built.columns):
        return {}
    file = folder / "superseded" / f"{built.name}.parquet"
    file.parent.mkdir()
    columns = dict.fromkeys(("import_id", *keys, *(["customer_id"] if "customer_id" in built.columns else [])))
    listed = ", ".join(f"o.{column}" for column in columns)
    same = " AND ".join(f"o.{key} = n.{key}" for key in keys)
    engine.native(
        "superseded rows",
        f"COPY (SELECT {listed} FROM {older} AS o SEMI JOIN {_built(built)} AS n ON {same}) "
        f"TO {quoted(str(file))} (FORMAT parquet, COMPRESSION zstd)",
    )
    counted = engine.native(
        "superseded", f"SELECT import_id, count(*) FROM read_parquet({quoted(str(file))}) GROUP BY import_id ORDER BY 1"
    )
    if not counted:
        file.unlink()
        file.parent.rmdir()
    return {str(name): int(rows) for name, rows in counted}


def keep_existing(
    engine: DuckDBEngine, workspace: Workspace, built: CanonicalTable, before: Sequence[ImportRecord]
) -> CanonicalTable:
    """Overwrite no value that is there: of customers fill what is blank, of other tables with a key leave rows alone."""
    keys, older = SUPERSEDING_KEYS.get(built.name), standing_rows(workspace, before)
    if not keys or older is None or not set(keys) <= set(built.columns):
        return built
    known = {column for record in before for column in record.columns}
    same = " AND ".join(f"n.{key} = o.{key}" for key in keys)
    if built.name == "customers":
        values = [f"coalesce(o.{c}, n.{c}) AS {c}" if c in known else f"n.{c}" for c in built.columns]
        sql = f"SELECT {', '.join(values)} FROM {_built(built)} AS n LEFT JOIN {older} AS o ON {same}"
    else:
        sql = f"SELECT n.* FROM {_built(built)} AS n ANTI JOIN {older} AS o ON {same}"
    kept = built.folder / ".kept.parquet"
    written = engine.native("keep existing", f"COPY ({sql}) TO {quoted(str(kept))} (FORMAT parquet, COMPRESSION zstd)")
    for file in built.files:
        file.unlink()
    kept.rename(built.folder / "part-000-0.parquet")
    return replace(built, rows=int(written[0][0]), shares=1)


def change(
    engine: DuckDBEngine,
    workspace: Workspace,
    built: CanonicalTable,
    before: Sequence[ImportRecord],
    replacing: bool,
) -> Change:
    """Compare a new import with the rows of its source that count now; `replacing` ones are all that remains."""
    older = standing_rows(workspace, before)
    if older is None:
        return Change(added=built.rows)
    known = {column for record in before for column in record.columns}
    columns = ", ".join(column for column in built.columns if column in known)
    new, old = f"SELECT {columns} FROM {_built(built)}", f"SELECT {columns} FROM {older}"
    stays = f"SELECT count(*) FROM ({new} INTERSECT ALL {old})"
    total = int(engine.native("rows before", f"SELECT count(*) FROM {older}")[0][0])
    same = int(engine.native("unchanged rows", stays)[0][0])
    keys = SUPERSEDING_KEYS.get(built.name, ())
    changed = 0
    if keys and set(keys) <= known & set(built.columns):
        joined = " AND ".join(f"n.{key} = o.{key}" for key in keys)
        counted = f"SELECT count(*) FROM {_built(built)} AS n SEMI JOIN {older} AS o ON {joined}"
        changed = max(int(engine.native("changed rows", counted)[0][0]) - same, 0)
    removed = total - same - changed if replacing else 0
    return Change(built.rows - same - changed, changed, max(removed, 0), same)


def _built(built: CanonicalTable) -> str:
    return f"read_parquet([{', '.join(quoted(str(file)) for file in built.files)}])"
