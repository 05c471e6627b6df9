"""Ideas that everybody names and no table holds, with the indicators that stand in for them."""

from __future__ import annotations

from dataclasses import dataclass

from tierwise.language import Text


@dataclass(frozen=True, slots=True)
class Concept:
    """An idea that cannot be measured, why, and the names of indicators that can stand in for it."""

    label: Text
    why: Text
    proxies: tuple[str, ...]
    aliases: tuple[str, ...] = ()


CONCEPTS: dict[str, Concept] = {
    "loyalty": Concept(
        Text("loyalty", "客户忠诚度"),
        Text("loyalty is an attitude; what it leads to can be counted", "忠诚度是一种态度，只能统计它带来的行为"),
        ("repeat_rate_percent", "repurchased", "referred_purchases", "referrals", "active_periods"),
        ("忠诚度", "客户忠诚度", "忠诚"),
    ),
    "satisfaction": Concept(
        Text("satisfaction", "满意度"),
        Text("it must be asked for or read from what customers do", "满意度需要询问，或从客户行为推断"),
        ("nps_score", "rating", "complaints", "ticket_satisfaction", "refund_percent"),
        ("满意度", "客户满意度"),
    ),
    "potential": Concept(
        Text("potential", "客户潜力"),
        Text("what has not happened yet cannot be counted", "尚未发生的事无法统计"),
        ("spend_trend", "frequency_trend", "intent_events", "annual_revenue", "average_order_value"),
        ("潜力", "客户潜力"),
    ),
    "price_sensitivity": Concept(
        Text("price sensitivity", "优惠敏感度"),
        Text("it shows only in how discounts are used", "只能从优惠使用情况看出"),
        ("discount_use_percent", "discount_depth_percent", "coupon_use_percent"),
        ("优惠敏感度", "价格敏感度", "价格敏感"),
    ),
    "purchase_intention": Concept(
        Text("purchase intention", "购买意向"),
        Text("it lies ahead; the steps before a purchase can be counted", "意向在购买之前，只能统计购买前的动作"),
        ("intent_events", "activity_recency_days", "click_percent"),
        ("购买意向", "购买意愿"),
    ),
    "churn_risk": Concept(
        Text("churn risk", "流失风险"),
        Text("leaving is not announced; silence and anger can be counted", "客户不会宣布离开，只能统计沉默与不满"),
        ("recency_days", "activity_recency_days", "activity_growth_percent", "complaints"),
        ("流失风险", "流失可能"),
    ),
    "influence": Concept(
        Text("influence on others", "影响力（口碑）"),
        Text("talk is not seen; referrals that bring customers are", "看不到口耳相传，只能统计带来的客户"),
        ("referrals", "referred_purchases", "word_of_mouth_amount"),
        ("口碑", "影响力", "口碑传播"),
    ),
    "spending_power": Concept(
        Text("spending power", "消费能力"),
        Text(
            "income is not told; what is spent at once and what is owned can be counted",
            "收入未知，只能统计单次消费与资产规模",
        ),
        ("average_order_value", "spend_per_month", "assets", "annual_revenue", "employees"),
        ("消费能力", "购买力"),
    ),
}  # fmt: skip
"""By name; each proxy is in the catalogue."""
