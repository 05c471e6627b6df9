"""Forecast what customers will be worth, by the tables of a published run, for the page Value."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tierwise.cli.finish import stays_of
from tierwise.contracts.imports import version_from_json
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.progress import Observer
from tierwise.job import Resources
from tierwise.language import Text
from tierwise.lifetime.forecast import forecast
from tierwise.lifetime.question import Question
from tierwise.lifetime.reading import Shop
from tierwise.lifetime.view import value_view
from tierwise.reports.model_sections import tier_rows
from tierwise.reports.page import Section
from tierwise.reports.survival_charts import tier_survival
from tierwise.reports.value_report import value_figures, value_sections
from tierwise.snapshots.runs import Run, open_run
from tierwise.snapshots.visible import Visible
from tierwise.snapshots.workspace import Workspace
from tierwise_console.runs.told_sections import Told, write_told


@dataclass(frozen=True, slots=True)
class _Kept:
    """The quality card as the run's manifest keeps it."""

    currency: str | None
    card: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        return self.card


def value(request: dict[str, Any], observer: Observer) -> dict[str, Any]:
    """Write the sections of value, P(alive), cohorts, hold-out, model, and how long customers stay in their tiers."""
    place = Workspace(Path(request["workspace"]))
    run = open_run(place, request["run"])
    visible = Visible(place, version_from_json(run.manifest.version))
    with TemporaryDirectory(prefix="tierwise-value-") as scratch, DuckDBEngine(request.get("memory")) as engine:
        shop = Shop(engine, visible.attach(engine), run.manifest.as_of, Path(scratch) / "lifetime")
        found = forecast(shop, Question(), observer)
        kept = _Kept(run.manifest.currency, dict(run.manifest.quality))
        view = value_view(shop, found, (), kept, run.manifest.calculated_at)
    observer.stage("stays", Text("how long customers stay in their tiers", "客户在各层级的停留时间"))
    told = Told(value_figures(view), [*value_sections(view), *_stays(run)])
    write_told(told, Path(request["file"]))
    return {"run": run.name}


def _stays(run: Run) -> list[Section]:
    """Survival curves per tier; where too few runs are known, what to do for them."""
    stays = stays_of(run, Resources())
    charts = [tier_survival(name, tier_rows(run, name), stays[name]) for name in stays]
    shown = [chart for chart in charts if chart is not None]
    return [
        Section(
            "stays", Text("How long customers stay in a tier", "客户在层级中停留多久"), charts=shown,
            empty=None if shown else Text(
                "Survival curves per tier need several runs of different days.", "各层级的停留曲线需要多个不同日期的运行。"
            ),
            command=None if shown else "tierwise watch",
        )
    ]  # fmt: skip
