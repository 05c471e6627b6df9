"""indicators → models → labels: let a model learn, label everyone, hold back whom its memory holds, sum up its tiers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tierwise.contracts.indicators import IndicatorFact, IndicatorRef
from tierwise.contracts.model import Note, TierModel
from tierwise.contracts.rows import Derived, Rows
from tierwise.contracts.scheme import Scheme
from tierwise.contracts.scheme_json import scheme_to_json
from tierwise.contracts.stacking import check_named_tiers, in_order, models_needed, tier_column
from tierwise.engine.base import Engine, SharingEngine
from tierwise.engine.plans import read_tables, run_plan
from tierwise.engine.progress import Observer
from tierwise.evaluation.tier_table import BASICS, ranked_step, tier_table, tier_table_steps
from tierwise.indicators.catalogue import CATALOGUE, label_of
from tierwise.indicators.compile import indicator_steps
from tierwise.language import Text
from tierwise.registry import require_proved
from tierwise.snapshots.earlier import Earlier, run_before
from tierwise.snapshots.labels import label_rows
from tierwise.snapshots.manifest import BY_SCHEME, IN_FILES, ModelResult
from tierwise.snapshots.runs import RunWriter
from tierwise.snapshots.workspace import Workspace
from tierwise.sql.expressions import count_where, date_before
from tierwise.sql.hysteresis import Before, Hold, hysteresis_steps
from tierwise.sql.scheme import label_columns, label_steps
from tierwise.sql.stacking import inputs_of, rank_column, stacked_step, stacked_steps
from tierwise.sql.steps import Step, in_one

_DAMAGED = Text(
    "passed over, for their manifests cannot be read: {runs}. If one of them was the run before, tiers are held by an older one; "
    "restore it from a backup and run again, or move its folder away",
    "以下运行的清单无法读取，已跳过：{runs}。若其中之一本应作为上次运行，则层级沿用更早的运行；请从备份恢复后重新运行，或移走其文件夹",
)


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
    labels: Mapping[str, Rows],
    schemes: Mapping[str, Scheme],
    table: str = "indicators",
) -> str:
    """Put beside an indicator table the tiers of the models that one builds on; return the table to learn from.

    `labels` are the label tables and `schemes` the schemes of the models computed by now; for most models it is
    `table` itself. Raises `config.no_such_input_tier`.
    """
    wanted = models_needed(model)
    if not wanted:
        return table
    check_named_tiers(model, schemes)
    stacked, columns = f"{model.instance}_stacked", engine.columns(table)[1:]
    below = tuple(dict.fromkeys(each for other in wanted for each in (*inputs_of(other, schemes), other)))
    read = {column for other in below for column in schemes[other].inputs} - {tier_column(other) for other in below}
    if read <= set(columns) and all(isinstance(labels[other], Derived) for other in below):
        steps = stacked_steps(stacked, table, schemes, below, columns)
        engine.run(in_one(steps))
        return steps[-1].name
    for other in wanted:
        engine.attach(f"labels_below_{other}", labels[other])
    engine.run(stacked_step(stacked, table, {other: f"labels_below_{other}" for other in wanted}))
    return stacked


@dataclass(frozen=True)
class Labelled:
    """One fitted model of a run. `source` says where its labels are: where they are in files, `table` has them too."""

    model: TierModel[Any]
    source: str
    table: str = ""

    def result(self, tiers: list[dict[str, Any]]) -> ModelResult:
        """What the manifest keeps of it."""
        notes = [
            {"code": n.code, "text": {"en": n.text.en, "zh-CN": n.text.zh}, "figures": n.figures}
            for n in self.model.notes_
        ]
        spec = self.model.spec.model_dump(mode="json")
        return ModelResult(self.model.name, spec, scheme_to_json(self.model.scheme_), tiers, notes, self.source)


def _stacked(engine: Engine, model: TierModel[Any], before: Mapping[str, Labelled], writer: RunWriter) -> str:
    if not models_needed(model):
        return "indicators"
    known = {name: found.result([]) for name, found in before.items()}
    labels = {name: label_rows(writer.folder, known, name) for name in before}
    return stack(engine, model, labels, {name: found.model.scheme_ for name, found in before.items()})


def label(
    engine: Engine,
    model: TierModel[Any],
    before: Mapping[str, Labelled],
    available: Mapping[str, frozenset[str]],
    writer: RunWriter,
    told: Observer,
) -> Labelled:
    """Fit a model, and write its labels where indicators and scheme alone do not determine them.

    The models it builds on are in `before`. See `tierwise.snapshots.labels` for those that are not written.
    """
    told.stage(f"model {model.instance}", Text("model {name}", "模型 {name}").fill(name=model.card.title))
    train(engine, model, writer.as_of, available)
    table = _stacked(engine, model, before, writer)
    scheme = fit(engine, model, table).scheme_
    labelled, columns = f"{model.instance}_labelled", label_columns(scheme)
    if not model.spec.has_memory and all(before[name].source == BY_SCHEME for name in models_needed(model)):
        return Labelled(model, BY_SCHEME)
    basics = [ref.column for ref in BASICS]
    run_plan(engine, label_steps(scheme, table, labelled, basics))
    if model.spec.has_memory:
        carried = tuple(dict.fromkeys((*columns, *basics)))
        labelled, earlier = hold_back(engine, model, writer.workspace, writer.as_of, labelled, carried)
        _note_held(engine, model, labelled, earlier)
        columns = (*columns, "fresh_tier", "since")
    written = f"{model.instance}_labels"
    engine.run(Step(written, f"SELECT {', '.join(columns)} FROM {labelled}"))
    engine.write(written, writer.folder / "labels" / model.instance)
    return Labelled(model, IN_FILES, labelled)


def results(engine: Engine, found: Mapping[str, Labelled], told: Observer) -> dict[str, ModelResult]:
    """Sum up the tiers of all models of a run: those that are derived in one pass over the indicators."""
    told.stage("tiers", Text("summing up the tiers", "汇总各层级"))
    derived = {name: each.model.scheme_ for name, each in found.items() if each.source == BY_SCHEME}
    basics = [ref.column for ref in BASICS]
    tiers: dict[str, list[dict[str, Any]]] = {}
    if derived:
        steps = stacked_steps("tiers_stacked", "indicators", derived, tuple(derived), basics)
        ranks = {name: rank_column(name) for name in derived}
        engine.run(in_one((*steps, ranked_step(steps[-1].name, tuple(ranks.values())))))
        tiers |= _tiers(engine, {column: found[name].model for name, column in ranks.items()})
    for name, each in found.items():
        if name not in derived:
            engine.run(ranked_step(each.table, ("rank",)))
            tiers |= _tiers(engine, {"rank": each.model})
    return {name: each.result(tiers[name]) for name, each in found.items()}


def _tiers(engine: Engine, models: Mapping[str, TierModel[Any]]) -> dict[str, list[dict[str, Any]]]:
    """The tier table of each model, whose ranks are in the named column.

    On one machine statements cost more than what they do, and all models go through each together. The planner of a
    cluster writes the way to the ranks out once for each place that reads them: there, one model goes after the other.
    """
    if len(models) > 1 and not isinstance(engine, SharingEngine):
        return {name: rows for column in models for name, rows in _tiers(engine, {column: models[column]}).items()}
    steps, reads = tier_table_steps(tuple(models))
    run_plan(engine, steps)
    summed = read_tables(engine, reads)
    return {model.instance: tier_table(model.scheme_.tiers, summed, column) for column, model in models.items()}


def hold_back(
    engine: Engine,
    model: TierModel[Any],
    workspace: Workspace,
    as_of: date,
    labelled: str,
    columns: Sequence[str],
) -> tuple[str, Earlier]:
    """Make the table of labels that the last run of an earlier day holds back; return its name and that run."""
    held, table = f"{model.instance}_held", f"{model.instance}_before"
    earlier = run_before(workspace, as_of, model.instance)
    before = None
    if earlier.run is not None:
        engine.attach(table, earlier.run.labels(model.instance))
        before = Before(table, earlier.run.manifest.as_of, "since" in engine.columns(table))
    hold = Hold(model.spec.margin_percent, model.spec.minimum_stay_days)
    run_plan(engine, hysteresis_steps(model.scheme_, hold, as_of, labelled, before, columns, held))
    return held, earlier


def _note_held(engine: Engine, model: TierModel[Any], held: str, earlier: Earlier) -> None:
    """Note how many customers the run before holds in their tier, and which damaged runs could not be asked."""
    counted = engine.records("held", f"SELECT {count_where('tier <> fresh_tier')} AS held FROM {held}")
    count, run = counted[0]["held"] or 0, earlier.run
    text = (
        Text(
            f"{count:,} customers keep the tier they had on {run.manifest.as_of}, by margin or minimum stay",
            f"{count:,} 位客户因缓冲幅度或最短停留期，保持 {run.manifest.as_of} 时的层级",
        )
        if run
        else Text("no earlier run: nobody has a tier to keep", "没有更早的运行，暂无可保持的层级")
    )
    if earlier.damaged:
        damaged = _DAMAGED.fill(runs=", ".join(earlier.damaged))
        model.notes_ = (*model.notes_, Note("hysteresis.damaged", damaged, {"runs": len(earlier.damaged)}))
    figures = {"customers": count, "run_before": run.name if run else None}
    model.notes_ = (*model.notes_, Note("hysteresis.held", text, figures))
