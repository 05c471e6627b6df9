"""Indicators of the table events: how lively a customer is, what she does, and the weighted engagement score."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

from tierwise.indicators.catalogue.dimensions import HABIT, INTEREST, STAGE
from tierwise.indicators.declaration import Available, Grain, Indicator, Parameter, Span, Unit, Windows
from tierwise.indicators.formulas import among, count_change, different, per_days
from tierwise.language import Text
from tierwise.sql.expressions import count_where, days_between, literal, total_money
from tierwise.sql.steps import Plan, Step

_ANY, _MUST = Windows.OPTIONAL, Windows.REQUIRED
_COLUMNS = tuple(("events", column) for column in ("customer_id", "event", "event_date"))


def _event_facts(name: str, span: Span, have: Available) -> Plan:
    sql = f"SELECT customer_id, event, event_date FROM events WHERE event_date <= {literal(span.as_of)}"
    return (Step(name, sql),)


EVENTS = Grain("event", ("events",), _COLUMNS, _event_facts)


def pairs_of(listed: str) -> dict[str, Decimal]:
    """Read `login=1|comment=3`: names with numbers."""
    parts = (part.rpartition("=") for part in listed.split("|") if part.strip())
    return {name.strip(): Decimal(number) for name, _, number in parts}


def decay_of(age_days: int, half_life_days: int) -> Decimal:
    """What a point is still worth after `age_days`, to four decimals: ½ ^ (age / half-life)."""
    worth = Context(prec=28).power(Decimal("0.5"), Decimal(age_days) / Decimal(half_life_days))
    return worth.quantize(Decimal("0.0001"), ROUND_HALF_UP)


def _points(name: str, span: Span, have: Available) -> Plan:
    """Per customer, event and day its points: the count up to the cap of the day × weight × decay.

    Weights and decay are looked up in tables of decimals, so that both engines add up the same numbers.
    """
    assert span.window_days is not None, "the engagement score has Windows.REQUIRED"
    weights, caps = pairs_of(span.parameters["weights"]), pairs_of(span.parameters["caps"])
    half_life = int(span.parameters["half_life_days"])
    rows = ", ".join(
        f"({literal(event)}, CAST({literal(weight)} AS DECIMAL(10, 4)), CAST({int(caps.get(event, 0))} AS BIGINT))"
        for event, weight in sorted(weights.items())
    )
    ages = ", ".join(
        f"(CAST({age} AS BIGINT), CAST({literal(decay_of(age, half_life))} AS DECIMAL(6, 4)))"
        for age in range(span.window_days if half_life else 0)
    )
    days = (
        f"SELECT customer_id, event, {days_between('event_date', literal(span.as_of))} AS age_days, "
        f"COUNT(*) AS times FROM event_facts WHERE {span.inside('event_date')} GROUP BY customer_id, event, event_date"
    )
    counted = "CASE WHEN w.cap > 0 THEN LEAST(d.times, w.cap) ELSE d.times END"
    decay, join = (" * a.worth", f"JOIN {name}_decay AS a ON d.age_days = a.age_days") if half_life else ("", "")
    points = (
        f"SELECT d.customer_id, CAST({counted} * w.weight{decay} AS DECIMAL(18, 8)) AS points "
        f"FROM {name}_days AS d JOIN {name}_weights AS w ON d.event = w.event {join}"
    )
    lookups = [Step(f"{name}_weights", f"SELECT event, weight, cap FROM (VALUES {rows}) AS t(event, weight, cap)")]
    if half_life:
        lookups.append(Step(f"{name}_decay", f"SELECT age_days, worth FROM (VALUES {ages}) AS t(age_days, worth)"))
    return *_event_facts("event_facts", span, have), *lookups, Step(f"{name}_days", days), Step(name, points)


_POINTS = Grain("event_points", ("events",), _COLUMNS, _points, per_span=True)


def _counted(span: Span, condition: str = "TRUE") -> str:
    return count_where(f"{condition} AND {span.inside('event_date')}")


_WHICH = Parameter("event", Text("events, with | between them", "事件名，用 | 分隔"))
_LOGIN = Parameter(
    "event", Text("events that count as a login, with | between them", "视为登录的事件，用 | 分隔"), "login"
)
_CART = Parameter(
    "event", Text("events that show the wish to buy, with | between them", "表示购买意向的事件，用 | 分隔"),
    "Product Added|Checkout Started",
)  # fmt: skip

INDICATORS = (
    Indicator(
        "events", Text("events", "行为次数"), Text("number of events of any kind", "全部行为事件数"),
        HABIT, Unit.COUNT, True, EVENTS,
        lambda span: {"events": _counted(span)}, lambda span: "{events}", _ANY, absent="0",
    ),
    Indicator(
        "event_count", Text("times of an event", "指定行为次数"), Text("number of the events named", "所选事件的次数"),
        HABIT, Unit.COUNT, True, EVENTS,
        lambda span: {"events": _counted(span, among("event", span.parameters["event"]))},
        lambda span: "{events}", _ANY, absent="0", parameters=(_WHICH,),
    ),
    Indicator(
        "active_days", Text("days active", "活跃天数（活跃度）"), Text("days with an event", "有行为的天数"),
        HABIT, Unit.COUNT, True, EVENTS,
        lambda span: {"days": different(span.inside("event_date"), "event_date")},
        lambda span: "{days}", _ANY, absent="0",
    ),
    Indicator(
        "logins_per_week", Text("logins per week", "登录频次（次/周）"),
        Text("logins × 7 ÷ window", "登录次数 × 7 ÷ 窗口天数"),
        HABIT, Unit.RATE, True, EVENTS,
        lambda span: {"logins": _counted(span, among("event", span.parameters["event"]))},
        lambda span: per_days("{logins}", 7, span), _MUST, absent="0", parameters=(_LOGIN,),
    ),
    Indicator(
        "activity_recency_days", Text("days since last activity", "距上次活跃天数"),
        Text("days from the last event to as_of", "最近一次行为距计算日的天数"),
        STAGE, Unit.DAYS, False, EVENTS,
        lambda span: {"last_event": "MAX(event_date)"},
        lambda span: days_between("{last_event}", literal(span.as_of)),
    ),
    Indicator(
        "activity_growth_percent", Text("growth of activity over the window before", "活跃度环比增长"),
        Text(
            "active days against the window before; unknown where that had none",
            "活跃天数相对上一窗口的变化；上一窗口无行为则未知",
        ),
        HABIT, Unit.PERCENT, True, EVENTS,
        lambda span: {
            "days": different(span.inside("event_date"), "event_date"),
            "days_before": different(span.previous("event_date"), "event_date"),
        },
        lambda span: count_change("{days}", "{days_before}"), _MUST,
    ),
    Indicator(
        "event_kinds", Text("different kinds of events", "行为种类数"),
        Text("how many different events", "不同事件的个数"),
        HABIT, Unit.COUNT, True, EVENTS,
        lambda span: {"kinds": different(span.inside("event_date"), "event")},
        lambda span: "{kinds}", _ANY, absent="0",
    ),
    Indicator(
        "intent_events", Text("signs of purchase intention", "购买意向行为次数"),
        Text("times something was put into the cart or a checkout begun", "加购、发起结算等意向行为的次数"),
        INTEREST, Unit.COUNT, True, EVENTS,
        lambda span: {"events": _counted(span, among("event", span.parameters["event"]))},
        lambda span: "{events}", _ANY, absent="0", parameters=(_CART,),
    ),
    Indicator(
        "engagement_score", Text("engagement score", "参与度得分"),
        Text("sum of weight × times (up to the cap of a day) × decay", "Σ 权重 × 次数（每日封顶）× 时间衰减"),
        HABIT, Unit.SCORE, True, _POINTS,
        lambda span: {"points": total_money("points")}, lambda span: "{points}", _MUST, absent="0",
        parameters=(
            Parameter("weights", Text("weights, as login=1|comment=3", "权重，如 login=1|comment=3")),
            Parameter("caps", Text("most times a day that count, as login=1", "每日计分上限，如 login=1"), ""),
            Parameter("half_life_days", Text(
                "days after which a point is worth half; 0 is never",
                "得分减半的天数；0 为不衰减"), "0",
            ),
        ),
    ),
)  # fmt: skip
