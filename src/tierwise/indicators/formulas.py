"""Formulas that several indicators share, in the portable subset: percentages, means, rates, trends."""

from __future__ import annotations

from tierwise.indicators.declaration import Span
from tierwise.sql.expressions import (
    bits_seen,
    count_where,
    days_between,
    literal,
    money_ratio,
    percent_of_money,
    scaled_ratio,
)


def when(condition: str, value: str) -> str:
    """`value` where the condition holds, else 0."""
    return value if condition == "TRUE" else f"CASE WHEN {condition} THEN {value} ELSE 0 END"


def percent_of(part: str, whole: str) -> str:
    """Whole per cent of two counts, rounded half up; null where the whole is 0."""
    return f"(({part}) * 200 + {whole}) // NULLIF(({whole}) * 2, 0)"


def money_percent(part: str, whole: str) -> str:
    """Whole per cent of two amounts, cut towards zero; null where the whole is not positive."""
    return percent_of_money(part, whole)


def count_change(now: str, before: str) -> str:
    """Whole per cent by which a count exceeds another, cut towards zero; null where the other is 0."""
    return f"CASE WHEN {before} > 0 THEN ({now} - {before}) * 100 // {before} END"


def per_days(amount: str, days: int, span: Span) -> str:
    """An amount or a count of the window, scaled to `days` days, with two decimals."""
    assert span.window_days is not None, "a rate has Windows.REQUIRED"
    return scaled_ratio(amount, days, span.window_days)


def mean_of(total: str, count: str) -> str:
    """The mean of values with two decimals; null where there is none."""
    return money_ratio(total, count)


def total_of(condition: str, value: str, digits: int = 18) -> str:
    """The sum, with two decimals, of a value over the rows that meet a condition."""
    kind = f"DECIMAL({digits}, 2)"
    return f"CAST(COALESCE(SUM(CASE WHEN {condition} THEN CAST({value} AS {kind}) END), 0) AS {kind})"


def whole_total(condition: str, value: str) -> str:
    """The sum of a whole number over the rows that meet a condition."""
    return f"CAST(COALESCE(SUM(CASE WHEN {condition} THEN {value} END), 0) AS BIGINT)"


def different(condition: str, value: str) -> str:
    """How many different values there are among the rows that meet a condition."""
    return f"CAST(COUNT(DISTINCT CASE WHEN {condition} THEN {value} END) AS BIGINT)"


_BITS = 31
"""So many bits of an INT are free of its sign."""


def different_periods(condition: str, period: str, periods: int | None) -> str:
    """How many different periods, numbered from 0, there are among the rows that meet a condition.

    Of few periods each is one bit of a number, which takes a third of the time of keeping their numbers. A number
    beyond is caught in the last bit, so that no engine ever shifts too far; the condition lets none through.
    """
    if periods is None or periods > _BITS:
        return different(condition, period)
    return f"CAST(COALESCE({bits_seen(condition, period, periods)}, 0) AS BIGINT)"


def latest(condition: str, column: str) -> str:
    """The latest date among the rows that meet a condition."""
    return f"MAX(CASE WHEN {condition} THEN {column} END)"


def both(condition: str, window: str) -> str:
    """Both conditions, without the one that is always true."""
    return condition if window == "TRUE" else f"{condition} AND {window}"


def among(column: str, listed: str) -> str:
    """The column is one of the values listed with `|` between them."""
    return f"{column} IN ({', '.join(literal(value.strip()) for value in listed.split('|'))})"


TREND_PERIODS = 6
_WEIGHTS = tuple(2 * period - (TREND_PERIODS - 1) for period in range(TREND_PERIODS))
TREND_DIVISOR = sum(weight * weight for weight in _WEIGHTS) // 2
"""With centred times t = w / 2 the least-squares slope is Σ t·y / Σ t² = Σ w·y / (Σ w² / 2)."""


def trend_weight(span: Span, column: str) -> str:
    """The weight of a row of the window in the least-squares slope over six equal periods of it, latest last."""
    assert span.window_days is not None, "a trend has Windows.REQUIRED"
    age = days_between(column, literal(span.as_of))
    return f"{TREND_PERIODS - 1} - 2 * CAST({age} * {TREND_PERIODS} // {span.window_days} AS INT)"


def sales_where(span: Span, condition: str = "is_sale = 1") -> str:
    """The number of purchases of the window that meet a condition."""
    return count_where(both(condition, span.inside("order_date")))
