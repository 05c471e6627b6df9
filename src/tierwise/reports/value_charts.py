"""Charts of lifetime value: how it spreads, who is still there, and how the forecast met what happened."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tierwise.contracts.value_view import Rows, ValueView
from tierwise.language import Text
from tierwise.reports.figures import (
    amount_text,
    as_decimal,
    both,
    money_unit,
    number_text,
    percent_text,
    short_percent_text,
)
from tierwise.reports.page import Chart, Column, DataTable, Format
from tierwise.reports.palette import TIER_STOPS, tier_colours
from tierwise.reports.survival_charts import thinned

MEASURES = (
    ("customers", Text("by customers", "按客户数")),
    ("value", Text("by expected value", "按预期价值")),
)
MOST_ROWS = 26
"""Rows of the table of cumulative orders; the chart holds every period."""


def money(value: float | None) -> Decimal | None:
    """An amount to the cent."""
    return None if value is None else as_decimal(f"{value:.2f}")


def value_words(view: ValueView) -> dict[str, Any]:
    """What every sentence about value is filled with."""
    return {
        "days": number_text(round(view.horizon_days, 2)),
        "unit": money_unit(view.currency),
        "basis": Text("profit", "利润") if view.profit else Text("net revenue", "净额"),
        "level": short_percent_text(view.total.level),
    }


def distribution(view: ValueView) -> Chart:
    """How many customers have which value, and how much they hold; the last bin takes all above."""
    rows = view.distribution
    most = next((row for row in rows if _below(rows, row) * 2 >= view.customers), rows[-1])
    title = Text("Values spread over all customers", "客户价值的分布")
    if most["high"] is not None:
        title = Text(
            "{share} of customers are expected to bring less than {amount}", "{share} 的客户预期价值低于 {amount}"
        ).fill(share=percent_text(100 * _below(rows, most) / view.customers), amount=amount_text(most["high"]))
    about = Text(
        "Columns: number of customers, or the value they hold together, by expected {basis} of a customer in the next "
        "{days} days, {unit}. The last column takes all above.",
        "柱：按客户未来 {days} 天的预期{basis}分组的客户数，或其价值合计，{unit}。最后一柱包含更高的全部客户。",
    ).fill(**value_words(view))
    data = {
        "bins": [[row["low"], row["high"], row["customers"], row["value"]] for row in rows],
        "x_name": both(
            Text("expected {basis} per customer", "每位客户的预期{basis}").fill(basis=value_words(view)["basis"])
        ),
    }
    columns = (
        Column(Text("Value from", "价值下限"), Format.MONEY),
        Column(Text("to below", "上限（不含）"), Format.MONEY),
        Column(Text("Customers", "客户数"), Format.COUNT),
        Column(Text("Value together", "价值合计"), Format.MONEY),
    )
    table = DataTable(
        Text("Customers by expected value", "按预期价值的客户数"),
        columns,
        [[money(row["low"]), money(row["high"]), row["customers"], money(row["value"])] for row in rows],
    )
    return Chart("value-distribution", "histogram", title, about, data, [table], choices=MEASURES)


def _below(rows: Rows, last: Mapping[str, Any]) -> int:
    return sum(row["customers"] for row in rows if row["low"] <= last["low"])


def tenths(view: ValueView) -> Chart:
    """The mean value of each tenth of customers, with the bounds of a customer's own outcome."""
    rows, words = view.tenths, value_words(view)
    whole = sum(row["value"] for row in rows)
    title = Text("Value by tenths of customers", "按客户十分位的价值")
    if whole > 0:
        title = Text(
            "The best tenth of customers holds {share} of all expected value", "最好的十分之一客户占预期价值的 {share}"
        ).fill(share=percent_text(100 * rows[0]["value"] / whole))
    bounded = any(row["high"] is not None for row in rows)
    about = Text(
        "Bars: mean expected {basis} per customer in the next {days} days, {unit}, best tenth first.",
        "条形：未来 {days} 天每位客户的平均预期{basis}，{unit}，由高到低分为十组。",
    )
    if bounded:
        about = Text(
            f"{about.en} Lines: how low and how high a single customer may turn out ({{level}} interval, mean of the tenth).",
            f"{about.zh}横线：单个客户可能的高低范围（{{level}} 区间，取组内均值）。",
        )
    data = {
        "colours": tier_colours(len(rows)),
        "rows": [[row["tenth"], row["mean"], row["low"], row["high"], row["customers"]] for row in rows],
        "x_name": both(Text("expected {basis} per customer", "每位客户的预期{basis}").fill(basis=words["basis"])),
    }
    columns = [
        Column(Text("Tenth, best first", "十分位（由高到低）")),
        Column(Text("Customers", "客户数"), Format.COUNT),
        Column(Text("Value together", "价值合计"), Format.MONEY),
        Column(Text("Share", "占比"), Format.SHARE),
        Column(Text("Mean per customer", "人均"), Format.MONEY),
        Column(Text("Low", "下限"), Format.MONEY),
        Column(Text("High", "上限"), Format.MONEY),
    ]
    figures = [
        [str(row["tenth"]), row["customers"], money(row["value"]), row["value"] / whole if whole > 0 else None,
         *(money(row[name]) for name in ("mean", "low", "high"))]
        for row in rows
    ]  # fmt: skip
    caption = Text(
        "Value by tenths of customers, {level} interval of a customer", "按客户十分位的价值，单个客户 {level} 区间"
    )
    table = DataTable(caption.fill(**words), columns, figures)
    return Chart("value-tenths", "tenths", title, about.fill(**words), data, [table])


def calibration(view: ValueView) -> Chart | None:
    """Orders expected and made by customers of similar forecast; None without a hold-out."""
    rows = view.bands
    if not rows or view.holdout is None:
        return None
    last = rows[-1]
    title = Text(
        "Customers forecast highest: {expected} orders each expected, {actual} made",
        "预测最高的一组：人均预测 {expected} 单，实际 {actual} 单",
    ).fill(expected=number_text(round(last["expected_mean"], 2)), actual=number_text(round(last["actual_mean"], 2)))
    about = Text(
        "Each point: a group of customers with similar forecast. Across: orders expected per customer in the {days} days "
        "after {since}; up: orders made. On the dashed line the forecast came true.",
        "每点为预测相近的一组客户。横轴：{since} 之后 {days} 天人均预测订单数；纵轴：人均实际订单数。落在虚线上表示预测准确。",
    ).fill(days=number_text(view.holdout.days), since=view.holdout.since.isoformat())
    columns = (
        Column(Text("Group, by rising forecast", "组别（预测由低到高）")),
        Column(Text("Customers", "客户数"), Format.COUNT),
        Column(Text("Expected orders each", "人均预测订单"), Format.SIGNIFICANT),
        Column(Text("Orders made each", "人均实际订单"), Format.SIGNIFICANT),
    )
    names = ("customers", "expected_mean", "actual_mean")
    table = DataTable(
        Text("Expected and actual orders by predicted band", "各预测组的预测与实际订单"),
        columns,
        [[str(row["band"]), *(row[name] for name in names)] for row in rows],
    )
    data = {"points": [[row["expected_mean"], row["actual_mean"], row["customers"], row["band"]] for row in rows]}
    return Chart("value-calibration", "calibration", title, about, data, [table])


def tracking(view: ValueView) -> Chart | None:
    """Repeat orders of everyone, added up over time, expected beside actual; None where nothing is tracked."""
    rows = view.tracking
    if not rows:
        return None
    end = rows[-1]
    title = Text(
        "Up to {end}: {expected} repeat orders expected, {actual} made ({bias})",
        "截至 {end}：预测复购 {expected} 单，实际 {actual} 单（{bias}）",
    ).fill(
        end=end["end"],
        expected=f"{end['expected']:,.0f}",
        actual=f"{end['actual']:,.0f}",
        bias=_signed(end["expected"], end["actual"]),
    )
    about = Text(
        "Repeat orders of all customers since the first order, added up (number of orders).",
        "自首单起全体客户累计复购订单数（单）。",
    )
    if any(row["held_out"] for row in rows):
        shaded = Text("The shaded part had not been seen by the model.", "阴影部分为模型未见过的时段。")
        about = Text(f"{about.en} {shaded.en}", f"{about.zh}{shaded.zh}")
    data = {
        "rows": [[row["end"], row["actual"], row["expected"]] for row in rows],
        "second": {theme: stops[4] for theme, stops in TIER_STOPS.items()},
        "unseen": next((row["end"] for row in rows if row["held_out"]), None),
    }
    columns = (
        Column(Text("Up to", "截至")),
        Column(Text("Made", "实际"), Format.NUMBER),
        Column(Text("Expected", "预测"), Format.NUMBER),
        Column(Text("Seen by the model", "模型是否见过")),
    )
    seen = {True: Text("no", "否"), False: Text("yes", "是")}
    table = DataTable(
        Text("Cumulative repeat orders", "累计复购订单"),
        columns,
        [
            [row["end"], row["actual"], round(row["expected"], 1), seen[bool(row["held_out"])]]
            for row in thinned(rows, MOST_ROWS)
        ],
    )
    return Chart("value-tracking", "tracking", title, about, data, [table])


def _signed(expected: float, actual: float) -> str:
    return "–" if not actual else f"{expected / actual - 1:+.1%}"
