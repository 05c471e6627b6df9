"""What is certain to be wrong in the text of one value, by the kind of field it fills, as DuckDB expressions."""

from __future__ import annotations

from collections.abc import Callable

from tierwise.canonical.ids import without_null_words, without_point_zero
from tierwise.canonical.mailboxes import has_slip, mailbox_domain
from tierwise.canonical.spellings import WORDS
from tierwise.canonical.values import BLANKS, FULL_WIDTH_LETTERS, HALF_WIDTH_LETTERS, translated, without_blanks
from tierwise.contracts.tables import Kind, Table
from tierwise.engine.duckdb import quoted

ID, NUMBER, PHONE, EMAIL, CODE, WORD, TEXT = "id", "number", "phone", "email", "code", "word", "text"
"""Kinds of fields, as far as corrections differ. Numbers are dates as well: their blanks are part of how they are read."""
_FREE = frozenset(("attributes", "properties", "text", "tags", "proof"))
"""Fields that hold what people or programs wrote, whatever it is: only outer blanks go."""
_AT_INGEST = {"quantity": NUMBER, "unit_price": NUMBER, "refunded_amount": NUMBER, "currency": CODE, "status": CODE}
_INVISIBLE = "[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
_BLANK = BLANKS.replace("\u200b", "").replace("\ufeff", "")
_BEFORE = f"[{_BLANK}']*"
_FORMULA = f'^{_BEFORE}="{_BEFORE}([^"]*?)[{_BLANK}]*"[{_BLANK}]*$'
_APOSTROPHE = f"^[{_BLANK}]*'{_BEFORE}"
Step = Callable[[str], str]


def kind_of(table: Table, field: str) -> str:
    """Return which kind of field this is."""
    if field in _AT_INGEST:
        return _AT_INGEST[field]
    if table.column(field).kind is not Kind.TEXT:
        return NUMBER
    if field.endswith("_id"):
        return ID
    return field if field in (PHONE, EMAIL) else WORD if field in WORDS else TEXT


def invisible(value: str) -> str:
    """Without the characters that no screen shows."""
    return f"regexp_replace({value}, {quoted(_INVISIBLE)}, '', 'g')"


def full_width(value: str) -> str:
    """In half width."""
    return translated(value, FULL_WIDTH_LETTERS, HALF_WIDTH_LETTERS)


def spreadsheet_text(value: str) -> str:
    """Without a leading apostrophe, and what stands in ="…" alone."""
    content = f"regexp_replace({value}, {quoted(_FORMULA)}, '\\1')"
    return f"regexp_replace({content}, {quoted(_APOSTROPHE)}, '')"


def blanks(value: str) -> str:
    """Without outer blanks."""
    return without_blanks(value)


_WIDE_STEPS: dict[str, Step] = {
    "invisible": invisible,
    "full_width": full_width,
    "spreadsheet_text": spreadsheet_text,
}
_CONTACT: dict[str, Step] = {
    "invisible": invisible,
    "blanks": blanks,
    "full_width": full_width,
    "spreadsheet_text": spreadsheet_text,
    "no_value": without_null_words,
}


def steps_of(field: str, kind: str, as_floats: bool = False) -> dict[str, Step]:
    """Return code → step of a field, in the order in which they are taken."""
    if kind == NUMBER:
        return dict(_WIDE_STEPS)
    if kind == ID:
        return {**_CONTACT, **({"point_zero": without_point_zero} if as_floats else {})}
    if kind == EMAIL:
        return {**_CONTACT, "mailbox_domain": mailbox_domain}
    if kind == PHONE:
        return dict(_CONTACT)
    if kind == CODE:
        return {"invisible": invisible, "blanks": blanks, "full_width": full_width}
    return {"blanks": blanks} if field in _FREE else {"invisible": invisible, "blanks": blanks}


def may_change(value: str, field: str, kind: str, as_floats: bool = False) -> str:
    """SQL: any step might change a value. It is asked of every row, so it only looks at what is quickly seen."""
    wide, ends = f"strlen({value}) <> length({value})", f"ascii({value}[-1]) NOT BETWEEN 33 AND 126"
    starts = f"ascii({value}) NOT BETWEEN 33 AND 126"
    plain = f"{wide} OR ascii({value}) IN (39, 61) OR {starts}"
    if kind == NUMBER:
        return f"({plain})"
    if kind in (WORD, TEXT, CODE):
        hidden = "" if field in _FREE or kind == CODE else f" AND regexp_matches({value}, {quoted(_INVISIBLE)})"
        untidy = f"ascii({value}) < 33 OR ascii({value}[-1]) < 33 OR {value} <> {blanks(value)}"
        return f"({wide}{hidden} OR {untidy})"
    tests = [plain, ends, f"strlen({value}) <= 5 AND {without_null_words(value)} IS NULL"]
    if kind == EMAIL:
        tests.append(has_slip(value))
    if as_floats:
        tests.append("true")
    return f"({' OR '.join(tests)})"
