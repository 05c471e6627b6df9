"""Which fields the objects of a file of JSON lines have, objects in objects among them."""

from __future__ import annotations

from collections.abc import Sequence

from tierwise.engine.duckdb import DuckDBEngine, quoted
from tierwise.sources.nested import Holds, Nested, flat, within

_ROW = Nested((), Holds.OBJECT)


def json_fields(engine: DuckDBEngine, lines: str) -> list[Nested]:
    """Return the fields of all objects in `lines` (row_number, line, good), in order of appearance."""
    return flat(_inside(engine, lines, _ROW), lambda field: _inside(engine, lines, field))


def pointer(path: Sequence[str]) -> str:
    """Return where a field stands, as a JSON pointer."""
    return "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in path)


def _inside(engine: DuckDBEngine, lines: str, parent: Nested) -> list[Nested]:
    keys = _keys(engine, lines, parent)
    if not keys:
        return []
    tests = ", ".join(_holds(within(parent, key)) for key in keys)
    found = engine.native("JSON types", f"SELECT {tests} FROM {lines} WHERE good")[0]
    return [within(parent, key, Holds(holds)) for key, holds in zip(keys, found, strict=True)]


def _keys(engine: DuckDBEngine, lines: str, parent: Nested) -> list[str]:
    at = f"json_keys(line, {quoted(pointer(parent.path))})" if parent.path else "json_keys(line)"
    rows = engine.native(
        "JSON keys",
        f"SELECT key FROM (SELECT unnest({at}) AS key, row_number, generate_subscripts({at}, 1) AS place "
        f"FROM {lines} WHERE good) GROUP BY key ORDER BY min(row_number * 10000 + place)",
    )
    return [str(row[0]) for row in rows]


def _holds(field: Nested) -> str:
    """SQL: an object where nothing else stands in any row; an empty list, as some programs write `{}`, is nothing."""
    at = quoted(pointer(field.path))
    kind = f"json_type(line, {at})"
    nothing = f"{kind} IS NULL OR {kind} = 'NULL' OR ({kind} = 'ARRAY' AND json_array_length(line, {at}) = 0)"
    objects = f"bool_and({kind} = 'OBJECT') FILTER (NOT ({nothing}))"
    lists = f"bool_or({kind} IN ('ARRAY', 'OBJECT'))"
    return f"CASE WHEN {objects} THEN 'object' WHEN {lists} THEN 'list' ELSE 'value' END"
