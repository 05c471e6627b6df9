"""Grids of lifetime value: chance to be active by orders and silence, and what each cohort did month by month."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from tierwise.contracts.value_view import Rows, ValueView
from tierwise.language import Text
from tierwise.reports.figures import both, money_unit, percent_text
from tierwise.reports.heat_map import money_steps
from tierwise.reports.page import Chart, Column, DataTable, Format
from tierwise.reports.palette import money_colours
from tierwise.reports.value_charts import money

ALIVE_STEPS = (10, 25, 50, 75, 90)
Cells = Mapping[tuple[int, int], tuple[int, float]]
"""Customers and value by row and column, from 0."""
MOST_COHORTS = 36
"""More rows are neither read nor printed; titles are still of all of them."""


class Triangle(NamedTuple):
    """Cohorts with their sizes, oldest first, and their cells."""

    names: Sequence[tuple[str, int]]
    cells: Cells


def alive_map(view: ValueView) -> Chart | None:
    """The chance to be active by repeat orders and by time since the last order; None where nobody ever leaves."""
    rows = view.alive
    if all(row["p_alive"] == 1 for row in rows):
        return None
    width = rows[0]["silent_high"] - rows[0]["silent_low"]
    orders = [str(x) + ("+" if x == view.alive_cap else "") for x in range(max(row["x"] for row in rows) + 1)]
    across = max(round(row["silent_high"] / width) for row in rows)
    digits = 0 if width >= 3 or width == round(width) else 1
    silent = [f"{place * width:.{digits}f}–{(place + 1) * width:.{digits}f}" for place in range(across)]
    cells = {(row["x"], round(row["silent_low"] / width)): (row["customers"], 100 * row["p_alive"]) for row in rows}
    active = sum(row["customers"] * row["p_alive"] for row in rows) / sum(row["customers"] for row in rows)
    title = Text("{share} of customers are likely still active", "预计仍活跃的客户占 {share}")
    about = Text(
        "Each cell: the mean chance (%) that customers with so many repeat orders, silent for so long, will order again. "
        "Time since the last order in {unit}.",
        "每格为该复购次数、该沉默时长的客户仍活跃的平均概率（%）。沉默时长为距最后一单的时间，单位：{unit}。",
    )
    data = _grid(silent, orders, cells, list(map(Decimal, ALIVE_STEPS)), "percent") | {
        "x_name": both(Text("{unit} since the last order", "距最后一单（{unit}）").fill(unit=view.unit)),
        "y_name": both(Text("repeat orders", "复购次数")),
        "x_tip": both(Text("silent for", "沉默")),
        "y_tip": both(Text("repeat orders:", "复购次数")),
        "legend": both(Text("Chance to be active", "存活概率")),
        "value_name": both(Text("chance to be active", "存活概率")),
    }
    tables = [
        _matrix(Text("Customers", "客户数"), Text("Repeat orders", "复购次数"), orders, silent, cells, 0, Format.COUNT),
        _matrix(
            Text("Mean chance to be active", "平均存活概率"), Text("Repeat orders", "复购次数"), orders, silent, cells, 1,
            Format.PERCENT,
        ),
    ]  # fmt: skip
    return Chart(
        "value-alive", "heat_map", title.fill(share=percent_text(100 * active)), about.fill(unit=view.unit), data, tables,
        wide=True,
    )  # fmt: skip


def cohort_charts(view: ValueView) -> list[Chart]:
    """The triangle of retention and that of revenue; none where no cohort is known."""
    if not view.cohorts:
        return []
    names, triangle = cohort_cells(view.cohorts)
    late = max(len(names) - MOST_COHORTS, 0)
    shown = Triangle(names[late:], {(c - late, since): cell for (c, since), cell in triangle.items() if c >= late})
    more = Text("", "")
    if late:
        more = Text(" Shown are the latest {shown} of {all} cohorts.", "仅显示最近 {shown} 批，共 {all} 批。")
        more = more.fill(shown=MOST_COHORTS, all=len(names))
    return [_retention(names, _over(triangle, view.as_of), shown, more), _revenue(view, triangle, shown, more)]


def cohort_cells(rows: Rows) -> tuple[list[tuple[str, int]], dict[tuple[int, int], tuple[int, float]]]:
    """Cohorts with their sizes, oldest first, and (customers who ordered, revenue) by cohort and period since.

    Every cohort is filled up to the last period that any of them shows: a period without orders holds 0, one that
    is not over has no cell.
    """
    days = {row["cohort"]: date.fromisoformat(row["cohort"]) for row in rows}
    monthly = all(day.day == 1 for day in days.values())
    place = {name: _months(day) if monthly else at for at, (name, day) in enumerate(sorted(days.items()))}
    last = max(place[row["cohort"]] + row["months_since"] for row in rows)
    sizes = {row["cohort"]: row["cohort_customers"] for row in rows}
    names = [(name, sizes[name]) for name in sorted(days)]
    at = {name: index for index, (name, _) in enumerate(names)}
    cells = {(at[name], since): (0, 0.0) for name, _ in names for since in range(last - place[name] + 1)}
    cells |= {(at[row["cohort"]], row["months_since"]): (row["customers"], row["revenue"]) for row in rows}
    return names, cells


def _over(triangle: Cells, as_of: date) -> Cells:
    """The cells of periods that are over: without the last one of each cohort where the month still runs."""
    if (as_of + timedelta(days=1)).day == 1:
        return triangle
    return {(place, since): cell for (place, since), cell in triangle.items() if (place, since + 1) in triangle}


def _months(day: date) -> int:
    return day.year * 12 + day.month


def _retention(names: Sequence[tuple[str, int]], over: Cells, shown: Triangle, more: Text) -> Chart:
    shares = {(c, since): (n, 100 * n / shown.names[c][1]) for (c, since), (n, _) in shown.cells.items()}
    since, share = _typical(names, over)
    title = Text("Customers who order again, by cohort", "各期新客的回购")
    if since == 1:
        title = Text(
            "In the month after their first, {share} of customers order again", "首单次月有 {share} 的客户下单"
        ).fill(share=percent_text(share))
    elif since:
        title = Text(
            "{since} months after their first order, {share} of customers order in the month",
            "首单 {since} 个月后，当月有 {share} 的客户下单",
        ).fill(since=since, share=percent_text(share))
    about = Text(
        "Rows: month of the first order, with the number of new customers; columns: months since. Cells: share (%) of the "
        "cohort with an order in the month. The last month may be incomplete.{more}",
        "行：首单月份与新客数；列：距首单的月数。每格：该批客户当月有订单的占比（%）。最后一个月可能不完整。{more}",
    ).fill(more=more)
    later = [Decimal(str(round(value, 2))) for (_, since), (_, value) in shares.items() if since]
    data = _cohort_grid(shown.names, shares, money_steps(later) if later else [], "percent") | {
        "legend": both(Text("Share of the cohort", "占该批客户")),
        "value_name": both(Text("share with an order", "有订单的占比")),
    }
    tables = [
        _cohort_matrix(
            Text("Customers with an order in the month", "当月有订单的客户数"),
            shown.names,
            shown.cells,
            0,
            Format.COUNT,
        ),
        _cohort_matrix(
            Text("Share of the cohort with an order", "该批客户有订单的占比"), shown.names, shares, 1, Format.PERCENT
        ),
    ]
    return Chart("value-retention", "heat_map", title, about, data, tables, wide=True)


def _typical(names: Sequence[tuple[str, int]], triangle: Cells) -> tuple[int, float]:
    """The share of all customers who order in a month, at the latest of 12, 6, 3 or 1 months that most have reached."""
    for since in (12, 6, 3, 1):
        reached = [place for place, _ in enumerate(names) if (place, since) in triangle]
        there = sum(names[place][1] for place in reached)
        if there * 2 >= sum(size for _, size in names):
            return since, 100 * sum(triangle[place, since][0] for place in reached) / there
    return 0, 0.0


def _revenue(view: ValueView, triangle: Cells, shown: Triangle, more: Text) -> Chart:
    whole = sum(amount for _, amount in triangle.values())
    begun = sum(amount for (_, since), (_, amount) in triangle.items() if since == 0)
    title = Text("Net revenue by cohort", "各期新客的净额")
    if whole > 0:
        title = Text(
            "The month of the first order brings {share} of all net revenue so far", "首单当月贡献了迄今净额的 {share}"
        ).fill(share=percent_text(100 * begun / whole))
    about = Text(
        "Rows: month of the first order, with the number of new customers; columns: months since. Cells: net revenue of the "
        "cohort in the month, {unit}. The last month may be incomplete.{more}",
        "行：首单月份与新客数；列：距首单的月数。每格：该批客户当月净额，{unit}。最后一个月可能不完整。{more}",
    ).fill(unit=money_unit(view.currency), more=more)
    later = [Decimal(f"{amount:.2f}") for (_, since), (_, amount) in shown.cells.items() if since]
    data = _cohort_grid(shown.names, shown.cells, money_steps(later) if later else [], "money") | {
        "legend": both(Text("Net revenue in the month", "当月净额")),
        "value_name": both(Text("net revenue", "净额")),
    }
    table = _cohort_matrix(
        Text("Net revenue of the cohort by month", "各批客户按月净额"), shown.names,
        {place: (n, money(amount)) for place, (n, amount) in shown.cells.items()}, 1, Format.AMOUNT,
    )  # fmt: skip
    return Chart("value-cohort-revenue", "heat_map", title, about, data, [table], wide=True)


def _cohort_names(names: Sequence[tuple[str, int]]) -> list[str]:
    monthly = all(name.endswith("-01") for name, _ in names)
    return [f"{name[:7] if monthly else name} ({size:,})" for name, size in names]


def _since(cells: Cells) -> list[str]:
    return [str(since) for since in range(max(since for _, since in cells) + 1)]


def _cohort_grid(names: Sequence[tuple[str, int]], cells: Cells, steps: Sequence[Decimal], unit: str) -> dict[str, Any]:
    return _grid(_since(cells), _cohort_names(names), cells, steps, unit) | {
        "top_first": True,
        "x_name": both(Text("months since the first order", "距首单的月数")),
        "y_name": both(Text("cohort (customers)", "首单月份（客户数）")),
        "x_tip": both(Text("months since:", "距首单月数")),
        "y_tip": both(Text.same("")),
    }


def _cohort_matrix(
    caption: Text, names: Sequence[tuple[str, int]], cells: Mapping[tuple[int, int], tuple[Any, Any]], part: int, format: Format
) -> DataTable:  # fmt: skip
    head = Text("Cohort (customers)", "首单月份（客户数）")
    return _matrix(caption, head, _cohort_names(names), _since(cells), cells, part, format)


def _grid(columns: list[str], rows: list[str], cells: Cells, steps: Sequence[Decimal], unit: str) -> dict[str, Any]:
    """The data of a heat map whose cells say what they are worth."""
    return {
        "columns": columns,
        "rows": rows,
        "cells": [
            [row + 1, column + 1, customers, round(value, 2), bisect_right(steps, Decimal(str(round(value, 2))))]
            for (row, column), (customers, value) in sorted(cells.items())
        ],
        "steps": list(steps),
        "colours": money_colours(len(steps) + 1),
        "unit": unit,
        "shown": "value",
    }


def _matrix(
    caption: Text, head: Text, rows: list[str], columns: list[str], cells: Mapping[tuple[int, int], tuple[Any, Any]],
    part: int, format: Format,
) -> DataTable:  # fmt: skip
    shown = [
        [name, *(cells[row, column][part] if (row, column) in cells else None for column in range(len(columns)))]
        for row, name in enumerate(rows)
    ]
    return DataTable(caption, [Column(head), *(Column(Text.same(name), format) for name in columns)], shown)
