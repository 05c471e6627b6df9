"""Who moved between two runs: the matrix with intervals, the health test, the movers and what moved them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

from tierwise.contracts.scheme import Tier
from tierwise.evaluation.health import Rate
from tierwise.evaluation.movers import Mover, tally
from tierwise.language import Lang, Text
from tierwise.questions import Comparison, examine_migration, history, tier_survival
from tierwise.reports.model_sections import tier_rows
from tierwise.reports.page import Chart, Column, DataTable, Format
from tierwise.reports.palette import tier_colours
from tierwise.reports.survival_charts import tier_survival as survival_chart
from tierwise.snapshots.runs import Run
from tierwise.snapshots.workspace import Workspace
from tierwise_console.runs.label_differences import reading
from tierwise_console.runs.published import named_run
from tierwise_console.runs.wording import Wording

KEPT = 8
FEWEST_DAYS = 3
"""A stay begins on the second day at the earliest, since nobody knows how long the first ones had lasted."""
MOST_LABELS = 3_000_000
MOVERS_SHOWN = 100
OUTSIDE = Text("outside", "未在册")


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """One cell: customers, and the rate with its interval among those who are customers in both runs."""

    customers: int
    rate: Rate | None
    direction: int


@dataclass(frozen=True, slots=True)
class MovedCustomer:
    """One mover in words."""

    customer: str
    before: str
    after: str
    up: bool
    why: str


def comparison(before: Run, after: Run, model: str) -> Comparison:
    """The comparison of two runs; kept, since runs never change."""
    return _comparison(before.name, after.name, model)


def settings_changed(before: Run, after: Run, model: str) -> bool:
    """Whether a model had other settings in the later run: then lines moved, and customers with them."""
    return before.manifest.models[model].spec != after.manifest.models[model].spec


@lru_cache(KEPT)
def _comparison(before: str, after: str, model: str) -> Comparison:
    with reading() as engine:
        return examine_migration(engine, named_run(before), named_run(after), model)


def matrix(found: Comparison) -> list[tuple[Tier, list[MatrixCell]]]:
    """The matrix by rows: from each tier to each."""
    rates = {(rate.before, rate.after): rate for rate in found.rates}
    ranks = {tier.key: tier.rank for tier in found.migration.before}
    rows = []
    for source in found.migration.before:
        cells = []
        for target in found.migration.after:
            move = ranks.get(source.key, 0) - target.rank
            rate = rates.get((source.key, target.key))
            cells.append(MatrixCell(found.migration.count(source.key, target.key), rate, (move > 0) - (move < 0)))
        rows.append((source, cells))
    return rows


def movers(found: Comparison, after: Run, lang: Lang, seen: Callable[[str], bool]) -> list[MovedCustomer]:
    """Those worth most who moved and whom the reader may see, and what moved them."""
    words, before, now = Wording(after, lang), _by_key(found.migration.before), _by_key(found.migration.after)
    return [
        MovedCustomer(
            each.customer, before[each.before].name.to(lang), now[each.after].name.to(lang),
            now[each.after].rank < before[each.before].rank, _why(each, words),
        )
        for each in islice((each for each in found.movers if seen(each.customer)), MOVERS_SHOWN)
        if each.before in before and each.after in now
    ]  # fmt: skip


def _why(mover: Mover, words: Wording) -> str:
    if mover.lines_moved:
        return words.say("the lines moved, not the customer", "分界线移动，客户自身未变")
    if not mover.causes:
        return words.say("several together", "多项共同变化")
    said = []
    for group in mover.causes:
        parts = (
            f"{words.name(column)} {words.value(column, mover.old[column])} → {words.value(column, mover.new[column])}"
            for column in group
        )
        said.append(" + ".join(parts))
    return words.say("; or ", "；或 ").join(said)


def causes(found: Comparison, after: Run, lang: Lang) -> list[tuple[str, int]]:
    """How many movers each cause explains, most first."""
    words = Wording(after, lang)
    fixed = {"lines": words.say("lines moved", "分界线移动"), "unexplained": words.say("several together", "多项共同")}
    counts = tally(found.movers)
    named = [(fixed.get(key) or " + ".join(words.name(c) for c in key.split("+")), n) for key, n in counts.items()]
    return sorted(named, key=lambda each: -each[1])[:8]


@dataclass(frozen=True, slots=True)
class Stays:
    """How long customers stay in each tier; the chart is None where the days known so far cannot tell."""

    days: int
    chart: Chart | None


def stays(until: Run, model: str) -> Stays:
    """Survival in each tier over the runs of different days up to one, the latest where there are too many to read."""
    runs = history(Workspace(until.folder.parent.parent), until, model)
    most = max(FEWEST_DAYS, MOST_LABELS // max(1, int(until.manifest.totals["customers"])))
    names = tuple(run.name for run in runs[-most:])
    return Stays(len(runs), _stays(names, model) if len(names) >= FEWEST_DAYS else None)


@lru_cache(KEPT)
def _stays(names: tuple[str, ...], model: str) -> Chart | None:
    runs = [named_run(name) for name in names]
    with reading() as engine:
        curves = tier_survival(engine, runs, model)
    return survival_chart(model, tier_rows(runs[-1], model), list(curves.values()))


def _by_key(tiers: Sequence[Tier]) -> dict[str, Tier]:
    return {tier.key: tier for tier in tiers}


def sankey(found: Comparison, before: Run, after: Run) -> Chart:
    """Customers flowing from the tiers of before to those of after; who came and who went included."""
    colours: Any = tier_colours(len(found.migration.after))
    flows = [
        {"from": flow.before or "", "to": flow.after or "", "customers": flow.customers, "revenue": flow.revenue}
        for flow in found.migration.flows
    ]
    data = {
        "before": _tiers(found.migration.before), "after": _tiers(found.migration.after), "flows": flows,
        "colours": colours, "outside": OUTSIDE,
    }  # fmt: skip
    names = (_by_key(found.migration.before), _by_key(found.migration.after))
    rows = [
        [
            names[0][f.before].name if f.before else OUTSIDE, names[1][f.after].name if f.after else OUTSIDE,
            f.customers, f.revenue,
        ]
        for f in found.migration.flows
    ]  # fmt: skip
    columns = (
        Column(Text("From", "从")), Column(Text("To", "到")), Column(Text("Customers", "客户数"), Format.COUNT),
        Column(Text("Net spend", "净额"), Format.MONEY),
    )  # fmt: skip
    title = Text("{moved} customers moved, {stayed} stayed", "{moved} 位客户流动，{stayed} 位未变").fill(
        moved=f"{found.migration.moved:,}", stayed=f"{found.migration.stayed:,}"
    )
    about = Text(
        "Width of a band: customers. Left {before}, right {after}.",
        "连线粗细表示客户数：左侧为 {before}，右侧为 {after}。",
    ).fill(before=before.manifest.as_of, after=after.manifest.as_of)
    caption = Text("Flows between tiers", "层级间流动")
    return Chart("migration-sankey", "sankey", title, about, data, [DataTable(caption, columns, rows)], wide=True)


def _tiers(tiers: Sequence[Tier]) -> list[dict[str, Any]]:
    return [{"key": tier.key, "name": {"en": tier.name.en, "zh-CN": tier.name.zh}} for tier in tiers]
