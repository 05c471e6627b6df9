"""Portable spellings of what engines write differently. Every function returns SQL text inside the subset."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tierwise.sql.patterns import whole_match


def literal(value: int | Decimal | str | date) -> str:
    """Return a SQL literal. Decimals are written in full: exponent notation would make them floats."""
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, date):
        return f"CAST('{value.isoformat()}' AS DATE)"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def days_between(earlier: str, later: str) -> str:
    """Whole days from `earlier` to `later`, both dates."""
    return f"CAST(DATE_DIFF('day', {earlier}, {later}) AS BIGINT)"


def date_before(day: date, days: int) -> date:
    """The date `days` before `day`; windows are cut in Python, so engines only compare dates."""
    return date.fromordinal(max(day.toordinal() - days, 1))


_FEWER_DIGITS = 10**14
"""Money below this has cents that DuckDB counts in 64 bits, ten times as fast as in the 128 that all money needs."""


def cents(money: str) -> str:
    """DECIMAL(18,2) money as whole cents. Exact: what is cast has no fraction left to round or to cut off."""
    wide = f"CAST(CAST({money} AS DECIMAL(24, 2)) * 100 AS BIGINT)"
    narrow = f"CAST(CAST({money} AS DECIMAL(18, 2)) * 100 AS BIGINT)"
    return f"(CASE WHEN ABS({money}) < {_FEWER_DIGITS} THEN {narrow} ELSE {wide} END)"


def money_ratio(money: str, count: str) -> str:
    """Money per count as DECIMAL(18,2), rounded half away from zero; null where the count is 0.

    Written with whole cents, since decimal division is a float in one engine and a decimal in another.
    """
    whole = f"(ABS({cents(money)}) * 2 + {count}) // NULLIF({count} * 2, 0)"
    return f"CAST((CASE WHEN {money} < 0 THEN -1 ELSE 1 END) * ({whole}) * 0.01 AS DECIMAL(18, 2))"


def percent_change(now: str, before: str) -> str:
    """Whole per cent by which money `now` exceeds money `before`, cut towards zero; null where before <= 0."""
    return f"CASE WHEN {before} > 0 THEN ({cents(now)} - {cents(before)}) * 100 // {cents(before)} END"


def total_money(value: str) -> str:
    """The sum of a money column, as money again."""
    return f"CAST(COALESCE(SUM({value}), 0) AS DECIMAL(18, 2))"


def count_where(condition: str) -> str:
    """The number of rows that meet a condition."""
    return f"CAST(SUM(CASE WHEN {condition} THEN 1 ELSE 0 END) AS BIGINT)"


def bits_seen(condition: str, number: str, numbers: int) -> str:
    """How many different numbers from 0, below `numbers` (31 at most), rows that meet a condition have.

    Nulls are left out by name: LEAST and GREATEST pass over them in both engines.
    """
    bounded = f"CAST(GREATEST(LEAST({number}, {numbers - 1}), 0) AS INT)"
    return f"BIT_COUNT(BIT_OR(CASE WHEN {condition} AND {number} IS NOT NULL THEN 1 << {bounded} ELSE 0 END))"


def matches(column: str, pattern: str) -> str:
    """Whether the whole of a text matches a plain pattern: see `tierwise.sql.patterns`."""
    return f"REGEXP_MATCHES({column}, {literal(whole_match(pattern))})"
