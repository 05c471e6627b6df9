"""Behaviour types: often and little, or seldom and much? Lively or silent?

- `basis: purchase` crosses the number of purchases with the order value, both over `window_days`. Each is cut at the
  median of those who bought, or as `frequency_from` and `order_value_from` say. Whoever did not buy is a type apart.
- `basis: interaction` cuts days active in the window at the median of the active, or at `active_days_from`: lively or
  silent.

Limits: types, not grades: a seldom buyer of large orders is not worse than a frequent one of small orders. Ranks go by
the amount that a type tends to bring.

Reference: behaviour segmentation as practised in Chinese CRM (高频低客单、低频高客单、高互动活跃、低互动沉默).

Example:
    >>> from tierwise.models.behaviour_types import BehaviourTypes, BehaviourTypesSpec
    >>> spec = BehaviourTypesSpec(frequency_from=4, order_value_from=200)
    >>> [tier.name.zh for tier in BehaviourTypes(spec).fit({}).scheme_.tiers]
    ['高频高客单', '高频低客单', '低频高客单', '低频低客单', '未购买']
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, Self

from pydantic import Field

from tierwise.contracts.axis import Axis
from tierwise.contracts.indicators import IndicatorRef
from tierwise.contracts.model import Learned, Learning, MethodCard, ModelSpec, TierModel
from tierwise.contracts.scheme import Condition, Op, Rule, Scheme, Tier
from tierwise.contracts.settings import ExactDecimal
from tierwise.language import Text
from tierwise.sql.axis import axis_learning, axis_score, is_high


class BehaviourTypesSpec(ModelSpec):
    """Settings of the behaviour types."""

    basis: Literal["purchase", "interaction"] = Field(
        default="purchase", description="by purchases or by interaction · 按购买或按互动划分"
    )
    window_days: int = Field(default=365, ge=1, description="days that are looked at · 统计窗口（天）")
    frequency_from: int | None = Field(
        default=None, ge=1, description="often from so many purchases; else the median · 高频的购买次数（默认取中位数）"
    )
    order_value_from: ExactDecimal | None = Field(
        default=None, gt=0, description="large from such an order value; else the median · 高客单门槛（默认取中位数）"
    )
    active_days_from: int | None = Field(
        default=None,
        ge=1,
        description="lively from so many active days; else the median · 高互动的活跃天数（默认取中位数）",
    )


class BehaviourTypes(TierModel[BehaviourTypesSpec]):
    """Types of behaviour; see the module's docstring."""

    name = "behaviour_types"
    spec_type = BehaviourTypesSpec
    card = MethodCard(
        title=Text("Behaviour types", "行为类型"),
        question=Text("Often and little, or seldom and much? Lively or silent?", "买得勤还是买得贵？活跃还是沉默？"),
        data=Text("orders; events for interaction", "订单；按互动划分时需行为事件"),
        minimum=Text("about 100 buyers in the window", "窗口期内约 100 位购买客户"),
        fit=Text("deciding whether to raise frequency or order value", "判断应提升频次还是客单价"),
        strengths=Text("names what to work on", "直接指出该提升什么"),
        limits=Text("types, not grades; medians move with the base", "是类型而非等级；中位数随客群变化"),
        difficulty=Text("low", "低"),
        reference="Behaviour segmentation as practised in Chinese CRM",
    )

    def _axes(self) -> tuple[tuple[str, Axis], ...]:
        """The axes by the name of their score."""
        spec = self.spec
        if spec.basis == "interaction":
            return (("activity_class", self._axis("active_days", spec.active_days_from)),)
        return (
            ("frequency_class", self._axis("frequency", spec.frequency_from)),
            ("order_value_class", self._axis("average_order_value", spec.order_value_from)),
        )

    def _axis(self, indicator: str, at: int | Decimal | None) -> Axis:
        days = self.spec.window_days
        if at is None:
            return Axis(indicator=indicator, window_days=days)
        return Axis(indicator=indicator, window_days=days, cut="own", at=Decimal(at))

    def needs(self) -> tuple[IndicatorRef, ...]:
        """Purchases and order value, or days active."""
        return tuple(axis.ref for _, axis in self._axes())

    def learn(self, table: str) -> Learning:
        """The medians that are not given."""
        parts = [axis_learning(f"{self.instance}_{name}", table, axis, self.facts) for name, axis in self._axes()]
        return Learning(
            tuple(step for part in parts for step in part.steps), tuple(name for part in parts for name in part.reads)
        )

    def fit(self, learned: Learned) -> Self:
        """Write the rules."""
        scores = tuple(
            axis_score(f"{self.instance}_{name}", name, axis, self.facts, learned) for name, axis in self._axes()
        )
        inputs = tuple(ref.column for ref in self.needs())
        high = [is_high(score.name) for score in scores]
        if self.spec.basis == "interaction":
            tiers: tuple[Tier, ...] = INTERACTION
            rules: tuple[Rule, ...] = (Rule("lively", (high[0],)),)
        else:
            tiers = PURCHASE
            rules = (
                Rule("none", (Condition(inputs[0], Op.LE, 0),)),
                Rule("often_large", (high[0], high[1])),
                Rule("often_small", (high[0],)),
                Rule("seldom_large", (high[1],)),
            )
        otherwise = "silent" if self.spec.basis == "interaction" else "seldom_small"
        total = {score.name: Decimal(1) for score in scores}
        self.scheme_ = Scheme(inputs, self.named(tiers), rules, otherwise, scores, total)
        return self


PURCHASE = (
    Tier(
        "often_large", Text("Often and large", "高频高客单"), 1, Text("buys often, large orders", "买得勤、客单高"),
        Text("exclusive rights; keep the habit", "专属权益，保持习惯"),
    ),
    Tier(
        "often_small", Text("Often and small", "高频低客单"), 2, Text("buys often, small orders", "买得勤、客单低"),
        Text("raise the basket: spend-and-save offers, bundles", "满减与组合，提升客单价"),
    ),
    Tier(
        "seldom_large", Text("Seldom and large", "低频高客单"), 3, Text("buys seldom, large orders", "买得少、客单高"),
        Text("reasons to come back: reminders by rhythm, new products", "按周期提醒、新品推荐，提升频次"),
    ),
    Tier(
        "seldom_small", Text("Seldom and small", "低频低客单"), 4, Text("buys seldom, small orders", "买得少、客单低"),
        Text("low-cost promotions, automated", "低成本促销，自动化触达"),
    ),
    Tier(
        "none", Text("No purchase", "未购买"), 5, Text("did not buy in the window", "窗口期内未购买"),
        Text("first-purchase offer or win-back", "首购优惠或召回"),
    ),
)  # fmt: skip
INTERACTION = (
    Tier(
        "lively", Text("Lively", "高互动活跃"), 1, Text("active on many days", "活跃天数多"),
        Text("invite to content, community and referrals", "邀请参与内容、社区与推荐"),
    ),
    Tier(
        "silent", Text("Silent", "低互动沉默"), 2, Text("hardly active", "很少互动"),
        Text("wake up with what they once looked at", "以曾浏览内容唤醒"),
    ),
)  # fmt: skip
