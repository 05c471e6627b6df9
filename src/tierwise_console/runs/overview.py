"""What the overview shows of a run: progress since the run before, tiers, and movers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from tierwise.contracts.scheme import Tier
from tierwise.errors import TierwiseError
from tierwise.evaluation.migration import Migration
from tierwise.questions import compare_runs, with_engine
from tierwise.reports.page import Chart
from tierwise.snapshots.runs import Run
from tierwise_console.runs.published import named_run
from tierwise_console.runs.reading import page, previous_run

KEPT = 16


def charts(run: Run, model: str) -> list[Chart]:
    """The charts of one model, and the Pareto curve of the pyramid where the run has one."""
    sections = {section.id: section for section in page(run).sections}
    own = list(sections[f"model-{model}"].charts)
    pyramid = sections.get("model-pyramid")
    return own + [
        chart for chart in (pyramid.charts if pyramid and model != "pyramid" else []) if chart.kind == "pareto"
    ]


@dataclass(frozen=True, slots=True)
class Progress:
    """Revenue per customer now and in the run before, and the change in per cent."""

    now: Decimal
    before: Decimal | None
    change_percent: Decimal | None
    since: Any


def goal(run: Run) -> Progress:
    """How far revenue per customer has come since the run of an earlier day."""
    earlier = previous_run(run)
    now = _per_customer(run)
    before = _per_customer(earlier) if earlier else None
    change = (now - before) * 100 / before if before else None
    return Progress(now, before, change, earlier.manifest.as_of if earlier else None)


def _per_customer(run: Run) -> Decimal:
    totals = run.manifest.totals
    return Decimal(str(totals["revenue"] or 0)) / max(int(totals["customers"]), 1)


@dataclass(frozen=True, slots=True)
class Moved:
    """Customers who rose, fell, stayed and came between two runs, and the largest flows: from, to, customers."""

    since: Any
    risen: int
    fallen: int
    same: int
    flows: tuple[tuple[Tier, Tier, int], ...]


def moved(run: Run, model: str) -> Moved | None:
    """Who moved since the run of an earlier day; None where there is none, or its tiers were others."""
    earlier = previous_run(run, model)
    if earlier is None:
        return None
    return _moved(earlier.name, run.name, model)


@lru_cache(KEPT)
def _moved(before: str, after: str, model: str) -> Moved | None:
    earlier, run = named_run(before), named_run(after)
    try:
        found: Migration = with_engine(lambda engine: compare_runs(engine, earlier, run, model))
    except TierwiseError:
        return None
    return _summed(found, earlier)


def _summed(found: Migration, earlier: Run) -> Moved:
    old, new = {tier.key: tier for tier in found.before}, {tier.key: tier for tier in found.after}
    both = [
        (old[flow.before], new[flow.after], flow.customers)
        for flow in found.flows
        if flow.before in old and flow.after in new
    ]
    changes = sorted((flow for flow in both if flow[0].key != flow[1].key), key=lambda flow: -flow[2])
    return Moved(
        earlier.manifest.as_of,
        sum(count for old_tier, new_tier, count in changes if new_tier.rank < old_tier.rank),
        sum(count for old_tier, new_tier, count in changes if new_tier.rank > old_tier.rank),
        sum(count for old_tier, new_tier, count in both if old_tier.key == new_tier.key),
        tuple(changes[:6]),
    )
