"""What can be measured, and which model suits: the catalogues of the core as tables for pages."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from tierwise.advisor.methods import METHODS, seven_cards
from tierwise.indicators.declaration import ASPECT_NAMES, EVIDENCE_NAMES, UNIT_NAMES, WORTH_NAMES
from tierwise.language import Text
from tierwise.questions import ChosenIndicators, indicators_of_run, with_engine
from tierwise.registry import models
from tierwise.reports.page import Column, DataTable
from tierwise.snapshots.runs import Run
from tierwise_console.runs.published import named_run, workspace

KEPT = 8
FEWEST, MOST = 8, 12
"""So many indicators are usually enough and not yet too many."""
AVAILABLE = Text("available", "可用")


@lru_cache(KEPT)
def _chosen(name: str) -> ChosenIndicators:
    found: ChosenIndicators = with_engine(lambda engine: indicators_of_run(engine, workspace(), named_run(name)))
    return found


def indicators(run: Run) -> ChosenIndicators:
    """Every indicator with what the data of a run lacks for it, those in use, and what is to be said of the choice."""
    return _chosen(run.name)


def gauge(run: Run) -> dict[str, Any]:
    """How many indicators are in use, against eight to twelve."""
    chosen = indicators(run).chosen
    used = len({ref.name for ref in chosen})
    verdict = "few" if used < FEWEST else "many" if used > MOST else "right"
    return {
        "used": used,
        "fewest": FEWEST,
        "most": MOST,
        "verdict": verdict,
        "top": max(used, 2 * MOST),
        "columns": len(chosen),
    }


def catalogue(run: Run) -> DataTable:
    """The catalogue with its place in each of the three dimension sets, and whether this data can carry it."""
    columns = [
        Column(Text("Indicator", "指标")),
        Column(Text("What it says", "含义")),
        Column(Text("Dimension", "维度")),
        Column(Text("Evidence", "依据")),
        Column(Text("Worth", "价值")),
        Column(Text("Unit", "单位")),
        Column(Text("In use", "正在使用")),
        Column(Text("Available", "可用性")),
    ]
    used = {ref.name for ref in indicators(run).chosen}
    rows = []
    for item in indicators(run).availability:
        found, place = item.indicator, item.indicator.dimensions
        rows.append(
            [
                found.label, found.about, ASPECT_NAMES[place.aspect], EVIDENCE_NAMES[place.evidence],
                WORTH_NAMES[place.worth], UNIT_NAMES[found.unit], "●" if found.name in used else "",
                AVAILABLE if item.available else item.reason,
            ]
        )  # fmt: skip
    return DataTable(
        Text("All indicators, and what is missing for those this data cannot carry", "全部指标，以及缺少的数据"),
        columns,
        rows,
    )


def seven_models() -> DataTable:
    """The seven models side by side."""
    words = (
        ("Model", "模型"),
        ("Question it answers", "回答的问题"),
        ("Fits", "适用"),
        ("Strengths", "优点"),
        ("Limits", "局限"),
        ("Difficulty", "难度"),
    )
    columns = [Column(Text(*each)) for each in words]
    rows = [[c.title, c.question, c.fit, c.strengths, c.limits, c.difficulty] for c in seven_cards(models()).values()]
    return DataTable(Text("Seven models", "七种分层模型"), columns, rows)


def eight_methods() -> DataTable:
    """The eight methods side by side, with the models built on each."""
    words = (
        ("Method", "方法"),
        ("Scenario", "适用场景"),
        ("Strength", "优势"),
        ("Limit", "局限"),
        ("Models here", "对应模型"),
    )
    cards = models()
    rows = [
        [m.label, m.scenario, m.strength, m.limit, _titles([cards[name].card.title for name in m.models])]
        for m in METHODS
    ]
    return DataTable(Text("Eight methods", "八种分析方法"), [Column(Text(*each)) for each in words], rows)


def _titles(titles: list[Text]) -> Text:
    return Text(", ".join(t.en for t in titles) or "–", "、".join(t.zh for t in titles) or "–")
