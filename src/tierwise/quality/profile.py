"""What one import looks like, in so few figures that a later one can be compared with it without its rows.

A profile keeps how often each column is filled; of columns of numbers the tenths and how many values lie between them;
of columns of words each word and how often it comes, where there are at most 50. Words that name something single
(ids) or say something of a person are never kept: see `keeps_words`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tierwise.contracts.personal import DataClass, data_class
from tierwise.contracts.tables import TABLES, Column, Kind
from tierwise.engine.base import Engine
from tierwise.engine.plans import run_plan
from tierwise.sql.expressions import literal
from tierwise.sql.histogram import histogram_steps

BINS = 10
MOST_WORDS = 50
FEWEST_VALUES = 200
"""Of columns with fewer values nothing is said: chance alone would make any index large."""
_PROBED = 20_000
_NUMBERS = (Kind.MONEY, Kind.QUANTITY, Kind.INTEGER)


@dataclass(frozen=True, slots=True)
class Binned:
    """The tenths of a column of numbers, and how many values lie up to the first, up to the second, …, beyond the last."""

    cuts: Sequence[Decimal]
    counts: Sequence[int]


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of the rows of one import (or of a sample of them).

    `filled` counts the values of each column. `words` are the most frequent first. Columns that have `many` different
    words have none here, nor have those whose words are not kept.
    """

    rows: int
    filled: Mapping[str, int]
    numbers: Mapping[str, Binned]
    words: Mapping[str, Mapping[str, int]]
    many: frozenset[str]

    def to_json(self) -> dict[str, Any]:
        """As it is kept with an import."""
        return {
            "rows": self.rows,
            "filled": dict(self.filled),
            "numbers": {name: {"cuts": list(each.cuts), "counts": each.counts} for name, each in self.numbers.items()},
            "words": {name: dict(each) for name, each in self.words.items()},
            "many": sorted(self.many),
        }


def profile_from_json(kept: Mapping[str, Any]) -> Profile:
    """The profile that is kept with an import."""
    numbers = {
        name: Binned([Decimal(cut) for cut in each["cuts"]], each["counts"]) for name, each in kept["numbers"].items()
    }
    return Profile(kept["rows"], kept["filled"], numbers, kept["words"], frozenset(kept["many"]))


def profile(engine: Engine, table: str, name: str) -> Profile:
    """Look at the rows that are attached as `name`, of the canonical table `table`."""
    have = set(engine.columns(name))
    columns = [column for column in TABLES[table].columns if column.name in have]
    filled = _filled(engine, name, columns)
    rows = filled.pop("")
    told = [column for column in columns if filled[column.name] >= FEWEST_VALUES]
    numbers = {column.name: _binned(engine, name, column.name) for column in told if is_number(column)}
    words, many = {}, set()
    for column in told:
        if not has_words(table, column):
            continue
        if _are_many(engine, name, column.name) or len(found := words_in(engine, name, column.name)) > MOST_WORDS:
            many.add(column.name)
        elif keeps_words(column):
            words[column.name] = found
    return Profile(rows, filled, numbers, words, frozenset(many))


def is_number(column: Column) -> bool:
    """Whether a column has a distribution of numbers."""
    return column.kind in _NUMBERS


def has_words(table: str, column: Column) -> bool:
    """Whether a column has a distribution of words: not where they name a person, or are text that people wrote."""
    return column.kind is Kind.TEXT and data_class(table, column.name) in (DataClass.NONE, DataClass.TRAIT)


def keeps_words(column: Column) -> bool:
    """Whether the words of a column may stand in a profile: ids of orders, messages and entries lead to a person."""
    return not column.name.endswith("_id")


def counts_between(engine: Engine, table: str, column: str, cuts: Sequence[Decimal]) -> list[int]:
    """Rows up to the first cut, up to the second, …, beyond the last."""
    cases = " ".join(f"WHEN {column} <= {literal(cut)} THEN {place}" for place, cut in enumerate(cuts))
    sql = (
        f"SELECT bin, COUNT(*) AS times FROM (SELECT CASE {cases} ELSE {len(cuts)} END AS bin FROM {table} "
        f"WHERE {column} IS NOT NULL) AS binned GROUP BY bin"
    )
    counted = {int(row["bin"]): int(row["times"]) for row in engine.records(f"bins of {column}", sql)}
    return [counted.get(place, 0) for place in range(len(cuts) + 1)]


def words_in(engine: Engine, table: str, column: str) -> dict[str, int]:
    """The words of a column, the most frequent first; enough of them to see whether there are too many."""
    sql = (
        f"SELECT {column} AS word, COUNT(*) AS times FROM {table} WHERE {column} IS NOT NULL GROUP BY {column} "
        f"ORDER BY COUNT(*) DESC, {column} LIMIT {MOST_WORDS * 20}"
    )
    return {str(row["word"]): int(row["times"]) for row in engine.records(f"words of {column}", sql)}


def _filled(engine: Engine, table: str, columns: Sequence[Column]) -> dict[str, int]:
    """How often each column is filled; under the empty name, how many rows there are."""
    counts = "".join(f", COUNT({column.name}) AS n_{column.name}" for column in columns)
    row = engine.records(f"filled {table}", f"SELECT COUNT(*) AS all_rows{counts} FROM {table}")[0]
    return {"": int(row["all_rows"]), **{column.name: int(row[f"n_{column.name}"]) for column in columns}}


def _binned(engine: Engine, table: str, column: str) -> Binned:
    prefix = f"drift_{column}"
    run_plan(engine, histogram_steps(prefix, table, column))
    tenths = ", ".join(
        f"MIN(CASE WHEN upto * {BINS} >= total * {place} THEN value END) AS cut_{place}" for place in range(1, BINS)
    )
    row = engine.records(f"tenths of {column}", f"SELECT {tenths} FROM {prefix}_upto")[0]
    cuts = sorted({Decimal(cut) for cut in row.values() if cut is not None})
    return Binned(cuts, counts_between(engine, table, column, cuts))


def _are_many(engine: Engine, table: str, column: str) -> bool:
    """Whether the first rows alone have too many different words: then all need not be counted."""
    some = f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL LIMIT {_PROBED}"
    sql = f"SELECT COUNT(DISTINCT {column}) AS words FROM ({some}) AS some"
    return int(engine.records(f"some words of {column}", sql)[0]["words"]) > MOST_WORDS
