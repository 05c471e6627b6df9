"""Charts of the tiers of one model, drawn from its tier table: treemap, pyramid, bars; and the Pareto curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from tierwise.language import Text
from tierwise.reports.figures import as_decimal, both, percent_text
from tierwise.reports.page import Chart, Column, DataTable, Format, TierRow
from tierwise.reports.palette import tier_colours

MEASURES = (
    ("customers", Text("by customers", "按客户数")),
    ("revenue", Text("by revenue", "按金额")),
)


def _data(rows: Sequence[TierRow]) -> dict[str, Any]:
    """The tiers as every chart of them reads them, best first."""
    tiers = [
        {
            "name": both(row.tier.name),
            "customers": row.figures["customers"],
            "customers_percent": row.figures["customers_percent"],
            "revenue": row.figures["revenue"],
            "revenue_percent": row.figures["revenue_percent"],
        }
        for row in rows
    ]
    return {"tiers": tiers, "colours": tier_colours(len(tiers))}


def share_table(rows: Sequence[TierRow], caption: Text) -> DataTable:
    """Customers and revenue of each tier, best first."""
    columns = (
        Column(Text("Tier", "层级")),
        Column(Text("Customers", "客户数"), Format.COUNT),
        Column(Text("Share of customers", "客户占比"), Format.PERCENT),
        Column(Text("Revenue, net", "净额"), Format.MONEY),
        Column(Text("Share of revenue", "金额占比"), Format.PERCENT),
    )
    names = ("customers", "customers_percent", "revenue", "revenue_percent")
    return DataTable(caption, columns, [[row.tier.name, *(row.figures[name] for name in names)] for row in rows])


def _most(rows: Sequence[TierRow], figure: str) -> TierRow:
    """The tier with the most of a figure; the better one where two have the same."""
    return max(rows, key=lambda row: as_decimal(row.figures[figure]))


def _largest_title(rows: Sequence[TierRow]) -> Text:
    """Which tier has the most customers and which the most revenue, as one sentence."""
    crowd, rich = _most(rows, "customers"), _most(rows, "revenue")
    values = {
        "crowd": crowd.tier.name,
        "rich": rich.tier.name,
        "customers": percent_text(crowd.figures["customers_percent"]),
        "revenue": percent_text(rich.figures["revenue_percent"]),
        "crowd_revenue": percent_text(crowd.figures["revenue_percent"]),
    }
    if rich.figures["revenue_percent"] is None:
        return Text("Most customers are “{crowd}”: {customers}", "“{crowd}”客户最多，占 {customers}").fill(**values)
    if crowd is rich:
        return Text(
            "“{crowd}” is the largest tier: {customers} of customers, {crowd_revenue} of revenue",
            "“{crowd}”人数与金额都居首：客户占 {customers}，金额占 {crowd_revenue}",
        ).fill(**values)
    return Text(
        "Most customers are “{crowd}” ({customers}); most revenue is from “{rich}” ({revenue})",
        "“{crowd}”客户最多（{customers}），“{rich}”贡献金额最多（{revenue}）",
    ).fill(**values)


def treemap(instance: str, rows: Sequence[TierRow], unit: Text) -> Chart:
    """Areas by customers or by revenue, at the reader's choice; tiers without any are left out of the picture."""
    about = Text(
        "Area: share of customers or of net revenue; colour: rank of the segment, from best to worst. Amounts {unit}.",
        "面积：客户占比或净额占比；颜色：分层由优到劣。金额{unit}。",
    ).fill(unit=unit)
    caption = Text("Customers and revenue by segment", "各分层的客户与金额")
    title = _largest_title(rows)
    return Chart(
        f"{instance}-treemap", "treemap", title, about, _data(rows), [share_table(rows, caption)], choices=MEASURES
    )


def pyramid(instance: str, rows: Sequence[TierRow]) -> Chart:
    """Layers as wide as their share of customers beside layers as wide as their share of revenue."""
    top = rows[0]
    title = Text(
        "The top layer “{name}” is {customers} of customers and brings {revenue} of revenue",
        "顶层“{name}”占客户的 {customers}，贡献 {revenue} 的金额",
    ).fill(
        name=top.tier.name,
        customers=percent_text(top.figures["customers_percent"]),
        revenue=percent_text(top.figures["revenue_percent"]),
    )
    about = Text(
        "Width of a layer: its share (%) of customers on the left, of net revenue on the right.",
        "每层宽度为占比（%）：左侧为客户，右侧为净额。",
    )
    table = share_table(rows, Text("Customers and revenue by layer", "各层的客户与金额"))
    return Chart(f"{instance}-pyramid", "pyramid", title, about, _data(rows), [table])


def bars(instance: str, rows: Sequence[TierRow], caption: Text) -> Chart:
    """Two bars a tier: its share of customers and its share of net revenue."""
    about = Text(
        "Bars: share (%) of customers, and of net revenue, in each tier, best tier first.",
        "条形：各层的客户占比与净额占比（%），由优到劣排列。",
    )
    table = share_table(rows, caption)
    return Chart(f"{instance}-bars", "bars", _largest_title(rows), about, _data(rows), [table], wide=True)


def pareto(instance: str, figures: Mapping[str, Any], basis: Text) -> Chart | None:
    """The concentration curve of a `pyramid.pareto` note; None where nothing positive was spent."""
    curve = [(int(customers), as_decimal(value)) for customers, value in figures["curve"]]
    if not curve:
        return None
    everyone, total = curve[-1]
    points = [(_percent(customers, everyone), _percent(value, total)) for customers, value in curve]
    title = _pareto_title(figures, basis, everyone)
    about = Text(
        "Customers from the most valuable on (% of customers) and their cumulative share of {basis} (%). "
        "Dashed: what equal customers would give.",
        "横轴：客户由高到低累计占比（%）；纵轴：累计{basis}占比（%）。虚线：假如人人相同。",
    ).fill(basis=basis)
    data = {
        "points": [(Decimal(0), Decimal(0)), *points],
        "top20": figures["top20_value_percent"] if everyone >= 5 else None,
        "for80": figures["customers_percent_for_80"],
    }
    columns = (
        Column(Text("Customers, from the top", "客户（由高到低）"), Format.COUNT),
        Column(Text("Share of customers", "客户占比"), Format.PERCENT),
        Column(Text("Cumulative {basis}", "累计{basis}").fill(basis=basis), Format.MONEY),
        Column(Text("Cumulative share", "累计占比"), Format.PERCENT),
    )
    rows = [[*found, *shares] for found, shares in zip(curve, points, strict=True)]
    order = [[row[0], row[2], row[1], row[3]] for row in _tenths(rows, everyone)]
    caption = Text("Cumulative {basis} by tenths of customers", "按客户十分位累计的{basis}").fill(basis=basis)
    return Chart(f"{instance}-pareto", "pareto", title, about, data, [DataTable(caption, columns, order)])


def _pareto_title(figures: Mapping[str, Any], basis: Text, everyone: int) -> Text:
    """Both 80/20 figures; fewer than five customers have no top fifth."""
    title = Text("80% of {basis} comes from {customers} of customers", "80% 的{basis}来自 {customers} 的客户")
    if everyone >= 5:
        title = Text(f"{title.en}; the top 20% bring {{value}}", f"{title.zh}；前 20% 的客户贡献 {{value}}")
    return title.fill(
        basis=basis,
        customers=percent_text(figures["customers_percent_for_80"]),
        value=percent_text(figures["top20_value_percent"]),
    )


def _percent(part: Any, whole: Any) -> Decimal:
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.01"))


def _tenths(rows: Sequence[list[Any]], everyone: int) -> list[list[Any]]:
    """The first point of the curve at or beyond each tenth of the customers."""
    picked = [next(row for row in rows if row[0] * 10 >= everyone * tenth) for tenth in range(1, 11)]
    return [row for place, row in enumerate(picked) if place == 0 or row is not picked[place - 1]]
