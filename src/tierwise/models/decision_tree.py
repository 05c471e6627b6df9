"""Decision tree: which few rules tell apart the customers who will buy (or leave) from those who will not?

The tree learns out of time. The indicators of everyone as they were `horizon_days` ago stand beside what each did
since: `bought` (a purchase within the horizon), `churned` (none) or `spent` (at least `spent_at_least`, net). The
rules found there are then applied to the indicators of today.

The tree is grown by CART (entropy) to at most `max_depth` questions, no leaf smaller than `least_leaf_percent` of the
learning rows or 20 of them, and pruned by cost complexity with cross-validation: the simplest tree within one
standard error of the best. 3 of 10 customers are kept out of all this. On them each leaf's rate is counted, with
Wilson's 95 % interval, and the whole is judged: area under the curve (Hanley & McNeil) and the lift of the best
tenth. Where the area's interval reaches 0.5 the split is no better than chance, the note says so, and everyone
is in one group.

Each leaf is a rule: `x < t` or `x >= t` with an exact decimal t, the roundest number between the two values that it
parts. An unknown value counts as below every threshold. Leaves are ranked by their rate.

Limits: tells who, not why; a shallow tree is coarse; a rule learned in one season is applied in the next. What only
grows (all-time counts, tenure) means something else a horizon later, so the indicators look back over windows.

References: Breiman, Friedman, Olshen & Stone (1984), Classification and Regression Trees; Hanley & McNeil (1982).

Example:
    >>> from tierwise.models.decision_tree import DecisionTree, DecisionTreeSpec
    >>> model = DecisionTree(DecisionTreeSpec(horizon_days=60))
    >>> model.training().days_before, model.needs()[-1].column
    (60, 'recency_days')
"""

from __future__ import annotations

from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from tierwise.contracts.axis import IndicatorSetting
from tierwise.contracts.indicators import IndicatorRef
from tierwise.contracts.model import Learned, Learning, MethodCard, ModelSpec, Note, TierModel, Training
from tierwise.contracts.scheme import Condition, Op, Rule, Scheme, Tier
from tierwise.contracts.settings import ExactDecimal, refuse
from tierwise.language import Text
from tierwise.sql.expressions import literal
from tierwise.sql.steps import Step

LEAST_ROWS = 20
HOLD_OUT_TENTHS = 3
RECENCY = IndicatorRef("recency_days")
DEFAULTS = (
    IndicatorSetting(indicator="recency_days", better="low"),
    IndicatorSetting(indicator="mean_gap_days", better="low"),
    IndicatorSetting(indicator="frequency", window_days=365),
    IndicatorSetting(indicator="monetary", window_days=365),
    IndicatorSetting(indicator="frequency", window_days=90),
    IndicatorSetting(indicator="monetary", window_days=90),
)
OUTCOMES = {
    "bought": Text("bought within {days} days", "{days} 天内购买"),
    "churned": Text("did not buy for {days} days", "{days} 天未购买"),
    "spent": Text("spent {amount} or more within {days} days", "{days} 天内消费满 {amount}"),
}


class DecisionTreeSpec(ModelSpec):
    """Settings of the decision tree."""

    outcome: Literal["bought", "churned", "spent"] = Field(
        default="bought", description="what is foretold · 预测的结果"
    )
    horizon_days: int = Field(default=90, ge=1, le=1000, description="how far ahead, in days · 预测期（天）")
    spent_at_least: ExactDecimal | None = Field(default=None, description="amount, for spent · 消费门槛")
    indicators: tuple[IndicatorSetting, ...] = Field(
        default=DEFAULTS, min_length=1, max_length=20, description="indicators that rules may use · 可用指标"
    )
    max_depth: int = Field(default=3, ge=1, le=5, description="most questions in a rule · 最大深度")
    least_leaf_percent: ExactDecimal = Field(
        default=Decimal(2), gt=0, le=50, description="smallest leaf, in per cent of rows · 叶节点最小占比（%）"
    )
    folds: int = Field(default=10, ge=2, le=50, description="folds of the cross-validation · 交叉验证折数")
    sample: int = Field(default=20_000, ge=100, le=200_000, description="customers that it learns from · 学习样本量")
    seed: int = Field(default=1, ge=0, description="seed that deals out the folds · 随机种子")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.outcome == "spent") != (self.spent_at_least is not None):
            refuse(
                Text(
                    "spent_at_least goes with outcome: spent, and only with it",
                    "spent_at_least 须与 outcome: spent 同时使用",
                )
            )
        columns = [each.ref.column for each in self.indicators]
        if len(set(columns)) < len(columns):
            refuse(Text("an indicator is named twice", "同一指标出现了两次"))
        return self


class DecisionTree(TierModel[DecisionTreeSpec]):
    """Leaves of a pruned tree as rules; see the module's docstring."""

    name = "decision_tree"
    spec_type = DecisionTreeSpec
    card = MethodCard(
        title=Text("Decision tree", "决策树分群"),
        question=Text("Which few rules tell who will buy, or leave?", "用哪几条规则能看出谁会购买、谁会流失？"),
        data=Text(
            "orders that reach back at least twice the horizon; any indicators", "历史至少为预测期两倍的订单；任意指标"
        ),
        minimum=Text("about 500 customers, 50 of them with the outcome", "约 500 位客户，其中至少 50 位出现该结果"),
        fit=Text("churn and purchase intent with rules people can read", "流失与购买意向预测，且规则可读"),
        strengths=Text("rules in plain words, each with its rate and interval", "规则直白，每条附结果率与区间"),
        limits=Text(
            "coarse; overfits unless pruned and judged on others; tells who, not why",
            "较粗略；不剪枝、不留出检验就会过拟合；只知其人，不知其因",
        ),
        difficulty=Text("medium to high", "中–高"),
        reference="Breiman, Friedman, Olshen & Stone (1984), Classification and Regression Trees",
    )

    def needs(self) -> tuple[IndicatorRef, ...]:
        """The chosen indicators, and the one that tells the outcome."""
        refs = [each.ref for each in self.spec.indicators]
        return tuple(dict.fromkeys((*(ref for ref in refs if ref != self._outcome), self._outcome)))

    @property
    def _features(self) -> tuple[str, ...]:
        return tuple(each.ref.column for each in self.spec.indicators)

    @property
    def _outcome(self) -> IndicatorRef:
        return IndicatorRef("monetary", self.spec.horizon_days) if self.spec.outcome == "spent" else RECENCY

    def training(self) -> Training:
        """The chosen indicators as they were one horizon ago."""
        refs = tuple(each.ref for each in self.spec.indicators)
        return Training(f"{self.instance}_training", refs, self.spec.horizon_days)

    def learn(self, table: str) -> Learning:
        """Every n-th customer of then, in order of id, with what became of it."""
        prefix, most = self.instance, self.spec.sample
        columns = ", ".join(f"a.{column}" for column in self._features)
        placed = (
            f"SELECT a.customer_id, {columns}, CAST(CASE WHEN {self._happened()} THEN 1 ELSE 0 END AS INT) AS outcome, "
            "ROW_NUMBER() OVER (ORDER BY a.customer_id) AS place, COUNT(*) OVER () AS customers "
            f"FROM {self.training().table} AS a LEFT JOIN {table} AS b ON a.customer_id = b.customer_id"
        )
        drawn = f"SELECT * FROM {prefix}_placed WHERE (place - 1) % GREATEST((customers + {most - 1}) // {most}, 1) = 0"
        return Learning(
            (Step(f"{prefix}_placed", placed), Step(f"{prefix}_sample", drawn, stored=True)), (f"{prefix}_sample",)
        )

    def _happened(self) -> str:
        """The outcome, read off the indicators of today."""
        if self.spec.spent_at_least is not None:
            return f"b.{self._outcome.column} >= {literal(self.spec.spent_at_least)}"
        bought = f"b.recency_days < {self.spec.horizon_days}"
        return bought if self.spec.outcome == "bought" else f"b.recency_days IS NULL OR NOT ({bought})"

    def fit(self, learned: Learned) -> Self:
        """Grow, prune and judge the tree; build the scheme from its leaves."""
        import numpy as np

        from tierwise.learning.tree import grow

        rows = sorted(learned[f"{self.instance}_sample"], key=lambda row: str(row["customer_id"]))
        ranked = [_Ranked.of([row[column] for row in rows]) for column in self._features]
        places = np.stack([each.places for each in ranked], axis=1) if rows else np.zeros((0, len(ranked)))
        hits = np.array([row["outcome"] for row in rows], dtype=np.int64)
        out = np.arange(len(rows)) % 10 < HOLD_OUT_TENTHS
        least = max(LEAST_ROWS, int(len(rows) * self.spec.least_leaf_percent / 100))
        if len(rows) < 4 * LEAST_ROWS or len(np.unique(hits)) < 2:
            self._one_group(_too_little(len(rows), int(hits.sum()), self._outcome_text()))
            return self
        grown = grow(places[~out], hits[~out], self.spec.max_depth, least, self.spec.folds, self.spec.seed)
        judged = _judged(grown, places[out], hits[out])
        if len(grown.leaves) == 1 or judged["auc_low"] is None or judged["auc_low"] <= Decimal("0.5"):
            self._one_group(_chance(judged, self._outcome_text()))
            return self
        counted = _counted(grown, places[out], hits[out])
        self._groups([(self._conditions(leaf.path, ranked), *count) for leaf, count in counted])
        self.notes_ = (_verdict(judged, self._outcome_text(), counted),)
        return self

    def _outcome_text(self) -> Text:
        return OUTCOMES[self.spec.outcome].fill(days=self.spec.horizon_days, amount=self.spec.spent_at_least)

    def _conditions(self, path: tuple[Any, ...], ranked: list[_Ranked]) -> tuple[Condition, ...]:
        """The conditions of a path, only the tightest of several on one side of one column."""
        found: dict[tuple[int, bool], float] = {}
        for split in path:
            key = (split.column, split.at_most)
            tighter = min if split.at_most else max
            found[key] = tighter(found.get(key, split.threshold), split.threshold)
        return tuple(
            ranked[column].condition(self._features[column], threshold, at_most)
            for (column, at_most), threshold in found.items()
        )

    def _groups(self, leaves: list[tuple[tuple[Condition, ...], int, int]]) -> None:
        best_first = self.spec.outcome != "churned"

        def order(leaf: tuple[tuple[Condition, ...], int, int]) -> tuple[Decimal, str]:
            rate = Decimal(leaf[1]) / max(leaf[2], 1)
            return (-rate if best_first else rate), str(leaf[0])

        tiers, rules = [], []
        for rank, (conditions, hits, rows) in enumerate(sorted(leaves, key=order), start=1):
            tiers.append(self._tier(rank, len(leaves), conditions, hits, rows))
            rules.append(Rule(f"leaf_{rank}", conditions))
        self.scheme_ = Scheme(self._features, self.named(tiers), tuple(rules), f"leaf_{len(leaves)}")

    def _tier(self, rank: int, count: int, conditions: tuple[Condition, ...], hits: int, rows: int) -> Tier:
        from tierwise.learning.proportion import wilson

        low, high = wilson(hits, rows)
        rate, outcome = _percent(hits / max(rows, 1)), self._outcome_text()
        words = [_words(condition, self.facts[condition.column].label) for condition in conditions]
        name = Text(f"Group {rank}: {rate}% {outcome.en}", f"第 {rank} 组：{rate}% {outcome.zh}")
        meaning = Text(
            f"{' and '.join(text.en for text in words)}; of {rows} kept out, {rate}% {outcome.en} "
            f"(95%: {_percent(low)} to {_percent(high)}%)",
            f"{' 且 '.join(text.zh for text in words)}；留出的 {rows} 位中 {rate}% {outcome.zh}"
            f"（95% 区间 {_percent(low)}%–{_percent(high)}%）",
        )
        return Tier(f"leaf_{rank}", name, rank, meaning, _action(rank, count))

    def _one_group(self, note: Note) -> None:
        """Everyone alike: the scheme where no split can be trusted."""
        tier = Tier("everyone", Text("Everyone", "全部客户"), 1, note.text, _action(1, 1))
        self.scheme_ = Scheme(self._features, self.named((tier,)), (), tier.key)
        self.notes_ = (note,)


class _Ranked:
    """One column as places among its distinct values, -1 for unknown: exact in any float, whatever the amounts."""

    def __init__(self, values: list[Any], places: Any) -> None:
        self.values = values
        self.places = places

    @classmethod
    def of(cls, column: list[Any]) -> _Ranked:
        import numpy as np

        values = sorted({value for value in column if value is not None})
        place = {value: number for number, value in enumerate(values)}
        return cls(values, np.array([place.get(value, -1) for value in column], dtype=np.float64))

    def condition(self, column: str, threshold: float, at_most: bool) -> Condition:
        """The condition that is met up to a place, or beyond it."""
        place = int(threshold // 1)
        if place < 0:
            return Condition(column, Op.NULL if at_most else Op.NOT_NULL)
        bound = roundest(Decimal(self.values[place]), Decimal(self.values[place + 1]))
        whole = int(bound) if isinstance(self.values[place], int) else bound
        return Condition(column, Op.LT if at_most else Op.GE, whole, or_null=at_most)


def roundest(below: Decimal, upto: Decimal) -> Decimal:
    """The number with the fewest digits that lies above `below` and not above `upto`.

    >>> roundest(Decimal("87.3"), Decimal("112.6")), roundest(Decimal(2), Decimal(3))
    (Decimal('100'), Decimal('3'))
    """
    for digits in range(-12, 3):
        step = Decimal(1).scaleb(-digits)
        multiple = (upto / step).to_integral_value(ROUND_FLOOR) * step
        if below < multiple <= upto:
            return multiple.quantize(step) if digits > 0 else Decimal(int(multiple))
    return upto


def _judged(grown: Any, places: Any, hits: Any) -> dict[str, Any]:
    """What the hold-out says: area under the curve with its interval, lift of the best tenth."""
    from tierwise.learning.tree import area_under_curve, auc_error, top_lift

    scores = grown.scores(places)
    auc, lift = area_under_curve(scores, hits), top_lift(scores, hits)
    error = auc_error(auc, int(hits.sum()), int(len(hits) - hits.sum())) if auc is not None else None
    return {
        "auc": _round(auc),
        "auc_low": _round(auc - 1.96 * error) if auc is not None and error is not None else None,
        "auc_high": _round(auc + 1.96 * error) if auc is not None and error is not None else None,
        "top_tenth_lift": _round(lift),
        "learned_from": sum(leaf.rows for leaf in grown.leaves),
        "kept_out": len(hits),
        "outcome_rate": _round(float(hits.mean())),
        "pruning": [[_round(value) for value in row] for row in grown.errors],
    }


def _counted(grown: Any, places: Any, hits: Any) -> list[tuple[Any, tuple[int, int]]]:
    """Per leaf the rows kept out that have the outcome, and all of them."""
    from tierwise.learning.tree import falls

    found = []
    for leaf in grown.leaves:
        inside = falls(leaf.path, places)
        found.append((leaf, (int(hits[inside].sum()), int(inside.sum()))))
    return found


def _round(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(repr(value)).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def _percent(rate: float) -> str:
    return f"{rate * 100:.0f}"


def _words(condition: Condition, label: Text) -> Text:
    if condition.op is Op.NULL:
        return Text(f"{label.en} unknown", f"{label.zh}未知")
    if condition.op is Op.NOT_NULL:
        return Text(f"{label.en} known", f"{label.zh}已知")
    if condition.op is Op.LT:
        return Text(f"{label.en} below {condition.value}", f"{label.zh}低于 {condition.value}")
    return Text(f"{label.en} {condition.value} or more", f"{label.zh}不低于 {condition.value}")


def _action(rank: int, count: int) -> Text:
    if count == 1:
        return Text("treat alike until the data tells them apart", "数据无法区分之前一视同仁")
    if rank == 1:
        return Text("no incentive needed: serve well, cross-sell", "无需激励：做好服务、交叉销售")
    if rank == count:
        return Text("test a win-back offer against a control group", "试行挽回优惠，并与对照组比较")
    return Text("a nudge at the right time: here an offer changes most", "适时提醒：此处优惠最能改变结果")


def _too_little(rows: int, hits: int, outcome: Text) -> Note:
    text = Text(
        f"not enough history to learn who {outcome.en}: {rows} customers then, {hits} with the outcome",
        f"历史不足，无法学习谁会“{outcome.zh}”：当时有 {rows} 位客户，其中 {hits} 位出现该结果",
    )
    return Note("decision_tree.too_little", text, {"customers": rows, "with_outcome": hits})


def _chance(judged: dict[str, Any], outcome: Text) -> Note:
    text = Text(
        f"no split foretells who {outcome.en} better than chance: everyone is in one group",
        f"没有任何划分能比随机更好地预测“{outcome.zh}”，全部客户归为一组",
    )
    return Note("decision_tree.chance", text, judged)


def _verdict(judged: dict[str, Any], outcome: Text, counted: list[tuple[Any, tuple[int, int]]]) -> Note:
    leaves = [{"hits": hits, "kept_out": rows} for _, (hits, rows) in counted]
    text = Text(
        f"{len(leaves)} rules foretell who {outcome.en}; on {judged['kept_out']} customers kept out: "
        f"AUC {judged['auc']:.2f} ({judged['auc_low']:.2f} to {judged['auc_high']:.2f}), "
        f"best tenth {judged['top_tenth_lift']:.1f} times the average",
        f"{len(leaves)} 条规则预测“{outcome.zh}”；在留出的 {judged['kept_out']} 位客户上："
        f"AUC {judged['auc']:.2f}（{judged['auc_low']:.2f}–{judged['auc_high']:.2f}），前 10% 的提升度 {judged['top_tenth_lift']:.1f}",
    )
    return Note("decision_tree.verdict", text, {**judged, "leaves": leaves})
