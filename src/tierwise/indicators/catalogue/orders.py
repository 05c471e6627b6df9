"""Indicators of the table orders: when, how often and for how much, and what came back.

A window of w days holds order dates d with as_of - w < d <= as_of.
"""

from __future__ import annotations

from tierwise.indicators.catalogue.dimensions import EXPECTATION, GROWTH, HABIT, STAGE, VALUE
from tierwise.indicators.catalogue.order_facts import FIRST_SALE, LAST_SALE, ORDERS
from tierwise.indicators.declaration import Indicator, Span, Unit, Windows
from tierwise.indicators.formulas import (
    TREND_DIVISOR,
    count_change,
    different,
    different_periods,
    money_percent,
    per_days,
    percent_of,
    sales_where,
    total_of,
    trend_weight,
    when,
)
from tierwise.language import Text
from tierwise.sql.expressions import (
    count_where,
    days_between,
    literal,
    money_ratio,
    percent_change,
    scaled_ratio,
    total_money,
)

_COST = (("orders", "cost"),)
PERIOD_DAYS = 30
_ANY, _MUST = Windows.OPTIONAL, Windows.REQUIRED


def net(span: Span) -> str:
    """Net revenue of the window: sales less refunds."""
    return total_money(when(span.inside("order_date"), "money"))


def profit(span: Span) -> str:
    """Net revenue less cost, of the window."""
    return total_money(when(span.inside("order_date"), "money - COALESCE(cost, 0)"))


def _refunds(span: Span) -> str:
    return sales_where(span, "is_refund = 1")


def _per_period(total: str) -> str:
    """A weighted sum as the least-squares slope per period."""
    return scaled_ratio(total, 1, TREND_DIVISOR)


INDICATORS = (
    Indicator(
        "recency_days", Text("days since last purchase", "距上次购买天数"),
        Text("days from the last sale to as_of", "最近一次成交距计算日的天数"),
        STAGE, Unit.DAYS, False, ORDERS,
        lambda span: {"last_sale": LAST_SALE},
        lambda span: days_between("{last_sale}", literal(span.as_of)),
    ),
    Indicator(
        "frequency", Text("purchases", "购买次数"), Text("number of sales", "成交笔数"),
        HABIT, Unit.COUNT, True, ORDERS,
        lambda span: {"sales": sales_where(span)}, lambda span: "{sales}", _ANY, absent="0",
    ),
    Indicator(
        "monetary", Text("amount spent, net", "消费金额（净额）"), Text("sales less refunds", "成交金额减退款"),
        VALUE, Unit.MONEY, True, ORDERS,
        lambda span: {"net": net(span)}, lambda span: "{net}", _ANY, absent="0",
    ),
    Indicator(
        "profit", Text("profit contribution", "利润贡献"),
        Text("net amount less cost; an order without cost costs nothing", "净额减成本；未填成本按 0 计"),
        VALUE, Unit.MONEY, True, ORDERS,
        lambda span: {"profit": profit(span)}, lambda span: "{profit}", _ANY, _COST, "0",
    ),
    Indicator(
        "profit_margin_percent", Text("profit margin", "利润贡献率"), Text("profit per net amount", "利润 ÷ 净额"),
        VALUE, Unit.PERCENT, True, ORDERS,
        lambda span: {"profit": profit(span), "net": net(span)},
        lambda span: money_percent("{profit}", "{net}"), _ANY, _COST,
    ),
    Indicator(
        "average_order_value", Text("average order value", "客单价"),
        Text("net amount per purchase", "净额 ÷ 购买次数"),
        VALUE, Unit.MONEY, True, ORDERS,
        lambda span: {"net": net(span), "sales": sales_where(span)},
        lambda span: money_ratio("{net}", "{sales}"), _ANY,
    ),
    Indicator(
        "spend_per_month", Text("spend per 30 days", "月均消费额"),
        Text("net amount × 30 ÷ window", "净额 × 30 ÷ 窗口天数"),
        VALUE, Unit.MONEY, True, ORDERS,
        lambda span: {"net": net(span)}, lambda span: per_days("{net}", 30, span), _MUST, absent="0",
    ),
    Indicator(
        "visits_per_month", Text("visits per 30 days", "月到店频次"),
        Text("days with a purchase × 30 ÷ window", "有成交的天数 × 30 ÷ 窗口天数"),
        HABIT, Unit.RATE, True, ORDERS,
        lambda span: {"days": different(f"is_sale = 1 AND {span.inside('order_date')}", "order_date")},
        lambda span: per_days("{days}", 30, span), _MUST, absent="0",
    ),
    Indicator(
        "active_periods", Text("30-day periods with a purchase", "有消费的月数（30 天计）"),
        Text(
            "how many different 30-day periods, counted back from as_of, have a sale",
            "从计算日往前每 30 天为一期，有成交的期数",
        ),
        HABIT, Unit.COUNT, True, ORDERS,
        lambda span: {
            "periods": different_periods(
                f"is_sale = 1 AND {span.inside('order_date')}",
                f"{days_between('order_date', literal(span.as_of))} // {PERIOD_DAYS}",
                None if span.window_days is None else (span.window_days - 1) // PERIOD_DAYS + 1,
            ),
        },
        lambda span: "{periods}", _ANY, absent="0",
    ),
    Indicator(
        "repurchased", Text("bought again", "是否复购"),
        Text(
            "1 with two purchases or more; its mean over a group is the group's repurchase rate",
            "购买两次及以上为 1；群体均值即群体复购率",
        ),
        HABIT, Unit.FLAG, True, ORDERS,
        lambda span: {"sales": sales_where(span)},
        lambda span: "CASE WHEN {sales} >= 2 THEN 1 ELSE 0 END", _ANY, absent="0",
    ),
    Indicator(
        "repeat_rate_percent", Text("repurchase rate", "复购率"),
        Text("share of purchases that were not the first: (n - 1) / n", "复购次数占购买次数的比例：(n − 1) ÷ n"),
        HABIT, Unit.PERCENT, True, ORDERS,
        lambda span: {"sales": sales_where(span)},
        lambda span: percent_of("{sales} - 1", "{sales}"), _ANY,
    ),
    Indicator(
        "mean_gap_days", Text("mean days between purchases", "平均购买间隔（天）"),
        Text("days from the first sale to the last ÷ (purchases - 1)", "首末次成交相隔天数 ÷（购买次数 − 1）"),
        HABIT, Unit.DAYS, False, ORDERS,
        lambda span: {"first_sale": FIRST_SALE, "last_sale": LAST_SALE, "sales": count_where("is_sale = 1")},
        lambda span: f"{days_between('{first_sale}', '{last_sale}')} // NULLIF({{sales}} - 1, 0)",
    ),
    Indicator(
        "tenure_days", Text("days since registration or first purchase", "注册（或首购）至今天数"),
        Text("days from the earlier of registration and first sale", "注册与首次成交中较早者至计算日的天数"),
        STAGE, Unit.DAYS, True, ORDERS,
        lambda span: {"first_sale": FIRST_SALE},
        lambda span: days_between("{first_sale}", literal(span.as_of)),
        refines=("registered_at",),
        refined=lambda span: days_between(
            "LEAST(COALESCE({registered_at}, {first_sale}), COALESCE({first_sale}, {registered_at}))",
            literal(span.as_of),
        ),
        actionable=False,
    ),
    Indicator(
        "spend_growth_percent", Text("growth of spend over the window before", "消费额环比增长"),
        Text(
            "net amount against the window before; unknown where that had none",
            "净额相对上一窗口的变化；上一窗口无消费则未知",
        ),
        GROWTH, Unit.PERCENT, True, ORDERS,
        lambda span: {"net": net(span), "net_before": total_money(when(span.previous("order_date"), "money"))},
        lambda span: percent_change("{net}", "{net_before}"), _MUST,
    ),
    Indicator(
        "frequency_growth_percent", Text("growth of purchases over the window before", "购买次数环比增长"),
        Text(
            "purchases against the window before; unknown where that had none",
            "购买次数相对上一窗口的变化；上一窗口无购买则未知",
        ),
        GROWTH, Unit.PERCENT, True, ORDERS,
        lambda span: {
            "sales": sales_where(span), "sales_before": count_where(f"is_sale = 1 AND {span.previous('order_date')}"),
        },
        lambda span: count_change("{sales}", "{sales_before}"), _MUST,
    ),
    Indicator(
        "spend_trend", Text("trend of spend", "消费趋势（金额）"),
        Text("slope of the net amount over six equal parts of the window, per part", "窗口分六段，净额逐段变化的斜率"),
        GROWTH, Unit.MONEY, True, ORDERS,
        lambda span: {
            "net_slope": total_of(span.inside("order_date"), f"money * ({trend_weight(span, 'order_date')})", 20),
        },
        lambda span: _per_period("{net_slope}"), _MUST, absent="0",
    ),
    Indicator(
        "frequency_trend", Text("trend of purchases", "消费趋势（次数）"),
        Text(
            "slope of the purchases over six equal parts of the window, per part",
            "窗口分六段，购买次数逐段变化的斜率",
        ),
        GROWTH, Unit.RATE, True, ORDERS,
        lambda span: {
            "sales_slope": total_of(f"is_sale = 1 AND {span.inside('order_date')}", trend_weight(span, "order_date")),
        },
        lambda span: _per_period("{sales_slope}"), _MUST, absent="0",
    ),
    Indicator(
        "refunds", Text("refunds", "退款次数"), Text("number of refunds", "退款笔数"),
        EXPECTATION, Unit.COUNT, False, ORDERS,
        lambda span: {"refunds": _refunds(span)}, lambda span: "{refunds}", _ANY, absent="0",
    ),
    Indicator(
        "refund_amount", Text("refunded amount", "退款金额"), Text("money given back", "退回的金额"),
        EXPECTATION, Unit.MONEY, False, ORDERS,
        lambda span: {"refunded": total_money(when(f"is_refund = 1 AND {span.inside('order_date')}", "-money"))},
        lambda span: "{refunded}", _ANY, absent="0",
    ),
    Indicator(
        "refund_percent", Text("refunds per purchase", "退款率"), Text("refunds ÷ purchases", "退款笔数 ÷ 购买次数"),
        EXPECTATION, Unit.PERCENT, False, ORDERS,
        lambda span: {"refunds": _refunds(span), "sales": sales_where(span)},
        lambda span: percent_of("{refunds}", "{sales}"), _ANY,
    ),
)  # fmt: skip
