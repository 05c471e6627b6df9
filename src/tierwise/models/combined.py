"""Combined: groups across two or more models, for a system that grows with its data.

Start with RFM or the pyramid; when history allows, add the lifecycle, later behaviour; and act on where they meet. Each
group names tiers of other models of the same run; a customer belongs to the first group all of whose models place her
in one of the tiers named; whoever fits none is in the rest group. The labels of the other models are read as they were
published, with what their memory (margin, minimum stay) held back.

Shipped groups cross the eight RFM classes with lifecycle preset A:

- core 核心客户: important value or develop, and growing or mature;
- leaving 高价值预警: any important class, and declining or lost;
- newcomer 新客培育: new;
- rising 成长培育: general value or develop, and growing or mature.

Limits: groups multiply fast: name those that get an action of their own, and leave the rest together. When a model
below changes, so does this one: simulate it too.

Reference: Peker, Kocyigit & Eren (2017), LRFMP model, Marketing Intelligence & Planning 35(4), on adding to RFM.

Example:
    >>> from tierwise.models.combined import Combined, CombinedSpec
    >>> sorted(Combined(CombinedSpec()).needs_models())
    ['lifecycle', 'rfm']
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tierwise.contracts.indicators import IndicatorRef
from tierwise.contracts.model import Learned, Learning, MethodCard, ModelSpec
from tierwise.contracts.scheme import Condition, Op, Rule, Scheme, Tier
from tierwise.contracts.settings import refuse
from tierwise.contracts.stacking import StackedModel, tier_column
from tierwise.language import Text

REST = "rest"


class Words(BaseModel):
    """A text in both languages."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    en: str
    zh: str = Field(alias="zh-CN")

    @property
    def text(self) -> Text:
        """As the rest of the product knows it."""
        return Text(self.en, self.zh)


class Group(BaseModel):
    """One group: tiers of other models, all of which must be met; a list means any of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="stable name of the group · 群组代码")
    name: Words | str = Field(description="what people call it · 群组名称")
    when: dict[str, tuple[str, ...]] = Field(description="tiers by model · 各模型的层级条件")
    meaning: Words | str | None = Field(default=None, description="who is in it · 含义")
    action: Words | str | None = Field(default=None, description="what to do for them · 建议动作")


def _group(key: str, name: Text, when: dict[str, tuple[str, ...]], meaning: Text, action: Text) -> Group:
    name_, meaning_, action_ = (
        Words.model_validate({"en": text.en, "zh-CN": text.zh}) for text in (name, meaning, action)
    )
    return Group(key=key, name=name_, when=when, meaning=meaning_, action=action_)


_HERE = ("growing", "mature")
SHIPPED = (
    _group(
        "core", Text("Core", "核心客户"),
        {"rfm": ("important_value", "important_develop"), "lifecycle": _HERE},
        Text("valuable and in the middle of life", "价值高且处于成长或成熟期"),
        Text("exclusive rights and personal care", "专属权益与专人关怀"),
    ),
    _group(
        "leaving", Text("Valuable and leaving", "高价值预警"),
        {
            "rfm": ("important_value", "important_develop", "important_keep", "important_winback"),
            "lifecycle": ("declining", "lost"),
        },
        Text("valuable, but fading or gone", "价值高但已衰退或流失"),
        Text("call back now, with an offer", "立即电话回访并给出挽回优惠"),
    ),
    _group(
        "newcomer", Text("Newcomers", "新客培育"), {"lifecycle": ("new",)},
        Text("one purchase, lately", "近期首购"), Text("welcome gift, second-purchase coupon", "新人礼包与二次购买券"),
    ),
    _group(
        "rising", Text("Rising", "成长培育"), {"rfm": ("general_value", "general_develop"), "lifecycle": _HERE},
        Text("not yet valuable, but on the way", "价值尚低但在成长"),
        Text("cross-selling and step-up coupons", "交叉销售与进阶优惠券"),
    ),
)  # fmt: skip


class CombinedSpec(ModelSpec):
    """Settings of the combined model."""

    groups: tuple[Group, ...] = Field(default=SHIPPED, description="groups in order of precedence · 群组（按优先顺序）")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        keys = [group.key for group in self.groups]
        if not keys or len(set(keys)) != len(keys) or REST in keys:
            refuse(Text("groups need keys of their own; rest is taken", "群组代码不能重复，rest 已被占用"))
        for group in self.groups:
            if not group.when or any(not tiers for tiers in group.when.values()):
                refuse(Text(f"the group {group.key} needs tiers of a model", f"群组 {group.key} 须给出模型的层级条件"))
        return self


class Combined(StackedModel[CombinedSpec]):
    """Groups across models; see the module's docstring."""

    name = "combined"
    spec_type = CombinedSpec
    card = MethodCard(
        title=Text("Combined models", "模型组合"),
        question=Text(
            "Where do two models together call for an action of its own?",
            "两个模型交叉后，谁需要专门的动作？",
        ),
        data=Text("whatever the models need that it builds on", "取决于所组合的模型"),
        minimum=Text("about 50 customers in each group that gets an action", "每个有专门动作的群组约 50 位客户"),
        fit=Text(
            "a system that grows: RFM first, lifecycle and behaviour later",
            "循序渐进：先 RFM，再加生命周期与行为",
        ),
        strengths=Text("finer than one model, without new mathematics", "比单一模型更细，且无需新的算法"),
        limits=Text("groups multiply; changes below move it too", "群组容易过多；底层模型变化会随之变化"),
        difficulty=Text("medium", "中"),
        reference="Peker, Kocyigit & Eren (2017), Marketing Intelligence & Planning 35(4), 544–559",
    )

    def needs(self) -> tuple[IndicatorRef, ...]:
        """No indicator: the labels of other models are enough."""
        return ()

    def needs_models(self) -> Mapping[str, frozenset[str]]:
        """The models that groups name, with their tiers."""
        wanted: dict[str, set[str]] = {}
        for group in self.spec.groups:
            for model, tiers in group.when.items():
                wanted.setdefault(model, set()).update(tiers)
        return {model: frozenset(tiers) for model, tiers in wanted.items()}

    def learn(self, table: str) -> Learning:
        """Nothing: groups are rules."""
        return Learning()

    def fit(self, learned: Learned) -> Self:
        """Write a rule for each combination of tiers that a group names."""
        rules = tuple(
            Rule(group.key, tuple(Condition(tier_column(m), Op.EQ, t) for m, t in zip(group.when, tiers, strict=True)))
            for group in self.spec.groups
            for tiers in product(*group.when.values())
        )
        tiers = tuple(_tier(group, rank) for rank, group in enumerate(self.spec.groups, start=1))
        rest = Tier(
            REST, Text("Rest", "其他"), len(tiers) + 1, Text("in none of the groups", "不属于以上任何群组"),
            Text("as their own models advise", "按各自模型的建议执行"),
        )  # fmt: skip
        inputs = tuple(tier_column(model) for model in self.needs_models())
        self.scheme_ = Scheme(inputs, self.named((*tiers, rest)), rules, REST)
        return self


def _tier(group: Group, rank: int) -> Tier:
    shown = " + ".join(f"{model}: {'/'.join(tiers)}" for model, tiers in group.when.items())
    meaning = _text(group.meaning) or Text(f"where {shown}", f"满足 {shown}")
    action = _text(group.action) or Text("as their own models advise", "按各自模型的建议执行")
    return Tier(group.key, _text(group.name) or Text.same(group.key), rank, meaning, action)


def _text(words: Words | str | None) -> Text | None:
    if words is None or isinstance(words, Words):
        return words.text if words else None
    return Text.same(words)
