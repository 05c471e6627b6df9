"""Look into a dropped file: its columns with samples, which table it fills, and which column fills which field."""

from __future__ import annotations

from typing import Any

from tierwise.canonical import guess_mapping
from tierwise.contracts.ingest import Mapping, RawTable
from tierwise.contracts.tables import TABLES
from tierwise.engine.progress import Observer
from tierwise.errors import Problem, TierwiseError
from tierwise_console.runs.tasks.opening import opened

SAMPLES = 5


def look(request: dict[str, Any], observer: Observer) -> dict[str, Any]:
    """Return what the file is; a table that nobody named is the one whose fields it fills best."""
    with opened(request, observer) as (_, raw):
        table = request.get("table") or best_table(raw)
        mapping, problems = _guess(raw, table, request.get("columns") or {})
        return {
            "table": table,
            "format": raw.format,
            "rows": raw.rows_read,
            "bad_rows": raw.bad_rows,
            "fingerprint": raw.fingerprint,
            "columns": [
                {"name": column.name, "kind": str(column.kind), "samples": list(column.samples[:SAMPLES])}
                for column in raw.columns
            ],
            "matches": {
                match.field: {"columns": list(match.columns), "how": match.how} for match in mapping.matches
            } if mapping else {},
            "unmapped": list(mapping.unmapped_columns) if mapping else [column.name for column in raw.columns],
            "notes": [{"en": note.en, "zh-CN": note.zh} for note in raw.notes],
            "problems": [_problem(problem) for problem in problems],
        }  # fmt: skip


def _guess(raw: RawTable, table: str, given: dict[str, str]) -> tuple[Mapping | None, list[Problem]]:
    try:
        return guess_mapping(raw, TABLES[table], given), []
    except TierwiseError as error:
        return None, list(error.problems)


def best_table(raw: RawTable) -> str:
    """The table most of whose fields are found by their names and none of whose needed ones misses; else orders."""
    found = {}
    for name in TABLES:
        mapping, problems = _guess(raw, name, {})
        if mapping and not problems:
            found[name] = sum(match.how in ("name", "product") for match in mapping.matches)
    return max(found, key=lambda name: (found[name], name == "orders"), default="orders")


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "code": problem.kind.code,
        **{
            name: {"en": text.en, "zh-CN": text.zh}
            for name, text in (("what", problem.what), ("cause", problem.cause), ("cure", problem.cure))
        },
    }
