"""Columns, values and conditions of a run in the words of one language."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tierwise.contracts.explanation import Change, Move
from tierwise.contracts.scheme import Condition, Op, Score, Value
from tierwise.language import Lang, Text
from tierwise.snapshots.runs import Run

SIGNS = {">=": "≥", "<=": "≤", "<>": "≠"}


class Wording:
    """Says what a run's columns and rules mean."""

    def __init__(self, run: Run, lang: Lang) -> None:
        self._indicators = {item["column"]: item for item in run.manifest.indicators}
        self.lang = lang

    def say(self, en: str, zh: str) -> str:
        """The wording in this language."""
        return Text(en, zh).to(self.lang)

    def name(self, column: str, scores: Mapping[str, Score] | None = None) -> str:
        """The name of an indicator or score."""
        if scores and column in scores:
            return scores[column].label.to(self.lang)
        label = self._indicators.get(column, {}).get("label", {})
        return str(label.get(str(self.lang), column))

    def unit(self, column: str) -> str:
        """The unit of an indicator: money, days, count, percent …"""
        return str(self._indicators.get(column, {}).get("unit", ""))

    def value(self, column: str, value: Value) -> str:
        """A value as people write it."""
        if value is None or isinstance(value, str):
            return value or "–"
        if self.unit(column) == "money":
            return f"{value:,.2f}"
        return f"{int(value):,}" if value == int(value) else f"{Decimal(value):,f}"

    def condition(self, condition: Condition, scores: Mapping[str, Score]) -> str:
        """One condition of a rule."""
        name = self.name(condition.column, scores)
        if condition.value is None:
            known = self.say("is known", "已知") if condition.op is Op.NOT_NULL else self.say("is unknown", "未知")
            return f"{name} {known}"
        sign = SIGNS.get(str(condition.op), str(condition.op))
        or_unknown = self.say(" or unknown", "或未知") if condition.or_null else ""
        return f"{name} {sign} {self.value(condition.column, condition.value)}{or_unknown}"

    def move(self, move: Move, scores: Mapping[str, Score]) -> str:
        """The change that leads to another tier."""
        parts = self.say(" and ", " 且 ").join(self._change(change, scores) for change in move.changes)
        return f"{parts} → {move.tier.name.to(self.lang)}"

    def _change(self, change: Change, scores: Mapping[str, Score]) -> str:
        name = self.name(change.column, scores)
        old, new = self.value(change.column, change.old), self.value(change.column, change.new)
        return self.say(f"{name} from {old} to {new}", f"{name}由 {old} 变为 {new}")


def in_language(data: Mapping[str, Any], lang: Lang) -> str:
    """A text that a manifest holds by language tag."""
    return str(data.get(str(lang)) or data.get("en", ""))
