"""How one source value becomes one canonical value, as DuckDB expressions; NULL where it cannot."""

from __future__ import annotations

from tierwise.contracts.ingest import RawColumn, RawKind
from tierwise.engine.duckdb import quoted

BLANKS = " \t\r\n\v\f\u00a0\u1680\u2000\u2002\u2003\u2007\u2009\u200b\u202f\u3000\ufeff"
FULL_WIDTH_LETTERS = "".join(chr(code) for code in range(0xFF01, 0xFF5F)) + "\u3000"
HALF_WIDTH_LETTERS = "".join(chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)) + " "
FULL_WIDTH = "０１２３４５６７８９：／－．，＋（）　\u00a0\u2007\u2009\u202f\u2212\u2013￥＄％" + "\t"
HALF_WIDTH = "0123456789:/-.,+()     --¥$% "


def trimmed(value: str) -> str:
    """Return the text without outer blanks of any width; most texts have none, and are told so at a glance."""
    clean = f"ascii({value}) BETWEEN 33 AND 126 AND ascii({value}[-1]) BETWEEN 33 AND 126"
    return f"CASE WHEN {clean} THEN {value} ELSE {without_blanks(value)} END"


def without_blanks(value: str) -> str:
    """Return the text without outer blanks of any width; it is looked at first, which takes a fifth of the time."""
    blank = any_of(BLANKS)
    return f"CASE WHEN regexp_matches({value}, {quoted(f'^{blank}|{blank}$')}) THEN trim({value}, {quoted(BLANKS)}) ELSE {value} END"


def narrow(value: str) -> str:
    """Return the text in half width, without outer blanks."""
    return f"trim({translated(value, FULL_WIDTH, HALF_WIDTH)})"


def translated(value: str, letters: str, others: str) -> str:
    """Return the text with some letters exchanged for others.

    DuckDB takes several microseconds a row to do so, whatever the row holds, and a tenth of one to see that there is nothing to do.
    """
    exchanged = f"translate({value}, {quoted(letters)}, {quoted(others)})"
    return f"CASE WHEN regexp_matches({value}, {quoted(any_of(letters))}) THEN {exchanged} ELSE {value} END"


def any_of(letters: str) -> str:
    """Return the pattern of any of these letters."""
    return "[" + "".join(f"\\x{{{ord(letter):X}}}" for letter in letters) + "]"


def text_value(column: RawColumn) -> str:
    """Return the text of a column, NULL where it is blank."""
    if column.kind is RawKind.TEXT:
        return f"nullif({trimmed(column.key)}, '')"
    return number_text(column) or f"CAST({column.key} AS VARCHAR)"


def text_as_written(column: RawColumn) -> str:
    """Return the text of a column with the blanks it has, NULL where it holds nothing: `correct` has removed blanks."""
    return f"nullif({column.key}, '')" if column.kind is RawKind.TEXT else text_value(column)


def number_text(column: RawColumn) -> str | None:
    """Return the text of a float or decimal column, whole numbers without `.0`; None for other kinds."""
    if column.kind is RawKind.FLOAT:
        key = column.key
        return (
            f"CASE WHEN isnan({key}) THEN NULL WHEN {key} = trunc({key}) AND abs({key}) < 9007199254740992 "
            f"THEN CAST(CAST({key} AS BIGINT) AS VARCHAR) ELSE CAST({key} AS VARCHAR) END"
        )
    if column.kind is RawKind.DECIMAL:
        return f"regexp_replace(CAST({column.key} AS VARCHAR), '\\.0+$', '')"
    return None
