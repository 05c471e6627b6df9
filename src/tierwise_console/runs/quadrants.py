"""The two-axis matrix as a picture: where customers stand on two indicators, and the two lines that part them.

Customers are summed in a grid, so that the picture is as quick for a million of them as for a thousand. Lines are moved
on the page; what moving them would do is asked of the same simulation as any other setting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from math import ceil
from typing import Any

from tierwise.config.document import Document
from tierwise.contracts.scheme import Score
from tierwise.language import Text
from tierwise.registry import build_models
from tierwise.reports.figures import both
from tierwise.reports.page import Chart, Column, DataTable, Format
from tierwise.snapshots.runs import Run
from tierwise_console.runs.label_differences import reading
from tierwise_console.runs.published import named_run
from tierwise_console.runs.reading import tiers

MODEL = "two_axis"
KEPT = 8
STEPS = 40
"""Cells of the grid along each axis; beyond the 98th percentile customers stand at the edge."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: where it stands, and how far it may be moved."""

    axis: str
    label: Text
    at: float
    most: int
    step: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """The picture and its two lines."""

    chart: Chart
    lines: tuple[Line, Line]


def matrix(run: Run, instance: str) -> Matrix | None:
    """The picture of a two-axis model; None for any other."""
    return _matrix(run.name, instance) if run.manifest.models[instance].model == MODEL else None


@lru_cache(KEPT)
def _matrix(name: str, instance: str) -> Matrix:
    run = named_run(name)
    x, y = run.scheme(instance).scores
    with reading() as engine:
        engine.attach("indicators", run.indicator_files())
        edges = engine.native("edges", f"SELECT {_edge(x)}, {_edge(y)} FROM indicators")[0]
        reach = [_reach(float(edge or 0), score) for edge, score in zip(edges, (x, y), strict=True)]
        cells = engine.native(
            "cells", f"SELECT {_cell(x, reach[0])} AS x, {_cell(y, reach[1])} AS y, count(*) FROM indicators GROUP BY 1, 2"
            " ORDER BY 1, 2",
        )  # fmt: skip
    lines = (_line(run, "x", x, reach[0]), _line(run, "y", y, reach[1]))
    return Matrix(_chart(run, instance, lines, [[float(a), float(b), int(n)] for a, b, n in cells]), lines)


def _edge(score: Score) -> str:
    return f"quantile_cont({score.column}, 0.98)"


def _reach(edge: float, score: Score) -> int:
    """How far an axis reaches: to the 98th percentile, and beyond the line; a whole number."""
    return ceil(max(edge, 1.5 * _at(score), 2.0))


def _at(score: Score) -> float:
    cuts = score.cuts[()]
    return float(cuts[0]) if cuts else 0.0


def _cell(score: Score, reach: int) -> str:
    """SQL: the cell that a customer stands in; short axes have a cell for each whole number."""
    width = max(reach // STEPS, 1)
    return f"least(greatest(floor(coalesce({score.column}, 0) / {width}), 0) * {width}, {reach})"


def _line(run: Run, axis: str, score: Score, reach: int) -> Line:
    label = next((item["label"] for item in run.manifest.indicators if item["column"] == score.column), None)
    said = Text.of(label) if label else score.label
    return Line(axis, said, _at(score), reach, "1" if reach <= STEPS else "0.01")


def _chart(run: Run, instance: str, lines: tuple[Line, Line], cells: list[list[float]]) -> Chart:
    rows = tiers(run, instance)
    best = max(rows, key=lambda row: float(row.figures["revenue_percent"] or 0))
    title = Text("“{tier}” brings {share} % of net sales", "“{tier}”贡献销售净额的 {share}%").fill(
        tier=best.tier.name, share=f"{float(best.figures['revenue_percent'] or 0):.1f}"
    )
    about = Text(
        "Each bubble: customers who stand there; its size says how many. The lines part high from low. Values beyond the "
        "98th percentile stand at the edge.",
        "气泡表示处于该位置的客户，大小为人数；两条线划分高低。超过第 98 百分位的客户显示在边缘。",
    )
    names = [both(row.tier.name) for row in rows[:4]]
    data: dict[str, Any] = {
        "cells": cells, "names": names, "x": lines[0].at, "y": lines[1].at, "x_most": lines[0].most, "y_most": lines[1].most,
        "x_name": both(lines[0].label), "y_name": both(lines[1].label), "customers": both(Text("customers", "客户数")),
    }  # fmt: skip
    columns = [
        Column(Text("Group", "分组")),
        Column(Text("Customers", "客户数"), Format.COUNT),
        Column(Text("Share of net sales", "销售占比"), Format.PERCENT),
    ]
    table = DataTable(
        Text("The four groups", "四个分组"), columns,
        [[row.tier.name, row.figures["customers"], row.figures["revenue_percent"]] for row in rows],
    )  # fmt: skip
    return Chart(f"{instance}-quadrants", "quadrants", title, about, data, [table], wide=True)


def moved_settings(run: Run, instance: str, settings: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    """The settings with lines where they were moved to; a line that stands where it was keeps how it is found."""
    spec = build_models(Document({"models": {instance: {"model": MODEL, **settings}}}, "tierwise.yaml"))[0].spec
    found = dict(settings)
    for axis, score, name in zip(spec.axes(), run.scheme(instance).scores, ("x", "y"), strict=True):
        at = _number(given.get(f"{name}_at", ""))
        if at is not None and abs(float(at) - _at(score)) > 0.005:
            kept = axis.model_dump(mode="json", exclude_defaults=True, exclude={"cut", "at", "top_percent"})
            found[name] = {"indicator": axis.indicator, **kept, "cut": "own", "at": float(at)}
    return found


def _number(text: str) -> Decimal | None:
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None
