"""The list of corrections of one source: row, field, what it was and what it is, for every row that is used.

Beside the row number stands the customer, or the order where the table knows no customer: an erasure finds a person's
corrections by that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tierwise.canonical.correcting import ColumnPlan, Corrections, nested
from tierwise.canonical.swaps import Swap
from tierwise.canonical.text_corrections import NUMBER
from tierwise.contracts.corrections import Corrected
from tierwise.contracts.ingest import RawColumn
from tierwise.engine.duckdb import DuckDBEngine, quoted

_LIST = ("row_number", "field", "column_name", "code", "before", "after")


@dataclass(frozen=True, slots=True)
class Reading:
    """A correction that is made while a field is read: rows that meet `condition`, and the value they get."""

    code: str
    field: str
    column: RawColumn
    condition: str
    after: str


def write_list(
    engine: DuckDBEngine,
    corrections: Corrections,
    readings: Sequence[Reading],
    rows: str,
    staged: str,
    owner: str | None,
    file: Path,
) -> tuple[Corrected, ...]:
    """Write every correction of a row that is used into `file`, and count them; no file where there are none.

    `rows` is the query of the source with all that readings need; `owner` the column of `staged` that an erasure
    goes by.
    """
    found = [query for plan in corrections.plans for query in _of_plan(corrections, plan)]
    found += [query for swap in corrections.swaps for query in _of_swap(corrections, swap)]
    found += [_of_reading(reading, rows) for reading in readings]
    if not found:
        return ()
    file.parent.mkdir(parents=True, exist_ok=True)
    key = f", staged.{owner}" if owner else ""
    engine.native(
        "list corrections",
        f"COPY (SELECT listed.*{key} FROM ({' UNION ALL '.join(found)}) AS listed JOIN {staged} AS staged USING (row_number) "
        f"WHERE staged.rejected_for IS NULL) TO {quoted(str(file))} (FORMAT parquet, COMPRESSION zstd)",
    )
    counted = count_list(engine, file)
    if not counted:
        file.unlink()
        file.parent.rmdir()
    return counted


def count_list(engine: DuckDBEngine, file: Path) -> tuple[Corrected, ...]:
    """How many values of which columns a list says were corrected in which way."""
    rows = engine.native(
        "count corrections",
        f"SELECT code, field, column_name, count(*) FROM read_parquet({quoted(str(file))}) GROUP BY ALL ORDER BY 2, 1, 3",
    )
    return tuple(Corrected(str(code), str(name), str(column), int(n)) for code, name, column, n in rows)


def _of_plan(corrections: Corrections, plan: ColumnPlan) -> list[str]:
    """A query a step: the rows in which it changed the value."""
    source = nested(corrections.source.relation, plan.layers)
    readable = f" AND NOT {plan.unread}" if plan.unread else ""
    made = [
        (code, plan.stage(number - 1), plan.stage(number))
        for number, code in enumerate(plan.steps, 1)
        if code in plan.on or plan.kind == NUMBER
    ]
    return [
        _line(plan.field, plan.column, code, before, after)
        + f" FROM {source} WHERE {plan.touched} AND NOT {plan.empty}{readable} AND {before} IS DISTINCT FROM {after}"
        for code, before, after in made
    ]


def _of_swap(corrections: Corrections, swap: Swap) -> list[str]:
    source = f'"{corrections.raw.relation.removesuffix("_exchanged")}"'
    pairs = ((swap.fields[0], swap.one, swap.other), (swap.fields[1], swap.other, swap.one))
    return [
        _line(name, one, "swapped", one.key, other.key) + f" FROM {source} WHERE {swap.condition}"
        for name, one, other in pairs
    ]


def _of_reading(reading: Reading, rows: str) -> str:
    column = reading.column
    return (
        _line(reading.field, column, reading.code, column.key, reading.after)
        + f" FROM {rows} WHERE {reading.condition}"
    )


def _line(field: str, column: RawColumn, code: str, before: str, after: str) -> str:
    values = (
        "row_number", quoted(field), quoted(column.name), quoted(code), f"CAST({before} AS VARCHAR)", f"CAST({after} AS VARCHAR)",
    )  # fmt: skip
    return "SELECT " + ", ".join(f"{sql} AS {name}" for sql, name in zip(values, _LIST, strict=True))
