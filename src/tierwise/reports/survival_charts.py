"""How long customers stay: with the shop, and in a tier."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from math import ceil
from typing import Any

from tierwise.contracts.stays import StayCurve
from tierwise.contracts.value_view import Rows, ValueView
from tierwise.language import Text
from tierwise.reports.figures import both, percent_text
from tierwise.reports.page import Chart, Column, DataTable, Format, TierRow
from tierwise.reports.palette import INK, THEMES, tier_colours

LEAST_STEP = 0.2
"""Steps of a curve that add up to less (in per cent) are left out: nobody sees them."""
LOOK_AT_DAYS = (30, 60, 90, 180, 270, 365, 545, 730, 1095, 1460, 1825)


def customer_survival(view: ValueView) -> Chart | None:
    """How many customers are still there, by days since the first order, for each group; None where nobody left.

    The first group is everyone.
    """
    names = dict(view.groups)
    curves = {group: list(rows) for group, rows in groupby(view.survival, key=lambda row: row["group"])}
    shown = [group for group, _ in view.groups if group in curves]
    if not shown or all(row["survival"] == 1 for row in view.survival):
        return None
    end = max(row["days"] for row in view.survival)
    day = max((day for day in LOOK_AT_DAYS if day <= end), default=int(end))
    title = Text(
        "{days} days after the first order, {share} of customers are still there",
        "首单 {days} 天后，仍有 {share} 的客户在购买",
    ).fill(days=day, share=percent_text(100 * survival_at(curves[shown[0]], day)))
    about = Text(
        "Share of customers (%) who have not left, by days since the first order (Kaplan–Meier). A customer whose chance "
        "to be active is below one half counts as gone since the last order.",
        "首单后各天尚未流失的客户占比（%），Kaplan–Meier 估计。存活概率低于二分之一的客户视为自最后一单起流失。",
    )
    lines = [
        _line(names[group], [(row["days"], row["survival"]) for row in curves[group]], end, group == shown[0])
        for group in shown
    ]
    others = tier_colours(max(len(shown) - 1, 1))
    data = {
        "curves": lines,
        "end": end,
        "x_name": both(Text("days since the first order", "距首单天数")),
        "y_name": both(Text("customers still there (%)", "仍在的客户（%）")),
        "colours": {theme: [INK[theme], *others[theme]] for theme in THEMES},
    }
    columns = [Column(Text("Days", "天"), Format.COUNT), *(Column(names[group], Format.SHARE) for group in shown)]
    days = [day for day in LOOK_AT_DAYS if day <= end] or [int(end)]
    rows = [[day, *(survival_at(curves[group], day) for group in shown)] for day in days]
    table = DataTable(Text("Share of customers still there", "仍在的客户占比"), columns, rows)
    return Chart("value-survival", "survival", title, about, data, [table], wide=True)


def tier_survival(instance: str, rows: Sequence[TierRow], stays: Sequence[StayCurve]) -> Chart | None:
    """How long customers stay in each tier, over several runs; None where no stay was seen to begin and last."""
    place = {row.tier.key: at for at, row in enumerate(rows)}
    known = sorted((curve for curve in stays if curve.tier in place), key=lambda curve: place[curve.tier])
    end = max((curve.points[-1].day for curve in known), default=0)
    if not end:
        return None
    names = {row.tier.key: row.tier.name for row in rows}
    about = Text(
        "Share of stays (%) that still last, by days since a run first showed the customer in the tier (Kaplan–Meier over "
        "the runs of this workspace). A curve ends where nobody was watched for longer.",
        "自某次运行首次显示客户进入该层级起，各天仍留在该层级的占比（%），按工作区内历次运行以 Kaplan–Meier 估计。曲线止于最长观察期。",
    )
    colours = tier_colours(len(rows))
    data = {
        "curves": [
            _line(names[curve.tier], [(0, 1.0), *((p.day, p.survival) for p in curve.points)], curve.points[-1].day)
            for curve in known
        ],
        "end": end,
        "x_name": both(Text("days in the tier", "在该层级的天数")),
        "y_name": both(Text("still in the tier (%)", "仍在该层级（%）")),
        "colours": {theme: [colours[theme][place[curve.tier]] for curve in known] for theme in THEMES},
    }
    table = _stay_table(known, names)
    return Chart(f"{instance}-survival", "survival", _stay_title(known, names), about, data, [table], wide=True)


def _stay_title(curves: Sequence[StayCurve], names: dict[str, Text]) -> Text:
    """The tier that is left soonest, if any is left by half."""
    left = [(curve.median_days, curve) for curve in curves if curve.median_days is not None]
    if not left:
        return Text(
            "More than half stay in their tier for as long as is seen", "在观察期内，各层级均有半数以上客户留存"
        )
    days, first = min(left, key=lambda pair: pair[0])
    return Text("Half leave “{tier}” within {days} days", "“{tier}”有半数客户在 {days} 天内离开").fill(
        tier=names[first.tier], days=days
    )


def _stay_table(curves: Sequence[StayCurve], names: dict[str, Text]) -> DataTable:
    columns = (
        Column(Text("Tier", "层级")),
        Column(Text("Stays", "停留次数"), Format.COUNT),
        Column(Text("Median days", "停留中位天数"), Format.COUNT),
        Column(Text("Watched for at most (days)", "最长观察天数"), Format.COUNT),
        Column(Text("Still there then", "届时仍在"), Format.SHARE),
        Column(Text("from (95%)", "下限（95%）"), Format.SHARE),
        Column(Text("to (95%)", "上限（95%）"), Format.SHARE),
    )
    rows = []
    for curve in curves:
        last = curve.points[-1]
        figures = (curve.stays, curve.median_days, last.day, last.survival, last.low, last.high)
        rows.append([names[curve.tier], *figures])
    return DataTable(Text("How long customers stay in a tier", "客户在各层级的停留时间"), columns, rows)


def _line(name: Text, points: Sequence[tuple[float, float]], end: float, plain: bool = False) -> dict[str, Any]:
    return {
        "name": both(name),
        "points": seen_steps([(day, 100 * share) for day, share in points]),
        "end": end,
        "plain": plain,
    }


def survival_at(curve: Rows, day: float) -> float:
    """The share still there by the end of a day."""
    share: float = [row for row in curve if row["days"] <= day][-1]["survival"]
    return share


def seen_steps(points: Sequence[tuple[float, float]]) -> list[list[float]]:
    """The points (day, per cent) that lie at least `LEAST_STEP` below the one shown before, and the first and last."""
    shown = [list(points[0])]
    for day, share in points[1:]:
        if shown[-1][1] - share >= LEAST_STEP or day == points[-1][0]:
            shown.append([day, share])
    return shown


def thinned(rows: Sequence[Any], most: int) -> list[Any]:
    """At most `most` + 1 of the rows, evenly, first and last included."""
    kept = list(rows[:: max(ceil(len(rows) / most), 1)])
    return kept if kept[-1] is rows[-1] else [*kept, rows[-1]]
