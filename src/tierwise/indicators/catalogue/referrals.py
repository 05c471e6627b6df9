"""Indicators of the table referrals: word of mouth, and what those who were brought went on to spend."""

from __future__ import annotations

from tierwise.indicators.catalogue.dimensions import WORD_OF_MOUTH
from tierwise.indicators.catalogue.order_facts import ORDER_FACTS, ORDERS, order_facts
from tierwise.indicators.catalogue.orders import net
from tierwise.indicators.declaration import Available, Grain, Indicator, Span, Unit, Windows
from tierwise.indicators.formulas import sales_where
from tierwise.language import Text
from tierwise.sql.expressions import count_where, literal, total_money
from tierwise.sql.steps import Plan, Step

_ANY = Windows.OPTIONAL
_COLUMNS = tuple(("referrals", column) for column in ("customer_id", "referred_customer_id", "referred_at"))


def _referral_facts(name: str, span: Span, have: Available) -> Plan:
    sql = f"SELECT customer_id, referred_at FROM referrals WHERE referred_at <= {literal(span.as_of)}"
    return (Step(name, sql),)


def _orders_of_referred(name: str, span: Span, have: Available) -> Plan:
    """The orders of the referred from the day of the referral on, under the id of who brought them."""
    sql = (
        f"SELECT r.customer_id, o.order_date, o.money, o.is_sale FROM referrals AS r JOIN {ORDER_FACTS} AS o "
        f"ON o.customer_id = r.referred_customer_id AND o.order_date >= r.referred_at "
        f"WHERE r.referred_at <= {literal(span.as_of)} AND r.customer_id <> r.referred_customer_id"
    )
    return *order_facts(ORDER_FACTS, span, have), Step(name, sql)


REFERRALS = Grain("referral", ("referrals",), _COLUMNS, _referral_facts)
REFERRED_ORDERS = Grain(
    "referred_order",
    ("referrals", "orders"),
    (*_COLUMNS, *ORDERS.columns),
    _orders_of_referred,
    through="referrals",
)


def _referred_net(span: Span) -> str:
    return total_money(f"CASE WHEN {span.inside('order_date')} THEN money ELSE 0 END")


INDICATORS = (
    Indicator(
        "referrals", Text("customers referred", "推荐次数"), Text("number of customers brought", "带来的新客户数"),
        WORD_OF_MOUTH, Unit.COUNT, True, REFERRALS,
        lambda span: {"referrals": count_where(span.inside("referred_at"))},
        lambda span: "{referrals}", _ANY, absent="0",
    ),
    Indicator(
        "referred_purchases", Text("purchases of referred customers", "推荐他人消费次数"),
        Text("purchases of those brought, since then", "被推荐客户此后的购买次数"),
        WORD_OF_MOUTH, Unit.COUNT, True, REFERRED_ORDERS,
        lambda span: {"sales": sales_where(span)}, lambda span: "{sales}", _ANY, absent="0",
    ),
    Indicator(
        "word_of_mouth_amount", Text("word-of-mouth value", "口碑传播价值"),
        Text("net amount of those brought, since then", "被推荐客户此后的消费净额"),
        WORD_OF_MOUTH, Unit.MONEY, True, REFERRED_ORDERS,
        lambda span: {"brought": _referred_net(span)}, lambda span: "{brought}", _ANY, absent="0",
    ),
    Indicator(
        "total_value", Text("direct and word-of-mouth value", "客户总价值（直接购买 + 口碑传播）"),
        Text("own net amount + net amount of those brought", "本人净额 + 被推荐客户净额"),
        WORD_OF_MOUTH, Unit.MONEY, True, ORDERS,
        lambda span: {"net": net(span)},
        lambda span: "COALESCE({net}, 0) + COALESCE({brought}, 0)", _ANY,
        also=((REFERRED_ORDERS, lambda span: {"brought": _referred_net(span)}),),
    ),
)  # fmt: skip
