"""Goal groups: whom to thank, whom to raise, whom to save?

Three groups that each stand for a goal, tried in this order; everyone else is regular:

- churn risk: bought before, but not for `risk_days`;
- high-value loyal: net amount of the window among the best `value_top_percent` of those who spent, and at least
  `loyal_purchases` purchases in it;
- low-frequency potential: bought, but at most `seldom_purchases` times in the window, with an order value at or above
  the median of those who bought.

Limits: one goal per customer; a valuable customer who stays away is at risk first. Potential means large orders so far.

Reference: goal-oriented grouping as practised in Chinese CRM (高价值忠诚、低频潜力、流失风险).

Example:
    >>> from tierwise.models.goal_groups import GoalGroups, GoalGroupsSpec
    >>> [ref.column for ref in GoalGroups(GoalGroupsSpec(window_days=180)).needs()]
    ['recency_days', 'monetary_180d', 'frequency_180d', 'average_order_value_180d']
"""

from __future__ import annotations

from decimal import Decimal
from typing import Self

from pydantic import Field, model_validator

from tierwise.contracts.axis import Axis
from tierwise.contracts.indicators import IndicatorRef
from tierwise.contracts.model import Learned, Learning, MethodCard, ModelSpec, TierModel
from tierwise.contracts.scheme import Condition, Op, Rule, Scheme, Tier
from tierwise.contracts.settings import ExactDecimal, refuse
from tierwise.language import Text
from tierwise.sql.axis import axis_learning, axis_score, is_high

SCORES = ("value_class", "order_value_class")


class GoalGroupsSpec(ModelSpec):
    """Settings of the goal groups."""

    window_days: int = Field(default=365, ge=1, description="days that are looked at · 统计窗口（天）")
    value_top_percent: ExactDecimal = Field(
        default=Decimal(20), gt=0, lt=100, description="share of buyers of high value · 高价值客户占比"
    )
    loyal_purchases: int = Field(default=3, ge=1, description="loyal from so many purchases · 忠诚的最少购买次数")
    seldom_purchases: int = Field(default=2, ge=1, description="seldom: at most so many purchases · 低频的最多购买次数")
    risk_days: int = Field(default=90, ge=1, description="at risk after so many days · 多少天未购买算流失风险")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.seldom_purchases >= self.loyal_purchases:
            refuse(Text("seldom_purchases must be below loyal_purchases", "低频次数须小于忠诚次数"))
        return self


class GoalGroups(TierModel[GoalGroupsSpec]):
    """Groups by goal; see the module's docstring."""

    name = "goal_groups"
    spec_type = GoalGroupsSpec
    card = MethodCard(
        title=Text("Goal groups", "目标分群"),
        question=Text("Whom to thank, whom to raise, whom to save?", "该回馈谁、提升谁、挽回谁？"),
        data=Text("customer, date and amount of every order", "每笔订单的客户、日期、金额"),
        minimum=Text("about 100 buyers in the window", "窗口期内约 100 位购买客户"),
        fit=Text("a campaign plan with three clear goals", "目标清晰的三类营销计划"),
        strengths=Text("each group is a goal with its own action", "每个群体对应一个目标与动作"),
        limits=Text(
            "one goal per customer; large orders stand for potential",
            "每位客户只属一个目标；以高客单代表潜力",
        ),
        difficulty=Text("low to medium", "低–中"),
        reference="Goal-oriented grouping as practised in Chinese CRM",
    )

    def needs(self) -> tuple[IndicatorRef, ...]:
        """Recency; amount, purchases and order value of the window."""
        days = self.spec.window_days
        names = ("monetary", "frequency", "average_order_value")
        return IndicatorRef("recency_days"), *(IndicatorRef(name, days) for name in names)

    def _axes(self) -> tuple[tuple[str, Axis], ...]:
        days = self.spec.window_days
        value = Axis(indicator="monetary", window_days=days, cut="top", top_percent=self.spec.value_top_percent)
        order_value = Axis(indicator="average_order_value", window_days=days)
        return (f"{self.instance}_value", value), (f"{self.instance}_order_value", order_value)

    def learn(self, table: str) -> Learning:
        """The cut-points of value and of order value."""
        parts = [axis_learning(prefix, table, axis, self.facts) for prefix, axis in self._axes()]
        return Learning(
            tuple(step for part in parts for step in part.steps), tuple(name for part in parts for name in part.reads)
        )

    def fit(self, learned: Learned) -> Self:
        """Write the rules."""
        recency, _, frequency, _ = (ref.column for ref in self.needs())
        scores = tuple(
            axis_score(prefix, name, axis, self.facts, learned)
            for (prefix, axis), name in zip(self._axes(), SCORES, strict=True)
        )
        value, order_value = (is_high(name) for name in SCORES)
        spec = self.spec
        rules = (
            Rule("churn_risk", (Condition(recency, Op.GE, spec.risk_days),)),
            Rule("loyal", (value, Condition(frequency, Op.GE, spec.loyal_purchases))),
            Rule(
                "potential",
                (Condition(frequency, Op.GE, 1), Condition(frequency, Op.LE, spec.seldom_purchases), order_value),
            ),
        )
        inputs = tuple(ref.column for ref in self.needs())
        self.scheme_ = Scheme(inputs, self.named(TIERS), rules, "regular", scores, {inputs[1]: Decimal(1)})
        return self


TIERS = (
    Tier(
        "loyal", Text("High-value loyal", "高价值忠诚"), 1, Text("spends much and comes often", "花得多、来得勤"),
        Text("exclusive rights and thanks; ask for referrals", "专属权益与回馈，邀请推荐"),
    ),
    Tier(
        "potential", Text("Low-frequency potential", "低频潜力"), 2,
        Text("comes seldom, but with large orders", "来得少但客单高"),
        Text("trial of new products, reasons to come back sooner", "新品试用，给出更早回购的理由"),
    ),
    Tier(
        "regular", Text("Regular", "普通客户"), 3, Text("no special goal", "无特定目标"),
        Text("regular promotions, automated", "常规促销，自动化触达"),
    ),
    Tier(
        "churn_risk", Text("Churn risk", "流失风险"), 4,
        Text("bought before, but not for a while", "曾购买，已较久未消费"),
        Text("win-back offer and a call to the valuable ones", "挽回方案；对高价值者电话回访"),
    ),
)  # fmt: skip
