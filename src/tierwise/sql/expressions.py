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
    narrow = f"CAST(CAST({money} AS DECIMAL(18, 2)) * 100 AS BIGINT)"
    return f"(CASE WHEN ABS({money}) < {_FEWER_DIGITS} THEN {narrow} ELSE {_wide_cents(money)} END)"


def money_ratio(money: str, count: str) -> str:
    """Money per count as DECIMAL(18,2), rounded half away from zero; null where the count is 0.

    Written with whole cents, since decimal division is a float in one engine and a decimal in another.
    """
    whole = f"(ABS({cents(money)}) * 2 + {count}) // NULLIF({count} * 2, 0)"
    return f"CAST((CASE WHEN {money} < 0 THEN -1 ELSE 1 END) * ({whole}) * 0.01 AS DECIMAL(18, 2))"


def scaled_ratio(money: str, times: int, count: int) -> str:
    """Money · times / count as DECIMAL(18,2), rounded half away from zero; the product need not fit into 64 bits."""
    whole = f"ABS({cents(money)})"
    scaled = f"({whole} // {count} * {times} + ({whole} % {count} * {2 * times} + {count}) // {2 * count})"
    return f"CAST((CASE WHEN {money} < 0 THEN -1 ELSE 1 END) * {scaled} * 0.01 AS DECIMAL(18, 2))"


def percent_change(now: str, before: str) -> str:
    """Whole per cent by which money `now` exceeds money `before`, cut towards zero; null where before <= 0."""
    wide = f"({_wide_cents(now)} - {_wide_cents(before)})"
    return _percent(f"({cents(now)} - {cents(before)})", wide, (now, before), before)


def percent_of_money(part: str, whole: str) -> str:
    """Whole per cent of money `part` in money `whole`, cut towards zero; null where whole <= 0."""
    return _percent(cents(part), _wide_cents(part), (part, whole), whole)


_MOST_PERCENT = 90_000_000_000_000_000
"""Hundreds of per cent that 64 bits hold; what exceeds its base by more is given so."""


def _percent(quick: str, wide: str, of: tuple[str, ...], whole: str) -> str:
    """Per cent of cents, by 64 bits alone: a hundred times the cents of large amounts would not fit into them.

    Of those 100 · a / b is worked out as in a long division, the hundred taken as 5 · 5 · 4.
    """
    base, small = _wide_cents(whole), " AND ".join(f"ABS({money}) < {_FEWER_DIGITS}" for money in of)
    rest_5 = f"({wide} % {base} * 5)"
    rest_25 = f"({rest_5} % {base} * 5)"
    hundreds = f"GREATEST(LEAST({wide} // {base}, {_MOST_PERCENT}), -{_MOST_PERCENT}) * 100"
    long = f"{hundreds} + {rest_5} // {base} * 20 + {rest_25} // {base} * 4 + {rest_25} % {base} * 4 // {base}"
    return f"CASE WHEN {whole} > 0 THEN CASE WHEN {small} THEN {quick} * 100 // {cents(whole)} ELSE {long} END END"


def _wide_cents(money: str) -> str:
    """Cents of money of any size."""
    return f"CAST(CAST({money} AS DECIMAL(24, 2)) * 100 AS BIGINT)"


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
