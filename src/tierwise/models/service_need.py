"""Service needs: who wants speed, who wants depth, who helps herself?

Rules over the tickets of the last `window_days`, in this order:

- professional (depth): at least `expert_tickets` on `expert_topics` (advice on use, technique), or tickets that took
  `deep_minutes` or more on average, so that the matter was hard;
- service-sensitive (speed): at least `frequent_tickets` tickets, or `urgent_tickets` urgent ones, or a satisfaction
  with service of `unhappy_up_to` or less;
- cost-oriented (self-service): the rest: they ask for little, and a good help page is enough.

Limits: who never asked may still need advice; topics must be recorded. Urgent means the priorities high, urgent, 高, 紧急.

Reference: service segmentation as practised in Chinese CRM (服务敏感型、专业需求型、成本导向型).

Example:
    >>> from tierwise.models.service_need import ServiceNeed, ServiceNeedSpec
    >>> [tier.name.zh for tier in ServiceNeed(ServiceNeedSpec()).fit({}).scheme_.tiers]
    ['专业需求型', '服务敏感型', '成本导向型']
"""

from __future__ import annotations

from decimal import Decimal
from typing import Self

from pydantic import Field, model_validator

from tierwise.contracts.indicators import IndicatorRef, ref_of
from tierwise.contracts.model import Learned, Learning, MethodCard, ModelSpec, TierModel
from tierwise.contracts.scheme import Condition, Op, Rule, Scheme, Tier
from tierwise.contracts.settings import ExactDecimal, refuse
from tierwise.language import Text


class ServiceNeedSpec(ModelSpec):
    """Settings of the service-need types."""

    window_days: int = Field(default=365, ge=1, description="days that are looked at · 统计窗口（天）")
    expert_topics: tuple[str, ...] = Field(
        default=("使用咨询", "技术支持", "advice", "technical"),
        description="topics that need an expert · 需要专家解答的主题",
    )
    expert_tickets: int = Field(default=1, ge=1, description="professional from so many of them · 此类工单达到几次")
    deep_minutes: int = Field(
        default=2880, ge=1, description="or from such a mean time to solve, in minutes · 或平均解决时长达到（分钟）"
    )
    frequent_tickets: int = Field(default=3, ge=1, description="sensitive from so many tickets · 工单达到几次")
    urgent_tickets: int = Field(default=1, ge=1, description="or so many urgent ones · 或紧急工单达到几次")
    unhappy_up_to: ExactDecimal = Field(
        default=Decimal(2), ge=0, description="or such a satisfaction with service · 或服务满意度不高于"
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.expert_topics or any("|" in topic or not topic.strip() for topic in self.expert_topics):
            refuse(Text("expert_topics needs at least one topic, without |", "expert_topics 至少一个主题，且不含 |"))
        return self


class ServiceNeed(TierModel[ServiceNeedSpec]):
    """Types of service need; see the module's docstring."""

    name = "service_need"
    spec_type = ServiceNeedSpec
    card = MethodCard(
        title=Text("Service-need types", "服务需求分类"),
        question=Text("Who wants speed, who wants depth, who helps herself?", "谁要快、谁要深、谁自助即可？"),
        data=Text("tickets with topic, priority, times and satisfaction", "服务工单：主题、优先级、时长、满意度"),
        minimum=Text("a year of tickets with topics", "一年带主题的工单"),
        fit=Text(
            "matching service resources to need; SaaS, finance, durable goods",
            "按需配置服务资源：SaaS、金融、耐用品",
        ),
        strengths=Text("sends experts where they are needed", "把专家用在需要的地方"),
        limits=Text("silence is read as self-service", "未咨询者视为可自助"),
        difficulty=Text("low to medium", "低–中"),
        reference="Service segmentation as practised in Chinese CRM",
    )

    def needs(self) -> tuple[IndicatorRef, ...]:
        """Tickets of all kinds: on expert topics, slow ones, urgent ones, and satisfaction."""
        days = self.spec.window_days
        topics = ref_of("topic_tickets", days, topic="|".join(self.spec.expert_topics))
        others = ("resolution_minutes", "tickets", "urgent_tickets", "ticket_satisfaction")
        return topics, *(IndicatorRef(name, days) for name in others)

    def learn(self, table: str) -> Learning:
        """Nothing: the limits are settings."""
        return Learning()

    def fit(self, learned: Learned) -> Self:
        """Write the rules."""
        spec = self.spec
        topics, minutes, tickets, urgent, happy = inputs = tuple(ref.column for ref in self.needs())
        rules = (
            Rule("professional", (Condition(topics, Op.GE, spec.expert_tickets),)),
            Rule("professional", (Condition(minutes, Op.GE, spec.deep_minutes),)),
            Rule("sensitive", (Condition(tickets, Op.GE, spec.frequent_tickets),)),
            Rule("sensitive", (Condition(urgent, Op.GE, spec.urgent_tickets),)),
            Rule("sensitive", (Condition(happy, Op.LE, spec.unhappy_up_to),)),
        )
        self.scheme_ = Scheme(inputs, self.named(TIERS), rules, "cost_oriented", (), {tickets: Decimal(1)})
        return self


TIERS = (
    Tier(
        "professional", Text("Professional", "专业需求型"), 1, Text("needs depth", "需要专业深度"),
        Text("customer success manager, regular visits and training", "专属客户成功经理，定期回访与培训"),
    ),
    Tier(
        "sensitive", Text("Service-sensitive", "服务敏感型"), 2, Text("needs speed", "看重响应速度"),
        Text("priority lane with a promised response time", "优先通道与响应时限承诺"),
    ),
    Tier(
        "cost_oriented", Text("Cost-oriented", "成本导向型"), 3, Text("helps herself", "自助即可"),
        Text("self-service: help pages and online support", "自助服务：常见问题与在线支持"),
    ),
)  # fmt: skip
