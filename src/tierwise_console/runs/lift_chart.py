"""The lift curve of a back-test: how much of the next period's revenue the best customers of each ranking brought."""

from __future__ import annotations

from math import isfinite

from tierwise.advisor.advice import Advice
from tierwise.advisor.backtest import LIFT_PERCENTS, Figures
from tierwise.advisor.goals import Metric
from tierwise.language import Lang, Text
from tierwise.reports.page import Chart, Column, DataTable, Format
from tierwise.reports.palette import tier_colours

LIFT = "lift"
MOST_CURVES = 4
"""So many models beside spend alone: more lines cannot be told apart. The table of the back-test has all."""
SPEND, CHANCE = Text("spend alone", "只看消费额"), Text("by chance", "随机排序")


def lift_chart(found: Advice) -> Chart | None:
    """The curves of the models that are placed first; None where the next period brought no revenue to share."""
    tested = [(each.model.card.title, each.tested) for each in found.candidates if each.tested is not None]
    curves = [(title, figures) for title, figures in tested if _known(figures)][:MOST_CURVES]
    if not curves or not _known(found.trial.baseline):
        return None
    first, best = curves[0]
    title = Text(
        "The best 10% of customers by {model} brought {share}% of what came next",
        "{model}排序的前 10% 客户带来了其后收入的 {share}%",
    ).fill(model=first, share=f"{best.observed[Metric.TOP_SHARE]:.1f}")
    about = Text(
        "Across: customers from the best on, by the ranking of {split}, in per cent; up: their share of net revenue of the "
        "{days} days after it, in per cent. The dashed line is a ranking by chance.",
        "横轴：按 {split} 的排序由高到低的客户累计占比（%）；纵轴：其后 {days} 天净额的累计占比（%）。虚线为随机排序。",
    ).fill(split=str(found.period.split), days=found.period.horizon_days)
    shown = [*curves, (SPEND, found.trial.baseline)]
    data = {
        "percents": list(LIFT_PERCENTS), "colours": tier_colours(len(shown)),
        "curves": [{"name": _both(name), "shares": [round(each, 2) for each in figures.lift]} for name, figures in shown],
        "chance": _both(CHANCE), "x_name": _both(Text("customers, from the best on (%)", "客户累计占比，由高到低（%）")),
        "y_name": _both(Text("share of next-period revenue (%)", "其后净额占比（%）")),
    }  # fmt: skip
    return Chart(LIFT, LIFT, title, about, data, [_table(shown)], wide=True)


def _known(figures: Figures) -> bool:
    return bool(figures.lift) and all(isfinite(each) for each in figures.lift)


def _table(shown: list[tuple[Text, Figures]]) -> DataTable:
    columns = [Column(Text("Best customers", "前"), Format.TEXT), *(Column(name, Format.PERCENT) for name, _ in shown)]
    rows = [
        [f"{percent}%", *(figures.lift[place] for _, figures in shown)]
        for place, percent in enumerate(LIFT_PERCENTS) if percent
    ]  # fmt: skip
    return DataTable(Text("Share of next-period net revenue", "其后净额的累计占比"), columns, rows)


def _both(text: Text) -> dict[str, str]:
    return {str(Lang.EN): text.en, str(Lang.ZH): text.zh}
