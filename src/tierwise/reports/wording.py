"""The words that the page's own script shows: everything else is written into the page in both languages."""

from __future__ import annotations

from tierwise.language import Text

WORDS: dict[str, Text] = {
    "customers": Text("customers", "客户"),
    "customers_share": Text("Share of customers", "客户占比"),
    "revenue_share": Text("Share of net revenue", "净额占比"),
    "revenue": Text("net revenue", "净额"),
    "below": Text("below {high}", "{high} 以下"),
    "from": Text("{low} and more", "{low} 及以上"),
    "range": Text("{low} to {high}", "{low} 至 {high}"),
    "customers_axis": Text("customers, from the most valuable on (%)", "客户累计占比，由高到低（%）"),
    "value_axis": Text("cumulative share (%)", "累计占比（%）"),
    "share_axis": Text("share (%)", "占比（%）"),
    "point20": Text("top 20% bring {value}", "前 20% 贡献 {value}"),
    "point80": Text("80% from {value} of customers", "80% 来自 {value} 的客户"),
    "value": Text("expected value", "预期价值"),
    "mean_value": Text("mean per customer", "人均"),
    "tenth": Text("tenth {place}", "第 {place} 组"),
    "tenth_axis": Text("tenth of customers, best first", "客户十分位（由高到低）"),
    "band": Text("group {place}", "第 {place} 组"),
    "expected": Text("expected", "预测"),
    "actual": Text("actual", "实际"),
    "expected_axis": Text("expected orders per customer", "人均预测订单数"),
    "actual_axis": Text("actual orders per customer", "人均实际订单数"),
    "repeat_orders": Text("cumulative repeat orders", "累计复购订单数"),
    "unseen": Text("not seen by the model", "模型未见过"),
    "day": Text("day {day}", "第 {day} 天"),
    "no_positive": Text(
        "No tier has positive net revenue: choose “by customers”.", "没有层级的净额为正，请选择“按客户数”。"
    ),
}
