"""Clusters: which groups are in the data by themselves, without anybody's rules?

Each chosen indicator becomes a level in standard deviations: `log` takes log(1 + max(x, 0)) first, `linear` takes x
as it is; then the mean is subtracted and the standard deviation divided by (`zscore`), or the median and the
interquartile range / 1.349 (`robust`). The logarithm is a line through knots 1/8 apart in log(1 + x), at most
0.002 beside the curve, so that groups are found and given in whole numbers alone; see `tierwise.contracts.nearest`.

Centres are learned from every n-th customer in order of id, at most `sample` of them, by one of two algorithms:

- kmeans: Lloyd's k-means from 10 seeded k-means++ starts, the one with the least inertia;
- ward: Ward's hierarchical merging of at most 2,000 of them, whose groups' means are the centres.

Everyone then belongs to the nearest centre. Whoever lacks an indicator has a group of its own. Groups are ranked by
the mean of their centre's levels, each turned so that more is better where the catalogue says so.

k, unless set, is the largest one for which every group is found again in bootstrap samples (mean Jaccard of 0.75
or more, Hennig 2007), or else the one whose weakest group is found again best. Silhouette and the gap statistic
(uniform references in the box of the data) stand beside it, and so does how far the two algorithms agree (adjusted
Rand index), since a group that only one of them finds is no finding.

Limits: groups are relative to these customers and change as they change; indicators that say the same thing weigh
double; names are suggestions.

References: Lloyd (1982); Arthur & Vassilvitskii (2007); Ward (1963); Rousseeuw (1987); Tibshirani, Walther & Hastie
(2001); Hennig (2007), Computational Statistics & Data Analysis 52, 258-271; Hubert & Arabie (1985).

Example:
    >>> from tierwise.models.clusters import Clusters, ClustersSpec
    >>> [ref.column for ref in Clusters(ClustersSpec(k=4)).needs()]
    ['recency_days', 'frequency', 'monetary']
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from tierwise.contracts.axis import IndicatorSetting
from tierwise.contracts.indicators import IndicatorRef
from tierwise.contracts.model import Learned, Learning, MethodCard, ModelSpec, Note, TierModel
from tierwise.contracts.nearest import LEVELS_PER_UNIT, Curve, Nearest
from tierwise.contracts.scheme import Condition, Op, Rule, Scheme, Tier
from tierwise.contracts.settings import refuse
from tierwise.errors import ErrorKind, Family
from tierwise.language import Text
from tierwise.sql.steps import Step

CLUSTER = "cluster"
KS = tuple(range(2, 9))
REFERENCES = 5
APART = 0.5

TOO_FEW = ErrorKind(
    "clusters.too_few_customers",
    Family.DATA,
    what=Text("{k} groups of {points} different customers", "{points} 种不同的客户，无法分成 {k} 组"),
    cause=Text("only {points} combinations of the chosen indicators occur", "所选指标只出现了 {points} 种取值组合"),
    cure=Text("ask for at most {points} groups (`k`), or leave k out", "请将 k 设为不超过 {points}，或省略 k"),
)
NO_NUMBER = ErrorKind(
    "clusters.not_a_number",
    Family.CONFIG,
    what=Text("{column} is a name, not a number", "{column} 是名称而不是数值"),
    cause=Text("distances need numbers", "计算距离需要数值"),
    cure=Text(
        "choose other indicators: `tierwise indicators` lists them", "请改选其他指标：tierwise indicators 可列出"
    ),
)


class ScaledIndicator(IndicatorSetting):
    """An indicator and how it is scaled."""

    scale: Literal["log", "linear"] = Field(
        default="log", description="log for amounts and counts, linear for shares · 缩放方式：对数或线性"
    )


RFM = tuple(ScaledIndicator(indicator=name) for name in ("recency_days", "frequency", "monetary"))


class ClustersSpec(ModelSpec):
    """Settings of the clusters."""

    indicators: tuple[ScaledIndicator, ...] = Field(
        default=RFM, min_length=1, max_length=12, description="indicators that customers are compared by · 聚类指标"
    )
    k: int | None = Field(
        default=None,
        ge=1,
        le=20,
        description="number of groups; chosen by stability if left out · 组数，省略则按稳定性选择",
    )
    algorithm: Literal["kmeans", "ward"] = Field(default="kmeans", description="how groups are found · 聚类算法")
    scaling: Literal["zscore", "robust"] = Field(
        default="zscore", description="mean and deviation, or median and quartiles · 标准化或稳健缩放"
    )
    sample: int = Field(
        default=20_000, ge=100, le=200_000, description="customers that centres are learned from · 学习样本量"
    )
    bootstraps: int = Field(default=20, ge=2, le=200, description="bootstrap samples for stability · 自助抽样次数")
    seed: int = Field(default=1, ge=0, description="seed of the random starts · 随机种子")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        columns = [each.ref.column for each in self.indicators]
        if len(set(columns)) < len(columns):
            refuse(Text("an indicator is named twice", "同一指标出现了两次"))
        return self


class Clusters(TierModel[ClustersSpec]):
    """Groups around centres; see the module's docstring."""

    name = "clusters"
    spec_type = ClustersSpec
    card = MethodCard(
        title=Text("Clusters", "客户聚类"),
        question=Text("Which groups are in the data by themselves?", "数据中自然形成了哪些客户群？"),
        data=Text(
            "any two to twelve numeric indicators; recency, frequency and amount to begin with",
            "任选 2–12 个数值指标；可从最近购买、次数、金额开始",
        ),
        minimum=Text("about 50 customers a group, and stable groups", "每组约 50 位客户，且分组稳定"),
        fit=Text(
            "finding groups nobody thought of; portraits; browsing and interaction data",
            "发现未知客群、客户画像；浏览与互动数据",
        ),
        strengths=Text("no thresholds to invent; many indicators at once", "无需人为设定阈值；可同时使用多个指标"),
        limits=Text(
            "depends on algorithm and scaling; groups shift as customers do; names need a person's judgement",
            "结果取决于算法与缩放；客群会随数据变化；命名需人工确认",
        ),
        difficulty=Text("medium to high", "中–高"),
        reference="Hennig (2007), Computational Statistics & Data Analysis 52, 258–271",
    )

    def needs(self) -> tuple[IndicatorRef, ...]:
        """The chosen indicators."""
        return tuple(each.ref for each in self.spec.indicators)

    def learn(self, table: str) -> Learning:
        """Every n-th customer that has all indicators, in order of id."""
        columns = [ref.column for ref in self.needs()]
        known = " AND ".join(f"{column} IS NOT NULL" for column in columns)
        chosen, prefix = ", ".join(f"i.{column}" for column in ("customer_id", *columns)), self.instance
        most, known_step = self.spec.sample, f"{prefix}_known"
        steps = (
            Step(known_step, f"SELECT customer_id FROM {table} WHERE {known}"),
            Step(f"{prefix}_counted", f"SELECT COUNT(*) AS customers FROM {known_step}"),
            Step(
                f"{prefix}_placed",
                f"SELECT customer_id, ROW_NUMBER() OVER (ORDER BY customer_id) AS place FROM {known_step}",
            ),
            Step(
                f"{prefix}_drawn",
                f"SELECT customer_id, customers FROM {prefix}_placed CROSS JOIN {prefix}_counted "
                f"WHERE (place - 1) % GREATEST((customers + {most - 1}) // {most}, 1) = 0",
            ),
            Step(
                f"{prefix}_sample",
                f"SELECT {chosen}, customers FROM {table} AS i JOIN {prefix}_drawn AS d ON i.customer_id = d.customer_id",
                stored=True,
            ),
        )
        return Learning(steps, (f"{prefix}_sample",))

    def fit(self, learned: Learned) -> Self:
        """Learn curves and centres; build the scheme; note how sound the groups are."""
        import numpy as np

        from tierwise.learning.scaling import levels_of
        from tierwise.learning.stability import Judge

        rows = sorted(learned[f"{self.instance}_sample"], key=lambda row: str(row["customer_id"]))
        if not rows:
            self._nobody()
            return self
        hundredths = {ref.column: self._hundredths(rows, ref.column) for ref in self.needs()}
        curves = self._curves(hundredths)
        levels = np.stack([levels_of(curve, hundredths[curve.column]) for curve in curves], axis=1)
        points = levels / LEVELS_PER_UNIT
        judge = Judge(points, self.spec.algorithm, self.spec.seed, self.spec.bootstraps, REFERENCES)
        centres, judged = self._centres(points, judge)
        whole = np.unique(np.rint(centres * LEVELS_PER_UNIT).astype(np.int64), axis=0)
        order = sorted(range(len(whole)), key=lambda place: (-self._goodness(whole[place]), tuple(whole[place])))
        nearest = Nearest(CLUSTER, curves, tuple(tuple(int(v) for v in whole[place]) for place in order))
        self.scheme_ = self._scheme(nearest)
        self.notes_ = self._notes(
            points, np.array(nearest.centres) / LEVELS_PER_UNIT, judge, judged, rows[0]["customers"]
        )
        return self

    def _hundredths(self, rows: list[dict[str, Any]], column: str) -> Any:
        import numpy as np

        if isinstance(rows[0][column], str):
            raise NO_NUMBER.error(column=column)
        return np.array([int(row[column] * 100) for row in rows], dtype=np.int64)

    def _curves(self, hundredths: dict[str, Any]) -> tuple[Curve, ...]:
        from tierwise.learning.scaling import curve_of

        robust = self.spec.scaling == "robust"
        return tuple(
            curve_of(
                hundredths[each.ref.column], each.ref.column, self._label(each.ref.column), each.scale == "log", robust
            )
            for each in self.spec.indicators
        )

    def _label(self, column: str) -> Text:
        fact = self.facts.get(column)
        return fact.label if fact else Text.same(column)

    def _centres(self, points: Any, judge: Any) -> tuple[Any, list[Any]]:
        """The centres, and what was found for each number of groups that was tried."""
        import numpy as np

        from tierwise.learning.grouping import centres_of
        from tierwise.learning.stability import choose

        spec = self.spec
        if spec.k is not None and spec.k > judge.different:
            different = len(np.unique(points, axis=0))
            if spec.k > different:
                raise TOO_FEW.error(k=spec.k, points=different)
        tried = [k for k in (KS if spec.k is None else (spec.k,)) if 1 < k < judge.different]
        judged = [judge.judge(k) for k in tried]
        k = spec.k or (choose(judged).k if judged else 1)
        return centres_of(points, k, spec.algorithm, spec.seed), judged

    def _goodness(self, centre: Any) -> float:
        """How good a centre is: the mean of its levels, each turned so that more is better."""
        return sum(self._direction(ref.column) * float(level) for ref, level in zip(self.needs(), centre, strict=True))

    def _direction(self, column: str) -> int:
        fact = self.facts.get(column)
        if fact is None or fact.higher_is_better is None:
            return 0
        return 1 if fact.higher_is_better else -1

    def _scheme(self, nearest: Nearest) -> Scheme:
        count = len(nearest.centres)
        names = _distinct([_suggested(nearest.curves, centre) for centre in nearest.centres])
        tiers = [
            Tier(f"cluster_{rank}", name, rank, _meaning(nearest.curves, centre), _action(rank, count))
            for rank, (name, centre) in enumerate(zip(names, nearest.centres, strict=True), start=1)
        ]
        tiers.append(Tier(REST.key, REST.name, count + 1, REST.meaning, REST.action))
        rules = tuple(Rule(f"cluster_{number}", (Condition(CLUSTER, Op.EQ, number),)) for number in range(1, count + 1))
        inputs = tuple(ref.column for ref in self.needs())
        return Scheme(inputs, self.named(tiers), rules, REST.key, nearest=nearest)

    def _nobody(self) -> None:
        """The scheme where nobody has all indicators."""
        inputs = tuple(ref.column for ref in self.needs())
        self.scheme_ = Scheme(inputs, self.named((REST,)), (), REST.key)
        text = Text("no customer has all the chosen indicators", "没有客户具备全部所选指标")
        self.notes_ = (Note("clusters.nobody", text, {}),)

    def _notes(self, points: Any, centres: Any, judge: Any, judged: list[Any], customers: int) -> tuple[Note, ...]:
        from tierwise.learning.grouping import centres_of, inertia, nearest
        from tierwise.learning.stability import rand_index

        spec, k = self.spec, len(centres)
        figures: dict[str, Any] = {
            "k": k,
            "algorithm": spec.algorithm,
            "inertia": round(inertia(points, centres), 3),
            "learned_from": len(points),
            "customers": customers,
        }
        if k == 1:
            text = Text("all customers are alike: one group", "客户之间没有差别，只有一组")
            return (Note("clusters.groups", text, figures),)
        found, few = judge.stability(centres), judge.points
        other: Literal["kmeans", "ward"] = "ward" if spec.algorithm == "kmeans" else "kmeans"
        agree = round(rand_index(nearest(few, centres), nearest(few, centres_of(few, k, other, spec.seed))), 3)
        figures |= {
            "jaccard": {f"cluster_{n}": round(j, 3) for n, j in enumerate(found.jaccard, start=1)},
            "rand_index": round(found.rand, 3),
            "other_algorithm": other,
            "rand_index_of_algorithms": agree,
            "tried": [_tried(each) for each in judged],
        }
        return _soundness(found, agree, other, figures), *_choice_note(judged, k)


def _tried(judged: Any) -> dict[str, Any]:
    return {
        "k": judged.k,
        "weakest_jaccard": round(judged.weakest, 3),
        "rand_index": round(judged.stability.rand, 3),
        "silhouette": round(judged.silhouette, 3),
        "gap": round(judged.gap, 3),
        "gap_error": round(judged.gap_error, 3),
    }


def _soundness(found: Any, agree: float, other: str, figures: dict[str, Any]) -> Note:
    weakest = min(found.jaccard)
    sound = "stable" if weakest >= 0.75 else "doubtful" if weakest >= 0.6 else "unstable"
    word = {"stable": "稳定", "doubtful": "尚可", "unstable": "不稳定"}[sound]
    text = Text(
        f"{figures['k']} groups, {sound}: the weakest is found again to {weakest:.0%} in bootstrap samples "
        f"(adjusted Rand {found.rand:.2f}); {other} agrees to {agree:.2f}",
        f"共 {figures['k']} 组，{word}：自助抽样中最弱一组的重现度为 {weakest:.0%}"
        f"（调整兰德指数 {found.rand:.2f}）；与 {other} 算法的一致度为 {agree:.2f}",
    )
    return Note("clusters.groups", text, figures)


def _choice_note(judged: list[Any], k: int) -> tuple[Note, ...]:
    """What was found for each number of groups, where there was a choice."""
    if len(judged) < 2:
        return ()
    parts = [f"{each.k}: {each.weakest:.2f} / {each.silhouette:.2f} / {each.gap:.2f}" for each in judged]
    text = Text(
        f"k = {k} by stability; k: weakest Jaccard / silhouette / gap — " + "; ".join(parts),
        f"按稳定性选取 k = {k}；k：最弱重现度 / 轮廓系数 / Gap — " + "；".join(parts),
    )
    return (Note("clusters.choice", text, {"k": k, "tried": [_tried(each) for each in judged]}),)


def _suggested(curves: tuple[Curve, ...], centre: tuple[int, ...]) -> Text:
    """A name from the two indicators in which a centre is farthest from the average customer."""
    far = sorted(zip(curves, centre, strict=True), key=lambda pair: -abs(pair[1]))[:2]
    parts = [(curve.label, level) for curve, level in far if abs(level) >= APART * LEVELS_PER_UNIT]
    if not parts:
        return Text("Close to average", "接近平均")
    english = ", ".join(f"{'high' if level > 0 else 'low'} {label.en}" for label, level in parts)
    chinese = "、".join(f"{label.zh}{'偏高' if level > 0 else '偏低'}" for label, level in parts)
    return Text(english[0].upper() + english[1:], chinese)


def _distinct(names: list[Text]) -> list[Text]:
    """The names, those that occur twice told apart by a number."""
    found: list[Text] = []
    for place, name in enumerate(names):
        earlier = names[:place].count(name)
        found.append(Text(f"{name.en} ({earlier + 1})", f"{name.zh}（{earlier + 1}）") if earlier else name)
    return found


def _meaning(curves: tuple[Curve, ...], centre: tuple[int, ...]) -> Text:
    values = [(curve.label, _shown(curve.value(level))) for curve, level in zip(curves, centre, strict=True)]
    return Text(
        "typical: " + ", ".join(f"{label.en} {value}" for label, value in values),
        "典型值：" + "，".join(f"{label.zh} {value}" for label, value in values),
    )


def _shown(value: Decimal | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value.normalize():f}"


def _action(rank: int, count: int) -> Text:
    """An action by where a group stands among the others."""
    if rank == 1:
        return Text("keep close: best service, early access, no discounts needed", "重点维护：优先服务与新品，无需打折")
    if rank == count:
        return Text("low-cost reminders; find out why they stay away", "低成本提醒；了解其不再购买的原因")
    if rank * 2 <= count:
        return Text("raise them: recommendations towards what the first group buys", "向上培育：推荐头部客群常买的商品")
    return Text("one clear reason to come back, then measure the answer", "给出一个回购理由并跟踪响应")


REST = Tier(
    "incomplete",
    Text("Not enough data", "资料不足"),
    1,
    Text(
        "at least one indicator is unknown, most often because nothing was bought yet", "至少一项指标缺失，多因尚未购买"
    ),
    Text("first purchase offer", "首购优惠"),
)
