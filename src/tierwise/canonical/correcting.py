"""The corrected view of a source: what is certain to be wrong in its text is set right before anything is read.

Every column that some correction changes is replaced in the view, and what the source says stays beside it. With a
correction switched off a text or id counts as the source says it, and a number or date that would need it cannot be
read. Columns that need nothing are what they were.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tierwise.canonical.ids import all_end_in_point_zero
from tierwise.canonical.spellings import MOST_WORDS, spellings, synonyms
from tierwise.canonical.swaps import Swap, swaps_of
from tierwise.canonical.text_corrections import ID, NUMBER, WORD, Step, blanks, invisible, kind_of, may_change, steps_of
from tierwise.canonical.values import BLANKS, any_of
from tierwise.contracts.ingest import Mapping, RawColumn, RawKind, RawTable
from tierwise.engine.duckdb import DuckDBEngine, quoted


@dataclass(frozen=True)
class ColumnPlan:
    """The steps that a column takes: code → step, of which those in `on` are made; `touched` rows may change."""

    field: str
    column: RawColumn
    kind: str
    steps: MappingOf[str, Step]
    touched: str
    on: frozenset[str]

    def stage(self, number: int) -> str:
        """The name of the column's value after so many steps."""
        return f"{self.column.key}_s{number}" if number else self.column.key

    @property
    def layers(self) -> list[dict[str, str]]:
        """The values after each step, each made of the one before."""
        return [
            {self.stage(number): self._step(code, step, self.stage(number - 1))}
            for number, (code, step) in enumerate(self.steps.items(), 1)
        ]

    def _step(self, code: str, step: Step, value: str) -> str:
        taken = code in self.on or self.kind == NUMBER
        return step(value) if taken else value

    @property
    def empty(self) -> str:
        """SQL: the source gives nothing but blanks, and that is no value, whatever is switched on."""
        return f"regexp_full_match({self.column.key}, {quoted(f'{any_of(BLANKS)}*')})"

    @property
    def unread(self) -> str | None:
        """SQL: the value needs a step that is switched off, and cannot be read without it."""
        off = [
            f"{self.stage(number)} IS DISTINCT FROM {self.stage(number - 1)}"
            for number, code in enumerate(self.steps, 1)
            if self.kind == NUMBER and code not in self.on
        ]
        return f"({' OR '.join(off)})" if off else None

    @property
    def result(self) -> str:
        """SQL: the value that counts, over the layers."""
        last = self.stage(len(self.steps))
        return f"CASE WHEN {self.unread} THEN NULL ELSE {last} END" if self.unread else last


@dataclass(frozen=True)
class Corrections:
    """What is corrected in a source; `raw` is what to read."""

    raw: RawTable
    source: RawTable
    plans: tuple[ColumnPlan, ...] = ()
    swaps: tuple[Swap, ...] = field(default=())


def correct(engine: DuckDBEngine, raw: RawTable, mapping: Mapping, on: frozenset[str]) -> Corrections:
    """Look through the columns that are mapped, and lay the corrected view over those that need it."""
    plans = _needed(
        engine, raw, [_plan(engine, raw, mapping, name, column, on) for name, column in _texts(raw, mapping).items()]
    )
    corrected = _view(engine, raw, plans) if plans else raw
    swaps = swaps_of(engine, corrected, mapping) if "swapped" in on else ()
    if swaps:
        corrected = _exchanged(engine, corrected, swaps)
    return Corrections(corrected, raw, plans, swaps)


def nested(relation: str, layers: Sequence[MappingOf[str, str]]) -> str:
    """SQL: the rows of a relation with the columns of each layer, made of those before it."""
    source = f'"{relation}"'
    for layer in layers:
        source = f"(SELECT *, {', '.join(f'{sql} AS {name}' for name, sql in layer.items())} FROM {source})"
    return source


def _texts(raw: RawTable, mapping: Mapping) -> dict[str, RawColumn]:
    """Field → column of those that are text; a column that fills several fields is corrected as the first of them."""
    found: dict[str, RawColumn] = {}
    for match in mapping.matches:
        names = ("quantity", "unit_price") if match.how == "product" else (match.field,)
        for name, source in zip(names, match.columns, strict=False):
            column = raw.column(source)
            if column.kind is RawKind.TEXT and column.key not in {known.key for known in found.values()}:
                found[name] = column
    return found


def _plan(
    engine: DuckDBEngine, raw: RawTable, mapping: Mapping, name: str, column: RawColumn, on: frozenset[str]
) -> ColumnPlan:
    kind = kind_of(mapping.table, name)
    as_floats = kind == ID and all_end_in_point_zero(engine, raw, column)
    steps = steps_of(name, kind, as_floats)
    touched = f"coalesce({column.key} <> '' AND {may_change(column.key, name, kind, as_floats)}, false)"
    if kind == WORD:
        words = _words(engine, raw, column, name, on)
        changed = {word for map_ in words.values() for word in map_}
        if changed:
            steps |= {code: _by(map_) for code, map_ in words.items() if map_}
            touched = f"({touched} OR coalesce({column.key} IN ({', '.join(map(quoted, sorted(changed)))}), false))"
    return ColumnPlan(name, column, kind, steps, touched, on)


def _words(
    engine: DuckDBEngine, raw: RawTable, column: RawColumn, name: str, on: frozenset[str]
) -> dict[str, dict[str, str]]:
    """Code → word → the word to use instead, over all values of the column."""
    value = column.key
    for code, step in (("invisible", invisible), ("blanks", blanks)):
        value = step(value) if code in on else value
    rows = engine.native(
        "words of a column",
        f"SELECT word, count(*) FROM (SELECT {value} AS word FROM \"{raw.relation}\") WHERE word <> '' "
        f"GROUP BY word LIMIT {MOST_WORDS + 1}",
    )
    counts = {str(word): int(count) for word, count in rows}
    if len(counts) > MOST_WORDS:
        return {}
    spelled = spellings(counts) if "spelling" in on else {}
    unified: dict[str, int] = {}
    for word, count in counts.items():
        kept = spelled.get(word, word)
        unified[kept] = unified.get(kept, 0) + count
    return {"spelling": spelled, "synonym": synonyms(name, unified) if "synonym" in on else {}}


def _by(words: MappingOf[str, str]) -> Step:
    whens = " ".join(f"WHEN {quoted(word)} THEN {quoted(other)}" for word, other in sorted(words.items()))
    return lambda value: f"CASE {value} {whens} ELSE {value} END"


def _needed(engine: DuckDBEngine, raw: RawTable, plans: Sequence[ColumnPlan]) -> tuple[ColumnPlan, ...]:
    """Those of the plans whose columns have rows that may change, in one look through the source."""
    if not plans:
        return ()
    counted = ", ".join(f"count(*) FILTER ({plan.touched})" for plan in plans)
    row = engine.native("rows to be corrected", f'SELECT {counted} FROM "{raw.relation}"')[0]
    return tuple(plan for plan, count in zip(plans, row, strict=True) if count)


def _view(engine: DuckDBEngine, raw: RawTable, plans: Sequence[ColumnPlan]) -> RawTable:
    by_key = {plan.column.key: plan for plan in plans}
    shown = []
    for column in raw.columns:
        plan = by_key.get(column.key)
        if plan is None:
            shown.append(column.key)
        else:
            result = f"CASE WHEN {plan.empty} THEN NULL ELSE {plan.result} END"
            shown.append(f"CASE WHEN {plan.touched} THEN {result} ELSE {column.key} END AS {column.key}")
            shown.append(f"{column.key} AS {column.key}_said")
    layers = [layer for plan in plans for layer in plan.layers]
    name = f"{raw.relation}_corrected"
    engine.native(
        "corrected view",
        f'CREATE OR REPLACE TEMP VIEW "{name}" AS SELECT row_number, {", ".join(shown)} FROM {nested(raw.relation, layers)}',
    )
    columns = tuple(
        replace(column, said_key=f"{column.key}_said") if column.key in by_key else column for column in raw.columns
    )
    return replace(raw, relation=name, columns=columns)


def _exchanged(engine: DuckDBEngine, raw: RawTable, swaps: Sequence[Swap]) -> RawTable:
    """The view in which the two values of swapped fields have changed places."""
    shown = {key: key for column in raw.columns for key in (column.key, column.said_key) if key}
    said = {}
    for swap in swaps:
        for one, other in ((swap.one, swap.other), (swap.other, swap.one)):
            shown[one.key] = f"CASE WHEN {swap.condition} THEN {other.key} ELSE {shown[one.key]} END"
            said[one.key] = one.said_key or f"{one.key}_said"
            shown[said[one.key]] = one.said
    name = f"{raw.relation}_exchanged"
    listed = ", ".join(f"{sql} AS {key}" for key, sql in shown.items())
    engine.native(
        "exchanged view", f'CREATE OR REPLACE TEMP VIEW "{name}" AS SELECT row_number, {listed} FROM "{raw.relation}"'
    )
    columns = tuple(replace(c, said_key=said.get(c.key, c.said_key)) for c in raw.columns)
    return replace(raw, relation=name, columns=columns)
