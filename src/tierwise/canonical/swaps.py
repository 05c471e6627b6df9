"""Fields that stand in each other's place, row by row: a phone number under the name, and the name under the phone."""

from __future__ import annotations

from dataclasses import dataclass

from tierwise.contracts.ingest import Mapping, RawColumn, RawKind, RawTable
from tierwise.engine.duckdb import DuckDBEngine, quoted

_PHONE = r"[+(]?[0-9][0-9 ().\-]{5,18}[0-9]"
_NAME = r"[\p{L}\p{M} .,'’·\-]*[\p{L}][\p{L}\p{M} .,'’·\-]*"
_EMAIL = r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,24}"


@dataclass(frozen=True)
class Swap:
    """Two fields whose values are exchanged in the rows that meet `condition`: each fits the other field only."""

    fields: tuple[str, str]
    one: RawColumn
    other: RawColumn
    condition: str


_PAIRS = {("name", "phone"): (_PHONE, _NAME), ("phone", "email"): (_EMAIL, _PHONE), ("name", "email"): (_EMAIL, _NAME)}
"""Pair of fields → what stands in the first and in the second where they are swapped."""


def swaps_of(engine: DuckDBEngine, raw: RawTable, mapping: Mapping) -> tuple[Swap, ...]:
    """Return the pairs of fields that some row has swapped; a row takes part in one exchange only."""
    columns = {match.field: raw.column(match.columns[0]) for match in mapping.matches}
    texts = {name for name, column in columns.items() if column.kind is RawKind.TEXT}
    swaps: list[Swap] = []
    for pair, forms in _PAIRS.items():
        if set(pair) <= texts and columns[pair[0]] != columns[pair[1]]:
            one, other = columns[pair[0]], columns[pair[1]]
            taken = "".join(f" AND NOT {swap.condition}" for swap in swaps)
            swaps.append(Swap(pair, one, other, f"({_fits_the_other(one.key, other.key, forms)}{taken})"))
    if not swaps:
        return ()
    counted = ", ".join(f"count(*) FILTER ({swap.condition})" for swap in swaps)
    row = engine.native("swapped fields", f'SELECT {counted} FROM "{raw.relation}"')[0]
    return tuple(swap for swap, count in zip(swaps, row, strict=True) if count)


def _fits_the_other(one: str, other: str, forms: tuple[str, str]) -> str:
    """SQL: each value is written as the other field is. CASE asks the patterns only where both values are there."""
    first, second = (f"regexp_full_match({key}, {quoted(form)})" for key, form in zip((one, other), forms, strict=True))
    return f"coalesce(CASE WHEN {one} <> '' AND {other} <> '' THEN {first} AND {second} END, false)"
