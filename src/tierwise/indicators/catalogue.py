"""The catalogue: each indicator declared once, with its names, unit, direction, needs and portable SQL.

Conventions of the order indicators: a sale counts as a purchase; a refund is negative money and nothing else;
a void order counts for nothing. A window of w days holds order dates d with as_of - w < d <= as_of.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tierwise.contracts.indicators import IndicatorRef
from tierwise.contracts.tables import Kind
from tierwise.language import Text
from tierwise.sql.expressions import (
    count_where,
    date_before,
    days_between,
    literal,
    money_ratio,
    percent_change,
    total_money,
)


class Unit(StrEnum):
    """What an indicator is measured in."""

    DAYS = "days"
    COUNT = "count"
    MONEY = "money"
    PERCENT = "percent"


UNIT_NAMES = {
    Unit.DAYS: Text("days", "天"),
    Unit.COUNT: Text("times", "次"),
    Unit.MONEY: Text("money", "元"),
    Unit.PERCENT: Text("%", "%"),
}


@dataclass(frozen=True, slots=True)
class Span:
    """The time an indicator looks at: up to as_of, from `after` on (exclusive) where a window is set."""

    as_of: date
    after: date | None = None
    before_that: date | None = None

    @classmethod
    def of(cls, as_of: date, window_days: int | None) -> Span:
        """The window of `window_days` before as_of, and the one of the same length before it."""
        if window_days is None:
            return cls(as_of)
        return cls(as_of, date_before(as_of, window_days), date_before(as_of, 2 * window_days))

    def inside(self, column: str) -> str:
        """SQL: the date lies in the window."""
        return "TRUE" if self.after is None else f"{column} > {literal(self.after)}"

    def previous(self, column: str) -> str:
        """SQL: the date lies in the window before."""
        assert self.after is not None and self.before_that is not None
        return f"{column} > {literal(self.before_that)} AND {column} <= {literal(self.after)}"


Aggregates = Callable[[Span], dict[str, str]]


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator.

    `aggregates` names the sums it needs of `table`, per customer, as `{placeholder: aggregate SQL}`; `value`
    combines them by `{placeholder}`. `absent` is its value for a customer without any row. Where the columns
    `refines` of the table customers are there, `refined` is used in place of `value`; it may name them too.
    """

    name: str
    label: Text
    unit: Unit
    higher_is_better: bool
    table: str
    aggregates: Aggregates
    value: Callable[[Span], str]
    windowed: bool = False
    needs: tuple[str, ...] = ()
    absent: str = "NULL"
    refines: tuple[str, ...] = ()
    refined: Callable[[Span], str] | None = None

    @property
    def kind(self) -> Kind:
        """The type of its column."""
        return Kind.MONEY if self.unit is Unit.MONEY else Kind.INTEGER


def _when(condition: str, value: str) -> str:
    return value if condition == "TRUE" else f"CASE WHEN {condition} THEN {value} ELSE 0 END"


def _sale(span: Span) -> str:
    window = span.inside("order_date")
    return "is_sale = 1" if window == "TRUE" else f"is_sale = 1 AND {window}"


_LAST_SALE = "MAX(CASE WHEN is_sale = 1 THEN order_date END)"
_FIRST_SALE = "MIN(CASE WHEN is_sale = 1 THEN order_date END)"

CATALOGUE: dict[str, Indicator] = {
    indicator.name: indicator
    for indicator in (
        Indicator(
            "recency_days", Text("days since last purchase", "距上次购买天数"), Unit.DAYS, False, "orders",
            lambda span: {"last_sale": _LAST_SALE},
            lambda span: days_between("{last_sale}", literal(span.as_of)),
        ),
        Indicator(
            "frequency", Text("purchases", "购买次数"), Unit.COUNT, True, "orders",
            lambda span: {"sales": count_where(_sale(span))},
            lambda span: "{sales}", windowed=True, absent="0",
        ),
        Indicator(
            "monetary", Text("amount spent, net", "消费金额（净额）"), Unit.MONEY, True, "orders",
            lambda span: {"net": total_money(_when(span.inside("order_date"), "money"))},
            lambda span: "{net}", windowed=True, absent="0",
        ),
        Indicator(
            "profit", Text("profit contribution", "利润贡献"), Unit.MONEY, True, "orders",
            lambda span: {"profit": total_money(_when(span.inside("order_date"), "money - COALESCE(cost, 0)"))},
            lambda span: "{profit}", windowed=True, needs=("cost",), absent="0",
        ),
        Indicator(
            "average_order_value", Text("average order value", "客单价"), Unit.MONEY, True, "orders",
            lambda span: {
                "net": total_money(_when(span.inside("order_date"), "money")), "sales": count_where(_sale(span)),
            },
            lambda span: money_ratio("{net}", "{sales}"), windowed=True,
        ),
        Indicator(
            "refunds", Text("refunds", "退款次数"), Unit.COUNT, False, "orders",
            lambda span: {"refunds": count_where(f"is_refund = 1 AND {span.inside('order_date')}")},
            lambda span: "{refunds}", windowed=True, absent="0",
        ),
        Indicator(
            "refund_amount", Text("refunded amount", "退款金额"), Unit.MONEY, False, "orders",
            lambda span: {
                "refunded": total_money(f"CASE WHEN is_refund = 1 AND {span.inside('order_date')} THEN -money ELSE 0 END"),
            },
            lambda span: "{refunded}", windowed=True, absent="0",
        ),
        Indicator(
            "tenure_days", Text("days since registration or first purchase", "注册（或首购）至今天数"), Unit.DAYS, True,
            "orders",
            lambda span: {"first_sale": _FIRST_SALE},
            lambda span: days_between("{first_sale}", literal(span.as_of)),
            refines=("registered_at",),
            refined=lambda span: days_between(
                "LEAST(COALESCE(registered_at, {first_sale}), COALESCE({first_sale}, registered_at))", literal(span.as_of)
            ),
        ),
        Indicator(
            "mean_gap_days", Text("mean days between purchases", "平均购买间隔（天）"), Unit.DAYS, False, "orders",
            lambda span: {
                "first_sale": _FIRST_SALE, "last_sale": _LAST_SALE, "sales": count_where("is_sale = 1"),
            },
            lambda span: f"CASE WHEN {{sales}} > 1 THEN {days_between('{first_sale}', '{last_sale}')} // NULLIF({{sales}} - 1, 0) END",
        ),
        Indicator(
            "spend_growth_percent", Text("growth of spend over the window before", "消费额环比增长"), Unit.PERCENT, True,
            "orders",
            lambda span: {
                "net": total_money(_when(span.inside("order_date"), "money")),
                "net_before": total_money(f"CASE WHEN {span.previous('order_date')} THEN money ELSE 0 END"),
            },
            lambda span: percent_change("{net}", "{net_before}"), windowed=True,
        ),
    )
}  # fmt: skip


def label_of(ref: IndicatorRef) -> Text:
    """The name of an indicator with its window, in words."""
    label = CATALOGUE[ref.name].label
    if ref.window_days is None:
        return label
    return Text(f"{label.en}, {ref.window_days} days", f"近 {ref.window_days} 天{label.zh}")
