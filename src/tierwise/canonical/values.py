"""How one source value becomes one canonical value, as DuckDB expressions; NULL where it cannot."""

from __future__ import annotations

from tierwise.contracts.ingest import RawColumn, RawKind
from tierwise.engine.duckdb import quoted

BLANKS = " \t\r\n\v\f\u00a0\u1680\u2000\u2002\u2003\u2009\u200b\u3000\ufeff"
NULL_WORDS = ("null", "nan", "none", "n/a", "#n/a", "na", "nil", "<na>", "无", "空", "-", "--")


def trimmed(value: str) -> str:
    """Return the text without outer blanks of any width."""
    return f"trim({value}, {quoted(BLANKS)})"


def text_value(column: RawColumn) -> str:
    """Return the text of a column, NULL where it is blank."""
    if column.kind is RawKind.TEXT:
        return f"nullif({trimmed(column.key)}, '')"
    return _number_text(column) or f"CAST({column.key} AS VARCHAR)"


def id_value(column: RawColumn) -> str:
    """Return an id as text: words that mean nothing are NULL, whole numbers stored as floats lose their `.0`."""
    if column.kind is RawKind.TEXT:
        text = trimmed(column.key)
        words = ", ".join(quoted(word) for word in ("", *NULL_WORDS))
        return f"CASE WHEN length({text}) <= 5 AND lower({text}) IN ({words}) THEN NULL ELSE {text} END"
    return _number_text(column) or f"CAST({column.key} AS VARCHAR)"


def _number_text(column: RawColumn) -> str | None:
    if column.kind is RawKind.FLOAT:
        key = column.key
        return (
            f"CASE WHEN isnan({key}) THEN NULL WHEN {key} = trunc({key}) AND abs({key}) < 9007199254740992 "
            f"THEN CAST(CAST({key} AS BIGINT) AS VARCHAR) ELSE CAST({key} AS VARCHAR) END"
        )
    if column.kind is RawKind.DECIMAL:
        return f"regexp_replace(CAST({column.key} AS VARCHAR), '\\.0+$', '')"
    return None


def money_value(column: RawColumn) -> str:
    """Return money to four places, NULL where it is no number or beyond what fits."""
    return f"TRY_CAST({column.key} AS DECIMAL(20, 4))"


def moment_value(column: RawColumn, zone: str) -> str:
    """Return a naive timestamp in the business's zone, NULL where there is none."""
    if column.kind is RawKind.INSTANT:
        return f"({column.key} AT TIME ZONE {quoted(zone)})"
    return f"TRY_CAST({column.key} AS TIMESTAMP)"
