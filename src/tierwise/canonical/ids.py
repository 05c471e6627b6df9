"""Ids are text and stay as they are written: leading zeros count, only outer blanks and a float's `.0` go.

Where a table is built these go before, as corrections: see `tierwise.canonical.correcting`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tierwise.canonical.values import number_text, trimmed
from tierwise.contracts.ingest import IngestSettings, RawColumn, RawKind, RawTable
from tierwise.engine.duckdb import DuckDBEngine, quoted

NULL_WORDS = ("null", "nan", "none", "n/a", "#n/a", "<na>", "nat", "\\n", "无", "-", "--")
"""What programs write for an id they do not have; in lower case."""
_LONG_ID, _CUT_ID = re.compile(r"\d{17,}"), re.compile(r"\d{15}0{2,}")
_ENOUGH_LONG_IDS = 3
"""Of ids with seventeen digits one in a hundred ends in two zeros; that three do by chance is one in a million."""

_TOTALS = (
    "合计", "总计", "小计", "总合计", "共计", "累计", "本页合计", "本页小计", "合計", "總計", "小計", "total", "totals", "grandtotal",
    "subtotal", "sum", "summe", "gesamt", "gesamtsumme", "zwischensumme", "总和", "汇总", "全部合计",
)  # fmt: skip
"""What stands in the place of an id in a row that adds up others."""


@dataclass(frozen=True, slots=True)
class IdPlan:
    """How one column of ids is read: `sql` is text, NULL where there is no id; `layers` are the columns it needs.

    `was_float` tells that every id was a number stored as a float and lost its `.0`.
    """

    sql: str
    layers: tuple[dict[str, str], ...] = ()
    was_float: bool = False


def corrected_ids(column: RawColumn) -> IdPlan:
    """Return how ids are read that were corrected before."""
    if column.kind is RawKind.TEXT:
        return IdPlan(f"nullif({column.key}, '')")
    sql = number_text(column) or f"CAST({column.key} AS VARCHAR)"
    return IdPlan(sql, was_float=column.kind in (RawKind.FLOAT, RawKind.DECIMAL))


def plan_ids(engine: DuckDBEngine, raw: RawTable, column: RawColumn) -> IdPlan:
    """Decide, over the whole column, how ids are read of which nothing was corrected before."""
    if column.kind is not RawKind.TEXT:
        return corrected_ids(column)
    name = f"{column.key}_id"
    kept = without_null_words(name)
    was_float = all_end_in_point_zero(engine, raw, column)
    if was_float:
        kept = without_point_zero(kept)
    return IdPlan(kept, ({name: trimmed(column.key)},), was_float)


def without_null_words(value: str) -> str:
    """Return the SQL of a text, NULL where it is what programs write for nothing."""
    words = ", ".join(quoted(word) for word in ("", *NULL_WORDS))
    return f"CASE WHEN strlen({value}) <= 5 AND lower({value}) IN ({words}) THEN NULL ELSE {value} END"


def without_point_zero(value: str) -> str:
    """Return the SQL of a whole number without the zeros behind its point."""
    return f"regexp_replace({value}, '\\.0+$', '')"


def digits_lost(column: RawColumn) -> str | None:
    """Return the SQL test of an id that a spreadsheet took for a number: its last digits are gone.

    A text has it as 1.38E+10, a workbook with zeros behind the fifteenth digit, where all of its long ids end so.
    """
    if column.kind is not RawKind.TEXT:
        return None
    long = [sample.strip() for sample in column.samples if _LONG_ID.fullmatch(sample.strip())]
    if len(long) >= _ENOUGH_LONG_IDS and all(_CUT_ID.fullmatch(sample) for sample in long):
        return f"regexp_full_match({column.key}, {quoted(_CUT_ID.pattern)})"
    return f"({column.key} ILIKE '%E+%' AND regexp_full_match({column.key}, '[\\s=\"'']*\\d(\\.\\d+)?[eE]\\+\\d+[\\s\"]*'))"


def is_total(key: str) -> str:
    """Return the SQL test of a row of totals, which reports put below their rows: no customer and no order."""
    return f"coalesce(lower(translate({key}, ':： \u3000', '')) IN ({', '.join(map(quoted, _TOTALS))}), false)"


def named(sql: str, settings: IngestSettings) -> str:
    """Return the id with the name of its source in front, where ids mean something in that source alone."""
    return f"{quoted(settings.namespace)} || ({sql})" if settings.namespace else sql


def all_end_in_point_zero(engine: DuckDBEngine, raw: RawTable, column: RawColumn) -> bool:
    """Tell a column of whole numbers that some program made floats of: 12345.0 in every row that has an id."""
    samples = [s for s in column.samples if s.strip() and s.strip().lower() not in NULL_WORDS]
    if not samples or not all(re.fullmatch(r"\s*\d+\.0+\s*", sample) for sample in samples):
        return False
    words = ", ".join(quoted(word) for word in ("", *NULL_WORDS))
    others = engine.native(
        "ids as floats",
        f'SELECT count(*) FROM "{raw.relation}" WHERE lower(trim({column.key})) NOT IN ({words}) '
        f"AND NOT regexp_full_match(trim({column.key}), '\\d+\\.0+')",
    )
    return int(others[0][0]) == 0
