"""Pyramid: who are the few customers that the business stands on?

Customers are sorted by cumulative spend (or profit) and cut at shares of the customer base, by default the top
1 % platinum, the next 4 % gold, the next 15 % silver and the rest bronze; or at own amounts. Ties at a border
all go up. Whoever has spent nothing net stays in the bottom tier whatever the shares say.

The Pareto check beside it says how concentrated revenue is: the share of positive net revenue that the top 20 %
of customers bring, and the share of customers that brings 80 % of it.

Limits: looks back only; a good newcomer starts at the bottom; needs margins to speak of profit.

Reference: Zeithaml, Rust & Lemon (2001), The Customer Pyramid, California Management Review 43(4).

Example:
    >>> from tierwise.models.pyramid import Pyramid, PyramidSpec
    >>> [ref.column for ref in Pyramid(PyramidSpec(basis="profit")).needs()]
    ['profit']
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Any, Literal, Self

from pydantic import Field

from tierwise.contracts.indicators import IndicatorRef
from tierwise.contracts.model import Learned, Learning, MethodCard, ModelSpec, Note, TierModel
from tierwise.contracts.scheme import Condition, Op, Rule, Scheme, Score, Tier, tiers_for
from tierwise.contracts.settings import Thresholds, TopPercents
from tierwise.language import Text
from tierwise.sql.histogram import CutRequest, cut_points, cut_steps, histogram_steps
from tierwise.sql.steps import Plan, Step

LEVEL = "level"


class PyramidSpec(ModelSpec):
    """Settings of the pyramid. Tiers are listed from the top; the last takes everyone else."""

    basis: Literal["revenue", "profit"] = Field(
        default="revenue", description="what customers are sorted by · 排序依据"
    )
    window_days: int | None = Field(default=None, ge=1, description="days it looks back · 统计窗口（天）")
    top_percents: TopPercents = Field(
        default=(Decimal(1), Decimal(5), Decimal(20)),
        description="cumulative shares of customers, from the top · 各层累计客户占比（自上而下）",
    )
    thresholds: Thresholds | None = Field(
        default=None, description="own amounts in place of shares, from the top · 自定义金额门槛（自上而下）"
    )


class Pyramid(TierModel[PyramidSpec]):
    """Tiers by cumulative value, with a Pareto check; see the module's docstring."""

    name = "pyramid"
    spec_type = PyramidSpec
    card = MethodCard(
        title=Text("Customer pyramid", "客户金字塔"),
        question=Text("Who are the few customers that the business stands on?", "生意主要靠哪一小部分客户？"),
        data=Text(
            "customer and amount of every order; cost for the profit basis", "每笔订单的客户与金额；按利润时还需成本"
        ),
        minimum=Text("about 100 customers, so that 1% is somebody", "约 100 位客户，否则 1% 不足一人"),
        fit=Text("key accounts, B2B projects, service levels by value", "大客户、B2B 项目、按价值分配服务"),
        strengths=Text("understood at a glance; directs service effort", "一目了然；便于分配服务资源"),
        limits=Text("looks back only; newcomers start at the bottom", "只看过去；新客户总在底层"),
        difficulty=Text("low", "低"),
        reference="Zeithaml, Rust & Lemon (2001), California Management Review 43(4), 118–142",
    )

    def needs(self) -> tuple[IndicatorRef, ...]:
        """Net revenue or profit in the window."""
        return (IndicatorRef("monetary" if self.spec.basis == "revenue" else "profit", self.spec.window_days),)

    @property
    def _request(self) -> CutRequest:
        return CutRequest(self.needs()[0].column, "top", True, top_percents=self.spec.top_percents)

    def learn(self, table: str) -> Learning:
        """The cut-points of the shares, and the concentration curve by whole per cent of customers."""
        column = self.needs()[0].column
        prefix = f"{self.instance}_value"
        if self.spec.thresholds is None:
            steps = cut_steps(prefix, table, self._request, stored=True)
            reads: tuple[str, ...] = (f"{prefix}_cuts",)
        else:
            steps, reads = histogram_steps(prefix, table, column, stored=True), ()
        return Learning((*steps, *_pareto_steps(prefix)), (*reads, f"{prefix}_pareto", f"{prefix}_eighty"))

    def fit(self, learned: Learned) -> Self:
        """Build the scheme from the cut-points; note the Pareto figures."""
        prefix = f"{self.instance}_value"
        if self.spec.thresholds is None:
            cuts = cut_points(learned[f"{prefix}_cuts"][0], self._request)
            levels = len(self.spec.top_percents) + 1
        else:
            cuts, levels = tuple(reversed(self.spec.thresholds)), len(self.spec.thresholds) + 1
        column = self.needs()[0].column
        score = Score(LEVEL, column, Text("level", "层级得分"), levels, {(): cuts})
        tiers = tiers_for(levels, _NAMED, _LEVEL, _LAYER)
        nothing = Rule(tiers[-1].key, (Condition(column, Op.LE, Decimal(0)),))
        by_level = (Rule(tier.key, (Condition(LEVEL, Op.GE, levels - place),)) for place, tier in enumerate(tiers[:-1]))
        rules = (nothing, *by_level) if self.spec.thresholds is None else tuple(by_level)
        self.scheme_ = Scheme((column,), self.named(tiers), rules, tiers[-1].key, (score,), {column: Decimal(1)})
        self.notes_ = (_pareto_note(learned[f"{prefix}_pareto"], learned[f"{prefix}_eighty"][0]),)
        return self


def _pareto_steps(prefix: str) -> Plan:
    """The concentration curve: per whole per cent of customers, best first, their cumulative positive value.

    `{prefix}_eighty` is one row: the value of the top fifth of customers, times five, and of the group of equal
    customers inside which 80 % is reached, how many are before it, with what value, and what each of it brings.
    """
    positive, rest = (f"CASE WHEN value {op} 0 THEN value * customers ELSE 0 END" for op in (">", "<="))
    amounts = (
        "SELECT CAST(total - upto + customers AS BIGINT) AS from_top, total - upto AS better, total, customers, value, "
        f"amount_upto, CAST({positive} AS DECIMAL(26, 2)) AS own, "
        f"CAST(SUM({positive}) OVER () AS DECIMAL(26, 2)) AS value_total, "
        f"CAST(SUM({rest}) OVER () AS DECIMAL(26, 2)) AS not_positive FROM {prefix}_upto"
    )
    # from the top down: all that is positive, less what is positive further down (nothing, where the value is not)
    from_the_top = "CASE WHEN value > 0 THEN value_total - (amount_upto - own - not_positive) ELSE value_total END"
    ranked = (
        "SELECT from_top, better, total, customers, value, own, value_total, "
        f"CAST({from_the_top} AS DECIMAL(26, 2)) AS value_upto FROM {prefix}_amounts"
    )
    percent = "(from_top * 100 + total - 1) // NULLIF(total, 0)"
    curve = (
        f"SELECT {percent} AS customers_percent, MAX(from_top) AS customers, MAX(value_upto) AS value "
        f"FROM {prefix}_ranked GROUP BY {percent}"
    )
    fifth = "LEAST(customers * 5, GREATEST(total - better * 5, 0))"
    crossing = "value_upto * 5 >= value_total * 4 AND (value_upto - own) * 5 < value_total * 4"
    at_crossing = ", ".join(
        f"MIN(CASE WHEN {crossing} THEN {sql} END) AS {name}"
        for name, sql in (("before", "better"), ("value_before", "value_upto - own"), ("each", "value"))
    )
    eighty = (
        f"SELECT CAST(SUM(CASE WHEN value > 0 THEN value * {fifth} ELSE 0 END) AS DECIMAL(38, 2)) AS five_fifths, "
        f"{at_crossing} FROM {prefix}_ranked"
    )
    return (
        Step(f"{prefix}_amounts", amounts),
        Step(f"{prefix}_ranked", ranked),
        Step(f"{prefix}_pareto", curve, stored=True),
        Step(f"{prefix}_eighty", eighty, stored=True),
    )


def _pareto_note(curve: list[dict[str, Any]], eighty: dict[str, Any]) -> Note:
    """The two 80/20 figures and the curve itself, as points (customers, cumulative value).

    A group of equal customers is cut where the share falls: of ten equal customers, two bring 20 %.
    """
    points = sorted((row["customers"], row["value"]) for row in curve)
    total = points[-1][1] if points else Decimal(0)
    if total <= 0:
        text = Text("no positive value: the 80/20 check says nothing", "没有正的贡献，无法做二八检验")
        return Note("pyramid.pareto", text, {"curve": []})
    lacking = total * 4 - eighty["value_before"] * 5
    needed = eighty["before"] + int((lacking / (eighty["each"] * 5)).to_integral_value(ROUND_CEILING))
    figures = {
        "top20_value_percent": _percent(eighty["five_fifths"], total * 5),
        "customers_percent_for_80": _percent(needed, points[-1][0]),
        "curve": [[count, value] for count, value in points],
    }
    text = Text(
        f"the top 20% of customers bring {figures['top20_value_percent']}% of it all; "
        f"80% of it comes from {figures['customers_percent_for_80']}% of customers",
        f"前 20% 的客户贡献 {figures['top20_value_percent']}%；"
        f"80% 的贡献来自 {figures['customers_percent_for_80']}% 的客户",
    )
    return Note("pyramid.pareto", text, figures)


def _percent(part: Any, whole: Any) -> Decimal:
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.1"), ROUND_HALF_UP)


_NAMED = (
    Tier(
        "platinum", Text("Platinum", "铂金"), 1, Text("the very top", "塔尖客户"),
        Text("personal account manager, first look at new products, private events", "一对一客户经理、新品优先体验、专属线下活动"),
    ),
    Tier(
        "gold", Text("Gold", "黄金"), 2, Text("the upper layer", "上层客户"),
        Text("priority service line and exclusive offers", "优先服务通道、专属优惠"),
    ),
    Tier(
        "silver", Text("Silver", "白银"), 3, Text("the middle layer", "中层客户"),
        Text("cross-selling and points to move up", "交叉销售、积分与进阶优惠券"),
    ),
    Tier(
        "bronze", Text("Bronze", "青铜"), 4, Text("the broad base", "底层客户"),
        Text("automated care and self-service at low cost", "自动化触达与自助服务，控制成本"),
    ),
)  # fmt: skip

_LEVEL = Text("Level {rank}", "第 {rank} 层")
_LAYER = Text("layer {rank} of {levels} from the top", "自上而下第 {rank}/{levels} 层")
