"""Indicators of the table orders that speak of taste: discounts, time of day, channel, store, festivals."""

from __future__ import annotations

from datetime import date

from tierwise.indicators.catalogue.dimensions import PREFERENCE
from tierwise.indicators.catalogue.festivals import default_festivals
from tierwise.indicators.catalogue.order_facts import ORDER_FACTS, ORDERS, order_facts
from tierwise.indicators.declaration import Available, Grain, Indicator, Parameter, Span, Unit, Windows
from tierwise.indicators.formulas import both, money_percent, percent_of, sales_where, total_of
from tierwise.language import Text
from tierwise.sql.expressions import date_before, days_between, literal
from tierwise.sql.steps import Plan, Step

_ANY = Windows.OPTIONAL
_DISCOUNT = (("orders", "discount"),)
DAYPARTS = (("morning", 5, 10), ("noon", 11, 13), ("afternoon", 14, 16), ("evening", 17, 21))
"""Parts of the day by the hour of the order, both ends included; what is left is night."""

FESTIVALS = "|".join(day.isoformat() for day in default_festivals())
_A_MONDAY = date(1970, 1, 5)


def _weekend(span: Span) -> str:
    return f"is_sale = 1 AND {days_between(literal(_A_MONDAY), 'order_date')} % 7 >= 5"


def _before_festival(span: Span) -> str:
    """The sale lies in the days up to a festival, the day itself included, of the festivals near the window."""
    days = int(span.parameters["days"])
    listed = sorted(date.fromisoformat(text.strip()) for text in span.parameters["festivals"].split("|"))
    near = [day for day in listed if span.after is None or day >= span.after]
    ranges = (
        f"order_date BETWEEN {literal(date_before(day, days))} AND {literal(day)}"
        for day in near
        if date_before(day, days) <= span.as_of
    )
    return f"is_sale = 1 AND ({' OR '.join(ranges) or 'FALSE'})"


def _daypart(span: Span) -> dict[str, str]:
    named = [f"order_hour BETWEEN {first} AND {last}" for _, first, last in DAYPARTS]
    night = f"NOT ({' OR '.join(named)})"
    parts = [*(name for name, _, _ in DAYPARTS), "night"]
    return {
        name: sales_where(span, f"is_sale = 1 AND {test}") for name, test in zip(parts, [*named, night], strict=True)
    }


def _most_frequent_daypart(span: Span) -> str:
    names = [*(name for name, _, _ in DAYPARTS), "night"]
    most = f"GREATEST({', '.join(f'{{{name}}}' for name in names)})"
    cases = " ".join(f"WHEN {{{name}}} = {most} THEN {literal(name)}" for name in names)
    return f"CASE WHEN {most} = 0 THEN NULL {cases} END"


def _favourite(column: str) -> Grain:
    """Per customer and value of a column of orders its purchases, ranked: the most frequent first, then by name."""

    def steps(name: str, span: Span, have: Available) -> Plan:
        condition = both("is_sale = 1", span.inside("order_date"))
        counted = (
            f"SELECT customer_id, {column} AS choice, COUNT(*) AS sales FROM {ORDER_FACTS} "
            f"WHERE {condition} AND {column} IS NOT NULL GROUP BY customer_id, {column}"
        )
        ranked = (
            "SELECT customer_id, choice, ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY sales DESC, choice) "
            f"AS place FROM {name}_counted"
        )
        return *order_facts(ORDER_FACTS, span, have), Step(f"{name}_counted", counted), Step(name, ranked)

    return Grain(f"order_{column}", ("orders",), (*ORDERS.columns, ("orders", column)), steps, per_span=True)


def _preferred(column: str, label: Text, about: Text) -> Indicator:
    return Indicator(
        f"preferred_{column}", label, about, PREFERENCE, Unit.WORD, None, _favourite(column),
        lambda span: {"choice": "MIN(CASE WHEN place = 1 THEN choice END)"}, lambda span: "{choice}", _ANY,
    )  # fmt: skip


INDICATORS = (
    Indicator(
        "discount_use_percent", Text("purchases with a discount", "优惠使用率"),
        Text("share of purchases with a discount", "使用优惠的购买次数占比"),
        PREFERENCE, Unit.PERCENT, None, ORDERS,
        lambda span: {"discounted": sales_where(span, "is_sale = 1 AND discount > 0"), "sales": sales_where(span)},
        lambda span: percent_of("{discounted}", "{sales}"), _ANY, _DISCOUNT,
    ),
    Indicator(
        "discount_depth_percent", Text("discount per list price", "优惠敏感度（折扣深度）"),
        Text("discount ÷ (amount + discount) over all purchases", "优惠金额 ÷（成交金额 + 优惠金额）"),
        PREFERENCE, Unit.PERCENT, None, ORDERS,
        lambda span: {
            "given": total_of(both("is_sale = 1", span.inside("order_date")), "discount"),
            "listed": total_of(both("is_sale = 1", span.inside("order_date")), "money + COALESCE(discount, 0)"),
        },
        lambda span: money_percent("{given}", "{listed}"),
        _ANY, _DISCOUNT,
    ),
    Indicator(
        "coupon_use_percent", Text("purchases with a coupon", "优惠券使用率"),
        Text("share of purchases with a coupon", "使用优惠券的购买次数占比"),
        PREFERENCE, Unit.PERCENT, None, ORDERS,
        lambda span: {"couponed": sales_where(span, "is_sale = 1 AND coupon IS NOT NULL"), "sales": sales_where(span)},
        lambda span: percent_of("{couponed}", "{sales}"), _ANY, (("orders", "coupon"),),
    ),
    Indicator(
        "weekend_percent", Text("purchases at weekends", "周末消费占比"),
        Text("share of purchases on Saturdays and Sundays", "周六、周日的购买次数占比"),
        PREFERENCE, Unit.PERCENT, None, ORDERS,
        lambda span: {"weekend": sales_where(span, _weekend(span)), "sales": sales_where(span)},
        lambda span: percent_of("{weekend}", "{sales}"), _ANY,
    ),
    Indicator(
        "preferred_daypart", Text("time of day of purchases", "到店时段偏好"),
        Text(
            "part of the day with most purchases: morning 5–10, noon 11–13, afternoon 14–16, evening 17–21, night",
            "购买最多的时段：早 5–10、午 11–13、下午 14–16、晚 17–21、夜间",
        ),
        PREFERENCE, Unit.WORD, None, ORDERS, _daypart, _most_frequent_daypart, _ANY, (("orders", "order_hour"),),
    ),
    Indicator(
        "festival_percent", Text("purchases before festivals", "节前购买占比"),
        Text("share of purchases in the days before a festival", "节日前若干天内的购买次数占比"),
        PREFERENCE, Unit.PERCENT, None, ORDERS,
        lambda span: {"before": sales_where(span, _before_festival(span)), "sales": sales_where(span)},
        lambda span: percent_of("{before}", "{sales}"), _ANY,
        parameters=(
            Parameter("days", Text("days before a festival", "节前天数"), "14"),
            Parameter("festivals", Text("dates of festivals, with | between them", "节日日期，用 | 分隔"), FESTIVALS),
        ),
    ),
    _preferred("channel", Text("preferred channel", "偏好渠道"), Text("channel with most purchases", "购买最多的渠道")),
    _preferred("store", Text("preferred store", "常去门店"), Text("store with most purchases", "购买最多的门店")),
)  # fmt: skip
