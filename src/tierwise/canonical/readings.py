"""Corrections that are made while a field is read: numbers of other forms, day numbers, names of currencies and kinds."""

from __future__ import annotations

from dataclasses import replace

from tierwise.canonical.amounts import AmountPlan, currency_code
from tierwise.canonical.corrections_list import Reading
from tierwise.canonical.dates import DatePlan
from tierwise.canonical.values import text_value
from tierwise.contracts.ingest import RawColumn


def as_said(column: RawColumn) -> RawColumn:
    """The column as the source says it, whatever was corrected."""
    return replace(column, key=column.said)


def readings_of_amounts(field: str, column: RawColumn, plan: AmountPlan) -> list[Reading]:
    """Numbers that are written with separators, signs or brackets."""
    if plan.rewritten is None:
        return []
    return [Reading("number_text", field, column, plan.was_rewritten, plan.rewritten)]


def readings_of_dates(field: str, column: RawColumn, plan: DatePlan) -> list[Reading]:
    """Days that a workbook holds as numbers."""
    if plan.excel_day is None:
        return []
    return [Reading("excel_day", field, column, f"{plan.excel_day} AND {plan.sql} IS NOT NULL", plan.sql)]


def readings_of_currencies(column: RawColumn) -> list[Reading]:
    """Currencies that are not written as their code."""
    word = text_value(column)
    code = currency_code(word)
    return [Reading("currency_word", "currency", column, f"{word} <> {code}", code)]


def readings_of_words(field: str, column: RawColumn, word: str) -> list[Reading]:
    """Words that stand for one of the product's own."""
    return [Reading("synonym", field, column, f"{text_value(column)} <> {word}", word)]
