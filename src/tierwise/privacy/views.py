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
from tierwise.contracts.tables import TABLES, Kind
from tierwise.engine.duckdb import DuckDBEngine, quoted
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


def masked(table: str, columns: Sequence[str], source: str) -> str:
    """SQL: the rows of a table with every personal column masked."""
    return f"SELECT {', '.join(_masked(table, column) for column in columns)} FROM {source}"


def _masked(table: str, column: str) -> str:
    found = data_class(table, column)
    return f'{MASKS[found].format(v=_quoted(column))} AS "{column}"' if found in MASKED else _quoted(column)


def pseudonymised(table: str, columns: Sequence[str], source: str, key: str) -> str:
    """SQL: the rows of a table under pseudonyms; of what names a person only the birth year and blanks are kept.

    Order and message numbers are replaced as well, since whoever has the shop's own system could look them up.
    """
    shown = [sql for column in columns if (sql := _pseudonym(table, column, key)) is not None]
    return f"SELECT {', '.join(shown)} FROM {source}"


_NUMBERS = ("order_id", "message_id")


def _pseudonym(table: str, column: str, key: str) -> str | None:
    found = data_class(table, column)
    if found is DataClass.KEY or column in _NUMBERS:
        kind = "customer" if found is DataClass.KEY else column
        hashed = f"sha256({quoted(f'{key}|{kind}|')} || {_quoted(column)})"
        return f'left({hashed}, {KEPT_WORDS}) AS "{column}"'
    if found is DataClass.BIRTH_DATE:
        return f"date_trunc('year', {_quoted(column)})::DATE AS {_quoted(column)}"
    return None if found in MASKED else _quoted(column)


def pseudonym_key(file: Path) -> str:
    """The key of pseudonyms kept in a file; it is made where there is none yet."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        write_private(file, secrets.token_hex(32) + "\n")
    return file.read_text(encoding="utf-8").strip()


def write_view(engine: DuckDBEngine, name: str, sql: str, target: Path) -> int:
    """Write the rows of a view as Parquet or CSV, by the ending of the file's name; return how many."""
    form = "FORMAT parquet, COMPRESSION snappy" if target.suffix == ".parquet" else "FORMAT csv, HEADER"
    target.parent.mkdir(parents=True, exist_ok=True)
    return int(engine.native(f"write {name}", f"COPY ({sql}) TO {quoted(str(target))} ({form})")[0][0])


def text_columns(table: str) -> list[str]:
    """The columns of a table that hold text."""
    return [column.name for column in TABLES[table].columns if column.kind is Kind.TEXT]


def _quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'
