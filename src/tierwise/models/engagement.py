"""Engagement: who lives with the product, and who has gone quiet?

    score = Σ over events and days of weight × min(times that day, cap) × ½ ^ (age in days / half-life)

over the last `window_days`. Weights and decay are exact decimals from a lookup, so that the sum is the same on every
engine. Shipped weights: login 1 (once a day), core feature 5, comment 3, invite 10; name the events of your own
product. Sets of weights are versions: a run keeps the one it used, and an old one stays to compare with. Levels:

- churn risk: no weighted event in the window, or no event at all for `at_risk_days`, or (where `fall_percent` is set)
  active days have fallen by so much against the window before;
- high, medium: at least the `thresholds`, or, without them, the best `top_percents` of customers with a score;
- low: the rest.

Limits: activity is not value: combine with money (two_axis). Weights grow stale as the product changes: revise them
regularly, as a new version, and simulate before publishing. Bots and background events inflate scores: cap them.

Reference: Lehmann, Lalmas, Yom-Tov & Dupret (2012), Models of user engagement, UMAP 2012.

Example:
    >>> from tierwise.models.engagement import Engagement, EngagementSpec
    >>> ref = Engagement(EngagementSpec()).needs()[0]
    >>> ref.name, ref.window_days, dict(ref.parameters)["weights"]
    ('engagement_score', 30, 'comment=3|core_feature=5|invite=10|login=1')
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tierwise.contracts.indicators import IndicatorRef, ref_of
from tierwise.contracts.model import Learned, Learning, MethodCard, ModelSpec, Note, TierModel
from tierwise.contracts.scheme import Condition, Number, Op, Rule, Scheme, Score, Tier
from tierwise.contracts.settings import ExactDecimal, TwoThresholds, TwoTopPercents, refuse
from tierwise.language import Text
from tierwise.sql.histogram import CutRequest, cut_points, cut_steps
from tierwise.sql.steps import Step

LEVEL = "level"


class Weights(BaseModel):
    """One version of the weights."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weights: dict[str, ExactDecimal] = Field(
        default={"login": Decimal(1), "core_feature": Decimal(5), "comment": Decimal(3), "invite": Decimal(10)},
        description="points by event · 各行为的权重",
    )
    daily_caps: dict[str, int] = Field(
        default={"login": 1}, description="most times a day that count · 每日计分次数上限"
    )
    half_life_days: int = Field(
        default=0, ge=0, description="days after which a point is worth half; 0 is never · 得分减半的天数（0 为不衰减）"
    )
    since: date | None = Field(default=None, description="when this version came into use · 启用日期")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.weights or min(self.weights.values()) < 0 or sum(self.weights.values()) <= 0:
            refuse(Text("weights must not be negative and must not sum to zero", "权重不能为负，且合计不能为零"))
        if any(set(name) & set("|=") or not name.strip() for name in self.weights):
            refuse(Text("event names must be without | and =", "事件名不能为空，也不能含有 | 或 ="))
        stray = [name for name in self.daily_caps if name not in self.weights]
        if stray or any(cap < 1 for cap in self.daily_caps.values()):
            refuse(
                Text(
                    "caps must be at least 1 and belong to events that have a weight",
                    "上限至少为 1，且对应的行为须有权重",
                )
            )
        return self


class EngagementSpec(ModelSpec):
    """Settings of the engagement model."""

    window_days: int = Field(default=30, ge=1, le=1100, description="days it looks back · 统计窗口（天）")
    version: str = Field(default="1", description="which version of the weights is in use · 使用哪一版权重")
    versions: dict[str, Weights] = Field(
        default={"1": Weights()}, description="versions of the weights by name · 各版本权重"
    )
    top_percents: TwoTopPercents = Field(
        default=(Decimal(20), Decimal(50)),
        description="cumulative shares of high and medium of those with a score · 高、中参与度的累计占比（有得分者）",
    )
    thresholds: TwoThresholds | None = Field(
        default=None, description="own scores from which high and medium begin · 自定义高、中参与度门槛"
    )
    at_risk_days: int = Field(
        default=30, ge=1, description="churn risk after so many silent days · 沉默多少天算流失风险"
    )
    fall_percent: int | None = Field(
        default=None,
        ge=1,
        le=100,
        description="churn risk when active days fall by so much · 活跃天数下降多少算流失风险",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.thresholds is not None and self.thresholds[1] <= 0:
            refuse(Text("thresholds must be above zero", "门槛须大于零"))
        if self.version not in self.versions:
            known = ", ".join(self.versions)
            refuse(
                Text(
                    f"there is no version {self.version} of the weights; there are: {known}",
                    f"没有名为 {self.version} 的权重版本，现有：{known}",
                )
            )
        return self

    @property
    def current(self) -> Weights:
        """The weights in use."""
        return self.versions[self.version]


def _pairs(numbers: dict[str, Decimal] | dict[str, int]) -> str:
    return "|".join(
        f"{name}={number:f}" if isinstance(number, Decimal) else f"{name}={number}"
        for name, number in sorted(numbers.items())
    )


class Engagement(TierModel[EngagementSpec]):
    """Levels of engagement; see the module's docstring."""

    name = "engagement"
    spec_type = EngagementSpec
    card = MethodCard(
        title=Text("Engagement score", "参与度模型"),
        question=Text("Who lives with the product, and who has gone quiet?", "谁在深度使用产品，谁正在沉默？"),
        data=Text("events with a customer, a name and a time", "行为事件：客户、事件名、时间"),
        minimum=Text(
            "two windows of complete tracking of the events that carry weight",
            "计分行为至少有两个窗口期的完整埋点",
        ),
        fit=Text("apps, communities, content, SaaS; retention goals", "App、社区、内容平台、SaaS；以留存为目标"),
        strengths=Text(
            "sees trouble before revenue does; shows which features matter",
            "早于营收发现问题；揭示高价值功能",
        ),
        limits=Text(
            "weights are a judgement and grow stale; activity is not value",
            "权重出自判断且会过时；活跃不等于价值",
        ),
        difficulty=Text("medium to high", "中–高"),
        reference="Lehmann, Lalmas, Yom-Tov & Dupret (2012), Models of user engagement, UMAP 2012",
    )

    def needs(self) -> tuple[IndicatorRef, ...]:
        """The weighted score and the silence; the change of active days where it counts."""
        base = (self._score, IndicatorRef("activity_recency_days"))
        return base if self.spec.fall_percent is None else (*base, self._change)

    @property
    def _score(self) -> IndicatorRef:
        current = self.spec.current
        return ref_of(
            "engagement_score",
            self.spec.window_days,
            weights=_pairs(current.weights),
            caps=_pairs(current.daily_caps),
            half_life_days=str(current.half_life_days),
        )

    @property
    def _change(self) -> IndicatorRef:
        return IndicatorRef("activity_growth_percent", self.spec.window_days)

    @property
    def _request(self) -> CutRequest:
        return CutRequest(self._score.column, "top", True, top_percents=self.spec.top_percents)

    def learn(self, table: str) -> Learning:
        """The cut-points of high and medium among customers with a score."""
        if self.spec.thresholds is not None:
            return Learning()
        column, prefix = self._score.column, f"{self.instance}_score"
        active = Step(f"{prefix}_active", f"SELECT customer_id, {column} FROM {table} WHERE {column} > 0")
        return Learning((active, *cut_steps(prefix, active.name, self._request)), (f"{prefix}_cuts",))

    def fit(self, learned: Learned) -> Self:
        """Build the scheme and note which weights were used."""
        column = self._score.column
        if self.spec.thresholds is not None:
            cuts: tuple[Number, ...] = tuple(reversed(self.spec.thresholds))
            ties: tuple[Note, ...] = ()
        else:
            learned_cuts = learned[f"{self.instance}_score_cuts"][0]
            cuts = cut_points(learned_cuts, self._request)
            ties = _ties(cuts, learned_cuts["lowest"])
        score = Score(LEVEL, column, Text("level of engagement", "参与度档位"), 3, {(): cuts})
        silent = Rule("at_risk", (Condition("activity_recency_days", Op.GE, self.spec.at_risk_days),))
        nothing = Rule("at_risk", (Condition(column, Op.LE, Decimal(0)),))
        rules = (
            silent, nothing, *self._fall(),
            Rule("high", (Condition(LEVEL, Op.GE, 3),)), Rule("medium", (Condition(LEVEL, Op.GE, 2),)),
        )  # fmt: skip
        inputs = tuple(ref.column for ref in self.needs())
        self.scheme_ = Scheme(inputs, self.named(TIERS), rules, "low", (score,), {column: Decimal(1)})
        self.notes_ = (self._version_note(), *ties)
        return self

    def _fall(self) -> tuple[Rule, ...]:
        if self.spec.fall_percent is None:
            return ()
        return (Rule("at_risk", (Condition(self._change.column, Op.LE, -self.spec.fall_percent),)),)

    def _version_note(self) -> Note:
        current = self.spec.current
        since = f" since {current.since}" if current.since else ""
        since_zh = f"（{current.since} 启用）" if current.since else ""
        text = Text(
            f"weights of version {self.spec.version}{since}; revise them as the product changes",
            f"使用第 {self.spec.version} 版权重{since_zh}；产品变化后请修订权重",
        )
        figures = {"version": self.spec.version, "since": current.since.isoformat() if current.since else None}
        return Note("engagement.version", text, figures)


def _ties(cuts: tuple[Number, ...], lowest: Number | None) -> tuple[Note, ...]:
    """A note where so many share the lowest score that nobody is left for the low level."""
    if not cuts or lowest is None or lowest < cuts[0]:
        return ()
    text = Text(
        f"nobody is little engaged: so many share the lowest score, {lowest}, that it counts as medium or high; "
        "set `thresholds`, or weigh more kinds of events",
        f"“低度参与”为空：并列最低得分 {lowest} 的客户过多，只能归入中度或高度；请设置 thresholds，或为更多行为设定权重",
    )
    return (Note("engagement.ties", text, {"lowest": str(lowest)}),)


TIERS = (
    Tier(
        "high", Text("Highly engaged", "高度参与"), 1, Text("uses the product much and in depth", "使用频繁且深入"),
        Text(
            "make them advocates: invite, beta features, community roles",
            "发展为拥护者：邀请好友、内测资格、社区身份",
        ),
    ),
    Tier(
        "medium", Text("Moderately engaged", "中度参与"), 2, Text("uses the product regularly", "使用较规律"),
        Text("lead to features of high value; tasks and badges", "引导高价值功能；任务与勋章"),
    ),
    Tier(
        "low", Text("Little engaged", "低度参与"), 3, Text("uses the product little", "使用较少"),
        Text("guidance for beginners, reminders of what is new", "新手引导、更新提醒"),
    ),
    Tier(
        "at_risk", Text("Churn risk", "流失风险"), 4, Text("has gone quiet", "已沉默或明显下滑"),
        Text("win back: personal contact, ask for the reason, a reason to return", "主动回访、了解原因、召回激励"),
    ),
)  # fmt: skip
