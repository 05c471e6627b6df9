"""What the page Tiers shows beside the charts of the report: the grid of R and F, and where models disagree."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from tierwise.evaluation.disagreement import Disagreement, Pair
from tierwise.questions import disagreements
from tierwise.reports.heat_map import Cell, has_scores, heat_cells, money_steps
from tierwise.reports.page import Chart, DataTable
from tierwise.snapshots.runs import Run
from tierwise_console.runs.label_differences import reading
from tierwise_console.runs.published import named_run
from tierwise_console.runs.reading import page

KEPT = 16
DISAGREE = ("rfm", "lifecycle", "pyramid", "value_grade", "ltv", "clv")
"""The models whose ranks are compared, where a run has them: all rank customers by what they are worth."""


@dataclass(frozen=True, slots=True)
class GridCell:
    """One pair of scores: how many customers, their mean amount, and how high that is, from 1 to 7 (0: nobody)."""

    r: int
    f: int
    customers: int
    mean: Decimal | None
    level: int


def grid(run: Run, model: str) -> list[list[GridCell]]:
    """R down from the best, F across from the worst; empty where the model has no such scores."""
    return _grid(run.name, model)


@lru_cache(KEPT)
def _grid(name: str, model: str) -> list[list[GridCell]]:
    run = named_run(name)
    scheme = run.scheme(model)
    if not has_scores(scheme):
        return []
    with reading() as engine:
        cells = heat_cells(engine, model, run.labels(model), scheme)
    steps = money_steps([cell.mean for cell in cells])
    bins = max(score.bins for score in scheme.scores)
    found = {(cell.r, cell.f): cell for cell in cells}
    span = range(1, bins + 1)
    return [[_cell(r, f, found.get((r, f)), steps) for f in span] for r in reversed(span)]


def _cell(r: int, f: int, cell: Cell | None, steps: list[Decimal]) -> GridCell:
    if cell is None:
        return GridCell(r, f, 0, None, 0)
    return GridCell(r, f, cell.customers, cell.mean, 1 + sum(cell.mean >= step for step in steps))


def section_charts(run: Run, model: str) -> list[Chart]:
    """The charts of one model, as the report has them; its heat map is the grid of this page, whose cells open."""
    found = next((each.charts for each in page(run).sections if each.id == f"model-{model}"), ())
    return [chart for chart in found if chart.kind != "heat_map"]


def section_tables(run: Run, model: str) -> list[DataTable]:
    """The further tables of one model, as the report has them."""
    return list(next((getattr(each, "tables", ()) for each in page(run).sections if each.id == f"model-{model}"), ()))


@dataclass(frozen=True, slots=True)
class Disputes:
    """Customers about whom models disagree most, and how far each two models lie apart; with the models' titles."""

    models: tuple[str, ...]
    customers: tuple[Disagreement, ...]
    pairs: tuple[Pair, ...]


def disputes(run: Run) -> Disputes | None:
    """Where the ranking models of a run disagree; None where there are not two."""
    models = tuple(name for name in DISAGREE if name in run.manifest.models)
    return _disputes(run.name, models) if len(models) > 1 else None


@lru_cache(KEPT)
def _disputes(name: str, models: tuple[str, ...]) -> Disputes:
    with reading() as engine:
        customers, pairs = disagreements(engine, named_run(name), models, 20)
    return Disputes(models, customers, pairs)
