"""Indicators of the table touches: what was sent, what of it was opened and clicked, and what it cost."""

from __future__ import annotations

from tierwise.indicators.catalogue.dimensions import INTEREST
from tierwise.indicators.declaration import Available, Grain, Indicator, Span, Unit, Windows
from tierwise.indicators.formulas import percent_of
from tierwise.language import Text
from tierwise.sql.expressions import count_where, literal, total_money
from tierwise.sql.steps import Plan, Step

_ANY = Windows.OPTIONAL


def _touch_facts(name: str, span: Span, have: Available) -> Plan:
    carried = "".join(f", {column}" for column in ("opened", "clicked", "cost") if column in have["touches"])
    sql = f"SELECT customer_id, sent_date{carried} FROM touches WHERE sent_date <= {literal(span.as_of)}"
    return (Step(name, sql),)


TOUCHES = Grain("touch", ("touches",), (("touches", "customer_id"), ("touches", "sent_date")), _touch_facts)


def _times(span: Span, condition: str = "TRUE") -> str:
    return count_where(f"{condition} AND {span.inside('sent_date')}")


INDICATORS = (
    Indicator(
        "touches", Text("messages sent", "触达次数"),
        Text("number of messages sent to the customer", "向客户发送的消息数"),
        INTEREST, Unit.COUNT, None, TOUCHES,
        lambda span: {"sent": _times(span)}, lambda span: "{sent}", _ANY, absent="0",
    ),
    Indicator(
        "open_percent", Text("messages opened", "消息打开率"),
        Text("opened ÷ sent, of messages that tell whether they were opened", "打开数 ÷ 可追踪打开的发送数"),
        INTEREST, Unit.PERCENT, True, TOUCHES,
        lambda span: {"opened": _times(span, "opened = 1"), "known": _times(span, "opened IS NOT NULL")},
        lambda span: percent_of("{opened}", "{known}"), _ANY, (("touches", "opened"),),
    ),
    Indicator(
        "click_percent", Text("messages clicked", "消息点击率"), Text("clicked ÷ sent", "点击数 ÷ 发送数"),
        INTEREST, Unit.PERCENT, True, TOUCHES,
        lambda span: {"clicked": _times(span, "clicked = 1"), "known": _times(span, "clicked IS NOT NULL")},
        lambda span: percent_of("{clicked}", "{known}"), _ANY, (("touches", "clicked"),),
    ),
    Indicator(
        "touch_cost", Text("cost of messages", "触达成本"), Text("sum of the cost of messages", "发送成本合计"),
        INTEREST, Unit.MONEY, False, TOUCHES,
        lambda span: {"cost": total_money(f"CASE WHEN {span.inside('sent_date')} THEN COALESCE(cost, 0) ELSE 0 END")},
        lambda span: "{cost}", _ANY, (("touches", "cost"),), "0",
    ),
)  # fmt: skip
