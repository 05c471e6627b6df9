"""How much speaks for a record and each of its candidates being one customer: the levels and weights of a search."""

from __future__ import annotations

import json
import math
import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tierwise.identity.comparisons import Comparison, comparisons_for
from tierwise.identity.explanation import Addend, addends_of
from tierwise.identity.row_sql import row_sql
from tierwise.identity.rules import against, certain_rule

_NUMBERS = "SELECT value FROM json_each(?)"


@dataclass(frozen=True, slots=True)
class Compared:
    """One candidate: the rule that decides it, the log2 of the odds, and what each field adds."""

    record: str
    weight: float
    rule: str | None
    addends: tuple[Addend, ...]


class EntryWeights:
    """Compares by a model as Splink describes it, over an open index."""

    def __init__(self, index: sqlite3.Connection, model: dict[str, Any], columns: Sequence[str]) -> None:
        self.index, self.model, self.columns = index, model, tuple(columns)
        self.known = dict(index.execute("SELECT field, records FROM known"))
        self.compared = [settings["output_column_name"] for settings in model["comparisons"]]
        self.sql = self._statement()

    def compare(self, record: dict[str, Any], numbers: Sequence[int]) -> list[Compared]:
        """Compare a record, in its columns, with those of the index that have these numbers."""
        values = [record[column] for column in self.columns]
        cursor = self.index.execute(self.sql, [*values, json.dumps(list(numbers))])
        names = [column[0] for column in cursor.description]
        shares: dict[str, float] = {}
        return [self._weighed(dict(zip(names, row, strict=True)), record, shares) for row in cursor.fetchall()]

    def _weighed(self, row: dict[str, Any], record: dict[str, Any], shares: dict[str, float]) -> Compared:
        for settings in self.model["comparisons"]:
            field = settings["output_column_name"]
            row[f"mw_{field}"] = self._weight(settings, row[f"gamma_{field}"], record, shares)
        addends = addends_of(self.model, row)
        return Compared(row["record"], sum(addend.weight for addend in addends), row["rule"], addends)

    def _weight(self, settings: dict[str, Any], gamma: int, record: dict[str, Any], shares: dict[str, float]) -> float:
        """The weight of a level; where rare values weigh more, by how common the shared value is."""
        if gamma < 0:
            return 0.0
        levels = [level for level in settings["comparison_levels"] if not level.get("is_null_level")]
        level = levels[len(levels) - 1 - gamma]
        rare = level.get("tf_adjustment_column")
        if not rare:
            return math.log2(level["m_probability"] / level["u_probability"])
        if rare not in shares:
            shares[rare] = self._share(rare, record[rare])
        return math.log2(level["m_probability"] / shares[rare])

    def _share(self, field: str, value: str) -> float:
        found = self.index.execute("SELECT share FROM shares WHERE field = ? AND value = ?", [field, value]).fetchone()
        return float(found[0]) if found else 1 / max(self.known[field], 1)

    def _statement(self) -> str:
        """SQL: the levels and the rule of the given record (its columns, then the numbers, are parameters)."""
        given = ", ".join(f"? AS {column}" for column in self.columns)
        sides = ", ".join(f"l.{column} AS {column}_l, r.{column} AS {column}_r" for column in self.columns)
        rule = _sided(f"CASE WHEN NOT {against(self.columns)} THEN {certain_rule(self.columns)} END")
        fitting = {(c.field, len(c.levels) + 2): c for c in comparisons_for(self.columns)}
        levels = ", ".join(
            _level_sql(fitting[settings["output_column_name"], len(settings["comparison_levels"])])
            for settings in self.model["comparisons"]
        )
        both = f"SELECT r.record AS record, {sides} FROM (SELECT {given}) l, records r WHERE r.n IN ({_NUMBERS})"
        return row_sql(f"SELECT record, {rule} AS rule, {levels} FROM ({both})")


def fits(model: dict[str, Any], columns: Sequence[str]) -> bool:
    """Whether a model compares the very fields that these columns allow, level for level."""
    allowed = [(c.field, len(c.levels) + 2) for c in comparisons_for(columns)]
    return [(s["output_column_name"], len(s["comparison_levels"])) for s in model["comparisons"]] == allowed


def _level_sql(comparison: Comparison) -> str:
    cases = " ".join(f"WHEN {lv.sql} THEN {len(comparison.levels) - n}" for n, lv in enumerate(comparison.levels))
    return f"CASE WHEN {comparison.unknown} THEN -1 {cases} ELSE 0 END AS gamma_{comparison.field}"


def _sided(sql: str) -> str:
    """A condition over l.column and r.column, over column_l and column_r."""
    return re.sub(r"\b([lr])\.(\w+)", r"\2_\1", sql)
