"""Drift between two imports of one source, by volume, blanks, categories and the population stability index.

    PSI = Σ (a − b) · ln(a / b)      a, b: the shares of a bin in the later and in the earlier import

Bins of numbers are the tenths of the earlier import: the values below its first decile, below its second, … Bins of
words are the words of the earlier import and one for all others, for fields with at most 50 different ones. A share
of zero counts as 0.0001. Blanks are in no bin: they have a figure of their own. With fewer than 200 values on either
side no PSI is given: chance alone would make it large (about (bins − 1) · (1/n + 1/m)).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from math import log

from tierwise.contracts.drift import Drift, DriftLimits, FieldDrift
from tierwise.contracts.personal import DataClass, data_class
from tierwise.contracts.tables import TABLES, Column, Kind
from tierwise.engine.base import Engine
from tierwise.engine.plans import run_plan
from tierwise.language import Text
from tierwise.sql.expressions import literal
from tierwise.sql.histogram import histogram_steps

BINS = 10
MOST_WORDS = 50
FEWEST_VALUES = 200
LEAST_SHARE = 0.0001
_SAMPLED = Text(
    "large imports: compared by samples of {before} and {after} rows",
    "导入数据较大：按 {before} 行与 {after} 行的样本比较",
)
_NUMBERS = (Kind.MONEY, Kind.QUANTITY, Kind.INTEGER)
_SHOWN = 5
Counts = Mapping[str, int]


def drift(
    engine: Engine,
    table: str,
    tables: tuple[str, str],
    names: tuple[str, str] = ("", ""),
    source: str = "",
    limits: DriftLimits = DriftLimits(),
    rows: tuple[int, int] | None = None,
) -> Drift:
    """Compare two attached tables, the earlier one first; `names` are the ids of their imports.

    Where the tables are samples of the imports, `rows` says how many rows those have, and a note that they are.
    """
    have = [set(engine.columns(name)) for name in tables]
    columns = [column for column in TABLES[table].columns if all(column.name in names for names in have)]
    filled = [_filled(engine, name, columns) for name in tables]
    fields = [_field(engine, table, column, tables, filled) for column in columns]
    seen = filled[0]["all_rows"], filled[1]["all_rows"]
    found = Drift(table, source, *names, *(rows or seen), fields)
    warnings, notes = _words(found, limits, [have[0] - have[1], have[1] - have[0]])
    if rows and rows != seen:
        notes = [*notes, _SAMPLED.fill(before=f"{seen[0]:,}", after=f"{seen[1]:,}")]
    return replace(found, warnings=tuple(warnings), notes=tuple(notes))


def psi(before: Sequence[int], after: Sequence[int]) -> float:
    """The population stability index of two counts over the same bins."""
    totals = sum(before), sum(after)
    shares = [
        (max(b / totals[0], LEAST_SHARE), max(a / totals[1], LEAST_SHARE)) for b, a in zip(before, after, strict=True)
    ]
    return sum((a - b) * log(a / b) for b, a in shares)


def _filled(engine: Engine, table: str, columns: Sequence[Column]) -> dict[str, int]:
    counts = "".join(f", COUNT({column.name}) AS n_{column.name}" for column in columns)
    row = engine.records(f"filled {table}", f"SELECT COUNT(*) AS all_rows{counts} FROM {table}")[0]
    return {name: int(count) for name, count in row.items()}


def _field(engine: Engine, table: str, column: Column, tables: tuple[str, str], filled: Sequence[Counts]) -> FieldDrift:
    values = [counts[f"n_{column.name}"] for counts in filled]
    blanks = [1 - value / max(counts["all_rows"], 1) for value, counts in zip(values, filled, strict=True)]
    found = FieldDrift(column.name, blanks[0], blanks[1])
    if min(values) < FEWEST_VALUES:
        return found
    if column.kind in _NUMBERS:
        return _numbers(engine, found, column.name, tables)
    if column.kind is Kind.TEXT and data_class(table, column.name) in (DataClass.NONE, DataClass.TRAIT):
        return _words_of(engine, found, column.name, tables)
    return found


def _numbers(engine: Engine, found: FieldDrift, column: str, tables: tuple[str, str]) -> FieldDrift:
    prefix = f"drift_{column}"
    run_plan(engine, histogram_steps(prefix, tables[0], column))
    tenths = ", ".join(
        f"MIN(CASE WHEN upto * {BINS} >= total * {place} THEN value END) AS cut_{place}" for place in range(1, BINS)
    )
    row = engine.records(f"tenths of {column}", f"SELECT {tenths} FROM {prefix}_upto")[0]
    cuts = sorted({Decimal(cut) for cut in row.values() if cut is not None})
    counts = [_binned(engine, name, column, cuts) for name in tables]
    return replace(found, psi=psi(*counts), bins=len(cuts) + 1)


def _binned(engine: Engine, table: str, column: str, cuts: Sequence[Decimal]) -> list[int]:
    """Rows up to the first cut, up to the second, …, beyond the last."""
    cases = " ".join(f"WHEN {column} <= {literal(cut)} THEN {place}" for place, cut in enumerate(cuts))
    sql = (
        f"SELECT bin, COUNT(*) AS times FROM (SELECT CASE {cases} ELSE {len(cuts)} END AS bin FROM {table} "
        f"WHERE {column} IS NOT NULL) AS binned GROUP BY bin"
    )
    counted = {int(row["bin"]): int(row["times"]) for row in engine.records(f"bins of {column}", sql)}
    return [counted.get(place, 0) for place in range(len(cuts) + 1)]


def _words_of(engine: Engine, found: FieldDrift, column: str, tables: tuple[str, str]) -> FieldDrift:
    counted = [_words_in(engine, name, column) for name in tables]
    before, after = counted
    if len(before) > MOST_WORDS:
        return found
    others = sum(times for word, times in after.items() if word not in before)
    counts = [[*before.values(), 0], [*(after.get(word, 0) for word in before), others]]
    totals = [sum(each.values()) for each in counted]
    many = [
        {word for word, times in each.items() if times * 100 >= total}
        for each, total in zip(counted, totals, strict=True)
    ]
    return replace(
        found, psi=psi(*counts), bins=len(before) + 1,
        new=sorted(many[1] - set(before)), vanished=sorted(many[0] - set(after)),
    )  # fmt: skip


def _words_in(engine: Engine, table: str, column: str) -> dict[str, int]:
    """The words of a column, the most frequent first; enough of them to see whether there are too many."""
    sql = (
        f"SELECT {column} AS word, COUNT(*) AS times FROM {table} WHERE {column} IS NOT NULL GROUP BY {column} "
        f"ORDER BY COUNT(*) DESC, {column} LIMIT {MOST_WORDS * 20}"
    )
    return {str(row["word"]): int(row["times"]) for row in engine.records(f"words of {column}", sql)}


def _words(found: Drift, limits: DriftLimits, columns: Sequence[set[str]]) -> tuple[list[Text], list[Text]]:
    """What goes beyond the limits, in words: warnings, and what is only to be noted."""
    label = TABLES[found.table].label
    warnings, notes = [], []
    change = (found.rows_after - found.rows_before) * 100 / max(found.rows_before, 1)
    if abs(change) >= limits.volume_change_percent:
        text = Text(
            "{table}: {after} rows, {change} % against {before} in the import before",
            "“{table}”：{after} 行，较上次导入的 {before} 行变化 {change}%",
        )
        warnings.append(
            text.fill(
                table=label, after=f"{found.rows_after:,}", before=f"{found.rows_before:,}", change=f"{change:+.0f}"
            )
        )
    gone = Text("{table}: the column {column} is gone", "“{table}”：缺少列“{column}”")
    warnings += [gone.fill(table=label, column=_label(found.table, name)) for name in sorted(columns[0])]
    came = Text("{table}: the column {column} is new", "“{table}”：新增列“{column}”")
    notes += [came.fill(table=label, column=_label(found.table, name)) for name in sorted(columns[1])]
    for each in found.fields:
        name = _label(found.table, each.field)
        points = (each.null_after - each.null_before) * 100
        if abs(points) >= limits.null_change_points:
            text = Text(
                "{table}: {field} is blank in {after} % of the rows, before in {before} %",
                "“{table}”：“{field}”空值占 {after}%，此前为 {before}%",
            )
            (warnings if points > 0 else notes).append(
                text.fill(
                    table=label,
                    field=name,
                    after=f"{each.null_after * 100:.1f}",
                    before=f"{each.null_before * 100:.1f}",
                )
            )
        if each.psi is not None and each.psi >= limits.psi_note:
            text = Text(
                "{table}: {field} is distributed differently, PSI {psi}",
                "“{table}”：“{field}”的分布发生变化，PSI {psi}",
            )
            beyond = warnings if each.psi >= limits.psi_warn else notes
            beyond.append(text.fill(table=label, field=name, psi=f"{each.psi:.2f}"))
        for words, text in (
            (each.new, Text("{table}: new in {field}: {words}", "“{table}”：“{field}”出现新取值：{words}")),
            (each.vanished, Text("{table}: no longer in {field}: {words}", "“{table}”：“{field}”不再出现：{words}")),
        ):
            if words:
                shown = ", ".join(words[:_SHOWN]) + (" …" if len(words) > _SHOWN else "")
                notes.append(text.fill(table=label, field=name, words=shown))
    return warnings, notes


def _label(table: str, field: str) -> Text:
    return TABLES[table].column(field).label
