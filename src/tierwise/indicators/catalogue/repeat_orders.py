"""Indicators of repeat buying: what lifetime models are learnt from. All orders of one day count as one.

Money of repeat purchases is net money less that of the first day; a refund lowers it whenever it comes, for no source
says which order a refund belongs to.
"""

from __future__ import annotations

from datetime import date

from tierwise.contracts.tables import OrderStatus
from tierwise.indicators.catalogue.dimensions import HABIT, STAGE, VALUE
from tierwise.indicators.declaration import Available, Grain, Indicator, Span, Unit
from tierwise.language import Text
from tierwise.sql.expressions import count_where, days_between, literal, total_money
from tierwise.sql.first_value import mixed, money_of
from tierwise.sql.steps import Plan, Step

_EPOCH = literal(date(1970, 1, 1))
_DAY_NUMBER = days_between(_EPOCH, "order_date")
_FIRST_DAY = "MIN(CASE WHEN is_sale = 1 THEN day_number END)"


def _days(name: str, span: Span, have: Available) -> Plan:
    """A row per customer and day: net money, and whether there was a sale."""
    void, sale = literal(str(OrderStatus.VOID)), literal(str(OrderStatus.SALE))
    return (
        Step(
            name,
            f"SELECT customer_id, {_DAY_NUMBER} AS day_number, CAST(SUM(amount) AS DECIMAL(18, 2)) AS money, "
            f"MAX(CASE WHEN status = {sale} THEN 1 ELSE 0 END) AS is_sale FROM orders "
            f"WHERE status <> {void} AND order_date <= {literal(span.as_of)} GROUP BY customer_id, {_DAY_NUMBER}",
        ),
    )


ORDER_DAYS = Grain(
    "order_day",
    ("orders",),
    tuple(("orders", column) for column in ("customer_id", "order_date", "amount", "status")),
    _days,
)

INDICATORS = (
    Indicator(
        "purchase_days", Text("days with a purchase", "有购买的天数"),
        Text("different days with a sale", "有成交的不同日期数"),
        HABIT, Unit.COUNT, True, ORDER_DAYS,
        lambda span: {"days": count_where("is_sale = 1")}, lambda span: "{days}", absent="0",
    ),
    Indicator(
        "first_purchase_days", Text("days since first purchase", "首购至今天数"),
        Text("days from the first sale to as_of", "首次成交距计算日的天数"),
        STAGE, Unit.DAYS, True, ORDER_DAYS,
        lambda span: {"first": _FIRST_DAY},
        lambda span: f"{days_between(_EPOCH, literal(span.as_of))} - {{first}}",
        actionable=False,
    ),
    Indicator(
        "repeat_spend", Text("spend after the first purchase day", "首购日之后的消费额"),
        Text("net amount of all days but the first with a sale", "除首个成交日外的净消费额"),
        VALUE, Unit.MONEY, True, ORDER_DAYS,
        lambda span: {
            "net": total_money("money"),
            "first": _FIRST_DAY,
            "mixed": f"MIN(CASE WHEN is_sale = 1 THEN {mixed('day_number', 'money')} END)",
        },
        lambda span: f"{{net}} - {money_of('{mixed}', '{first}')}", absent="0",
    ),
)  # fmt: skip
