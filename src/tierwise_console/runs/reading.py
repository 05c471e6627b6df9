"""The read side of the door: published runs as pages show them. Nothing here writes into a workspace.

Runs are immutable, so what is made of one is kept by its name; only CURRENT is read each time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tierwise.contracts.model import MethodCard
from tierwise.contracts.scheme import Scheme
from tierwise.errors import TierwiseError
from tierwise.language import Text
from tierwise.registry import models
from tierwise.reports.model_sections import tier_rows
from tierwise.reports.page import Page
from tierwise.reports.report import build_page
from tierwise.snapshots.manifest import Manifest
from tierwise.snapshots.runs import Run
from tierwise_console.runs.charts import Facts, TierRow
from tierwise_console.runs.published import named_run, run_if_there, run_names

KEPT = 32
"""So many runs are kept in the memory of a process: manifests are small, customers are not among them."""


def current_run() -> Run | None:
    """The published run, None before the first; raises `run.damaged`."""
    return run_if_there()


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run as a list shows it; `problem` says what is wrong with one that cannot be read."""

    name: str
    manifest: Manifest | None
    problem: Text | None = None


def run_lines(most: int = 50) -> list[RunLine]:
    """The newest runs."""
    return [_line(name) for name in reversed(run_names()[-most:])]


def _line(name: str) -> RunLine:
    try:
        return RunLine(name, named_run(name).manifest)
    except TierwiseError as error:
        return RunLine(name, None, error.problems[0].what)


def previous_run(run: Run, model: str = "") -> Run | None:
    """The latest run of an earlier day, with this model if one is named."""
    for name in reversed(run_names()):
        line = _line(name)
        if line.manifest and line.manifest.as_of < run.manifest.as_of and (not model or model in line.manifest.models):
            return named_run(name)
    return None


def facts(run: Run) -> Facts:
    """What charts of a run say of themselves."""
    found = run.manifest
    return Facts(found.as_of, found.calculated_at, found.tables, found.currency, run.name)


def currency() -> str | None:
    """The currency of the current run's amounts, where it is known."""
    run = current_run()
    return run.manifest.currency if run else None


@lru_cache(KEPT)
def _page(name: str) -> Page:
    from tierwise.engine.duckdb import DuckDBEngine

    engine = DuckDBEngine()
    try:
        return build_page(named_run(name), engine, cards())
    finally:
        engine.close()


def page(run: Run) -> Page:
    """All that the report of a run shows: key figures, sections with charts and tables, quality."""
    return _page(run.name)


def cards() -> dict[str, MethodCard]:
    """The method cards of all models, by name of model."""
    return {name: model.card for name, model in models().items()}


def model_title(run: Run, instance: str) -> Text:
    """What a model of a run is called; one with a name of its own carries it too."""
    name = run.manifest.models[instance].model
    title = cards()[name].title if name in cards() else Text.same(name)
    return title if instance == name else Text(f"{title.en} · {instance}", f"{title.zh} · {instance}")


def tiers(run: Run, instance: str) -> list[TierRow]:
    """The tier table of a model, best tier first."""
    return tier_rows(run, instance)


def scheme(run: Run, instance: str) -> Scheme:
    """The fitted scheme of a model."""
    return run.scheme(instance)


def main_model(run: Run) -> str | None:
    """The model that the overview shows: rfm where there is one, else the first."""
    names: Sequence[str] = list(run.manifest.models)
    return "rfm" if "rfm" in names else next(iter(names), None)


def quality(run: Run) -> Mapping[str, Any]:
    """The quality card of a run, as its manifest keeps it."""
    return run.manifest.quality
