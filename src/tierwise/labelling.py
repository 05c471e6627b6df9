"""indicators → models → labels: let a model learn, label everyone, hold back whom its memory holds, sum up its tiers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from tierwise.contracts.indicators import IndicatorFact, IndicatorRef
from tierwise.contracts.model import Note, TierModel
from tierwise.contracts.scheme import Scheme
from tierwise.contracts.scheme_json import scheme_to_json
from tierwise.contracts.stacking import check_named_tiers, in_order, models_needed
from tierwise.engine.base import Engine
from tierwise.engine.plans import read_tables, run_plan
from tierwise.engine.progress import Observer
from tierwise.evaluation.tier_table import BASICS, tier_table, tier_table_steps
from tierwise.indicators.catalogue import CATALOGUE, label_of
from tierwise.indicators.compile import indicator_steps
from tierwise.language import Text
from tierwise.registry import require_proved
from tierwise.snapshots.manifest import ModelResult
from tierwise.snapshots.runs import Run, RunWriter, run_before
from tierwise.snapshots.workspace import Workspace
from tierwise.sql.expressions import count_where, date_before
from tierwise.sql.hysteresis import Before, Hold, hysteresis_steps
from tierwise.sql.scheme import label_columns, label_steps
from tierwise.sql.stacking import stacked_step
from tierwise.sql.steps import Step


def carried(
    models: Sequence[TierModel[Any]], optional: Collection[str], available: Mapping[str, frozenset[str]]
) -> tuple[list[TierModel[Any]], dict[str, list[str]]]:
    """Leave out, of the optional models, those whose data is missing and those that build on one of these.

    Returns the models that stay, and of each that does not the tables, or `table.column`, that it lacks. A model that
    was asked for by name stays, and its missing data is an error when it is computed.
    """
    out: dict[str, list[str]] = {}
    for model in in_order(models):
        lacks = _missing(model, available) + [lack for other in models_needed(model) for lack in out.get(other, ())]
        if lacks and model.instance in optional:
            out[model.instance] = sorted(set(lacks))
    return [model for model in models if model.instance not in out], out


def _missing(model: TierModel[Any], available: Mapping[str, frozenset[str]]) -> list[str]:
    """The tables, or columns of tables that are there, that the indicators of a model lack."""
    found = [(table, column) for ref in model.needs() for table, column in CATALOGUE[ref.name].missing(available)]
    return [f"{table}.{column}" if table in available else table for table, column in found]


def fit(engine: Engine, model: TierModel[Any], table: str = "indicators") -> TierModel[Any]:
    """Let a model learn from an indicator table on an engine; raises `personas.not_mece` where it must not."""
    require_proved(model)
    model.facts = {ref.column: _fact(ref) for ref in model.needs()}
    learning = model.learn(table)
    run_plan(engine, learning.steps)
    return model.fit(read_tables(engine, learning.reads))


def _fact(ref: IndicatorRef) -> IndicatorFact:
    return IndicatorFact(label_of(ref), CATALOGUE[ref.name].higher_is_better)


def train(engine: Engine, model: TierModel[Any], as_of: date, available: Mapping[str, frozenset[str]]) -> None:
    """Compute the earlier indicator table of a model that learns from one; the canonical tables are attached.

    The table `indicators` must be stored or attached by then: its steps are made anew for the earlier day.
    """
    asked = model.training()
    if asked is not None:
        *steps, last = indicator_steps(asked.refs, date_before(as_of, asked.days_before), available)
        run_plan(engine, (*steps, Step(asked.table, last.sql, stored=True)))


def stack(
    engine: Engine,
    model: TierModel[Any],
    labels: Mapping[str, Sequence[Path]],
    schemes: Mapping[str, Scheme],
    table: str = "indicators",
) -> str:
    """Join to an indicator table the tiers of the models that one builds on; return the table to learn from.

    `labels` are the label files and `schemes` the schemes of these models; for most models it is `table` itself.
    Raises `config.no_such_input_tier`.
    """
    wanted = models_needed(model)
    if not wanted:
        return table
    check_named_tiers(model, schemes)
    for other in wanted:
        engine.attach(f"labels_below_{other}", labels[other])
    engine.run(stacked_step(f"{model.instance}_stacked", table, {other: f"labels_below_{other}" for other in wanted}))
    return f"{model.instance}_stacked"


def _stacked(engine: Engine, model: TierModel[Any], models: Sequence[TierModel[Any]], writer: RunWriter) -> str:
    below = [other for other in models if other.instance in models_needed(model)]
    labels = {other.instance: sorted((writer.folder / "labels" / other.instance).glob("*.parquet")) for other in below}
    return stack(engine, model, labels, {other.instance: other.scheme_ for other in below})


def label(
    engine: Engine,
    model: TierModel[Any],
    models: Sequence[TierModel[Any]],
    available: Mapping[str, frozenset[str]],
    writer: RunWriter,
    told: Observer,
) -> ModelResult:
    """Fit a model, write its label table, and sum up its tiers; those of `models` it builds on are labelled by now."""
    told.stage(f"model {model.instance}", Text("model {name}", "模型 {name}").fill(name=model.card.title))
    train(engine, model, writer.as_of, available)
    table = _stacked(engine, model, models, writer)
    scheme = fit(engine, model, table).scheme_
    labelled, columns = f"{model.instance}_labelled", label_columns(scheme)
    basics = [ref.column for ref in BASICS]
    run_plan(engine, label_steps(scheme, table, labelled, basics))
    if model.spec.has_memory:
        carried = tuple(dict.fromkeys((*columns, *basics)))
        labelled, earlier = hold_back(engine, model, writer.workspace, writer.as_of, labelled, carried)
        _note_held(engine, model, labelled, earlier)
        columns = (*columns, "fresh_tier", "since")
    labels = f"{model.instance}_labels"
    engine.run(Step(labels, f"SELECT {', '.join(columns)} FROM {labelled}"))
    engine.write(labels, writer.folder / "labels" / model.instance)
    steps, reads = tier_table_steps(model.instance, labelled)
    run_plan(engine, steps)
    tiers = tier_table(model.instance, scheme.tiers, read_tables(engine, reads))
    notes = [
        {"code": n.code, "text": {"en": n.text.en, "zh-CN": n.text.zh}, "figures": n.figures} for n in model.notes_
    ]
    spec = model.spec.model_dump(mode="json")
    return ModelResult(model.name, spec, scheme_to_json(scheme), tiers, notes)


def hold_back(
    engine: Engine,
    model: TierModel[Any],
    workspace: Workspace,
    as_of: date,
    labelled: str,
    columns: Sequence[str],
) -> tuple[str, Run | None]:
    """Make the table of labels that the last run of an earlier day holds back; return its name and that run."""
    held, table = f"{model.instance}_held", f"{model.instance}_before"
    earlier = run_before(workspace, as_of, model.instance)
    before = None
    if earlier is not None:
        engine.attach(table, earlier.label_files(model.instance))
        before = Before(table, earlier.manifest.as_of, "since" in engine.columns(table))
    hold = Hold(model.spec.margin_percent, model.spec.minimum_stay_days)
    run_plan(engine, hysteresis_steps(model.scheme_, hold, as_of, labelled, before, columns, held))
    return held, earlier


def _note_held(engine: Engine, model: TierModel[Any], held: str, earlier: Run | None) -> None:
    """Note how many customers the run before holds in their tier."""
    counted = engine.records("held", f"SELECT {count_where('tier <> fresh_tier')} AS held FROM {held}")
    count, name = counted[0]["held"] or 0, earlier.name if earlier else None
    text = (
        Text(
            f"{count:,} customers keep the tier they had on {earlier.manifest.as_of}, by margin or minimum stay",
            f"{count:,} 位客户因缓冲幅度或最短停留期，保持 {earlier.manifest.as_of} 时的层级",
        )
        if earlier
        else Text("no earlier run: nobody has a tier to keep", "没有更早的运行，暂无可保持的层级")
    )
    model.notes_ = (*model.notes_, Note("hysteresis.held", text, {"customers": count, "run_before": name}))
