"""The two tables a person chooses from: the models of the product, and the methods of the field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tierwise.contracts.model import MethodCard, TierModel
from tierwise.language import Text

SEVEN = ("rfm", "lifecycle", "ltv", "pyramid", "engagement", "personas", "two_axis")
"""The models of the comparison table, in its usual order."""


def seven_cards(models: Mapping[str, type[TierModel[Any]]]) -> dict[str, MethodCard]:
    """The method cards of the seven models by name, in order."""
    return {name: models[name].card for name in SEVEN}


@dataclass(frozen=True, slots=True)
class Method:
    """A method of customer analysis: when to use it, its strength and its limit; `models` are those built on it."""

    name: str
    label: Text
    scenario: Text
    strength: Text
    limit: Text
    models: tuple[str, ...] = ()


METHODS = (
    Method(
        "rfm", Text("RFM", "RFM 分析"),
        Text("quick view of customer value from order records", "仅凭交易记录快速判断客户价值"),
        Text("simple, little data, leads straight to actions", "简单直观、所需数据少、便于落地"),
        Text("looks back only; knows no interests and no reasons", "只看过去，不含兴趣与原因"),
        ("rfm", "value_grade", "goal_groups", "vip"),
    ),
    Method(
        "clustering", Text("clustering", "聚类分析"),
        Text("groups nobody has named yet, from several indicators", "综合多个指标，发现尚未命名的群体"),
        Text("finds structure without a given target", "无需预设标签即可发现结构"),
        Text("number of groups and scaling decide; names need judgement", "结果受组数与缩放影响，命名需人工判断"),
        ("clusters",),
    ),
    Method(
        "decision_tree", Text("decision tree", "决策树"),
        Text("who will buy or leave, by rules that can be read", "用可读规则预测谁会购买或流失"),
        Text("explains itself; takes numbers and names alike", "规则清晰，兼容数值与类别"),
        Text("unstable on little data; overfits when deep", "数据少时不稳定，过深易过拟合"),
        ("decision_tree",),
    ),
    Method(
        "association", Text("association rules", "关联规则"),
        Text("what is bought together: bundles, cross-selling, shelf order", "分析连带购买：组合、交叉销售、陈列"),
        Text("turns receipts into offers at once", "可直接转化为搭配推荐"),
        Text("many rules are trivial; says nothing of who the customer is", "规则多而琐碎，不区分客户"),
    ),
    Method(
        "regression", Text("regression", "回归分析"),
        Text("how much each factor moves spend or churn", "量化各因素对消费或流失的影响"),
        Text("effects with direction, size and uncertainty", "给出影响的方向、大小与不确定性"),
        Text("the form is assumed; correlation is not cause", "需预设函数形式，相关不等于因果"),
    ),
    Method(
        "time_series", Text("time series", "时间序列"),
        Text("demand, season and trend of purchases", "预测需求、季节性与趋势"),
        Text("sees rhythm and turning points", "能识别周期与拐点"),
        Text("needs long regular history; weak after sudden change", "需要长期连续数据，突变后失准"),
        ("lifecycle", "ltv"),
    ),
    Method(
        "text", Text("text analysis", "文本分析"),
        Text("topics in reviews, tickets and chats", "从评论、工单与对话中提炼主题"),
        Text("tells why, in customers' own words", "用客户原话说明原因"),
        Text("slang and short texts mislead; topics need reading", "口语与短文本易误判，主题需人工解读"),
    ),
    Method(
        "sentiment", Text("sentiment analysis", "情感分析"),
        Text("watching satisfaction and reputation", "监测满意度与口碑"),
        Text("early sign of trouble over many texts", "可在大量文本中及早发现问题"),
        Text("irony and mixed feelings are misread", "反讽与复杂情绪容易误读"),
    ),
)  # fmt: skip
"""The eight methods, in their usual order."""
