"""Drift between two imports of one source, by volume, blanks, categories and the population stability index.

    PSI = Σ (a − b) · ln(a / b)      a, b: the shares of a bin in the later and in the earlier import

Bins of numbers are the tenths of the earlier import: the values below its first decile, below its second, … Bins of
words are the words of the earlier import and one for all others, for fields with at most 50 different ones. A share
of zero counts as 0.0001. Blanks are in no bin: they have a figure of their own. With fewer than 200 values on either
side no PSI is given: chance alone would make it large (about (bins − 1) · (1/n + 1/m)).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import log

from tierwise.contracts.drift import Drift, DriftLimits, FieldDrift
from tierwise.contracts.tables import TABLES, Column
from tierwise.engine.base import Engine
from tierwise.language import Text
from tierwise.quality.profile import (
    FEWEST_VALUES,
    MOST_WORDS,
    Profile,
    counts_between,
    has_words,
    is_number,
    profile,
    words_in,
)  # fmt: skip

LEAST_SHARE = 0.0001
_SAMPLED = Text(
    "large imports: compared by samples of {before} and {after} rows",
    "导入数据较大：按 {before} 行与 {after} 行的样本比较",
)
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Side:
    """One of two imports that are compared: what is known of it, and what attaches its rows and tells their name."""

    profile: Profile
    attached: Callable[[], str]


def drift(
    engine: Engine,
    table: str,
    tables: tuple[str, str],
    names: tuple[str, str] = ("", ""),
    source: str = "",
    limits: DriftLimits = DriftLimits(),
) -> Drift:
    """Compare two attached tables, the earlier one first; `names` are the ids of their imports."""
    before, after = (Side(profile(engine, table, name), lambda name=name: name) for name in tables)  # type: ignore[misc]
    rows = before.profile.rows, after.profile.rows
    found = Drift(table, source, *names, *rows, field_drifts(engine, table, before, after))
    return with_words(found, before.profile, after.profile, limits)


def field_drifts(engine: Engine, table: str, before: Side, after: Side) -> list[FieldDrift]:
    """How each field that both imports have differs.

    Of the earlier import its profile is read; of the later one also the rows, which are what arrived.
    """
    common = [c for c in TABLES[table].columns if c.name in before.profile.filled and c.name in after.profile.filled]
    return [_field(engine, table, column, before, after) for column in common]


def with_words(found: Drift, before: Profile, after: Profile, limits: DriftLimits) -> Drift:
    """Say what goes beyond the limits. Profiles of samples have fewer rows than the imports, which is noted."""
    have = set(before.filled), set(after.filled)
    warnings, notes = _words(found, limits, [have[0] - have[1], have[1] - have[0]])
    if (before.rows, after.rows) != (found.rows_before, found.rows_after):
        notes = [*notes, _SAMPLED.fill(before=f"{before.rows:,}", after=f"{after.rows:,}")]
    return replace(found, warnings=tuple(warnings), notes=tuple(notes))


def psi(before: Sequence[int], after: Sequence[int]) -> float:
    """The population stability index of two counts over the same bins."""
    totals = sum(before), sum(after)
    shares = [
        (max(b / totals[0], LEAST_SHARE), max(a / totals[1], LEAST_SHARE)) for b, a in zip(before, after, strict=True)
    ]
    return sum((a - b) * log(a / b) for b, a in shares)


def _field(engine: Engine, table: str, column: Column, before: Side, after: Side) -> FieldDrift:
    sides = before.profile, after.profile
    values = [each.filled[column.name] for each in sides]
    blanks = [1 - value / max(each.rows, 1) for value, each in zip(values, sides, strict=True)]
    found = FieldDrift(column.name, blanks[0], blanks[1])
    if min(values) < FEWEST_VALUES:
        return found
    if is_number(column):
        binned = before.profile.numbers[column.name]
        counts = counts_between(engine, after.attached(), column.name, binned.cuts)
        return replace(found, psi=psi(binned.counts, counts), bins=len(binned.cuts) + 1)
    if has_words(table, column) and column.name not in before.profile.many:
        return _words_of(found, *(_words_in(engine, side, column.name) for side in (before, after)))
    return found


def _words_in(engine: Engine, side: Side, column: str) -> Mapping[str, int]:
    """The words of a column as the profile has them, else as the rows do."""
    kept = side.profile.words.get(column)
    return words_in(engine, side.attached(), column) if kept is None else kept


def _words_of(found: FieldDrift, before: Mapping[str, int], after: Mapping[str, int]) -> FieldDrift:
    if len(before) > MOST_WORDS:
        return found
    others = sum(times for word, times in after.items() if word not in before)
    counts = [[*before.values(), 0], [*(after.get(word, 0) for word in before), others]]
    totals = [sum(each.values()) for each in (before, after)]
    many = [
        {word for word, times in each.items() if times * 100 >= total}
        for each, total in zip((before, after), totals, strict=True)
    ]
    return replace(
        found, psi=psi(*counts), bins=len(before) + 1,
        new=sorted(many[1] - set(before)), vanished=sorted(many[0] - set(after)),
    )  # fmt: skip


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
