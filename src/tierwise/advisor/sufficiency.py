"""Whether the data suffices for a model: each figure beside the least it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tierwise.advisor.history import History
from tierwise.contracts.indicators import IndicatorRef
from tierwise.contracts.model import TierModel
from tierwise.contracts.tables import TABLES
from tierwise.indicators.availability import missing_in_words
from tierwise.indicators.catalogue import CATALOGUE
from tierwise.indicators.compile import span_of
from tierwise.indicators.declaration import Available
from tierwise.language import Text
from tierwise.sql.expressions import date_before, literal


@dataclass(frozen=True, slots=True)
class Minimum:
    """The least a model needs: customers, days of orders, customers who came back and their share."""

    customers: int = 100
    history_days: int = 60
    repeaters: int = 0
    repeat_percent: int = 0


MINIMUMS: Mapping[str, Minimum] = {
    "rfm": Minimum(200, 180, 0, 5),
    "lifecycle": Minimum(100, 360),
    "pyramid": Minimum(100, 30),
    "engagement": Minimum(100, 60),
    "personas": Minimum(200, 180, 0, 20),
    "two_axis": Minimum(100, 90, 0, 5),
    "ltv": Minimum(500, 180, 100, 5),
    "value_grade": Minimum(200, 365, 0, 5),
    "clusters": Minimum(500, 180, 0, 5),
    "decision_tree": Minimum(1000, 270, 200, 5),
    "combined": Minimum(200, 360, 0, 5),
    "goal_groups": Minimum(200, 180, 0, 5),
    "b2b": Minimum(50, 365),
    "vip": Minimum(100, 30),
}
"""Stated by the method cards in words; models without an entry need what `Minimum` says."""

MOST_EMPTY_PERCENT = 10
LEAST_COVERED_PERCENT = 10
_SOME_DAY = date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class Check:
    """One figure against what is asked of it; `at_least` is false where the limit is an upper one."""

    code: str
    label: Text
    found: float
    limit: float
    unit: Text
    at_least: bool = True

    @property
    def met(self) -> bool:
        """Whether the data suffices in this respect."""
        return self.found >= self.limit if self.at_least else self.found <= self.limit

    @property
    def text(self) -> Text:
        """The figure and the limit in words."""
        sign = Text("needs", "需要") if self.at_least else Text("at most", "上限")
        found, limit = (f"{value:,.0f}" for value in (self.found, self.limit))
        return Text(
            f"{self.label.en} {found}{self.unit.en} ({sign.en} {limit}{self.unit.en})",
            f"{self.label.zh} {found}{self.unit.zh}（{sign.zh} {limit}{self.unit.zh}）",
        )


@dataclass(frozen=True, slots=True)
class Sufficiency:
    """The checks of one model, and the (table, column) pairs that it lacks."""

    checks: tuple[Check, ...]
    missing: tuple[tuple[str, str], ...]

    @property
    def enough(self) -> bool:
        """Whether nothing is lacking."""
        return not self.missing and all(check.met for check in self.checks)

    @property
    def lacking(self) -> tuple[Text, ...]:
        """What is lacking, in words."""
        absent = missing_in_words(self.missing)
        without = (Text(f"missing: {absent.en}", absent.zh),) if self.missing else ()
        return (*without, *(check.text for check in self.checks if not check.met))


def look_back_days(model: TierModel[Any]) -> int:
    """The longest stretch of orders that a model looks at; a window compared with the one before counts twice."""
    spans = [ref.window_days * (2 if _compares(ref) else 1) for ref in model.needs() if ref.window_days is not None]
    training = model.training()
    return max(spans, default=0) + (training.days_before if training else 0)


def _compares(ref: IndicatorRef) -> bool:
    """Whether an indicator reads the window before its own: then its SQL names the day that one begins after."""
    assert ref.window_days is not None
    span = span_of(ref, _SOME_DAY)
    before = literal(date_before(_SOME_DAY, 2 * ref.window_days))
    return any(before in sql for _, aggregates in CATALOGUE[ref.name].grains for sql in aggregates(span).values())


def missing_for(model: TierModel[Any], available: Available) -> tuple[tuple[str, str], ...]:
    """The (table, column) pairs that a model's indicators lack."""
    asked = (*model.needs(), *(training.refs if (training := model.training()) else ()))
    return tuple(dict.fromkeys(pair for ref in asked for pair in CATALOGUE[ref.name].missing(available)))


def sufficiency(model: TierModel[Any], history: History, available: Available) -> Sufficiency:
    """Hold the history against what a model needs with its settings."""
    least = MINIMUMS.get(model.name, Minimum())
    days, people, percent = Text(" days", " 天"), Text("", " 位"), Text.same("%")
    checks = [
        Check("customers", Text("customers", "客户数"), history.customers, least.customers, people),
        Check(
            "history_days", Text("history", "历史时长"), history.days,
            max(least.history_days, look_back_days(model)), days,
        ),
        Check(
            "empty_months_percent", Text("months without orders", "无订单月份占比"), history.empty_months_percent,
            MOST_EMPTY_PERCENT, percent, at_least=False,
        ),
    ]  # fmt: skip
    if least.repeat_percent:
        name = Text("repeat customers", "复购客户占比")
        checks.append(Check("repeat_percent", name, history.repeat_percent, least.repeat_percent, percent))
    if least.repeaters:
        came = Text("customers who came back", "有回购的客户")
        checks.append(Check("repeaters", came, history.repeaters, least.repeaters, people))
    missing = missing_for(model, available)
    return Sufficiency((*checks, *_coverage(model, history, available)), missing)


def _coverage(model: TierModel[Any], history: History, available: Available) -> list[Check]:
    """Whether the tables that a model reads know enough of the customers."""
    wanted = {table for ref in model.needs() for table, _ in CATALOGUE[ref.name].required} - {"orders"}
    return [
        Check(
            f"covered_percent_{table}",
            Text(f"customers in {TABLES[table].label.en}", f"“{TABLES[table].label.zh}”覆盖的客户"),
            history.covered_percent(table), LEAST_COVERED_PERCENT, Text.same("%"),
        )
        for table in sorted(wanted)
        if "customer_id" in available.get(table, frozenset())
    ]  # fmt: skip
