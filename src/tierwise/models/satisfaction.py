"""Satisfaction: who is happy, who is angry, and who has not said?

Rules over the feedback of the last `window_days`, the worst sign first:

- dissatisfied: at least `complaints_from` complaints, or a mean NPS answer of `nps_low` or less, or a mean rating of
  `rating_low` stars or less;
- satisfied: a mean NPS answer of `nps_high` or more, or a mean rating of `rating_high` stars or more;
- neutral: other feedback was given;
- unknown: none was given. Silence is not contentment, so that these are kept apart.

NPS limits are those of its authors: 9 and 10 promote, 0 to 6 detract.

Limits: few answer, and those who do are not like the others; a complaint that was solved well still counts.

Reference: Reichheld, F. (2003), The One Number You Need to Grow, Harvard Business Review 81(12).

Example:
    >>> from tierwise.models.satisfaction import Satisfaction, SatisfactionSpec
    >>> [tier.name.zh for tier in Satisfaction(SatisfactionSpec()).fit({}).scheme_.tiers]
    ['满意', '中性', '未反馈', '不满意']
"""

from __future__ import annotations

from decimal import Decimal
from typing import Self

from pydantic import Field, model_validator

from tierwise.contracts.indicators import IndicatorRef
from tierwise.contracts.model import Learned, Learning, MethodCard, ModelSpec, TierModel
from tierwise.contracts.scheme import Condition, Op, Rule, Scheme, Tier
from tierwise.contracts.settings import ExactDecimal, refuse
from tierwise.language import Text


class SatisfactionSpec(ModelSpec):
    """Settings of the satisfaction classes."""

    window_days: int = Field(default=365, ge=1, description="days that are looked at · 统计窗口（天）")
    complaints_from: int = Field(default=1, ge=1, description="dissatisfied from so many complaints · 投诉几次算不满意")
    nps_low: ExactDecimal = Field(default=Decimal(6), ge=0, le=10, description="dissatisfied up to · NPS 不满意上限")
    nps_high: ExactDecimal = Field(default=Decimal(9), ge=0, le=10, description="satisfied from · NPS 满意下限")
    rating_low: ExactDecimal = Field(default=Decimal(2), ge=0, description="dissatisfied up to · 星级不满意上限")
    rating_high: ExactDecimal = Field(default=Decimal(4), ge=0, description="satisfied from · 星级满意下限")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not (self.nps_low < self.nps_high and self.rating_low < self.rating_high):
            refuse(Text("the low limits must be below the high ones", "不满意上限须小于满意下限"))
        return self


class Satisfaction(TierModel[SatisfactionSpec]):
    """Satisfied, neutral, dissatisfied, unknown; see the module's docstring."""

    name = "satisfaction"
    spec_type = SatisfactionSpec
    card = MethodCard(
        title=Text("Satisfaction classes", "满意度分类"),
        question=Text("Who is happy, who is angry, and who has not said?", "谁满意、谁不满、谁没表态？"),
        data=Text("feedback: NPS, ratings or complaints", "反馈数据：NPS、星级或投诉"),
        minimum=Text("any feedback; the share that answered is shown", "有反馈即可；同时看反馈覆盖率"),
        fit=Text("service recovery before customers leave", "在客户流失前做服务补救"),
        strengths=Text(
            "the worst sign counts, so that no complaint is averaged away",
            "以最差信号为准，投诉不会被平均掉",
        ),
        limits=Text("few answer, and they differ from the rest", "反馈者少，且与其他客户不同"),
        difficulty=Text("low", "低"),
        reference="Reichheld (2003), Harvard Business Review 81(12), 46–54",
    )

    def needs(self) -> tuple[IndicatorRef, ...]:
        """Complaints, NPS, rating and how much feedback there is."""
        names = ("complaints", "nps_score", "rating", "feedback_count")
        return tuple(IndicatorRef(name, self.spec.window_days) for name in names)

    def learn(self, table: str) -> Learning:
        """Nothing: the limits are settings."""
        return Learning()

    def fit(self, learned: Learned) -> Self:
        """Write the rules."""
        spec = self.spec
        complaints, nps, rating, given = (ref.column for ref in self.needs())
        rules = (
            Rule("dissatisfied", (Condition(complaints, Op.GE, spec.complaints_from),)),
            Rule("dissatisfied", (Condition(nps, Op.LE, spec.nps_low),)),
            Rule("dissatisfied", (Condition(rating, Op.LE, spec.rating_low),)),
            Rule("satisfied", (Condition(nps, Op.GE, spec.nps_high),)),
            Rule("satisfied", (Condition(rating, Op.GE, spec.rating_high),)),
            Rule("neutral", (Condition(given, Op.GE, 1),)),
        )
        inputs = (complaints, nps, rating, given)
        total = {nps: Decimal("0.5"), rating: Decimal(1), complaints: Decimal(-5)}
        self.scheme_ = Scheme(inputs, self.named(TIERS), rules, "unknown", (), total)
        return self


TIERS = (
    Tier(
        "satisfied", Text("Satisfied", "满意"), 1, Text("recommends or rates high", "愿意推荐或评价高"),
        Text("ask for reviews and referrals", "邀请评价与推荐"),
    ),
    Tier(
        "neutral", Text("Neutral", "中性"), 2, Text("neither happy nor angry", "评价一般"),
        Text("ask what is missing, small improvements", "了解不足，逐项改进"),
    ),
    Tier(
        "unknown", Text("Not heard", "未反馈"), 3, Text("gave no feedback", "没有任何反馈"),
        Text("short survey after the next purchase", "下次购买后发送简短问卷"),
    ),
    Tier(
        "dissatisfied", Text("Dissatisfied", "不满意"), 4, Text("complained or rates low", "有投诉或评价低"),
        Text("service recovery: call back, solve, make good", "服务补救：回访、解决、补偿"),
    ),
)  # fmt: skip
