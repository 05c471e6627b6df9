"""What to measure for a goal: the indicators that speak of it, each with a window that suits it."""

from __future__ import annotations

from dataclasses import dataclass

from tierwise.contracts.indicators import IndicatorRef, ref_of
from tierwise.indicators.catalogue import CATALOGUE
from tierwise.indicators.declaration import Available
from tierwise.language import Text


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal of the business and the indicators that stand for it, the most telling first."""

    name: str
    label: Text
    why: Text
    indicators: tuple[IndicatorRef, ...]


def _refs(*wanted: str | tuple[str, int]) -> tuple[IndicatorRef, ...]:
    return tuple(IndicatorRef(item) if isinstance(item, str) else IndicatorRef(*item) for item in wanted)


GOALS: dict[str, Goal] = {
    goal.name: goal
    for goal in (
        Goal(
            "reduce_churn", Text("reduce churn", "降低流失率"),
            Text("activity and complaints tell of leaving before revenue does", "活跃度与投诉先于营收反映流失"),
            _refs(
                ("active_days", 30), ("activity_growth_percent", 30), "activity_recency_days", ("complaints", 365),
                "complaint_recency_days", "recency_days", ("nps_score", 365), ("first_response_minutes", 365),
            ),
        ),
        Goal(
            "new_market", Text("enter a new market", "拓展新市场"),
            Text("where and in which trade customers are, and what they can spend", "客户所在地域、行业与消费能力"),
            _refs(
                "region", "city", "industry", "employees", "annual_revenue", ("average_order_value", 365),
                ("spend_per_month", 365), "source_channel",
            ),
        ),
        Goal(
            "young_visits", Text("bring young customers to the store", "提升年轻客群到店"),
            Text("what they like, when they come, how much an offer moves them", "品类偏好、到店时段与优惠敏感度"),
            _refs(
                "age_years", ("visits_per_month", 90), ("preferred_category", 180), ("preferred_daypart", 180),
                ("discount_use_percent", 180), ("discount_depth_percent", 180), ("average_order_value", 180),
                ("logins_per_week", 30),
            ),
        ),
        Goal(
            "repurchase", Text("raise repurchase", "提升复购率"),
            Text("the rhythm of buying and what breaks it", "购买节奏及其中断"),
            _refs(
                ("repurchased", 365), ("repeat_rate_percent", 365), "recency_days", "mean_gap_days", ("frequency", 365),
                ("frequency_growth_percent", 90), ("categories", 365), ("refund_percent", 365),
            ),
        ),
        Goal(
            "order_value", Text("raise the order value of key accounts", "提升大客户客单价"),
            Text("what they spend at once and in all, and at what margin", "单次与累计消费及利润"),
            _refs(
                ("average_order_value", 365), ("monetary", 365), ("profit", 365), ("profit_margin_percent", 365),
                ("items_per_order", 365), ("categories", 365), ("spend_trend", 365), "annual_revenue",
            ),
        ),
        Goal(
            "word_of_mouth", Text("grow by recommendation", "口碑增长"),
            Text("who recommends, whom that brings, and what they spend", "谁在推荐、带来了谁、消费多少"),
            _refs(
                "referrals", "referred_purchases", "word_of_mouth_amount", "total_value", ("nps_score", 365),
                ("rating", 365), ("complaints", 365), ("active_days", 30),
            ),
        ),
        Goal(
            "satisfaction", Text("raise satisfaction", "提升满意度"),
            Text("what customers say and how fast they are helped", "客户的评价与服务响应"),
            _refs(
                ("nps_score", 365), ("rating", 365), ("complaints", 365), ("tickets", 365), ("ticket_satisfaction", 365),
                ("first_response_minutes", 365), ("resolution_minutes", 365), ("refund_percent", 365),
            ),
        ),
        Goal(
            "acquisition", Text("win the right customers at the right cost", "高质量获客"),
            Text("what a customer costs and what comes back", "获客成本与回报"),
            (
                *_refs("acquisition_cost", "acquisition_return_percent", "source_channel", "tenure_days"),
                ref_of("intent_events", 30), *_refs("frequency", ("click_percent", 90), "region"),
            ),
        ),
    )
}  # fmt: skip
"""By name."""


def indicators_for(goal: str, available: Available) -> tuple[tuple[IndicatorRef, ...], tuple[IndicatorRef, ...]]:
    """The indicators of a goal that this data can carry, and those it cannot; KeyError for an unknown goal."""
    refs = GOALS[goal].indicators
    possible = tuple(ref for ref in refs if not CATALOGUE[ref.name].missing(available))
    return possible, tuple(ref for ref in refs if ref not in possible)
