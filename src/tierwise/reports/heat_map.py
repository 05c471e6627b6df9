"""The RFM heat map: recency score by frequency score, coloured by the mean amount of the customers there.

The engine sums each cell; at most bins x bins rows come out of it, whatever the number of customers.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tierwise.contracts.rows import Rows
from tierwise.contracts.scheme import Scheme
from tierwise.engine.base import Engine
from tierwise.language import Text
from tierwise.reports.figures import both, percent_text, share_of
from tierwise.reports.page import Chart, Column, DataTable, Format
from tierwise.reports.palette import money_colours

SCORES = ("r_score", "f_score", "m_score")
MOST_STEPS = 7


@dataclass(frozen=True, slots=True)
class Cell:
    """The customers with one pair of scores, and what they spent together."""

    r: int
    f: int
    customers: int
    amount: Decimal

    @property
    def mean(self) -> Decimal:
        """The mean amount per customer, to the cent."""
        return (self.amount / self.customers).quantize(Decimal("0.01"), ROUND_HALF_UP)


def has_scores(scheme: Scheme) -> bool:
    """Whether a scheme scores R, F and M, so that a heat map can be drawn."""
    return {score.name for score in scheme.scores} >= set(SCORES)


def heat_cells(engine: Engine, instance: str, labels: Rows, scheme: Scheme) -> list[Cell]:
    """Sum the label table by R and F score, on the engine."""
    money = next(score.column for score in scheme.scores if score.name == "m_score")
    table = f"report_{instance}_labels"
    engine.attach(table, labels)
    sql = (
        f"SELECT r_score, f_score, COUNT(*) AS customers, CAST(SUM({money}) AS DECIMAL(38, 2)) AS amount "
        f"FROM {table} GROUP BY r_score, f_score ORDER BY r_score, f_score"
    )
    rows = engine.records(f"{table}_cells", sql)
    return [Cell(int(row["r_score"]), int(row["f_score"]), int(row["customers"]), row["amount"]) for row in rows]


def money_steps(values: Sequence[Decimal]) -> list[Decimal]:
    """Round amounts that cut the values into at most `MOST_STEPS` colours; none where all are alike.

    Amounts are mostly skewed, so the steps grow by factors (1, 2, 5, 10 …) where the values span enough of them,
    and are evenly spaced elsewhere. What lies below a hundredth of the most is one step: nobody acts on pennies.
    """
    low, high = min(values), max(values)
    for digits in ((1, 2, 5), (1, 3), (1,)):
        found = [step for step in _series(digits, high) if max(low, high / 100) < step <= high]
        if low < 0 <= high:
            found = [Decimal(0), *found]
        if len(found) < MOST_STEPS:
            break
    return found[-MOST_STEPS + 1 :] if len(found) >= 3 else _even(low, high)


def _series(digits: Sequence[int], high: Decimal) -> list[Decimal]:
    top = max(high.adjusted(), 0) + 1
    return [Decimal(digit).scaleb(power) for power in range(-2, top) for digit in digits]


def _even(low: Decimal, high: Decimal) -> list[Decimal]:
    if low == high:
        return []
    raw = (high - low) / 5
    unit = Decimal(1).scaleb(raw.adjusted())
    step = next(unit * digit for digit in (1, 2, 5, 10) if unit * digit >= raw)
    first = int(low // step) + 1
    return [step * place for place in range(first, int(high // step) + 1) if low < step * place <= high]


def heat_map(instance: str, cells: Sequence[Cell], scheme: Scheme, unit: Text) -> Chart:
    """The chart of the cells and the two tables beside it."""
    bins = {score.name: score.bins for score in scheme.scores}
    steps = money_steps([cell.mean for cell in cells]) if cells else []
    data = {
        "columns": [str(score) for score in range(1, bins["f_score"] + 1)],
        "rows": [str(score) for score in range(1, bins["r_score"] + 1)],
        "x_name": both(Text("F score (higher: more often)", "F 得分（越高越频繁）")),
        "y_name": both(Text("R score (higher: more recent)", "R 得分（越高越近期）")),
        "x_tip": both(Text.same("F")),
        "y_tip": both(Text.same("R")),
        "legend": both(Text("Mean spend per customer", "人均消费金额")),
        "value_name": both(Text("mean spend", "人均消费")),
        "unit": "money",
        "shown": "customers",
        "cells": [[c.r, c.f, c.customers, c.mean, bisect_right(steps, c.mean)] for c in cells],
        "steps": steps,
        "colours": money_colours(len(steps) + 1),
    }
    about = Text(
        "Each cell: the number of customers with this recency score (R) and frequency score (F). "
        "Colour: their mean spend (M), {unit}. Scores run from 1, the lowest.",
        "每格数字为该最近购买得分（R）与购买频率得分（F）下的客户数；颜色表示人均消费金额（M），{unit}。得分 1 最低。",
    ).fill(unit=unit)
    return Chart(
        f"{instance}-heat-map",
        "heat_map",
        _title(cells, bins),
        about,
        data,
        _tables(cells, bins["r_score"], bins["f_score"], unit),
    )


def _title(cells: Sequence[Cell], bins: dict[str, int]) -> Text:
    """What the best corner is worth: customers with the highest R and the highest F."""
    best = next((c for c in cells if (c.r, c.f) == (bins["r_score"], bins["f_score"])), None)
    amount = sum((cell.amount for cell in cells), Decimal(0))
    if best is None or amount <= 0:
        return Text("Mean spend by recency and frequency", "最近购买 × 购买频率的人均消费")
    return Text(
        "Most recent and most frequent: {customers} of customers, {revenue} of revenue",
        "最近且最常购买的客户占 {customers}，贡献 {revenue} 的金额",
    ).fill(
        customers=percent_text(share_of(best.customers, sum(cell.customers for cell in cells))),
        revenue=percent_text(share_of(best.amount, amount)),
    )


def _tables(cells: Sequence[Cell], r_bins: int, f_bins: int, unit: Text) -> tuple[DataTable, DataTable]:
    """Customers, and their mean spend: a row per R score, best first, and a column per F score."""
    counts = Text("Customers by R and F score", "按 R、F 得分的客户数")
    means = Text("Mean spend by R and F score, {unit}", "按 R、F 得分的人均消费，{unit}").fill(unit=unit)
    count_of = {(cell.r, cell.f): cell.customers for cell in cells}
    mean_of = {(cell.r, cell.f): cell.mean for cell in cells}
    return (
        _matrix(counts, count_of, 0, r_bins, f_bins, Format.COUNT),
        _matrix(means, mean_of, None, r_bins, f_bins, Format.AMOUNT),
    )


def _matrix(
    caption: Text, values: Mapping[tuple[int, int], Any], absent: Any, r_bins: int, f_bins: int, format: Format
) -> DataTable:
    columns = [Column(Text("R score", "R 得分")), *(Column(Text.same(f"F {f}"), format) for f in range(1, f_bins + 1))]
    rows = [[f"R {r}", *(values.get((r, f), absent) for f in range(1, f_bins + 1))] for r in range(r_bins, 0, -1)]
    return DataTable(caption, columns, rows)
