"""Dates of birth, postcodes, identity numbers and genders in one spelling."""

from __future__ import annotations

from tierwise.identity.folding import extracted, folded, replaced, staged

_YEAR_FIRST = r"^(\d{4})[-/.年 ]?(\d{1,2})[-/.月 ]?(\d{1,2})(?:日|号)?(?:[ T].*)?$"
_YEAR_LAST = r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})$"


def birth_date_forms(rows: str) -> str:
    """SQL: rows (value) with clean and digits.

    `clean` is as `1990-01-31`, null where it is no date or where day and month cannot be told apart. `digits` are those
    of the date, from the year where it is one, to compare what was mistyped.
    """
    day_is_first = "CAST(first AS INT) > 12 OR first = second"
    finished = staged(
        rows,
        {"plain": folded("value")},
        {name: extracted("plain", _YEAR_FIRST, group) for group, name in enumerate(("y", "m", "d"), 1)},
        {name: extracted("plain", _YEAR_LAST, group) for group, name in enumerate(("first", "second", "year"), 1)},
        {
            "clean": f"coalesce({_date('y', 'm', 'd')}, CASE WHEN {day_is_first} THEN {_date('year', 'second', 'first')}"
            f" WHEN CAST(second AS INT) > 12 THEN {_date('year', 'first', 'second')} END)"
        },
        {"digits": f"nullif({replaced('coalesce(clean, plain)', '[^0-9]', '')}, '')"},
    )
    return f"SELECT value, clean, digits FROM ({finished})"


def clean_code(value: str) -> str:
    """SQL: letters in capitals and digits of a postcode or identity number, nothing else."""
    kept = replaced(f"upper({folded(value)})", r"[^\p{L}\p{N}]", "")
    return f"nullif({kept}, '')"


def clean_gender(value: str) -> str:
    """SQL: m or f; null for what says neither, and for numbers, of which each system has its own."""
    said = f"lower({folded(value)})"
    male, female = (
        "'男', '男性', '男士', '先生', 'm', 'male', 'man'",
        "'女', '女性', '女士', '小姐', 'f', 'female', 'woman'",
    )
    return f"CASE WHEN {said} IN ({male}) THEN 'm' WHEN {said} IN ({female}) THEN 'f' END"


def _date(year: str, month: str, day: str) -> str:
    return f"CAST(TRY_CAST({year} || '-' || lpad({month}, 2, '0') || '-' || lpad({day}, 2, '0') AS DATE) AS VARCHAR)"
