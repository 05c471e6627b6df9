"""The SQL by which tables are standardised and compared, run on single rows: SQLite, with DuckDB's functions in Python.

DuckDB plans these expressions for longer than a person waits; SQLite does so in microseconds. The text of the
definitions is one and the same, and the tests hold both to the same values.
"""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
import sys
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from tierwise.identity.characters import reading_of, simplified_of
from tierwise.identity.likeness import damerau_levenshtein, jaro_winkler

_HAN_RANGES = (
    (0x2E80, 0x2E99), (0x2E9B, 0x2EF3), (0x2F00, 0x2FD5), (0x3005, 0x3005), (0x3007, 0x3007), (0x3021, 0x3029), (0x3038, 0x303B),
    (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFA6D), (0xFA70, 0xFAD9), (0x16FE2, 0x16FE3), (0x16FF0, 0x16FF1),
    (0x20000, 0x2A6DF), (0x2A700, 0x2B739), (0x2B740, 0x2B81D), (0x2B820, 0x2CEA1), (0x2CEB0, 0x2EBE0), (0x2F800, 0x2FA1D),
    (0x30000, 0x3134A), (0x31350, 0x323AF),
)  # fmt: skip
# What SQLite spells otherwise; the lists of DuckDB become functions.
_SPELLINGS = (
    (r"array_to_string\(list_sort\(list_filter\(string_split\((.*), ' '\), lambda token: token <> ''\)\), ' '\)", r"sorted_words(\1)"),
    (r"array_to_string\(list_sort\(\[(.*?)\]\), ' '\)", r"sorted_pair(\1)"),
    (r"TRY_CAST\((.*?) AS DATE\)", r"try_date(\1)"),
    (r"\b(left|right)\(", r'"\1"('),
)  # fmt: skip
_CACHED = 20_000


def row_sql(sql: str) -> str:
    """Return an expression or query of this package in SQLite's spelling."""
    for pattern, spelling in _SPELLINGS:
        sql = re.sub(pattern, spelling, sql)
    return sql


def teach(connection: sqlite3.Connection) -> None:
    """Give a connection the functions that the definitions use."""
    for name, count, function in _FUNCTIONS:
        connection.create_function(name, count, _of_known(function), deterministic=True)


@lru_cache(maxsize=1)
def _scratch() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    teach(connection)
    return connection


def one_value(expression: str, **values: str | None) -> Any:
    """Return the value of an expression over columns of these names and values."""
    given = ", ".join(f"? AS {name}" for name in values)
    sql = row_sql(f"SELECT {expression} FROM (SELECT {given})")
    return _scratch().execute(sql, list(values.values())).fetchone()[0]


def _of_known(function: Callable[..., Any]) -> Callable[..., Any]:
    @lru_cache(maxsize=_CACHED)
    def known(*values: Any) -> Any:
        return None if None in values else function(*values)

    return known


@lru_cache(maxsize=1)
def _classes() -> dict[str, str]:
    """The classes of characters that the patterns name, as ranges for `re`."""
    found: dict[str, list[list[int]]] = {name: [] for name in ("L", "M", "N", "Z", "Cf", "Cc")}
    for code in range(sys.maxunicode + 1):
        category = unicodedata.category(chr(code))
        ranges = found.get(category if category in found else category[0])
        if ranges is None:
            continue
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    spelled = {name: "".join(map(_range, ranges)) for name, ranges in found.items()}
    return spelled | {"Han": "".join(map(_range, _HAN_RANGES))}


def _range(ends: Any) -> str:
    first, last = (rf"\U{code:08x}" for code in ends)
    return f"{first}-{last}"


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    """An RE2 pattern for `re`: classes by their ranges, `$` at the very end only."""
    spelled, in_class, place = "", False, 0
    while place < len(pattern):
        if named := re.match(r"\\p\{(\w+)\}", pattern[place:]):
            ranges = _classes()[named[1]]
            spelled += ranges if in_class else f"[{ranges}]"
            place += named.end()
            continue
        taken = pattern[place : place + 2] if pattern[place] == "\\" else pattern[place]
        in_class = taken == "[" or (in_class and taken != "]")
        spelled += (
            r"\Z" if taken == "$" and not in_class else r"\[" if taken == "[" and spelled.endswith("[") else taken
        )
        place += len(taken)
    return re.compile(spelled, re.ASCII)


def _replace(value: str, pattern: str, by: str, _: str) -> str:
    return _compiled(pattern).sub(by, value)


def _extract(value: str, pattern: str, group: int) -> str:
    found = _compiled(pattern).search(value)
    return (found[group] or "") if found else ""


def _translate(value: str, given: str, made: str) -> str:
    return value.translate(str.maketrans(given[: len(made)], made))


def _one_by_one(change: Callable[[str], str]) -> Callable[[str], str]:
    """Character by character, as utf8proc does: none becomes two."""
    return lambda value: "".join(made if len(made := change(letter)) == 1 else letter for letter in value)


def _strip_accents(value: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFD", value) if unicodedata.category(c)[0] != "M")
    return unicodedata.normalize("NFC", bare)


def _date(value: str) -> str | None:
    try:
        return dt.date.fromisoformat(value).isoformat()
    except ValueError:
        return None


def _part(value: str, separator: str, number: int) -> str:
    parts = value.split(separator)
    return parts[number - 1] if number <= len(parts) else ""


_FUNCTIONS: tuple[tuple[str, int, Callable[..., Any]], ...] = (
    ("regexp_replace", 4, _replace),
    ("regexp_extract", 3, _extract),
    ("regexp_matches", 2, lambda value, pattern: _compiled(pattern).search(value) is not None),
    ("regexp_full_match", 2, lambda value, pattern: _compiled(pattern).fullmatch(value) is not None),
    ("nfc_normalize", 1, lambda value: unicodedata.normalize("NFC", value)),
    ("strip_accents", 1, _strip_accents),
    ("translate", 3, _translate),
    ("lower", 1, _one_by_one(str.lower)),
    ("upper", 1, _one_by_one(str.upper)),
    ("left", 2, lambda value, count: value[:count]),
    ("right", 2, lambda value, count: value[-count:]),
    ("lpad", 3, lambda value, count, by: value.rjust(count, by)[:count]),
    ("contains", 2, lambda value, part: part in value),
    ("starts_with", 2, lambda value, part: value.startswith(part)),
    ("split_part", 3, _part),
    ("try_date", 1, _date),
    ("sorted_words", 1, lambda value: " ".join(sorted(value.split()))),
    ("sorted_pair", 2, lambda first, second: " ".join(sorted((first, second)))),
    ("jaro_winkler_similarity", 2, jaro_winkler),
    ("damerau_levenshtein", 2, damerau_levenshtein),
    ("simplified", 1, lambda value: "".join(map(simplified_of, value))),
    ("pinyin", 1, lambda value: "".join(map(reading_of, value))),
)
