"""One reading of the source: every row parsed once, judged, and kept as Parquet until the table is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

from tierwise.canonical.correcting import nested
from tierwise.canonical.corrections_list import Reading
from tierwise.canonical.rejects import EXAMPLES
from tierwise.contracts.ingest import Example, Finding, RawColumn, RawTable
from tierwise.engine.duckdb import DuckDBEngine, quoted
from tierwise.language import Text

Layers = Sequence[dict[str, str]]


def work_folder(target: Path, table: str) -> Path:
    """Return the folder where rows are staged while a table is built; `build_table` makes and removes it."""
    return target / f".{table}-work"


@dataclass(frozen=True, slots=True)
class Check:
    """A row that meets `condition` is set aside for `reason`; `column` is where to look."""

    reason: str
    condition: str
    column: RawColumn | None


@dataclass(frozen=True, slots=True)
class Flag:
    """Rows that meet `condition` are used, and reported as a finding. `{rows}` of the label is filled."""

    code: str
    label: Text
    severity: str
    condition: str
    column: RawColumn | None = None


@dataclass
class Stage:
    """How the rows of one source are read: fields, the columns they are made from, checks (first wins), flags.

    `readings` are the corrections that are made on the way.
    """

    raw: RawTable
    fields: dict[str, str] = field(default_factory=dict)
    layers: list[dict[str, str]] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)

    @property
    def source(self) -> str:
        """SQL: the rows of the source, with all that fields are made from."""
        return nested(self.raw.relation, self.layers)

    def need(self, layers: Layers) -> None:
        """Have columns made before the fields; layers of several columns are joined level by level."""
        empty: dict[str, str] = {}
        self.layers = [{**ours, **theirs} for ours, theirs in zip_longest(self.layers, layers, fillvalue=empty)]

    def then(self, layer: dict[str, str]) -> None:
        """Have columns made of all that was needed so far."""
        self.layers.append(layer)

    def add(self, name: str, sql: str, layers: Layers = ()) -> None:
        """Add a field and the layers it needs."""
        self.need(layers)
        self.fields[name] = sql

    def write(self, engine: DuckDBEngine, file: Path) -> str:
        """Read the source into `file`; return what to select from: row_number, the fields, rejected_for, flags, bad value."""
        engine.native(
            "read rows", f"COPY ({self._select()}) TO {quoted(str(file))} (FORMAT parquet, COMPRESSION snappy)"
        )
        return f"read_parquet({quoted(str(file))})"

    def _select(self) -> str:
        keys = ", ".join(sorted({check.column.said for check in self.checks if check.column}))
        kept = f"row_number{', ' if keys else ''}{keys}"
        flags = " + ".join(
            f"CASE WHEN {flag.condition} THEN {1 << bit} ELSE 0 END" for bit, flag in enumerate(self.flags)
        )
        parsed = f"(SELECT *, {_listed(self.fields)} FROM {self.source})"
        judged = f"(SELECT {kept}, {', '.join(self.fields)}, {self._reason()} AS rejected_for, {flags or '0'} AS flags FROM {parsed})"
        return (
            f"SELECT row_number, {', '.join(self.fields)}, rejected_for, CAST(flags AS INTEGER) AS flags, "
            f"{self._of_reason('name')} AS bad_column, {self._of_reason('value')} AS bad_value FROM {judged}"
        )

    def _reason(self) -> str:
        whens = " ".join(f"WHEN {check.condition} THEN {quoted(check.reason)}" for check in self.checks)
        return f"CASE {whens} END" if whens else "CAST(NULL AS VARCHAR)"

    def _of_reason(self, what: str) -> str:
        whens = " ".join(
            f"WHEN {quoted(check.reason)} THEN "
            + (quoted(check.column.name) if what == "name" else f"CAST({check.column.said} AS VARCHAR)")
            for check in self.checks
            if check.column
        )
        return f"CASE rejected_for {whens} END" if whens else "CAST(NULL AS VARCHAR)"

    def findings(self, engine: DuckDBEngine, staged: str) -> list[Finding]:
        """Return what the flags of the rows in use add up to."""
        if not self.flags:
            return []
        counted = ", ".join(
            f"count(*) FILTER (flags & {1 << bit} > 0), min(row_number, {EXAMPLES}) FILTER (flags & {1 << bit} > 0)"
            for bit, _ in enumerate(self.flags)
        )
        row = engine.native("findings", f"SELECT {counted} FROM {staged} WHERE rejected_for IS NULL AND flags > 0")[0]
        return [
            Finding(
                flag.code, flag.label.fill(rows=f"{row[2 * bit]:,}"), "warning" if flag.severity == "warning" else "info",
                int(row[2 * bit]), _examples(engine, self.raw, flag.column, row[2 * bit + 1]),
            )
            for bit, flag in enumerate(self.flags)
            if row[2 * bit]
        ]  # fmt: skip


def mark_rows(engine: DuckDBEngine, staged: str, reason: str, rows: str, column: str, file: Path) -> str:
    """Copy staged rows into `file`, those whose row_number the query `rows` returns set aside for `reason`."""
    engine.native(
        f"set aside {reason}",
        f"COPY (SELECT staged.* REPLACE (CASE WHEN marked.row_number IS NULL THEN rejected_for ELSE {quoted(reason)} END AS rejected_for, "
        f"CASE WHEN marked.row_number IS NULL THEN bad_column ELSE {quoted(column)} END AS bad_column) "
        f"FROM {staged} AS staged LEFT JOIN ({rows}) AS marked USING (row_number)) "
        f"TO {quoted(str(file))} (FORMAT parquet, COMPRESSION snappy)",
    )
    return f"read_parquet({quoted(str(file))})"


def _listed(columns: dict[str, str]) -> str:
    return ", ".join(f"{sql} AS {name}" for name, sql in columns.items())


def _examples(engine: DuckDBEngine, raw: RawTable, column: RawColumn | None, rows: list[int]) -> tuple[Example, ...]:
    if column is None:
        return tuple(Example(int(row), None, None) for row in rows)
    found = engine.native(
        "examples",
        f'SELECT row_number, left(CAST({column.said} AS VARCHAR), 200) FROM "{raw.relation}" '
        f"WHERE row_number IN ({', '.join(map(str, rows))}) ORDER BY row_number",
    )
    return tuple(Example(int(row), column.name, value) for row, value in found)
