"""Tables to work with that give nobody away: masked ones to look at, pseudonymised ones to hand on.

A mask shows part of a value (138****1234). A pseudonym takes the place of an id: the same customer has the same one in
every table and every export made with the same key, so that tables can still be joined; who has no key cannot go back,
not even by trying all ids. Classes are those of `tierwise.contracts.personal`.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path

from tierwise.contracts.personal import MASKED, DataClass, data_class
from tierwise.engine.duckdb import quoted
from tierwise.privacy.journal import write_private

KEPT_WORDS = 16
"""A pseudonym is so many hexadecimal digits of a keyed hash."""
_NAME = (
    "CASE WHEN {v} IS NULL THEN NULL WHEN regexp_matches({v}, '[^\\x00-\\x7F]') AND NOT contains(trim({v}), ' ') "
    "THEN CASE WHEN length({v}) > 1 THEN {v}[1] || repeat('*', length({v}) - 1) ELSE '*' END "
    "ELSE regexp_replace({v}, '(\\S)\\S*', '\\1***', 'g') END"
)
MASKS: dict[DataClass, str] = {
    DataClass.NAME: _NAME,
    DataClass.PHONE: "CASE WHEN length({v}) >= 11 THEN {v}[1:3] || repeat('*', length({v}) - 7) || right({v}, 4) "
    "WHEN length({v}) >= 6 THEN {v}[1] || repeat('*', length({v}) - 3) || right({v}, 2) ELSE repeat('*', length({v})) END",
    DataClass.EMAIL: "CASE WHEN regexp_matches({v}, '^[^@]+@') THEN {v}[1] || '***@' || split_part({v}, '@', 2) "
    "WHEN {v} IS NOT NULL THEN '***' END",
    DataClass.ID_NUMBER: "CASE WHEN length({v}) >= 10 THEN {v}[1:3] || repeat('*', length({v}) - 5) || right({v}, 2) "
    "ELSE repeat('*', length({v})) END",
    DataClass.ADDRESS: "CASE WHEN length({v}) > 8 THEN {v}[1:6] || '***' WHEN {v} IS NOT NULL THEN '***' END",
    DataClass.BIRTH_DATE: "strftime(CAST({v} AS DATE), '%Y') || '-**-**'",
    DataClass.FREE_TEXT: "'[' || length({v}) || ']'",
}
"""The masks in DuckDB's SQL; a test holds them against `tierwise.contracts.personal.mask`."""


_SPEAKING_IDS = {
    r"(\+?86[ -]?)?1[3-9]\d{9}": DataClass.PHONE,
    r"[^@\s]+@[^@\s]+": DataClass.EMAIL,
    r"\d{6}(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[\dXx]": DataClass.ID_NUMBER,
}
"""Shops use phones, e-mails and identity numbers as customer ids; such ids are masked as what they are."""


def masked_id(column: str) -> str:
    """SQL: an id of a customer as a masked table shows it. Ids that say nothing of a person stay."""
    cases = " ".join(
        f"WHEN regexp_full_match({column}, {quoted(shape)}) THEN {MASKS[found].format(v=column)}"
        for shape, found in _SPEAKING_IDS.items()
    )
    return f"CASE {cases} ELSE {column} END"


def pseudonym_of(column: str, key: str, kind: str = "customer") -> str:
    """SQL: the pseudonym that stands for an id, the same one wherever the same key is used."""
    return f"left(sha256({quoted(f'{key}|{kind}|')} || {column}), {KEPT_WORDS})"


def masked(table: str, columns: Sequence[str], source: str) -> str:
    """SQL: the rows of a table with every personal column masked."""
    return f"SELECT {', '.join(_masked(table, column) for column in columns)} FROM {source}"


def _masked(table: str, column: str) -> str:
    found = data_class(table, column)
    if found is DataClass.KEY:
        return f"{masked_id(_quoted(column))} AS {_quoted(column)}"
    return f'{MASKS[found].format(v=_quoted(column))} AS "{column}"' if found in MASKED else _quoted(column)


def pseudonymised(table: str, columns: Sequence[str], source: str, key: str) -> str:
    """SQL: the rows of a table under pseudonyms; of what names a person only the birth year and blanks are kept.

    Order and message numbers are replaced as well, since whoever has the shop's own system could look them up.
    """
    shown = [_pseudonym(table, column, key) for column in pseudonymous_columns(table, columns)]
    return f"SELECT {', '.join(shown)} FROM {source}"


def pseudonymous_columns(table: str, columns: Sequence[str]) -> list[str]:
    """The columns that a pseudonymised table still has."""
    dropped = MASKED - {DataClass.BIRTH_DATE}
    return [column for column in columns if data_class(table, column) not in dropped]


_NUMBERS = ("order_id", "message_id")


def _pseudonym(table: str, column: str, key: str) -> str:
    found = data_class(table, column)
    if found is DataClass.KEY or column in _NUMBERS:
        kind = "customer" if found is DataClass.KEY else column
        return f'{pseudonym_of(_quoted(column), key, kind)} AS "{column}"'
    if found is DataClass.BIRTH_DATE:
        return f"date_trunc('year', {_quoted(column)})::DATE AS {_quoted(column)}"
    return _quoted(column)


def pseudonym_key(file: Path) -> str:
    """The key of pseudonyms kept in a file; it is made where there is none yet."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        write_private(file, secrets.token_hex(32) + "\n")
    return file.read_text(encoding="utf-8").strip()


def _quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'
