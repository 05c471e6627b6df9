"""Indicators of the table tickets: how much service a customer asks for, of which kind, and how it went."""

from __future__ import annotations

from tierwise.indicators.catalogue.dimensions import EXPECTATION
from tierwise.indicators.declaration import Available, Grain, Indicator, Parameter, Span, Unit, Windows
from tierwise.indicators.formulas import among, mean_of, percent_of, total_of, whole_total
from tierwise.language import Text
from tierwise.sql.expressions import count_where, literal
from tierwise.sql.steps import Plan, Step

_ANY = Windows.OPTIONAL
_CARRIED = ("priority", "topic", "satisfaction", "first_response_minutes", "resolution_minutes")
_MINUTES = {name: ("tickets", name) for name in ("first_response_minutes", "resolution_minutes")}


def _ticket_facts(name: str, span: Span, have: Available) -> Plan:
    carried = "".join(f", {column}" for column in _CARRIED if column in have["tickets"])
    sql = f"SELECT customer_id, opened_date{carried} FROM tickets WHERE opened_date <= {literal(span.as_of)}"
    return (Step(name, sql),)


TICKETS = Grain("ticket", ("tickets",), (("tickets", "customer_id"), ("tickets", "opened_date")), _ticket_facts)


def _times(span: Span, condition: str = "TRUE") -> str:
    return count_where(f"{condition} AND {span.inside('opened_date')}")


def _mean_minutes(name: str, label: Text, about: Text) -> Indicator:
    known = f"{name} IS NOT NULL"
    return Indicator(
        name, label, about, EXPECTATION, Unit.MINUTES, False, TICKETS,
        lambda span: {
            "minutes": whole_total(f"{known} AND {span.inside('opened_date')}", name), "answered": _times(span, known),
        },
        lambda span: "({minutes} * 2 + {answered}) // NULLIF({answered} * 2, 0)", _ANY, (_MINUTES[name],),
    )  # fmt: skip


_URGENT = Parameter("priority", Text("priorities that are urgent", "视为紧急的优先级"), "high|urgent|高|紧急")

INDICATORS = (
    Indicator(
        "tickets", Text("service contacts", "客服咨询次数"), Text("number of tickets", "服务工单数"),
        EXPECTATION, Unit.COUNT, None, TICKETS,
        lambda span: {"tickets": _times(span)}, lambda span: "{tickets}", _ANY, absent="0",
    ),
    Indicator(
        "topic_tickets", Text("service contacts on a topic", "指定主题的咨询次数"),
        Text("number of tickets on the topics named", "所选主题的工单数"),
        EXPECTATION, Unit.COUNT, None, TICKETS,
        lambda span: {"tickets": _times(span, among("topic", span.parameters["topic"]))},
        lambda span: "{tickets}", _ANY, (("tickets", "topic"),), "0",
        parameters=(Parameter("topic", Text("topics, with | between them", "主题，用 | 分隔")),),
    ),
    Indicator(
        "urgent_tickets", Text("urgent service contacts", "紧急工单数"),
        Text("number of tickets of high priority", "高优先级工单数"),
        EXPECTATION, Unit.COUNT, None, TICKETS,
        lambda span: {"urgent": _times(span, among("priority", span.parameters["priority"]))},
        lambda span: "{urgent}", _ANY, (("tickets", "priority"),), "0",
        parameters=(_URGENT,),
    ),
    Indicator(
        "urgent_ticket_percent", Text("share of urgent contacts", "紧急工单占比"),
        Text("urgent tickets ÷ tickets", "高优先级工单 ÷ 工单"),
        EXPECTATION, Unit.PERCENT, None, TICKETS,
        lambda span: {"urgent": _times(span, among("priority", span.parameters["priority"])), "tickets": _times(span)},
        lambda span: percent_of("{urgent}", "{tickets}"), _ANY, (("tickets", "priority"),),
        parameters=(_URGENT,),
    ),
    Indicator(
        "ticket_satisfaction", Text("satisfaction with service", "服务满意度"),
        Text("mean rating of tickets", "工单满意度均值"),
        EXPECTATION, Unit.SCORE, True, TICKETS,
        lambda span: {
            "stars": total_of(f"satisfaction IS NOT NULL AND {span.inside('opened_date')}", "satisfaction"),
            "rated": _times(span, "satisfaction IS NOT NULL"),
        },
        lambda span: mean_of("{stars}", "{rated}"), _ANY, (("tickets", "satisfaction"),),
    ),
    _mean_minutes(
        "first_response_minutes", Text("minutes to the first response", "平均首次响应时长（分钟）"),
        Text("mean over answered tickets", "已响应工单的均值"),
    ),
    _mean_minutes(
        "resolution_minutes", Text("minutes to the end of a ticket", "平均解决时长（分钟）"),
        Text("mean over closed tickets", "已关闭工单的均值"),
    ),
)  # fmt: skip
