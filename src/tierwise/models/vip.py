"""VIP: who spends much and comes often, right now?

A rule with two conditions over the last `window_days` (30, a month): net amount above `amount_over` and at least
`min_purchases` purchases. The note says what share of customers the rule picks and what share of the positive net
revenue of the window they bring, to compare with the share that the threshold was meant to pick.

Limits: a month is short: a big buyer on holiday is no VIP that month (hysteresis and longer windows help).

Reference: Chinese retail practice (a month's spend above 5,000 and two purchases: 15 % of customers, 40 % of sales).

Example:
    >>> from tierwise.models.vip import Vip, VipSpec
    >>> [f"{c.column} {c.op} {c.value}" for c in Vip(VipSpec()).rule().when]
    ['monetary_30d > 5000', 'frequency_30d >= 2']
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Self

from pydantic import Field

from tierwise.contracts.indicators import IndicatorRef
from tierwise.contracts.model import Learned, Learning, MethodCard, ModelSpec, Note, TierModel
from tierwise.contracts.scheme import Condition, Op, Rule, Scheme, Tier
from tierwise.contracts.settings import ExactDecimal
from tierwise.language import Text
from tierwise.sql.scheme import condition_sql
from tierwise.sql.steps import Step


class VipSpec(ModelSpec):
    """Settings of the VIP rule."""

    window_days: int = Field(default=30, ge=1, description="days that are looked at · 统计窗口（天）")
    amount_over: ExactDecimal = Field(
        default=Decimal(5000), ge=0, description="net amount must exceed this · 消费净额须超过"
    )
    min_purchases: int = Field(default=2, ge=1, description="and at least so many purchases · 且购买次数至少")


class Vip(TierModel[VipSpec]):
    """VIP or not; see the module's docstring."""

    name = "vip"
    spec_type = VipSpec
    card = MethodCard(
        title=Text("VIP rule", "VIP 规则"),
        question=Text("Who spends much and comes often, right now?", "当下谁花得多、来得勤？"),
        data=Text("customer, date and amount of every order", "每笔订单的客户、日期、金额"),
        minimum=Text("one complete window of orders", "一个完整窗口期的订单"),
        fit=Text("a privilege that needs a clear, public line", "需要明确、可公示门槛的权益"),
        strengths=Text("simple, public, understood by the customer", "简单、可公示、客户看得懂"),
        limits=Text("two classes only; a short window flaps", "只有两类；窗口短则容易反复"),
        difficulty=Text("low", "低"),
        reference="Chinese retail practice; threshold from the case of 15% of customers with 40% of sales",
    )

    def needs(self) -> tuple[IndicatorRef, ...]:
        """Amount and purchases of the window."""
        days = self.spec.window_days
        return IndicatorRef("monetary", days), IndicatorRef("frequency", days)

    def rule(self) -> Rule:
        """The rule of the VIP tier."""
        amount, purchases = self.needs()
        return Rule(
            "vip",
            (
                Condition(amount.column, Op.GT, self.spec.amount_over),
                Condition(purchases.column, Op.GE, self.spec.min_purchases),
            ),
        )

    def learn(self, table: str) -> Learning:
        """How many the rule picks, and what they bring."""
        amount = self.needs()[0].column
        picked = " AND ".join(condition_sql(condition) for condition in self.rule().when)
        positive = f"CASE WHEN {amount} > 0 THEN {amount} ELSE 0 END"
        name = f"{self.instance}_picked"
        sql = (
            f"SELECT COUNT(*) AS customers, CAST(SUM({positive}) AS DECIMAL(26, 2)) AS revenue, "
            f"CAST(SUM(CASE WHEN {picked} THEN 1 ELSE 0 END) AS BIGINT) AS vips, "
            f"CAST(SUM(CASE WHEN {picked} THEN {amount} ELSE 0 END) AS DECIMAL(26, 2)) AS vip_revenue FROM {table}"
        )
        return Learning((Step(name, sql, stored=True),), (name,))

    def fit(self, learned: Learned) -> Self:
        """Write the rule, and note whom it picks."""
        inputs = tuple(ref.column for ref in self.needs())
        total = {inputs[0]: Decimal(1)}
        self.scheme_ = Scheme(inputs, self.named(TIERS), (self.rule(),), "regular", (), total)
        self.notes_ = _share_note(learned[f"{self.instance}_picked"][0])
        return self


def _share_note(row: dict[str, Any]) -> tuple[Note, ...]:
    if not row["customers"] or not row["revenue"]:
        return (Note("vip.share", Text("nothing was sold in the window", "窗口期内没有成交"), {}),)
    figures = {
        "customers_percent": _percent(row["vips"], row["customers"]),
        "revenue_percent": _percent(row["vip_revenue"], row["revenue"]),
    }
    text = Text(
        f"{figures['customers_percent']}% of customers are VIP and bring {figures['revenue_percent']}% of revenue",
        f"VIP 占客户的 {figures['customers_percent']}%，贡献 {figures['revenue_percent']}% 的销售额",
    )
    return (Note("vip.share", text, figures),)


def _percent(part: Any, whole: Any) -> Decimal:
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.1"), ROUND_HALF_UP)


TIERS = (
    Tier(
        "vip", Text("VIP", "VIP 客户"), 1, Text("spends much and comes often", "消费高、频次高"),
        Text("priority lane, dedicated agent, exclusive offers", "VIP 通道、专属客服、专属优惠"),
    ),
    Tier(
        "regular", Text("Regular", "普通客户"), 2, Text("below the line", "未达门槛"),
        Text("show what is missing to the line; points and limited-time offers", "提示距 VIP 还差多少；积分与限时优惠"),
    ),
)  # fmt: skip
