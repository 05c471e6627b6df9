"""One spelling for what looks the same: full-width forms, blanks, invisible characters, case. DuckDB's own SQL."""

from __future__ import annotations

from collections.abc import Sequence

_WIDE = "".join(chr(code) for code in range(0xFF01, 0xFF5F)) + "\u3000"
_NARROW = "".join(chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)) + " "
_NOTHING = ("", "-", "--", "null", "none", "nan", "n/a", "na", "无", "無", "未知", "不详", "暂无", "没有", "空")


def literal(text: str) -> str:
    """Return `text` as a SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def quoted(column: str) -> str:
    """Return a column's name as a SQL identifier."""
    return '"' + column.replace('"', '""') + '"'


def folded(value: str) -> str:
    """SQL: a text in half-width characters, single blanks and no invisible characters; null where it says nothing."""
    narrow = f"translate(nfc_normalize(CAST({value} AS VARCHAR)), {literal(_WIDE)}, {literal(_NARROW)})"
    shown = replaced(narrow, r"[\p{Cf}]", "")
    spaced = "trim(" + replaced(shown, r"[\s\p{Z}\p{Cc}]+", " ") + ")"
    nothing = ", ".join(literal(word) for word in _NOTHING)
    return f"CASE WHEN lower({spaced}) NOT IN ({nothing}) THEN {spaced} END"


def replaced(value: str, pattern: str, by: str) -> str:
    """SQL: every match of an RE2 pattern replaced."""
    return f"regexp_replace({value}, {literal(pattern)}, {literal(by)}, 'g')"


def extracted(value: str, pattern: str, group: int = 1) -> str:
    """SQL: a group of an RE2 pattern, null where it does not match or is empty."""
    return f"nullif(regexp_extract({value}, {literal(pattern)}, {group}), '')"


def one_of(words: Sequence[str]) -> str:
    """RE2: any of the words, the longest first."""
    return "|".join(sorted(words, key=lambda word: (-len(word), word)))


def words(text: str) -> tuple[str, ...]:
    """The words of a list that is written as one text, to be read easily."""
    return tuple(text.split())


def staged(rows: str, *stages: dict[str, str]) -> str:
    """SQL: the rows of a query with columns added, stage by stage, each reading those before it by their names."""
    for stage in stages:
        rows = f"SELECT *, {', '.join(f'{sql} AS {name}' for name, sql in stage.items())} FROM ({rows})"
    return rows
