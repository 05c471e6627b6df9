"""What to settle before anything is computed, in order: the goal, the outputs, the dimensions, the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tierwise.advisor.goals import Goal
from tierwise.contracts.indicators import IndicatorRef
from tierwise.contracts.tables import TABLES
from tierwise.indicators.catalogue import CATALOGUE, label_of
from tierwise.indicators.declaration import ASPECT_NAMES, Aspect
from tierwise.indicators.goals import GOALS as INDICATOR_GOALS
from tierwise.language import Text


@dataclass(frozen=True, slots=True)
class Stage:
    """One thing to settle, and the points to settle."""

    title: Text
    points: tuple[Text, ...]


def preparation(goal: Goal) -> tuple[Stage, ...]:
    """The four stages for a goal; indicators and tables are those that `tierwise indicators --goal` proposes."""
    refs = INDICATOR_GOALS[goal.indicators].indicators
    return (
        Stage(
            Text("Agree on the goal with marketing, sales and service", "与营销、销售、客服对齐目标"),
            tuple(point.fill(goal=goal.label) for point in _DEPARTMENTS),
        ),
        Stage(Text("Choose the outputs", "确定输出"), _OUTPUTS),
        Stage(Text("Choose the dimensions", "确定维度"), _dimensions(refs)),
        Stage(Text("See to the data", "准备数据"), _tables(refs)),
    )


_DEPARTMENTS = (
    Text("marketing: which campaign will use the tiers for {goal}, and by when?", "营销：哪场活动会用到分层来实现“{goal}”，何时开始？"),
    Text("sales: whom would you call first, and what would prove you right?", "销售：您会优先联系谁？怎样算判断正确？"),
    Text("service: which customers need another treatment, and can you give it?", "客服：哪些客户需要差异化服务，能否承接？"),
    Text("together: one figure for {goal}, its value today and the value wanted", "共同：为“{goal}”确定一个指标、现值与目标值"),
)  # fmt: skip

_OUTPUTS = (
    Text("a label table per customer (`tierwise export`)", "客户分类标签表（tierwise export）"),
    Text("a report with a portrait of each group (`tierwise report`)", "客户群体画像报告（tierwise report）"),
    Text("an action for each tier (`tierwise templates` has examples)", "各层级的动作（可参考 tierwise templates）"),
)


def _dimensions(refs: Sequence[IndicatorRef]) -> tuple[Text, ...]:
    """The indicators under each dimension that they belong to."""
    by_aspect: dict[Aspect, list[Text]] = {}
    for ref in refs:
        by_aspect.setdefault(CATALOGUE[ref.name].dimensions.aspect, []).append(label_of(ref))
    return tuple(
        Text(
            f"{ASPECT_NAMES[aspect].en}: {'; '.join(label.en for label in labels)}",
            f"{ASPECT_NAMES[aspect].zh}：{'；'.join(label.zh for label in labels)}",
        )
        for aspect, labels in by_aspect.items()
    )


def _tables(refs: Sequence[IndicatorRef]) -> tuple[Text, ...]:
    """The columns that the indicators need, by table."""
    needed: dict[str, list[str]] = {}
    for table, column in dict.fromkeys(pair for ref in refs for pair in CATALOGUE[ref.name].required):
        needed.setdefault(table, []).append(column)
    return tuple(
        Text(
            f"{TABLES[table].label.en} ({table}): {'; '.join(TABLES[table].column(c).label.en for c in columns)}",
            f"{TABLES[table].label.zh}（{table}）：{'、'.join(TABLES[table].column(c).label.zh for c in columns)}",
        )
        for table, columns in needed.items()
    )
