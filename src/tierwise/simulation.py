"""What if models of a published run had other settings: who would move in them, and in the models that build on them.

Nothing here writes a run.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tierwise.config.document import Document
from tierwise.contracts.model import PredictingModel, TierModel
from tierwise.contracts.rows import Derived, Rows
from tierwise.contracts.scheme import Scheme
from tierwise.contracts.stacking import in_order
from tierwise.engine.base import Engine
from tierwise.engine.plans import run_plan
from tierwise.enrichment import enrich
from tierwise.errors import Place
from tierwise.evaluation.migration import (
    Migration,
    migration_of,
    migration_steps,
    scheme_flow_step,
    scheme_migration,
)
from tierwise.labelling import fit, hold_back, stack, train
from tierwise.questions import attach_indicators, attach_tables
from tierwise.registry import build_each, card_of
from tierwise.snapshots.runs import Run
from tierwise.snapshots.workspace import Workspace
from tierwise.sql.scheme import label_steps
from tierwise.sql.stacking import inputs_of


@dataclass(frozen=True)
class Simulated:
    """One model as it would be: the scheme it would have, and who would move."""

    scheme: Scheme
    migration: Migration


def changed_models(run: Run, document: Document, changed: Collection[str]) -> list[TierModel[Any]]:
    """The models of a run that change with some of them, as `simulate` takes them; raises every problem found.

    `document` has the settings that the models would have. A model above that no package brings any more is left out:
    nothing can be asked of it.
    """
    names = [*changed, *(name for name in _above(run, changed) if card_of(run.manifest.models[name].model))]
    known = {name: document.data["models"][name] for name in names}
    models = build_each(Document({"models": known}, document.source, document.lines))
    return in_order(models, Place(file=document.source), run.manifest.models)


def _above(run: Run, changed: Collection[str]) -> list[str]:
    """The other models of a run that build on some, directly or through others."""
    schemes = {name: run.scheme(name) for name in run.manifest.models}
    return [name for name in schemes if name not in changed and not set(inputs_of(name, schemes)).isdisjoint(changed)]


def simulate(engine: Engine, workspace: Workspace, run: Run, models: Sequence[TierModel[Any]]) -> dict[str, Simulated]:
    """Who would move in each of `models`, models of a run with the settings they would have.

    Each comes after those it builds on. Models below that are not among them stay as they are published. A margin or a
    minimum stay holds customers back as it would if the run were computed anew with these settings.
    """
    refs = tuple(dict.fromkeys(ref for model in models for ref in model.needs()))
    as_published = attach_indicators(engine, workspace, run, refs)
    _train(engine, workspace, run, models)
    if as_published and not any(_needs_files(run, model) for model in models):
        return _in_one_pass(engine, run, models)
    with tempfile.TemporaryDirectory() as scratch:
        return _one_by_one(engine, workspace, run, models, Path(scratch))


def _train(engine: Engine, workspace: Workspace, run: Run, models: Sequence[TierModel[Any]]) -> None:
    """Compute the earlier indicator tables that some models learn from."""
    learning = [model for model in models if model.training() is not None]
    if learning:
        available = attach_tables(engine, workspace, run)
        for model in learning:
            train(engine, model, run.manifest.as_of, available)


def _needs_files(run: Run, model: TierModel[Any]) -> bool:
    """Whether a tier, now or then, is no function of the customer's row in the run's indicators."""
    remembers = model.spec.has_memory or not isinstance(run.labels(model.instance), Derived)
    return remembers or isinstance(model, PredictingModel)


def _in_one_pass(engine: Engine, run: Run, models: Sequence[TierModel[Any]]) -> dict[str, Simulated]:
    """Count the moves in all models at once, over one reading of the indicators and without a join."""
    published = {name: run.scheme(name) for name in run.manifest.models}
    changed, labels = dict(published), {name: run.labels(name) for name in published}
    for model in models:
        changed[model.instance] = fit(engine, model, stack(engine, model, labels, changed)).scheme_
    names = [model.instance for model in models]
    step = scheme_flow_step(_with_those_below(published, names), _with_those_below(changed, names), names, "indicators")
    engine.run(step)
    rows = engine.records("moves", f"SELECT * FROM {step.name}")
    return {
        name: Simulated(changed[name], scheme_migration(rows, name, published[name], changed[name])) for name in names
    }


def _with_those_below(schemes: Mapping[str, Scheme], names: Sequence[str]) -> dict[str, Scheme]:
    """The schemes of some models and of all that they read, each after those that it reads."""
    ordered = dict.fromkeys(each for name in names for each in (*inputs_of(name, schemes), name))
    return {name: schemes[name] for name in ordered}


def _one_by_one(
    engine: Engine, workspace: Workspace, run: Run, models: Sequence[TierModel[Any]], scratch: Path
) -> dict[str, Simulated]:
    """Make the labels of one model after the other, and join each to those that are published."""
    schemes = {name: run.scheme(name) for name in run.manifest.models}
    labels: dict[str, Rows] = {name: run.labels(name) for name in schemes}
    found, table = dict[str, Simulated](), "indicators"
    engine.attach("amounts_now", run.indicator_files())
    for model in models:
        name, labelled = model.instance, f"{model.instance}_simulated"
        table = enrich(engine, model, scratch, table)
        scheme = fit(engine, model, stack(engine, model, labels, schemes, table)).scheme_
        run_plan(engine, label_steps(scheme, stack(engine, model, labels, schemes, table), labelled))
        if model.spec.has_memory:
            carried = ("customer_id", "tier", "rank")
            labelled, _ = hold_back(engine, model, workspace, run.manifest.as_of, labelled, carried)
        engine.attach("labels_before", labels[name])
        run_plan(engine, migration_steps("labels_before", labelled, "amounts_now"))
        moved = migration_of(engine.records("flows", "SELECT * FROM flows"), schemes[name].tiers, scheme.tiers)
        found[name], schemes[name] = Simulated(scheme, moved), scheme
        engine.write(labelled, scratch / f"labels-{name}")
        labels[name] = sorted((scratch / f"labels-{name}").glob("*.parquet"))
    return found
