"""What is shown of each model: its own charts where the report knows it, bars by tier for any other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import ceil
from typing import Any

from tierwise.contracts.doubts import doubt_note
from tierwise.contracts.model import MethodCard
from tierwise.contracts.run_view import RunView
from tierwise.contracts.scheme import Number, Scheme, Score
from tierwise.contracts.stays import StayCurve
from tierwise.engine.base import Engine
from tierwise.language import Text
from tierwise.reports.figures import DASH, amount_text, money_unit
from tierwise.reports.heat_map import has_scores, heat_cells, heat_map
from tierwise.reports.page import Chart, Column, DataTable, Format, Section, TierRow
from tierwise.reports.survival_charts import tier_survival
from tierwise.reports.tier_charts import bars, pareto, pyramid, treemap

Stays = Mapping[str, Sequence[StayCurve]]
"""Survival curves of the tiers, by name of instance; models of which only one run is known have none."""
Charts = tuple[list[Chart], list[DataTable]]

CHOICE = "clusters.choice"
"""The note on the numbers of groups that were tried: its figures are a table."""

KNOWN = {
    "rfm": (
        Text("RFM segments", "RFM 分层"),
        Text(
            "This run has no RFM model, so there is no heat map and no map of segments. Add it and run again:",
            "本次运行没有 RFM 模型，因此没有热力图与分层图。加上它再运行一次：",
        ),
    ),
    "pyramid": (
        Text("Customer pyramid", "客户金字塔"),
        Text(
            "This run has no pyramid model, so there is no Pareto curve and no pyramid. Add it and run again:",
            "本次运行没有金字塔模型，因此没有帕累托曲线与金字塔图。加上它再运行一次：",
        ),
    ),
    "lifecycle": (
        Text("Customer lifecycle", "客户生命周期"),
        Text(
            "This run has no lifecycle model, so the stages of customers are not known. Add it and run again:",
            "本次运行没有生命周期模型，因此看不到客户所处阶段。加上它再运行一次：",
        ),
    ),
}
"""The models every report has a place for, and what is said where one is missing."""


def model_sections(run: RunView, engine: Engine, cards: Mapping[str, MethodCard], stays: Stays) -> list[Section]:
    """A section for each model of the run: the known ones first, in their place even where missing."""
    found = run.manifest.models
    sections: list[Section] = []
    for name in KNOWN:
        instances = [instance for instance, result in found.items() if result.model == name]
        sections += [_section(run, engine, instance, cards, stays) for instance in instances] or [_missing(name)]
    others = [instance for instance, result in found.items() if result.model not in KNOWN]
    return [*sections, *(_section(run, engine, instance, cards, stays) for instance in others)]


def _missing(name: str) -> Section:
    heading, what = KNOWN[name]
    return Section(f"no-{name}", heading, empty=what, command=f"tierwise tier ORDERS --model {name}")


def tier_rows(run: RunView, instance: str) -> list[TierRow]:
    """The tier table of a model with its tiers, best first."""
    scheme = run.scheme(instance)
    return [TierRow(scheme.tier(row["key"]), row) for row in run.manifest.models[instance].tiers]


def _section(run: RunView, engine: Engine, instance: str, cards: Mapping[str, MethodCard], stays: Stays) -> Section:
    result = run.manifest.models[instance]
    card = cards.get(result.model)
    rows = tier_rows(run, instance)
    charts, tables = _BUILDERS.get(result.model, _other)(run, engine, instance, rows)
    lasting = tier_survival(instance, rows, stays.get(instance, ()))
    shown_apart = [note for note in result.notes if note["figures"].get("curve") or note["code"] == CHOICE]
    return Section(
        f"model-{instance}",
        _heading(instance, result.model, card),
        card.question if card else None,
        [*charts, *([lasting] if lasting else [])],
        rows,
        [*tables, *(tried_table(note["figures"]) for note in shown_apart if note["code"] == CHOICE)],
        [
            *(Text.of(note["text"]) for note in result.notes if note not in shown_apart),
            *([doubt] if (doubt := doubt_note(run.manifest.quality, instance)) else []),
        ],
    )


def tried_table(figures: Mapping[str, Any]) -> DataTable:
    """Every number of groups that was tried, and how good it was; the chosen one is marked."""
    columns = (
        Column(Text("Groups", "组数")),
        Column(Text("Weakest Jaccard", "最弱重现度"), Format.AMOUNT),
        Column(Text("Adjusted Rand", "调整兰德指数"), Format.AMOUNT),
        Column(Text("Silhouette", "轮廓系数"), Format.AMOUNT),
        Column(Text("Gap", "Gap 统计量"), Format.AMOUNT),
        Column(Text("Error of the gap", "Gap 标准误"), Format.AMOUNT),
    )
    names = ("weakest_jaccard", "rand_index", "silhouette", "gap", "gap_error")
    chosen = Text("{k} (chosen)", "{k}（选用）")
    rows = [
        [chosen.fill(k=row["k"]) if row["k"] == figures["k"] else str(row["k"]), *(row[name] for name in names)]
        for row in figures["tried"]
    ]
    return DataTable(
        Text("Numbers of groups tried: the stability decides", "尝试过的组数：以稳定性选定"), columns, rows
    )


def _heading(instance: str, model: str, card: MethodCard | None) -> Text:
    """The model's name; an instance with a name of its own carries it too."""
    heading = KNOWN[model][0] if model in KNOWN else card.title if card else Text.same(model)
    if instance == model:
        return heading
    return Text("{heading} · {instance}", "{heading} · {instance}").fill(heading=heading, instance=instance)


def _rfm(run: RunView, engine: Engine, instance: str, rows: Sequence[TierRow]) -> Charts:
    scheme, unit = run.scheme(instance), money_unit(run.manifest.currency)
    if not has_scores(scheme):
        return _other(run, engine, instance, rows)
    cells = heat_cells(engine, instance, run.labels(instance), scheme)
    indicators = {item["column"]: item for item in run.manifest.indicators}
    tables = [] if any(score.within for score in scheme.scores) else [_cuts_table(scheme, indicators)]
    return [heat_map(instance, cells, scheme, unit), treemap(instance, rows, unit)], tables


def _cuts_table(scheme: Scheme, indicators: Mapping[str, Mapping[str, Any]]) -> DataTable:
    """Which values earn which score: a row per score, best first."""
    most = max(score.bins for score in scheme.scores)
    named = Text("{score}: {indicator}", "{score}：{indicator}")
    columns = [Column(Text("Score", "得分"))]
    for score in scheme.scores:
        label = indicators[score.column]["label"]
        columns.append(Column(named.fill(score=score.label, indicator=Text.of(label))))
    whole = {score.name: indicators[score.column]["unit"] != "money" for score in scheme.scores}
    rows = [
        [str(points), *(value_range(score, points, whole[score.name]) for score in scheme.scores)]
        for points in range(most, 0, -1)
    ]
    return DataTable(Text("What earns a score", "得分的分界"), columns, rows)


def value_range(score: Score, points: int, whole: bool) -> Text:
    """The values that earn `points`: reaching a cut-point adds a point, or takes one where less is better.

    Of an indicator that is counted in `whole` numbers the range names its first and its last value.
    """
    cuts = score.cuts_for({})
    reached = points - 1 if score.ascending else score.bins - points
    if not 0 <= reached <= len(cuts):
        return Text.same(DASH)
    low = cuts[reached - 1] if reached else None
    high = cuts[reached] if reached < len(cuts) else None
    return _whole_range(low, high) if whole else _money_range(low, high)


def _whole_range(low: Number | None, high: Number | None) -> Text:
    first = ceil(low) if low is not None else None
    last = ceil(high) - 1 if high is not None else None
    if first is not None and last is not None:
        if first > last:
            return Text.same(DASH)
        return Text.same(f"{first:,}" if first == last else f"{first:,}–{last:,}")
    if first is not None:
        return Text(f"{first:,} and more", f"{first:,} 及以上")
    if last == 0:
        return Text.same("0")
    return Text(f"{last:,} or less", f"{last:,} 及以下") if last is not None else Text("every value", "任意值")


def _money_range(low: Number | None, high: Number | None) -> Text:
    first, beyond = amount_text(low), amount_text(high)
    if low is not None and high is not None:
        return Text.same(DASH) if low == high else Text(f"{first} to below {beyond}", f"{first} 至 {beyond}（不含）")
    if low is not None:
        return Text(f"{first} and more", f"{first} 及以上")
    return Text(f"below {beyond}", f"{beyond} 以下（不含）") if high is not None else Text("every value", "任意值")


def _pyramid(run: RunView, engine: Engine, instance: str, rows: Sequence[TierRow]) -> Charts:
    result = run.manifest.models[instance]
    profit = result.spec.get("basis") == "profit"
    basis = Text("profit", "利润") if profit else Text("revenue", "净额")
    note = next((note for note in result.notes if note["code"] == "pyramid.pareto"), None)
    curve = pareto(instance, note["figures"], basis) if note else None
    return [*([curve] if curve else []), pyramid(instance, rows)], []


def _lifecycle(run: RunView, engine: Engine, instance: str, rows: Sequence[TierRow]) -> Charts:
    return [bars(instance, rows, Text("Customers and revenue by stage of life", "各生命周期阶段的客户与金额"))], []


def _other(run: RunView, engine: Engine, instance: str, rows: Sequence[TierRow]) -> Charts:
    return [bars(instance, rows, Text("Customers and revenue by tier", "各层级的客户与金额"))], []


Builder = Callable[[RunView, Engine, str, Sequence[TierRow]], Charts]
_BUILDERS: dict[str, Builder] = {"rfm": _rfm, "pyramid": _pyramid, "lifecycle": _lifecycle}


def settings_of(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a model without the empty list of own names, which says nothing."""
    return {key: value for key, value in spec.items() if not (key == "names" and not value)}
