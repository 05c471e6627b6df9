"""Two axes: where does each customer stand on two things that matter, and what is the one she lacks?

Each axis is one indicator, cut in two by mean, median, the top share of customers, or an own value; good on both,
on one, or on neither gives four groups. Presets:

- `value_loyalty`: amount of the last year against 30-day periods with a purchase (a proxy of loyalty);
- `value_engagement`: amount of the last year against days active in the last 30: valuable but silent is at risk;
- `own`: any two indicators, given as `x` and `y`.

Wrong axes give wrong conclusions, so two checks are made. Both must be measurable: a name that is no indicator is an
error, an axis on which everyone is alike a note. And they must not say the same thing: Spearman's rank correlation
(ties share their mean rank, the unknown rank last) of `same_from` or more, either sign, is a note. Customers of whom both
axes say nothing (zero or unknown) are left out of it: their ties would make any two axes look alike.

Limits: two indicators out of many; whoever stands close to a line may cross it by chance.

Reference: Dick, A. S. & Basu, K. (1994), Customer loyalty, Journal of the Academy of Marketing Science 22(2).

Example:
    >>> from tierwise.models.two_axis import TwoAxis, TwoAxisSpec
    >>> [ref.column for ref in TwoAxis(TwoAxisSpec(preset="value_engagement")).needs()]
    ['monetary_365d', 'active_days_30d']
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, model_validator

from tierwise.contracts.axis import Axis
from tierwise.contracts.indicators import IndicatorRef
from tierwise.contracts.model import Learned, Learning, MethodCard, ModelSpec, Note, TierModel
from tierwise.contracts.scheme import Rule, Scheme, Tier
from tierwise.contracts.settings import ExactDecimal, refuse
from tierwise.language import Text
from tierwise.sql.axis import axis_learning, axis_score, constant_notes, is_high, is_low
from tierwise.sql.correlation import correlations, rank_steps
from tierwise.sql.steps import Step

SCORES = ("x_score", "y_score")
_VALUE = Axis(indicator="monetary", window_days=365)
PRESETS = {
    "value_loyalty": (_VALUE, Axis(indicator="active_periods", window_days=365)),
    "value_engagement": (_VALUE, Axis(indicator="active_days", window_days=30)),
}


class TwoAxisSpec(ModelSpec):
    """Settings of the two-axis matrix."""

    preset: Literal["value_loyalty", "value_engagement", "own"] = Field(
        default="value_loyalty", description="which axes and names · 坐标轴方案"
    )
    x: Axis | None = Field(default=None, description="first axis, in place of the preset's · 横轴（自定义）")
    y: Axis | None = Field(default=None, description="second axis, in place of the preset's · 纵轴（自定义）")
    same_from: ExactDecimal = Field(
        default=Decimal("0.9"), gt=0, le=1,
        description="rank correlation from which axes say the same · 秩相关达到多少视为同义",
    )  # fmt: skip

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.preset == "own" and (self.x is None or self.y is None):
            refuse(Text("the preset own needs both x and y", "自定义方案须同时给出 x 和 y"))
        x, y = self.axes()
        if x.ref == y.ref:
            refuse(
                Text(
                    f"both axes are {x.indicator}: choose two different things",
                    f"两轴都是 {x.indicator}，请选两个不同的指标",
                )
            )
        return self

    def axes(self) -> tuple[Axis, Axis]:
        """The two axes: own ones where given."""
        x, y = PRESETS.get(self.preset, PRESETS["value_loyalty"])
        return self.x or x, self.y or y


class TwoAxis(TierModel[TwoAxisSpec]):
    """Four groups by two indicators; see the module's docstring."""

    name = "two_axis"
    spec_type = TwoAxisSpec
    card = MethodCard(
        title=Text("Two-axis matrix", "双维矩阵"),
        question=Text(
            "Who is valuable but not loyal (or silent), and who is loyal but spends little?",
            "谁价值高但不忠诚（或沉默），谁忠诚但花得少？",
        ),
        data=Text(
            "any two measurable indicators; orders suffice for value and loyalty",
            "任意两个可量化指标；价值–忠诚只需订单",
        ),
        minimum=Text("about 100 customers with a value on both axes", "两轴均有数值的客户约 100 位"),
        fit=Text("deciding where to act: win loyalty, or raise value", "决定发力方向：赢得忠诚还是提升价值"),
        strengths=Text("seen at a glance, leads to four clear strategies", "一图看懂，对应四种明确策略"),
        limits=Text("depends on the axes chosen; two things out of many", "取决于所选坐标轴；只看两个方面"),
        difficulty=Text("medium", "中"),
        reference="Dick & Basu (1994), Journal of the Academy of Marketing Science 22(2), 99–113",
    )

    def needs(self) -> tuple[IndicatorRef, ...]:
        """The indicators of the two axes."""
        x, y = self.spec.axes()
        return x.ref, y.ref

    def _prefixes(self) -> tuple[str, str]:
        return f"{self.instance}_x", f"{self.instance}_y"

    def learn(self, table: str) -> Learning:
        """The cut-points of both axes, and their rank correlation."""
        parts = [
            axis_learning(prefix, table, axis, self.facts)
            for prefix, axis in zip(self._prefixes(), self.spec.axes(), strict=True)
        ]
        x, y = self._columns()
        told = f"{self.instance}_either"
        either = f"SELECT {x}, {y} FROM {table} WHERE COALESCE({x}, 0) <> 0 OR COALESCE({y}, 0) <> 0"
        steps, sums = rank_steps(self.instance, told, (x, y))
        return Learning(
            (*parts[0].steps, *parts[1].steps, Step(told, either), *steps), (*parts[0].reads, *parts[1].reads, sums)
        )  # fmt: skip

    def _columns(self) -> tuple[str, str]:
        x, y = self.needs()
        return x.column, y.column

    def fit(self, learned: Learned) -> Self:
        """Build the scheme, and note what is wrong with the axes."""
        scores = tuple(
            axis_score(prefix, name, axis, self.facts, learned)
            for prefix, name, axis in zip(self._prefixes(), SCORES, self.spec.axes(), strict=True)
        )
        x, y = SCORES
        tiers = TIERS["value_engagement" if self.spec.preset == "value_engagement" else "value_loyalty"]
        rules = (
            Rule(tiers[0].key, (is_high(x), is_high(y))),
            Rule(tiers[1].key, (is_high(x), is_low(y))),
            Rule(tiers[2].key, (is_low(x), is_high(y))),
        )
        total = {x: Decimal("0.6"), y: Decimal("0.4")}
        self.scheme_ = Scheme(self._columns(), self.named(tiers), rules, tiers[3].key, scores, total)
        constant = constant_notes("two_axis.constant", scores, learned, self._prefixes())
        self.notes_ = (*constant, *self._same_thing(learned))
        return self

    def _same_thing(self, learned: Learned) -> tuple[Note, ...]:
        columns = self._columns()
        found = correlations(learned[f"{self.instance}_rank_sums"][0], columns)[columns]
        if found is None:
            return ()
        figures = {"rank_correlation": found}
        said = Text(f"rank correlation of the axes: {found}", f"两轴的秩相关系数：{found}")
        if abs(found) < self.spec.same_from:
            return (Note("two_axis.correlation", said, figures),)
        text = Text(
            f"{columns[0]} and {columns[1]} say nearly the same (rank correlation {found}): "
            "two of the four groups mean little; choose another axis",
            f"{columns[0]} 与 {columns[1]} 几乎说的是同一件事（秩相关 {found}），四组中有两组意义不大，请更换坐标轴",
        )
        return (Note("two_axis.same_thing", text, figures),)


_STAR = Text("exclusive rights, early access, ask for referrals", "专属权益、优先体验，邀请推荐")
_ORDINARY = Text("standard service, automated and at low cost", "标准化服务，自动化、低成本")

TIERS = {
    "value_loyalty": (
        Tier("star", Text("Stars", "明星"), 1, Text("high on both axes", "两轴皆高：高价值、高忠诚"), _STAR),
        Tier(
            "to_win", Text("To win over", "待争取"), 2,
            Text("high on the first axis, low on the second", "高价值、低忠诚"),
            Text("find out what keeps them away; membership, personal care", "了解不常来的原因；会员计划与专人关怀"),
        ),
        Tier(
            "potential", Text("Potential", "潜力股"), 3,
            Text("low on the first axis, high on the second", "低价值、高忠诚"),
            Text("raise the basket: bundles, cross-selling, step-up coupons", "提升客单：组合、交叉销售、进阶优惠券"),
        ),
        Tier("ordinary", Text("Ordinary", "普通"), 4, Text("low on both axes", "两轴皆低"), _ORDINARY),
    ),
    "value_engagement": (
        Tier("star", Text("Stars", "明星"), 1, Text("valuable and active", "高价值、高活跃"), _STAR),
        Tier(
            "churn_risk", Text("Churn risk", "流失风险"), 2, Text("valuable but silent", "高价值、低活跃"),
            Text(
                "personal contact now; ask for the reason, show unused features",
                "立即专人回访，了解原因，介绍未使用的功能",
            ),
        ),
        Tier(
            "potential", Text("Potential", "潜力股"), 3, Text("active but not yet valuable", "低价值、高活跃"),
            Text("trial of the next plan, first-upgrade offer", "升级试用与首次升级优惠"),
        ),
        Tier("ordinary", Text("Ordinary", "普通"), 4, Text("neither valuable nor active", "低价值、低活跃"), _ORDINARY),
    ),
}  # fmt: skip
