"""The words that the page's own script shows: everything else is written into the page in both languages."""

from __future__ import annotations

from tierwise.language import Text

WORDS: dict[str, Text] = {
    "customers": Text("customers", "客户"),
    "customers_share": Text("Share of customers", "客户占比"),
    "revenue_share": Text("Share of net revenue", "净额占比"),
    "revenue": Text("net revenue", "净额"),
    "mean": Text("mean spend", "人均消费"),
    "r_axis": Text("R score (higher: more recent)", "R 得分（越高越近期）"),
    "f_axis": Text("F score (higher: more often)", "F 得分（越高越频繁）"),
    "below": Text("below {high}", "{high} 以下"),
    "from": Text("{low} and more", "{low} 及以上"),
    "range": Text("{low} to {high}", "{low} 至 {high}"),
    "mean_legend": Text("Mean spend per customer", "人均消费金额"),
    "customers_axis": Text("customers, from the most valuable on (%)", "客户累计占比，由高到低（%）"),
    "value_axis": Text("cumulative share (%)", "累计占比（%）"),
    "share_axis": Text("share (%)", "占比（%）"),
    "point20": Text("top 20% bring {value}", "前 20% 贡献 {value}"),
    "point80": Text("80% from {value} of customers", "80% 来自 {value} 的客户"),
    "no_positive": Text(
        "No tier has positive net revenue: choose “by customers”.", "没有层级的净额为正，请选择“按客户数”。"
    ),
}
