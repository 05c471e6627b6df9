"""Lifetime value: who will be worth most from now on, a modest customer who is growing or a big one who is leaving?

A model of repeat buying (MBG/NBD by default) and Gamma-Gamma are learnt from the purchase histories of everyone, then
every customer is valued over the horizon ahead and tiers are cut by shares of customers from the top, or at own amounts.

    value = expected orders, discounted × expected spend per order (× margin, on a profit basis)

Columns that are added to the indicators, for a horizon of 365 days:

    ltv_value_365d    money expected within the horizon, discounted to today
    ltv_alive_365d    chance in per cent, 0 to 100, that the customer has not left
    ltv_orders_365d   orders expected within the horizon
    ltv_spend_365d    money expected per order:  (p v + p · repeat spend) / (p x + q - 1)

Histories are exact to the day; all orders of a day are one. A refund lowers repeat spend; below zero that counts as
zero, which draws expected spend towards little and not towards the mean. On a profit basis the margin of a customer
is  (profit + A m) / (net + A)  with the shop's margin m and average order A: it may be negative, and so may the value.
Those who never bought have no value and stay in the bottom tier.

Default `mbg_nbd`: BG/NBD calls every one-time buyer a customer for ever, which makes tiers of them meaningless.

Limits: needs repeat buying to learn from; says what is to be expected if nothing is done; one rhythm of buying per shop.

References: Batislam, Denizel & Filiztekin (2007), IJRM 24(3), 201–209; Fader, Hardie & Lee (2005), JMR 42(4), 415–430.

Example:
    >>> from tierwise.models.ltv import Ltv, LtvSpec
    >>> [ref.column for ref in Ltv(LtvSpec()).needs()]
    ['purchase_days', 'recency_days', 'first_purchase_days', 'repeat_spend', 'monetary']
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal, Self

from pydantic import Field

from tierwise.contracts.indicators import IndicatorRef, ref_of
from tierwise.contracts.model import (
    Columns,
    Learned,
    Learning,
    MethodCard,
    ModelSpec,
    Note,
    PredictedColumn,
    PredictingModel,
    Prediction,
)
from tierwise.contracts.scheme import Condition, Op, Rule, Scheme, Score, Tier, tiers_for
from tierwise.contracts.settings import ExactDecimal, Thresholds, TopPercents
from tierwise.language import Text
from tierwise.sql.expressions import cents
from tierwise.sql.histogram import CutRequest, cut_points, cut_steps
from tierwise.sql.steps import Step

LEVEL = "level"
KEYS = ("purchase_days", "recency_days", "first_purchase_days")
_MOST_ORDERS = 9999.0
_MOST_MONEY = 9e14
_HIGHEST = "9999999999999999.99"
"""The most that DECIMAL(18, 2) holds."""
_WIDE = 19
"""DuckDB keeps the product of two decimals of at most 18 digits in 18; Spark takes the sum of both widths and one, up to 38."""


class LtvSpec(ModelSpec):
    """Settings of lifetime value. Tiers are listed from the top; the last takes everyone else."""

    model: Literal["mbg_nbd", "pareto_nbd", "bg_nbd"] = Field(
        default="mbg_nbd", description="model of repeat buying · 复购模型"
    )
    horizon_days: int = Field(default=365, ge=1, le=36_500, description="days ahead that count · 预测期（天）")
    discount_annual: ExactDecimal = Field(
        default=Decimal("0.1"), ge=0, le=10, description="discount rate a year · 年折现率"
    )
    basis: Literal["revenue", "profit"] = Field(default="revenue", description="what value is counted in · 价值口径")
    top_percents: TopPercents = Field(
        default=(Decimal(5), Decimal(20), Decimal(50)),
        description="cumulative shares of customers, from the top · 各层累计客户占比（自上而下）",
    )
    thresholds: Thresholds | None = Field(
        default=None, description="own amounts in place of shares, from the top · 自定义金额门槛（自上而下）"
    )

    @property
    def levels(self) -> int:
        """The number of tiers."""
        return len(self.top_percents if self.thresholds is None else self.thresholds) + 1


class Ltv(PredictingModel[LtvSpec]):
    """Tiers by expected value; see the module's docstring."""

    name = "ltv"
    spec_type = LtvSpec
    card = MethodCard(
        title=Text("Lifetime value", "客户生命周期价值"),
        question=Text(
            "Who will be worth most from now on, whatever they were worth so far?", "不看过去，谁在未来最有价值？"
        ),
        data=Text(
            "customer, date and amount of every order; cost for the profit basis",
            "每笔订单的客户、日期与金额；按利润时还需成本",
        ),
        minimum=Text(
            "some hundred customers, about 100 of whom came back; with fewer a stated prior helps out",
            "数百位客户，其中约 100 位有回购；不足时借助已声明的先验",
        ),
        fit=Text(
            "retail and e-commerce without contract; budgets for keeping and winning back customers",
            "无合约的零售与电商；分配留存与召回预算",
        ),
        strengths=Text(
            "looks ahead: ranks a modest customer who is growing above a big one who is leaving",
            "面向未来：成长中的普通客户排在流失中的大客户之前",
        ),
        limits=Text(
            "needs repeat buying to learn from; says what to expect if nothing is done",
            "需要复购数据；给出的是不采取行动时的预期",
        ),
        difficulty=Text("high", "高"),
        reference="Batislam, Denizel & Filiztekin (2007), IJRM 24(3); Fader, Hardie & Lee (2005), JMR 42(4)",
    )

    def needs(self) -> tuple[IndicatorRef, ...]:
        """The purchase history; net revenue and profit on a profit basis."""
        names = (*KEYS, "repeat_spend", "monetary", *(("profit",) if self.spec.basis == "profit" else ()))
        return tuple(IndicatorRef(name) for name in names)

    def column(self, name: str) -> str:
        """The name of one of the columns that are added, told apart by the settings that matter to it."""
        default = LtvSpec.model_fields
        own = {key: str(getattr(self.spec, key)) for key in ("model", "basis", "discount_annual")}
        differing = {key: value for key, value in own.items() if getattr(self.spec, key) != default[key].default}
        return ref_of(f"ltv_{name}", self.spec.horizon_days, **differing).column

    # ---- values ---------------------------------------------------------------------------------------

    def study(self, table: str) -> Learning:
        """Customers by history, repeat buyers by orders and spend, and the shop's totals."""
        keys = ", ".join(KEYS)
        bought = "purchase_days > 0 AND recency_days IS NOT NULL"
        histories, spend, totals = (f"{self.instance}_{name}" for name in ("histories", "repeats", "totals"))
        steps = [
            Step(histories, f"SELECT {keys}, COUNT(*) AS customers FROM {table} WHERE {bought} GROUP BY {keys}"),
            Step(
                spend,
                f"SELECT purchase_days, repeat_spend, COUNT(*) AS customers FROM {table} WHERE purchase_days > 1 "
                "GROUP BY purchase_days, repeat_spend",
            ),
        ]
        sums = [
            "CAST(COALESCE(SUM(monetary), 0) AS DECIMAL(38, 2)) AS net",
            "CAST(COALESCE(SUM(purchase_days), 0) AS BIGINT) AS orders",
        ]
        if self.spec.basis == "profit":
            sums.append("CAST(COALESCE(SUM(profit), 0) AS DECIMAL(38, 2)) AS profit")
        steps.append(Step(totals, f"SELECT {', '.join(sums)} FROM {table}"))
        return Learning(tuple(steps), tuple(step.name for step in steps))

    def predict(self, studied: Mapping[str, Columns]) -> Prediction:
        """Learn the models, and value every different history; spend is left to SQL, which has it in closed form."""
        histories, repeats, totals = (studied[f"{self.instance}_{name}"] for name in ("histories", "repeats", "totals"))
        rows, self._learnt = _value_histories(self.spec, histories, repeats, totals)
        self.prediction_ = Prediction(rows, KEYS, self._added(totals))
        return self.prediction_

    def _added(self, totals: Columns) -> tuple[PredictedColumn, ...]:
        base, slope = _exact("p.spend_base", 4, 20), _exact("p.spend_slope", 12, _WIDE)
        repeat = f"CAST({slope} * GREATEST(i.repeat_spend, 0.00) AS DECIMAL(30, 12))"
        spend = f"CAST({base} + {repeat} AS DECIMAL(18, 2))"
        worth = f"{_exact('p.discounted', 6, _WIDE)} * {spend}"
        value = f"CAST(CASE WHEN {worth} > {_HIGHEST} THEN {_HIGHEST} ELSE {worth} END AS DECIMAL(18, 2))"
        if self.spec.basis == "profit":
            value = f"CAST({value} * {_margin_permille(totals)} * 0.001 AS DECIMAL(18, 2))"
        days = self.spec.horizon_days
        basis = Text("profit", "利润") if self.spec.basis == "profit" else Text("revenue", "销售额")
        return (
            PredictedColumn(
                self.column("value"), value,
                Text(f"expected {basis.en}, {days} days ahead", f"未来 {days} 天预期{basis.zh}"), "money",
            ),
            PredictedColumn(
                self.column("alive"), f"CAST({_exact('p.alive', 4, 8)} AS DECIMAL(18, 2))",
                Text("chance of still being a customer, %", "仍为客户的概率（%）"), "percent",
            ),
            PredictedColumn(
                self.column("orders"), f"CAST({_exact('p.orders', 6, 10)} AS DECIMAL(18, 2))",
                Text(f"expected orders, {days} days ahead", f"未来 {days} 天预期订单数"), "rate",
            ),
            PredictedColumn(self.column("spend"), spend, Text("expected spend per order", "预期单均金额"), "money"),
        )  # fmt: skip

    # ---- tiers ----------------------------------------------------------------------------------------

    @property
    def _request(self) -> CutRequest:
        return CutRequest(self.column("value"), "top", True, top_percents=self.spec.top_percents)

    def learn(self, table: str) -> Learning:
        """The cut-points of the shares, and what everyone together is expected to bring."""
        value, total = self.column("value"), f"{self.instance}_expected"
        sums = (
            f"CAST(COALESCE(SUM({value}), 0) AS DECIMAL(38, 2)) AS value, COUNT({value}) AS customers, "
            f"CAST(COALESCE(SUM({self.column('orders')}), 0) AS DECIMAL(38, 2)) AS orders"
        )
        summed = Step(total, f"SELECT {sums} FROM {table}")
        if self.spec.thresholds is not None:
            return Learning((summed,), (total,))
        prefix = f"{self.instance}_value"
        return Learning((*cut_steps(f"{prefix}s", table, self._request), summed), (f"{prefix}s_cuts", total))

    def fit(self, learned: Learned) -> Self:
        """Build the scheme from the cut-points; note what was learnt and what it comes to."""
        if self.spec.thresholds is None:
            cuts = cut_points(learned[f"{self.instance}_values_cuts"][0], self._request)
        else:
            cuts = tuple(reversed(self.spec.thresholds))
        levels, column = self.spec.levels, self.column("value")
        score = Score(LEVEL, column, Text("level", "层级得分"), levels, {(): cuts})
        tiers = tiers_for(levels, _NAMED, _LEVEL, _LAYER)
        bottom = tiers[-1].key
        by_level = (Rule(tier.key, (Condition(LEVEL, Op.GE, levels - place),)) for place, tier in enumerate(tiers[:-1]))
        nothing = (Rule(bottom, (Condition(column, Op.LE, Decimal(0)),)),) if self.spec.thresholds is None else ()
        inputs = (
            column,
            *(self.column(name) for name in ("alive", "orders", "spend")),
            "purchase_days",
            "recency_days",
        )
        self.scheme_ = Scheme(inputs, self.named(tiers), (*nothing, *by_level), bottom, (score,), {column: Decimal(1)})
        self.notes_ = (*self._learnt, self._total_note(learned[f"{self.instance}_expected"][0]))
        return self

    def _total_note(self, total: Mapping[str, Any]) -> Note:
        days, value, orders = self.spec.horizon_days, total["value"], total["orders"]
        text = Text(
            f"all together: {value:,} expected in {days} days, from {orders:,.0f} orders",
            f"合计：未来 {days} 天预期 {value:,}，来自 {orders:,.0f} 笔订单",
        )
        return Note("ltv.total", text, {"value": value, "orders": orders, "customers": total["customers"]})


def _exact(column: str, places: int, width: int) -> str:
    """A whole number of the rows as the decimal it stands for: numbers stay whole on their way through Parquet."""
    return f"CAST({column} * {Decimal(1).scaleb(-places):f} AS DECIMAL({width}, {places}))"


def _margin_permille(totals: Columns) -> str:
    """A customer's margin in thousandths, drawn to the shop's by one average order, from -10 to 10 times revenue."""
    net, profit, orders = (float(totals[name][0]) for name in ("net", "profit", "orders"))
    if net <= 0 or orders <= 0:
        return "0"
    average = max(round(net / orders * 100), 1)
    share = round(average * profit / net)
    revenue, own = cents("GREATEST(i.monetary, 0.00)"), cents("i.profit")
    permille = f"(({own}) + {share}) * 1000 // NULLIF(({revenue}) + {average}, 0)"
    return f"CAST(LEAST(GREATEST({permille}, -10000), 10000) AS DECIMAL(6, 0))"


def _value_histories(
    spec: LtvSpec, histories: Columns, repeats: Columns, totals: Columns
) -> tuple[Any, tuple[Note, ...]]:
    """Return a row per different history, as whole numbers, and what there is to know about the models learnt."""
    import numpy as np
    import pyarrow as pa

    from tierwise.clv.discount import Discount
    from tierwise.clv.summary import Summary

    days, recency, first = (histories[key] for key in KEYS)
    keys = {key: pa.array(histories[key], pa.int64()) for key in KEYS}
    names = ("discounted", "orders", "alive", "spend_base", "spend_slope")
    if not days.size:
        return pa.table({**keys, **{name: pa.array([], pa.int64()) for name in names}}), ()
    summary = Summary(days - 1.0, (first - recency) * 1.0, first * 1.0, histories["customers"] * 1.0)
    counts, notes = _learn_orders(spec.model, summary)
    base, slope, more = _learn_spend(summary.x, repeats, totals)
    horizon, discount = float(spec.horizon_days), Discount.yearly(float(spec.discount_annual))
    figures = (
        np.minimum(counts.discounted_transactions(summary, horizon, discount), _MOST_ORDERS) * 1e6,
        np.minimum(counts.conditional_expected_transactions(summary, horizon), _MOST_ORDERS) * 1e6,
        counts.probability_alive(summary) * 1e6,
        np.minimum(base, _MOST_MONEY) * 1e4,
        np.minimum(slope, 1e5) * 1e12,
    )
    whole = {name: pa.array(np.rint(each).astype(np.int64)) for name, each in zip(names, figures, strict=True)}
    return pa.table({**keys, **whole}), (*notes, *more)


def _learn_orders(name: str, summary: Any) -> tuple[Any, tuple[Note, ...]]:
    """Fit the model of orders; where the data do not determine it, draw it to its stated prior, and say so."""
    from tierwise.clv import Prior, model_class
    from tierwise.errors import TierwiseError

    try:
        model = model_class(name)().fit(summary)
    except TierwiseError as error:
        model = model_class(name)(prior=Prior({}), strict=False).fit(summary)
        reason = error.problems[0].what
        text = Text(f"drawn to its prior, for {reason.en}", f"已向先验收缩，因为{reason.zh}")
        return model, (_learnt_note(model), Note("ltv.drawn_to_prior", text, {}))
    warnings = tuple(Note(finding.code, finding.what, {}) for finding in model.diagnostics_)
    return model, (_learnt_note(model), *warnings)


def _learnt_note(model: Any) -> Note:
    shown = ", ".join(f"{name} {value:.4g}" for name, value in model.parameters_.items())
    text = Text(f"{model.label.en}, in days: {shown}", f"{model.label.zh}（单位：天）：{shown}")
    return Note("ltv.orders_model", text, dict(model.parameters_))


def _learn_spend(x: Any, repeats: Columns, totals: Columns) -> tuple[Any, Any, tuple[Note, ...]]:
    """Return spend per order as base + slope × repeat spend, for each x; by own means where it cannot be learnt."""
    import numpy as np

    from tierwise.clv import GammaGamma, Summary
    from tierwise.errors import TierwiseError

    orders = repeats["purchase_days"] - 1.0
    mean = np.divide(repeats["repeat_spend"], orders, out=np.zeros(orders.size), where=orders > 0)
    try:
        ones = np.ones(orders.size)
        spend = GammaGamma().fit(Summary(orders, ones, ones, repeats["customers"] * 1.0, mean_spend=mean))
    except TierwiseError as error:
        average = max(float(totals["net"][0]), 0.0) / max(float(totals["orders"][0]), 1.0)
        reason = error.problems[0].what
        text = Text(f"spend is each customer's own mean, for {reason.en}", f"单均金额取客户自身均值，因为{reason.zh}")
        note = Note("ltv.own_mean_spend", text, {"average_order": average})
        return np.where(x > 0, 0.0, average), np.where(x > 0, 1.0 / np.maximum(x, 1.0), 0.0), (note,)
    p, q, v = (spend.parameters_[name] for name in ("p", "q", "v"))
    shown = f"p {p:.4g}, q {q:.4g}, v {v:.4g}"
    text = Text(
        f"Gamma-Gamma: {shown}; mean order {spend.population_mean:,.2f}",
        f"Gamma-Gamma：{shown}；单均 {spend.population_mean:,.2f}",
    )
    warnings = tuple(Note(finding.code, finding.what, {}) for finding in spend.diagnostics_)
    return (
        p * v / (p * x + q - 1.0),
        p / (p * x + q - 1.0),
        (Note("ltv.spend_model", text, {"p": p, "q": q, "v": v}), *warnings),
    )


_NAMED = (
    Tier(
        "highest", Text("Highest future value", "未来价值最高"), 1, Text("will bring most from now on", "未来贡献最大的客户"),
        Text("keep: personal service, first access, early warning when silent", "优先留住：专属服务、新品优先、静默预警"),
    ),
    Tier(
        "high", Text("High future value", "未来价值较高"), 2, Text("will bring much", "未来贡献较大的客户"),
        Text("invest: loyalty benefits and offers that raise the next order", "加大投入：会员权益与提升客单的方案"),
    ),
    Tier(
        "medium", Text("Medium future value", "未来价值中等"), 3, Text("will bring something", "未来有一定贡献的客户"),
        Text("automated care; test what makes them come back sooner", "自动化关怀，测试能促使其更快回购的方案"),
    ),
    Tier(
        "low", Text("Low future value", "未来价值较低"), 4, Text("will bring little: gone, or rare", "未来贡献很小：已流失或极少购买"),
        Text("low-cost win-back only; spend no more than the expected value", "仅做低成本召回，投入不超过预期价值"),
    ),
)  # fmt: skip

_LEVEL = Text("Value level {rank}", "价值第 {rank} 层")
_LAYER = Text("layer {rank} of {levels} by expected value", "按预期价值第 {rank}/{levels} 层")
