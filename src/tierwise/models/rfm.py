"""RFM: who bought recently, often and for much money?

Every customer gets three scores from 1 (worst) to `bins` (best):

- R from `recency_days`, the days from the last purchase to as_of (fewer is better; no purchase scores 1),
- F from `frequency`, the number of purchases (in the window, if one is set),
- M from `monetary`, the net amount after refunds (in the same window).

A score counts the cut-points that a value has reached; `tierwise.sql.histogram` says how they are learned.
The eight-class preset calls a score high when it lies above the middle of its scale (4 and 5 of 5; 2 of 2)
and crosses high and low of R, F and M. The preset `rfm_r` is the segment table of the R package rfm 0.3.0:
ten ranges of scores, the first that fits wins, "Others" for the rest.

`score`, which orders customers, is the sum of the three scores times their weights.

Limits: a snapshot of the past without stage of life or potential; scores are relative to the other customers.

References: Hughes, A. M. (1994), Strategic Database Marketing; Hebbali, A., R package rfm 0.3.0.

Example:
    >>> from tierwise.models.rfm import Rfm, RfmSpec
    >>> [ref.column for ref in Rfm(RfmSpec(window_days=365)).needs()]
    ['recency_days', 'frequency_365d', 'monetary_365d']
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Generic, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tierwise.contracts.indicators import IndicatorRef
from tierwise.contracts.model import Learned, Learning, MethodCard, ModelSpec, Note, TierModel
from tierwise.contracts.scheme import Condition, Number, Op, Rule, Scheme, Score, Tier
from tierwise.contracts.settings import ExactDecimal, refuse
from tierwise.language import Text
from tierwise.sql.histogram import CutRequest, cut_points, cut_steps, scored_step
from tierwise.sql.steps import Step

T = TypeVar("T")

METRICS = ("recency", "frequency", "monetary")
SCORES = ("r_score", "f_score", "m_score")
LABELS = (Text("R score", "R 得分"), Text("F score", "F 得分"), Text("M score", "M 得分"))


class PerMetric(BaseModel, Generic[T]):
    """One setting for each of R, F and M."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    recency: T
    frequency: T
    monetary: T

    def values(self) -> tuple[T, T, T]:
        """The settings in the order R, F, M."""
        return self.recency, self.frequency, self.monetary


class RfmSpec(ModelSpec):
    """Settings of RFM."""

    scoring: Literal["quantile", "breaks", "mean", "median", "top"] = Field(
        default="quantile", description="how values become scores · 打分方式"
    )
    bins: int | PerMetric[int] = Field(default=5, description="scores per metric, for quantile · 分箱数")
    breaks: PerMetric[tuple[ExactDecimal, ...]] | None = Field(
        default=None, description="own cut-points, ascending; reaching one adds a class · 自定义分界点"
    )
    top_percent: ExactDecimal | PerMetric[ExactDecimal] = Field(
        default=Decimal(20), description="share of customers that scores high, for top · 前 N% 为高"
    )
    window_days: int | None = Field(default=None, ge=1, description="days that F and M look back · 统计窗口（天）")
    weights: PerMetric[ExactDecimal] = Field(
        default=PerMetric(recency=Decimal(1), frequency=Decimal(1), monetary=Decimal(1)),
        description="weights of R, F and M in the score that orders customers · 权重",
    )
    nested: bool = Field(default=False, description="bin F inside R, and M inside R and F · 嵌套分箱")
    preset: Literal["eight", "rfm_r", "rfm_r_classic"] = Field(
        default="eight", description="names of the segments · 分层方案"
    )
    high_from: int | PerMetric[int] | None = Field(
        default=None, description="lowest score that counts as high, for eight · 从几分起算高"
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        weights = self.weights.values()
        if min(weights) < 0 or sum(weights) <= 0:
            refuse(Text("weights must not be negative and must not sum to zero", "权重不能为负，且合计不能为零"))
        if not all(2 <= bins <= 100 for bins in self.bins_of()):
            refuse(Text("bins must lie between 2 and 100", "分箱数须在 2 到 100 之间"))
        if not all(0 < percent < 100 for percent in _three(self.top_percent)):
            refuse(Text("top_percent must lie between 0 and 100", "top_percent 须在 0 与 100 之间"))
        self._check_breaks()
        if self.preset != "eight" and self.bins_of() != (5, 5, 5):
            refuse(Text("the presets of the R package need scores from 1 to 5", "R 包方案需要 1 到 5 分的打分"))
        return self

    def _check_breaks(self) -> None:
        if self.scoring != "breaks":
            return
        if self.breaks is None:
            refuse(Text("scoring by breaks needs `breaks`", "按自定义分界点打分时必须给出 breaks"))
        if any(not cuts or list(cuts) != sorted(set(cuts)) for cuts in self.breaks.values()):
            refuse(Text("breaks must ascend, at least one per metric", "分界点须递增，且每个指标至少一个"))
        if self.nested:
            refuse(
                Text(
                    "own breaks cannot be nested: they are the same for everyone", "自定义分界点对所有人相同，不能嵌套"
                )
            )

    def bins_of(self) -> tuple[int, int, int]:
        """The highest score of R, F and M."""
        if self.scoring == "quantile":
            return _three(self.bins)
        if self.scoring == "breaks" and self.breaks is not None:
            r, f, m = (len(cuts) + 1 for cuts in self.breaks.values())
            return r, f, m
        return 2, 2, 2


def _three(setting: Any) -> tuple[Any, Any, Any]:
    return setting.values() if isinstance(setting, PerMetric) else (setting, setting, setting)


class Rfm(TierModel[RfmSpec]):
    """RFM scores and segments; see the module's docstring for formulas."""

    name = "rfm"
    spec_type = RfmSpec
    card = MethodCard(
        title=Text("RFM", "RFM 模型"),
        question=Text(
            "Who bought recently, often and for much money, and who is slipping away?",
            "谁最近买过、买得多、花得多？谁正在流失？",
        ),
        data=Text("customer, date and amount of every order", "每笔订单的客户、日期、金额"),
        minimum=Text(
            "about 200 customers and a year of orders; below that read the scores as a ranking only",
            "约 200 位客户、一年订单；低于此规模时得分只宜当作排名参考",
        ),
        fit=Text(
            "frequent trade: e-commerce, retail, restaurants; repurchase goals",
            "高频交易：电商、零售、餐饮；以复购为目标",
        ),
        strengths=Text(
            "needs little data, easy to explain, leads straight to actions", "所需数据少、易解释、可直接指导行动"
        ),
        limits=Text(
            "static; knows no life stage, no potential, no interaction or brand preference; relative to other customers",
            "静态；不含生命周期与潜力，忽略互动和品牌偏好；得分是相对其他客户而言",
        ),
        difficulty=Text("low to medium", "低–中"),
        reference="Hughes (1994), Strategic Database Marketing; R package rfm 0.3.0",
    )

    def needs(self) -> tuple[IndicatorRef, ...]:
        """Recency over all time; frequency and monetary in the window."""
        window = self.spec.window_days
        return IndicatorRef("recency_days"), IndicatorRef("frequency", window), IndicatorRef("monetary", window)

    def _requests(self) -> tuple[CutRequest, ...]:
        method: Any = self.spec.scoring
        nesting: tuple[tuple[str, ...], ...] = ((), SCORES[:1], SCORES[:2]) if self.spec.nested else ((), (), ())
        return tuple(
            CutRequest(ref.column, method, place > 0, bins, (percent,), by)
            for place, (ref, bins, percent, by) in enumerate(
                zip(self.needs(), self.spec.bins_of(), _three(self.spec.top_percent), nesting, strict=True)
            )
        )

    def learn(self, table: str) -> Learning:
        """Histograms of R, F and M and their cut-points; nested ones inside the groups of the scores before."""
        if self.spec.scoring == "breaks":
            return Learning()
        steps: list[Step] = []
        requests = self._requests()
        for place, (metric, request) in enumerate(zip(METRICS, requests, strict=True)):
            prefix = f"{self.instance}_{metric}"
            steps += cut_steps(prefix, table, request)
            if self.spec.nested and place < 2:
                keep = [r.column for r in requests[place + 1 :]] + list(SCORES[:place])
                scored = f"{self.instance}_{SCORES[place]}"
                steps.append(scored_step(scored, table, keep, request, prefix, SCORES[place]))
                table = scored
        return Learning(tuple(steps), tuple(f"{self.instance}_{metric}_cuts" for metric in METRICS))

    def fit(self, learned: Learned) -> Self:
        """Build the scheme from the learned cut-points."""
        refs, requests = self.needs(), self._requests()
        cuts = self._own_cuts() if self.spec.scoring == "breaks" else self._learned_cuts(learned, requests)
        scores = tuple(
            Score(name, ref.column, label, bins, found, place > 0, request.by)
            for place, (name, ref, label, bins, found, request) in enumerate(
                zip(SCORES, refs, LABELS, self.spec.bins_of(), cuts, requests, strict=True)
            )
        )
        tiers, rules, otherwise = self._eight() if self.spec.preset == "eight" else SEGMENTS[self.spec.preset]
        total = dict(zip(SCORES, self.spec.weights.values(), strict=True))
        self.scheme_ = Scheme(tuple(ref.column for ref in refs), self.named(tiers), rules, otherwise, scores, total)
        return self

    def _own_cuts(self) -> list[dict[tuple[int, ...], tuple[Number, ...]]]:
        assert self.spec.breaks is not None
        return [{(): cuts} for cuts in self.spec.breaks.values()]

    def _learned_cuts(
        self, learned: Learned, requests: tuple[CutRequest, ...]
    ) -> list[dict[tuple[int, ...], tuple[Number, ...]]]:
        found: list[dict[tuple[int, ...], tuple[Number, ...]]] = []
        notes: list[Note] = []
        for metric, request in zip(METRICS, requests, strict=True):
            rows = learned[f"{self.instance}_{metric}_cuts"]
            found.append({tuple(row[name] for name in request.by): cut_points(row, request) for row in rows})
            if not request.by and rows and rows[0]["lowest"] == rows[0]["highest"]:
                notes.append(_constant_note(metric))
        self.notes_ = tuple(notes)
        return found

    def _eight(self) -> tuple[tuple[Tier, ...], tuple[Rule, ...], str]:
        marks: tuple[int, ...]
        if self.spec.high_from is not None:
            marks = _three(self.spec.high_from)
        else:
            marks = tuple(bins // 2 + 1 + bins % 2 for bins in self.spec.bins_of())
        rules = tuple(
            Rule(
                key,
                tuple(
                    _high_or_low(name, mark, letter) for name, mark, letter in zip(SCORES, marks, letters, strict=True)
                ),
            )
            for key, letters in EIGHT_LETTERS
        )
        return EIGHT_TIERS, rules, rules[-1].tier


_METRICS_ZH = {"recency": "最近购买时间（R）", "frequency": "购买次数（F）", "monetary": "消费金额（M）"}


def _constant_note(metric: str) -> Note:
    text = Text(
        f"all customers have the same {metric}: its score tells them apart from nobody",
        f"所有客户的{_METRICS_ZH[metric]}都相同，该项得分没有区分作用",
    )
    return Note("rfm.constant", text, {"metric": metric})


def _high_or_low(score: str, mark: int, letter: str) -> Condition:
    return Condition(score, Op.GE if letter == "H" else Op.LT, mark)


def _tier(rank: int, key: str, name: Text, meaning: Text, action: Text) -> Tier:
    return Tier(key, name, rank, meaning, action)


EIGHT_LETTERS = (
    ("important_value", "HHH"),
    ("important_develop", "HLH"),
    ("important_keep", "LHH"),
    ("important_winback", "LLH"),
    ("general_value", "HHL"),
    ("general_develop", "HLL"),
    ("general_keep", "LHL"),
    ("general_winback", "LLL"),
)

EIGHT_TIERS = (
    _tier(
        1, "important_value", Text("Important value", "重要价值"),
        Text("bought recently, often and for much", "最近买过、买得勤、花得多"),
        Text("exclusive coupon and personal recommendations", "专属优惠券 + 个性化推荐"),
    ),
    _tier(
        2, "important_develop", Text("Important develop", "重要发展"),
        Text("bought recently and for much, but seldom", "最近买过、花得多，但次数少"),
        Text("promotions and new products", "促销活动 + 新品推荐"),
    ),
    _tier(
        3, "important_keep", Text("Important keep", "重要保持"),
        Text("bought often and for much, but not lately", "买得勤、花得多，但最近没来"),
        Text("regular caring message and birthday wishes", "定期关怀短信 + 生日祝福"),
    ),
    _tier(
        4, "important_winback", Text("Important win-back", "重要挽留"),
        Text("spent much, seldom, and not lately", "花得多，但次数少、最近没来"),
        Text("personal call and an offer to return", "电话回访 + 挽回优惠"),
    ),
    _tier(
        5, "general_value", Text("General value", "一般价值"),
        Text("bought recently and often, small amounts", "最近买过、买得勤，但金额小"),
        Text("raise the basket: spend-and-save offers, bundles", "满减与组合，提升客单价"),
    ),
    _tier(
        6, "general_develop", Text("General develop", "一般发展"),
        Text("bought recently, seldom and little", "最近买过，次数少、金额小"),
        Text("second-purchase coupon and membership points", "二次购买券 + 会员积分"),
    ),
    _tier(
        7, "general_keep", Text("General keep", "一般保持"),
        Text("bought often but little, and not lately", "买得勤但金额小，最近没来"),
        Text("scheduled promotion with limited-time discount", "定期推送 + 限时优惠"),
    ),
    _tier(
        8, "general_winback", Text("General win-back", "一般挽留"),
        Text("bought seldom, little, and not lately", "次数少、金额小、最近没来"),
        Text("low-cost reminder; no further spending without an answer", "低成本提醒；无响应则不再投入"),
    ),
)  # fmt: skip


def _ranges(tier: str, *bounds: tuple[int, int]) -> Rule:
    conditions: list[Condition] = []
    for score, (low, high) in zip(SCORES, bounds, strict=True):
        conditions += [Condition(score, Op.GE, low), Condition(score, Op.LE, high)]
    return Rule(tier, tuple(conditions))


RFM_R_TIERS = (
    _tier(
        1, "champions", Text("Champions", "冠军客户"),
        Text("best in all three", "三项全优"), Text("reward; first look at new products", "回馈奖励；新品优先体验"),
    ),
    _tier(
        2, "loyal_customers", Text("Loyal Customers", "忠诚客户"),
        Text("steady and valuable", "稳定且有价值"), Text("upsell; ask for a review", "升级推荐；邀请评价"),
    ),
    _tier(
        3, "potential_loyalist", Text("Potential Loyalist", "潜在忠诚客户"),
        Text("recent, with some purchases", "近期购买且有一定次数"), Text("membership and recommendations", "会员计划 + 推荐"),
    ),
    _tier(
        4, "new_customers", Text("New Customers", "新客户"),
        Text("bought recently, seldom", "近期购买、次数少"), Text("welcome gift and guidance", "新人礼包 + 引导"),
    ),
    _tier(
        5, "promising", Text("Promising", "有希望的客户"),
        Text("recent and large, seldom", "近期购买、金额较高、次数少"),
        Text("build the habit: small steps, points", "培养习惯：积分与小额优惠"),
    ),
    _tier(
        6, "need_attention", Text("Need Attention", "需要关注"),
        Text("above average, but fading", "高于平均，但在减弱"), Text("limited-time offer on what they like", "按偏好推限时优惠"),
    ),
    _tier(
        7, "about_to_sleep", Text("About To Sleep", "即将沉睡"),
        Text("below average in all three", "三项均偏低"), Text("remind with best sellers", "畅销品提醒"),
    ),
    _tier(
        8, "at_risk", Text("At Risk", "流失风险"),
        Text("was good, long not seen", "曾经优质，久未购买"), Text("personal message and an offer", "个性化消息 + 优惠"),
    ),
    _tier(
        9, "cant_lose_them", Text("Can't Lose Them", "不能失去"),
        Text("spent very much, long not seen", "花费很高，久未购买"), Text("call them", "电话回访挽回"),
    ),
    _tier(
        10, "lost", Text("Lost", "已流失"),
        Text("lowest recency", "最近一次购买最久远"), Text("one win-back offer, then leave in peace", "挽回一次，无响应则停止"),
    ),
    _tier(
        11, "others", Text("Others", "其他"),
        Text("fits no range of the table", "不属于以上任何区间"), Text("standard service", "标准服务"),
    ),
)  # fmt: skip

# Ranges of R, F and M as (low, high), first match wins: the tables of the package's vignette (0.3.0) and of its
# tests and earlier documentation ("classic").
_VIGNETTE = (
    _ranges("champions", (5, 5), (5, 5), (5, 5)),
    _ranges("potential_loyalist", (3, 5), (3, 5), (2, 5)),
    _ranges("loyal_customers", (2, 4), (2, 4), (2, 4)),
    _ranges("promising", (3, 4), (1, 3), (3, 5)),
    _ranges("new_customers", (4, 5), (1, 3), (1, 5)),
    _ranges("cant_lose_them", (1, 2), (3, 4), (4, 5)),
    _ranges("at_risk", (1, 2), (2, 5), (4, 5)),
    _ranges("need_attention", (1, 3), (3, 5), (3, 5)),
    _ranges("about_to_sleep", (2, 3), (1, 3), (1, 4)),
    _ranges("lost", (1, 1), (1, 5), (1, 5)),
)
_CLASSIC = (
    _ranges("champions", (4, 5), (4, 5), (4, 5)),
    _ranges("loyal_customers", (2, 5), (3, 5), (3, 5)),
    _ranges("potential_loyalist", (3, 5), (1, 3), (1, 3)),
    _ranges("new_customers", (4, 5), (1, 1), (1, 1)),
    _ranges("promising", (3, 4), (1, 1), (1, 1)),
    _ranges("need_attention", (2, 3), (2, 3), (2, 3)),
    _ranges("about_to_sleep", (2, 3), (1, 2), (1, 2)),
    _ranges("at_risk", (1, 2), (2, 5), (2, 5)),
    _ranges("cant_lose_them", (1, 1), (4, 5), (4, 5)),
    _ranges("lost", (1, 2), (1, 2), (1, 2)),
)
SEGMENTS = {
    "rfm_r": (RFM_R_TIERS, _VIGNETTE, "others"),
    "rfm_r_classic": (RFM_R_TIERS, _CLASSIC, "others"),
}
