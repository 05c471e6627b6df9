"""Lifecycle: where on the way from newcomer to regular, or to leaving, does each customer stand?

Stages are rules over a few indicators, tried in order; nothing is remembered from run to run, so a customer moves
both ways as the facts change. `tenure_days` counts from registration, or from the first purchase where that is
unknown; growth compares spend of the last `growth_window_days` with the window before.

Preset A (five stages: new, growing, mature, declining, lost):
  lost: no purchase for `lost_days`; declining: none for `declining_days`; new: tenure < `new_days` and exactly one
  purchase; mature: at least `regular_orders` purchases and spend not growing by `growth_percent`; growing: the rest.
  Who never bought is declining until `lost_days` after registration, then lost (preset B knows a stage for them).
Preset B (potential, new, growth, loyal, dormant):
  potential: no purchase yet; dormant: none for `lost_days`; new: one purchase; loyal: at least `regular_orders` and
  not growing; growth: the rest.
Preset C (acquired, active, retained, churned):
  churned: no purchase for `lost_days`, or none ever within `lost_days` of registering; acquired: at most one purchase
  and tenure < `new_days`, or none yet; active: bought within `active_days`; retained: the rest.

Limits: thresholds in days must suit the trade's own rhythm; a stage says nothing of money.

References: Blattberg, Getz & Thomas (2001), Customer Equity; the 30-day and 90-day rules are Chinese CRM practice.

Example:
    >>> from tierwise.models.lifecycle import Lifecycle, LifecycleSpec
    >>> [tier.key for tier in Lifecycle(LifecycleSpec(preset="C")).fit({}).scheme_.tiers]
    ['retained', 'active', 'acquired', 'churned']
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, model_validator

from tierwise.contracts.indicators import IndicatorRef
from tierwise.contracts.model import Learned, Learning, MethodCard, ModelSpec, TierModel
from tierwise.contracts.scheme import Condition, Op, Rule, Scheme, Tier
from tierwise.contracts.settings import refuse
from tierwise.language import Text


class LifecycleSpec(ModelSpec):
    """Settings of the lifecycle model."""

    preset: Literal["A", "B", "C"] = Field(default="A", description="which set of stages · 阶段方案")
    new_days: int = Field(default=30, ge=1, description="new until so many days after registration · 新客户天数")
    active_days: int = Field(default=30, ge=1, description="active: bought within so many days (C) · 活跃天数")
    declining_days: int = Field(default=90, ge=1, description="declining after so many days (A) · 衰退天数")
    lost_days: int = Field(default=180, ge=1, description="lost after so many days · 流失天数")
    growth_window_days: int = Field(default=90, ge=1, description="window whose spend is compared · 增长对比窗口（天）")
    growth_percent: int = Field(default=20, ge=0, description="growing from so many per cent · 增长门槛（%）")
    regular_orders: int = Field(default=3, ge=2, description="regular from so many purchases · 成熟客户最少购买次数")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.preset == "A" and not self.declining_days < self.lost_days:
            refuse(Text("declining_days must be below lost_days", "衰退天数须小于流失天数"))
        if self.preset == "C" and not self.active_days < self.lost_days:
            refuse(Text("active_days must be below lost_days", "活跃天数须小于流失天数"))
        return self


class Lifecycle(TierModel[LifecycleSpec]):
    """Stages of life by rules; see the module's docstring."""

    name = "lifecycle"
    spec_type = LifecycleSpec
    card = MethodCard(
        title=Text("Customer lifecycle", "客户生命周期"),
        question=Text(
            "Who is new, growing, settled, fading or gone, and who should be moved on now?",
            "谁是新客、在成长、已成熟、在衰退或已流失？现在该推动谁？",
        ),
        data=Text("orders; registration dates make newcomers exact", "订单；有注册日期则新客更准确"),
        minimum=Text(
            "history of at least twice the days after which a customer counts as lost", "历史时长至少为流失天数的两倍"
        ),
        fit=Text(
            "subscriptions, SaaS, training, low-frequency trade; retention goals",
            "订阅、SaaS、培训、低频业务；以留存为目标",
        ),
        strengths=Text("leads to the next step for each customer; moves both ways", "给出每位客户的下一步；可进可退"),
        limits=Text("day limits must suit the trade; says nothing of money", "天数门槛须符合行业节奏；不反映金额"),
        difficulty=Text("medium", "中"),
        reference="Blattberg, Getz & Thomas (2001), Customer Equity, Harvard Business School Press",
    )

    def needs(self) -> tuple[IndicatorRef, ...]:
        """Recency, purchases, tenure; growth of spend for the presets that use it."""
        base = (
            IndicatorRef("recency_days"),
            IndicatorRef("frequency"),
            IndicatorRef("tenure_days"),
            IndicatorRef("monetary"),
        )
        return base if self.spec.preset == "C" else (*base, self._growth)

    @property
    def _growth(self) -> IndicatorRef:
        return IndicatorRef("spend_growth_percent", self.spec.growth_window_days)

    def learn(self, table: str) -> Learning:
        """Nothing: stages are rules."""
        return Learning()

    def fit(self, learned: Learned) -> Self:
        """Write the rules of the preset."""
        rules, otherwise, tiers = {"A": self._a, "B": self._b, "C": self._c}[self.spec.preset]()
        inputs = tuple(ref.column for ref in self.needs())
        self.scheme_ = Scheme(inputs, self.named(tiers), rules, otherwise, (), {"monetary": Decimal(1)})
        return self

    def _steady(self, tier: str) -> Rule:
        """Regular and not growing. Growth is unknown (null) for whoever bought nothing in the window before."""
        growth = Condition(self._growth.column, Op.LT, self.spec.growth_percent)
        return Rule(tier, (Condition("frequency", Op.GE, self.spec.regular_orders), growth))

    def _a(self) -> tuple[tuple[Rule, ...], str, tuple[Tier, ...]]:
        spec = self.spec
        never = Condition("frequency", Op.EQ, 0)
        rules = (
            Rule("lost", (Condition("recency_days", Op.GE, spec.lost_days),)),
            Rule("declining", (Condition("recency_days", Op.GE, spec.declining_days),)),
            Rule("declining", (never, Condition("tenure_days", Op.LT, spec.lost_days))),
            Rule("lost", (never,)),
            Rule("new", (Condition("frequency", Op.EQ, 1), Condition("tenure_days", Op.LT, spec.new_days))),
            self._steady("mature"),
        )
        return rules, "growing", STAGES_A

    def _b(self) -> tuple[tuple[Rule, ...], str, tuple[Tier, ...]]:
        rules = (
            Rule("potential", (Condition("frequency", Op.EQ, 0),)),
            Rule("dormant", (Condition("recency_days", Op.GE, self.spec.lost_days),)),
            Rule("new", (Condition("frequency", Op.EQ, 1),)),
            self._steady("loyal"),
        )
        return rules, "growth", STAGES_B

    def _c(self) -> tuple[tuple[Rule, ...], str, tuple[Tier, ...]]:
        spec = self.spec
        never = Condition("frequency", Op.EQ, 0)
        rules = (
            Rule("churned", (Condition("recency_days", Op.GE, spec.lost_days),)),
            Rule("churned", (never, Condition("tenure_days", Op.GE, spec.lost_days))),
            Rule("acquired", (never,)),
            Rule("acquired", (Condition("frequency", Op.EQ, 1), Condition("tenure_days", Op.LT, spec.new_days))),
            Rule("active", (Condition("recency_days", Op.LT, spec.active_days),)),
        )
        return rules, "retained", STAGES_C


_WELCOME = Text("welcome gift and guidance to the second purchase", "新人礼包，引导二次购买")
_GROW = Text("cross-selling and step-up coupons", "交叉销售、进阶优惠券")
_KEEP = Text("exclusive rights, early access, ask for referrals", "专属权益、优先体验、邀请推荐")
_RESCUE = Text("churn warning: personal contact and an offer", "流失预警：主动回访 + 挽回优惠")
_RETURN = Text("win-back campaign, ask for the reason", "召回活动，了解流失原因")

STAGES_A = (
    Tier("mature", Text("Mature", "成熟"), 1, Text("buys regularly, steady spend", "购买规律、金额稳定"), _KEEP),
    Tier(
        "growing",
        Text("Growing", "成长"),
        2,
        Text("buys, with spend rising or not yet regular", "在买，金额上升或尚未形成规律"),
        _GROW,
    ),
    Tier("new", Text("New", "新客户"), 3, Text("registered lately, one purchase", "近期注册、购买一次"), _WELCOME),
    Tier("declining", Text("Declining", "衰退"), 4, Text("no purchase for a while", "已有一段时间未消费"), _RESCUE),
    Tier("lost", Text("Lost", "流失"), 5, Text("no purchase for long", "长期未消费"), _RETURN),
)

STAGES_B = (
    Tier("loyal", Text("Mature and loyal", "成熟/忠诚"), 1, Text("steady frequency and spend", "频次与金额稳定"), _KEEP),
    Tier("growth", Text("Growth", "成长"), 2, Text("repeats, value rising", "重复购买、价值上升"), _GROW),
    Tier("new", Text("New", "新"), 3, Text("first purchase done", "完成首次购买"), _WELCOME),
    Tier(
        "potential", Text("Potential", "潜在"), 4, Text("interested, no purchase yet", "有兴趣、尚未购买"),
        Text("registration gift and first-purchase offer", "注册礼与首购优惠"),
    ),
    Tier("dormant", Text("Dormant or lost", "休眠/流失"), 5, Text("long without a purchase", "长期无购买"), _RETURN),
)  # fmt: skip

STAGES_C = (
    Tier(
        "retained", Text("Retained", "留存"), 1, Text("bought before and still within reach", "买过且尚在周期内"), _KEEP
    ),
    Tier("active", Text("Active", "活跃"), 2, Text("bought lately", "近期购买"), _GROW),
    Tier("acquired", Text("Acquired", "获取"), 3, Text("newly won", "新近获取"), _WELCOME),
    Tier("churned", Text("Churned", "流失"), 4, Text("long without a purchase", "长期无购买"), _RETURN),
)
