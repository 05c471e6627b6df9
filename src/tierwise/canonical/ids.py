"""Ids are text and stay as they are written: leading zeros count, only outer blanks and a float's `.0` go."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tierwise.canonical.values import number_text, trimmed
from tierwise.contracts.ingest import IngestSettings, RawColumn, RawKind, RawTable
from tierwise.engine.duckdb import DuckDBEngine, quoted

NULL_WORDS = ("null", "nan", "none", "n/a", "#n/a", "<na>", "nat", "\\n", "无", "-", "--")
"""What programs write for an id they do not have; in lower case."""


@dataclass(frozen=True, slots=True)
class IdPlan:
    """How one column of ids is read: `sql` is text, NULL where there is no id; `layers` are the columns it needs.

    `trimmed` is the SQL test of a value that lost outer blanks; `was_float` tells that every id was a number
    written as a float and lost its `.0`.
    """

    sql: str
    layers: tuple[dict[str, str], ...] = ()
    trimmed: str | None = None
    was_float: bool = False


def plan_ids(engine: DuckDBEngine, raw: RawTable, column: RawColumn) -> IdPlan:
    """Decide, over the whole column, how its ids are read."""
    key = column.key
    if column.kind is not RawKind.TEXT:
        sql = number_text(column) or f"CAST({key} AS VARCHAR)"
        return IdPlan(sql, was_float=column.kind in (RawKind.FLOAT, RawKind.DECIMAL))
    name = f"{key}_id"
    words = ", ".join(quoted(word) for word in ("", *NULL_WORDS))
    kept = f"CASE WHEN strlen({name}) <= 5 AND lower({name}) IN ({words}) THEN NULL ELSE {name} END"
    was_float = _all_end_in_point_zero(engine, raw, column)
    if was_float:
        kept = f"regexp_replace({kept}, '\\.0+$', '')"
    return IdPlan(kept, ({name: trimmed(key)},), f"{key} <> {name}", was_float)


def named(sql: str, settings: IngestSettings) -> str:
    """Return the id with the name of its source in front, where ids mean something in that source alone."""
    return f"{quoted(settings.namespace)} || ({sql})" if settings.namespace else sql


def _all_end_in_point_zero(engine: DuckDBEngine, raw: RawTable, column: RawColumn) -> bool:
    """Tell a column of whole numbers that some program made floats of: 12345.0 in every row that has an id."""
    samples = [s for s in column.samples if s.strip() and s.strip().lower() not in NULL_WORDS]
    if not samples or not all(re.fullmatch(r"\s*\d+\.0+\s*", sample) for sample in samples):
        return False
    words = ", ".join(quoted(word) for word in ("", *NULL_WORDS))
    others = engine.native(
        "ids as floats",
        f'SELECT count(*) FROM "{raw.relation}" WHERE lower(trim({column.key})) NOT IN ({words}) '
        f"AND NOT regexp_full_match(trim({column.key}), '\\d+\\.0+')",
    )
    return int(others[0][0]) == 0
