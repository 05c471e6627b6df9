"""Columns computed at ingest from others of their table, because engines differ in timestamps."""

from __future__ import annotations

from collections.abc import Collection

_RULES: dict[str, tuple[tuple[str, ...], str]] = {
    "order_hour": (("ordered_at",), "CAST(hour(ordered_at) AS BIGINT)"),
    "category_root": (("category",), "trim(split_part(category, '/', 1))"),
    "category_leaf": (("category",), "trim(string_split(category, '/')[-1])"),
    "event_date": (("occurred_at",), "CAST(occurred_at AS DATE)"),
    "given_date": (("given_at",), "CAST(given_at AS DATE)"),
    "opened_date": (("opened_at",), "CAST(opened_at AS DATE)"),
    "sent_date": (("sent_at",), "CAST(sent_at AS DATE)"),
    "first_response_minutes": (("opened_at", "first_response_at"), ""),
    "resolution_minutes": (("opened_at", "closed_at"), ""),
}


def is_derivable(name: str, present: Collection[str]) -> bool:
    """Tell whether the columns that a derived one is made of are there."""
    return name in _RULES and all(source in present for source in _RULES[name][0])


def derive(name: str) -> str:
    """Return the SQL of a derived column; durations are whole minutes, NULL where the end is before the start."""
    sources, sql = _RULES[name]
    if sql:
        return sql
    start, end = sources
    return f"CASE WHEN {end} >= {start} THEN date_diff('second', {start}, {end}) // 60 END"
