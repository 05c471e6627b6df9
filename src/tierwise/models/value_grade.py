"""Value grade: who is of high, medium and low value, all things considered?

Three dimensions are weighed against each other: contribution, loyalty and potential. Each is a list of indicators
with weights. An indicator becomes a score from 1 to `bins` by the quantiles of its own values (null scores 1), and

    points = Σ dimension weight / Σ weights × indicator weight / Σ weights of the dimension × score × 100 / bins

lies between 100 / bins and 100. Weights are exact decimals, rounded to a hundredth of a point per score.
With `cut: share` the best `top_percents` of customers by points are high and medium (ties at a border all go up);
with `cut: points` the grades begin at `thresholds`.

Limits: points are relative to the other customers; weights are a judgement, and another one gives other grades:
simulate before changing them. No dimension is measured directly: loyalty and potential are proxies.

Reference: Kumar, V. & Reinartz, W. (2018), Customer Relationship Management, 3rd ed., chapter 5 (composite scoring).

Example:
    >>> from tierwise.models.value_grade import ValueGrade, ValueGradeSpec
    >>> model = ValueGrade(ValueGradeSpec(bins=4))
    >>> [str(weight) for weight in model.points_per_score().values()]
    ['8.33', '4.17', '3.75', '3.75', '2.50', '2.50']
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tierwise.contracts.axis import IndicatorSetting
from tierwise.contracts.indicators import IndicatorRef
from tierwise.contracts.model import Learned, Learning, MethodCard, ModelSpec, Note, TierModel
from tierwise.contracts.scheme import SCORE, Condition, Op, Rule, Scheme, Score, Tier
from tierwise.contracts.settings import ExactDecimal, TwoThresholds, TwoTopPercents, refuse
from tierwise.language import Text
from tierwise.sql.expressions import literal
from tierwise.sql.histogram import CutRequest, cut_points, cut_steps, scores_step
from tierwise.sql.steps import Step

DIMENSIONS = ("contribution", "loyalty", "potential")


class Ingredient(IndicatorSetting):
    """An indicator with its weight inside its dimension."""

    weight: ExactDecimal = Field(default=Decimal(1), ge=0, description="weight in its dimension · 维度内权重")


class DimensionWeights(BaseModel):
    """How much each dimension counts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    contribution: ExactDecimal = Field(default=Decimal(5), ge=0, description="weight of contribution · 贡献权重")
    loyalty: ExactDecimal = Field(default=Decimal(3), ge=0, description="weight of loyalty · 忠诚权重")
    potential: ExactDecimal = Field(default=Decimal(2), ge=0, description="weight of potential · 潜力权重")


def _year(indicator: str, weight: int = 1) -> Ingredient:
    return Ingredient(indicator=indicator, window_days=365, weight=Decimal(weight))


class ValueGradeSpec(ModelSpec):
    """Settings of the value grade."""

    contribution: tuple[Ingredient, ...] = Field(
        default=(_year("monetary", 2), _year("frequency")), description="indicators of contribution · 贡献指标"
    )
    loyalty: tuple[Ingredient, ...] = Field(
        default=(_year("active_periods"), Ingredient(indicator="recency_days")),
        description="indicators of loyalty (proxies) · 忠诚指标（替代指标）",
    )
    potential: tuple[Ingredient, ...] = Field(
        default=(_year("spend_trend"), _year("average_order_value")),
        description="indicators of potential (proxies) · 潜力指标（替代指标）",
    )
    weights: DimensionWeights = Field(
        default=DimensionWeights(), description="weights of the three dimensions · 三个维度的权重"
    )
    bins: int = Field(default=5, ge=2, le=100, description="scores per indicator · 每个指标的分档数")
    cut: Literal["share", "points"] = Field(
        default="share", description="grades by share of customers or by points · 按客户占比或按得分分级"
    )
    top_percents: TwoTopPercents = Field(
        default=(Decimal(20), Decimal(50)), description="cumulative shares of high and medium · 高、中价值的累计占比"
    )
    thresholds: TwoThresholds = Field(
        default=(Decimal(70), Decimal(40)), description="points from which high and medium begin · 高、中价值的得分门槛"
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for name, ingredients, weight in self.dimensions():
            if weight > 0 and sum(item.weight for item in ingredients) <= 0:
                refuse(
                    Text(
                        f"{name} counts but has no indicator with a weight above zero",
                        f"{name} 参与计分，但没有权重大于零的指标",
                    )
                )
        if sum(weight for _, _, weight in self.dimensions()) <= 0:
            refuse(Text("the weights must not sum to zero", "维度权重合计不能为零"))
        self._check_directions()
        return self

    def _check_directions(self) -> None:
        directions: dict[IndicatorRef, str | None] = {}
        for _, ingredients, _ in self.dimensions():
            for item in ingredients:
                if directions.setdefault(item.ref, item.better) != item.better:
                    refuse(
                        Text(
                            f"{item.indicator} is said to be better one way and the other",
                            f"{item.indicator} 在不同维度中的好坏方向不一致",
                        )
                    )

    def dimensions(self) -> tuple[tuple[str, tuple[Ingredient, ...], Decimal], ...]:
        """Name, indicators and weight of each dimension."""
        return tuple((name, getattr(self, name), getattr(self.weights, name)) for name in DIMENSIONS)


class ValueGrade(TierModel[ValueGradeSpec]):
    """Grades by weighted points; see the module's docstring."""

    name = "value_grade"
    spec_type = ValueGradeSpec
    card = MethodCard(
        title=Text("Value grade (high, medium, low)", "高中低价值分级"),
        question=Text(
            "Who is of high, medium and low value when contribution, loyalty and potential are weighed together?",
            "综合贡献、忠诚与潜力，谁是高价值、中价值、低价值客户？",
        ),
        data=Text("orders; any further indicator may be added", "订单；可加入任何其他指标"),
        minimum=Text(
            "about 200 customers and a year of orders; 8 to 12 indicators give a whole picture",
            "约 200 位客户、一年订单；8–12 个指标可形成完整画像",
        ),
        fit=Text("one grade for service, offers and budget", "用一个统一等级配置服务、优惠与预算"),
        strengths=Text(
            "weighs more than money; three grades that everybody understands", "不只看金额；三个等级人人能懂"
        ),
        limits=Text(
            "weights are a judgement; loyalty and potential are proxies; relative to other customers",
            "权重出自判断；忠诚与潜力用替代指标；相对于其他客户",
        ),
        difficulty=Text("medium", "中"),
        reference="Kumar & Reinartz (2018), Customer Relationship Management, 3rd ed., chapter 5",
    )

    def _ingredients(self) -> dict[IndicatorRef, Ingredient]:
        """The indicators that count, each once."""
        return {
            item.ref: item
            for _, ingredients, weight in self.spec.dimensions()
            for item in ingredients
            if weight > 0 and item.weight > 0
        }

    def needs(self) -> tuple[IndicatorRef, ...]:
        """Every indicator that has a weight."""
        return tuple(self._ingredients())

    def points_per_score(self) -> dict[str, Decimal]:
        """What one score of each indicator is worth, by the name of the score."""
        whole = sum((weight for _, _, weight in self.spec.dimensions()), Decimal(0))
        shares: dict[IndicatorRef, Decimal] = dict.fromkeys(self._ingredients(), Decimal(0))
        for _, ingredients, weight in self.spec.dimensions():
            inside = sum((item.weight for item in ingredients), Decimal(0))
            for item in ingredients:
                if item.ref in shares and inside > 0:
                    shares[item.ref] += weight / whole * item.weight / inside
        return {
            _score_name(ref): (share * 100 / self.spec.bins).quantize(Decimal("0.01"), ROUND_HALF_UP)
            for ref, share in shares.items()
        }

    def _requests(self) -> dict[IndicatorRef, CutRequest]:
        return {
            ref: CutRequest(ref.column, "quantile", item.ascending(self.facts), self.spec.bins)
            for ref, item in self._ingredients().items()
        }

    @property
    def _by_share(self) -> CutRequest:
        return CutRequest("points", "top", True, top_percents=self.spec.top_percents)

    def learn(self, table: str) -> Learning:
        """The cut-points of each indicator, then those of the points that they add up to."""
        requests = self._requests()
        steps: list[Step] = []
        for place, request in enumerate(requests.values()):
            steps += cut_steps(self._prefix(place), table, request)
        reads = tuple(f"{self._prefix(place)}_cuts" for place in range(len(requests)))
        if self.spec.cut == "points":
            return Learning(tuple(steps), reads)
        scores = {_score_name(ref): (self._prefix(place), each) for place, (ref, each) in enumerate(requests.items())}
        scored = scores_step(f"{self.instance}_scored", table, scores)
        terms = " + ".join(f"{score} * {literal(points)}" for score, points in self.points_per_score().items())
        points = f"{self.instance}_points"
        summed = Step(points, f"SELECT CAST({terms} AS DECIMAL(18, 2)) AS points FROM {scored.name}")
        cuts = cut_steps(points, points, self._by_share, few=True)
        return Learning((*steps, scored, summed, *cuts), (*reads, f"{points}_cuts"))

    def _label(self, ref: IndicatorRef) -> Text:
        label = self._ingredients()[ref].label(self.facts)
        return Text(f"score of {label.en}", f"{label.zh}得分")

    def _prefix(self, place: int) -> str:
        return f"{self.instance}_{place}"

    def fit(self, learned: Learned) -> Self:
        """Build the scheme: a score per indicator, and the points at which the grades begin."""
        scores = tuple(
            Score(
                _score_name(ref), ref.column, self._label(ref), self.spec.bins,
                {(): cut_points(learned[f"{self._prefix(place)}_cuts"][0], request)}, request.ascending,
            )
            for place, (ref, request) in enumerate(self._requests().items())
        )  # fmt: skip
        if self.spec.cut == "points":
            begins = self.spec.thresholds
        else:
            found = cut_points(learned[f"{self.instance}_points_cuts"][0], self._by_share)
            begins = (found[1], found[0]) if len(found) == 2 else (Decimal(101), Decimal(101))
        high, medium = (Condition(SCORE, Op.GE, points) for points in begins)
        rules = (Rule("high", (high,)), Rule("medium", (medium,)))
        inputs = tuple(ref.column for ref in self.needs())
        self.scheme_ = Scheme(inputs, self.named(TIERS), rules, "low", scores, self.points_per_score())
        text = Text(
            f"high begins at {begins[0]} points, medium at {begins[1]}",
            f"高价值从 {begins[0]} 分起，中价值从 {begins[1]} 分起",
        )
        self.notes_ = (Note("value_grade.begins", text, {"high": begins[0], "medium": begins[1]}),)
        return self


def _score_name(ref: IndicatorRef) -> str:
    return f"{ref.column}_score"


TIERS = (
    Tier(
        "high", Text("High value", "高价值"), 1, Text("the best by weighted points", "综合得分最高"),
        Text(
            "dedicated service agent, priority lane, tailored products and exclusive offers",
            "专属客服、优先服务通道、定制化产品与专属优惠",
        ),
    ),
    Tier(
        "medium", Text("Medium value", "中价值"), 2, Text("in the middle by weighted points", "综合得分居中"),
        Text(
            "points and limited-time offers that raise frequency and amount by one step",
            "会员积分、限时优惠与满减，提升频次与金额，向上一级晋升",
        ),
    ),
    Tier(
        "low", Text("Low value", "低价值"), 3, Text("the rest by weighted points", "综合得分较低"),
        Text(
            "first-purchase offers, referral rewards and self-service at low cost",
            "首次购买优惠、推荐奖励、标准化与自助服务，控制成本",
        ),
    ),
)  # fmt: skip
