"""What is usually recommended for a goal and a kind of business, before the data has spoken."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tierwise.language import Text


class Metric(StrEnum):
    """What a back-test measures; `METRIC_NAMES` says how people call it."""

    TOP_SHARE = "top_share_percent"
    GINI = "gini"
    BUYER_LIFT = "buyer_lift"
    CHURN_LIFT = "churn_lift"


METRIC_NAMES = {
    Metric.TOP_SHARE: Text("top 10% revenue", "前10%营收占比"),
    Metric.GINI: Text("Gini", "基尼系数"),
    Metric.BUYER_LIFT: Text("repurchase lift", "复购提升度"),
    Metric.CHURN_LIFT: Text("churn lift", "流失提升度"),
}


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal, the metric that decides for it, and the models usually recommended for it."""

    name: str
    label: Text
    metric: Metric
    models: tuple[str, ...]
    indicators: str
    """The goal of `tierwise indicators --goal` that lists what to measure."""


@dataclass(frozen=True, slots=True)
class Business:
    """A kind of business and the models usually recommended for it."""

    name: str
    label: Text
    models: tuple[str, ...]


GOALS = {
    goal.name: goal
    for goal in (
        Goal("repurchase", Text("more repeat purchases", "提升复购"), Metric.BUYER_LIFT, ("rfm",), "repurchase"),
        Goal(
            "churn", Text("less churn", "降低流失"), Metric.CHURN_LIFT, ("lifecycle", "engagement"), "reduce_churn"
        ),
        Goal(
            "key_accounts", Text("more from key accounts", "提升大客户与客单价"), Metric.TOP_SHARE,
            ("pyramid", "ltv"), "order_value",
        ),
        Goal(
            "lifetime_value", Text("budgets by future value", "按未来价值分配预算"), Metric.GINI,
            ("ltv", "value_grade"), "order_value",
        ),
        Goal(
            "service", Text("service levels that pay", "按价值分级服务"), Metric.GINI,
            ("pyramid", "two_axis", "value_grade"), "satisfaction",
        ),
    )
}  # fmt: skip
"""By name."""

BUSINESSES = {
    business.name: business
    for business in (
        Business("ecommerce", Text("frequent trade (e-commerce)", "高频交易（电商）"), ("rfm",)),
        Business("retail", Text("shops and restaurants", "零售与餐饮"), ("rfm", "value_grade")),
        Business("saas", Text("subscriptions (SaaS)", "低频订阅（SaaS）"), ("lifecycle", "engagement")),
        Business("b2b", Text("few large accounts (B2B)", "大客户项目（B2B）"), ("pyramid", "b2b")),
        Business("content", Text("app, content or community", "App、内容与社区"), ("engagement", "lifecycle")),
        Business("finance", Text("banks and insurers", "银行与保险"), ("balances", "ltv")),
    )
}
"""By name."""

BY_DATA = {
    "orders": ("rfm", "pyramid"),
    "behaviour": ("engagement", "lifecycle"),
    "deep": ("ltv", "two_axis"),
}
"""Models by how much is known: orders alone; events too; long history and profit too."""

DATA_NAMES = {
    "orders": Text("only orders are known", "只有交易数据"),
    "behaviour": Text("behaviour is tracked", "有行为数据"),
    "deep": Text("history is long and rich", "数据积累深、时间长"),
}

_SIMPLICITY = {"low": 3, "low to medium": 2, "medium": 1}

GOAL_POINTS, BUSINESS_POINTS, DATA_POINTS = 6, 4, 2


@dataclass(frozen=True, slots=True)
class Prior:
    """What speaks for a model before any figure: points, and why."""

    points: int
    reasons: tuple[Text, ...]


def prior(model: str, difficulty: str, goal: Goal, business: Business | None, data: str) -> Prior:
    """Points for the goal (6), the business (4), the data (2) and for simplicity (0 to 3, by the card's difficulty)."""
    points, reasons = _SIMPLICITY.get(difficulty, 0), []
    if model in goal.models:
        points += GOAL_POINTS
        reasons.append(Text(f"usual choice for {goal.label.en}", f"“{goal.label.zh}”的常用模型"))
    if business is not None and model in business.models:
        points += BUSINESS_POINTS
        reasons.append(Text(f"suits {business.label.en}", f"适合{business.label.zh}"))
    if model in BY_DATA[data]:
        points += DATA_POINTS
        reasons.append(Text(f"right where {DATA_NAMES[data].en}", f"适合{DATA_NAMES[data].zh}的情况"))
    if _SIMPLICITY.get(difficulty, 0) >= 2:
        reasons.append(Text("simple: a good one to start with", "简单易用，宜从它起步"))
    return Prior(points, tuple(reasons))
