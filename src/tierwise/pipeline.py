"""The one arrow, and the only file that knows the order of the stages.

    sources → canonical → quality → indicators → models → evaluation → run

Every stage hands on tables with a declared schema. Raw files are read by the embedded DuckDB whatever the
engine; from the canonical Parquet on, the engine that was asked for does the work.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import tierwise
from tierwise.canonical import build_table, guess_mapping
from tierwise.contracts.indicators import IndicatorFact, IndicatorRef
from tierwise.contracts.ingest import CanonicalTable, IngestSettings, QualityCard, RawTable, ReadOptions
from tierwise.contracts.ingest import Mapping as ColumnMapping
from tierwise.contracts.model import Note, PredictingModel, TierModel
from tierwise.contracts.scheme import Scheme
from tierwise.contracts.scheme_json import scheme_to_json
from tierwise.contracts.stacking import check_named_tiers, in_order, models_needed
from tierwise.contracts.tables import TABLES
from tierwise.engine.base import Engine, SharingEngine, telling_full_disks
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.progress import Observer, Silent
from tierwise.enrichment import write_enriched
from tierwise.errors import ErrorKind, Family, Place
from tierwise.evaluation.tier_table import BASICS, tier_table, tier_table_steps
from tierwise.indicators.catalogue import CATALOGUE, label_of
from tierwise.indicators.compile import indicator_steps, tables_of
from tierwise.language import Text
from tierwise.quality import assess
from tierwise.registry import require_proved
from tierwise.snapshots.files import sync_folder, sync_tree, to_json
from tierwise.snapshots.manifest import InputFingerprint, Manifest, ModelResult
from tierwise.snapshots.runs import Run, RunWriter, remove_old, run_before
from tierwise.snapshots.workspace import Workspace, new_id
from tierwise.sources import open_source
from tierwise.sql.expressions import count_where, date_before
from tierwise.sql.hysteresis import Before, Hold, hysteresis_steps
from tierwise.sql.scheme import label_columns, label_steps
from tierwise.sql.stacking import stacked_step
from tierwise.sql.steps import Plan, Step

NO_ORDERS = ErrorKind(
    "input.no_orders",
    Family.CONFIG,
    what=Text("no source fills the table orders", "没有任何数据源提供订单表 orders"),
    cause=Text("tiers are computed from orders: customer, date and amount", "分层需要订单数据：客户、日期、金额"),
    cure=Text("name an order file, or add `orders` under `sources`", "请给出订单文件，或在 sources 下添加 orders"),
)
TWO_SOURCES = ErrorKind(
    "input.two_sources",
    Family.CONFIG,
    what=Text("{times} sources fill the table {table}", "有 {times} 个数据源同时提供“{table}”"),
    cause=Text("each table has one source", "每张表只能有一个数据源"),
    cure=Text("put the files into one folder, or join them by one query", "请把文件放进同一文件夹，或用一条查询合并"),
)
AS_OF_TOO_EARLY = ErrorKind(
    "as_of.before_first_order",
    Family.DATA,
    what=Text("as_of {as_of} lies before the first order", "计算日 {as_of} 早于第一笔订单"),
    cause=Text("the orders run from {first} to {last}", "订单时间为 {first} 至 {last}"),
    cure=Text(
        "choose a day from {first} on, or leave --as-of out to use {last}",
        "请选择 {first} 之后的日期，或省略 --as-of 以使用 {last}",
    ),
)


@dataclass(frozen=True)
class Source:
    """One source of one canonical table; `columns` maps fields to the source's columns where that is known."""

    table: str
    location: str
    options: ReadOptions = ReadOptions()
    columns: Mapping[str, str] = field(default_factory=dict)
    date_format: str | None = None


@dataclass(frozen=True)
class Job:
    """All that a run needs to know. `as_of` None means the day of the last order."""

    workspace: Workspace
    sources: Sequence[Source]
    models: Sequence[TierModel[Any]]
    as_of: date | None = None
    timezone: str | None = None
    currency: str | None = None
    today: date = field(default_factory=date.today)
    keep_runs_days: int = 365


@dataclass(frozen=True)
class Resources:
    """How the engines are made: ingest always runs on DuckDB, the rest on `engine`."""

    ingest: Callable[[], DuckDBEngine] = DuckDBEngine
    engine: Callable[[], Engine] | None = None


@dataclass(frozen=True)
class Ingested:
    """Canonical tables on disk, and what their quality is."""

    folder: Path
    tables: tuple[CanonicalTable, ...]
    card: QualityCard

    @property
    def available(self) -> dict[str, frozenset[str]]:
        """The columns that each table has."""
        return {table.name: frozenset(table.columns) for table in self.tables}

    @property
    def orders(self) -> CanonicalTable:
        """The order table; `_ingest` has made sure there is one."""
        return next(table for table in self.tables if table.name == "orders")


@dataclass(frozen=True)
class Preview:
    """What a source looks like and how its columns would be used, before anything is written."""

    raw: RawTable
    mapping: ColumnMapping


def preview(job: Job, resources: Resources = Resources(), observer: Observer | None = None) -> list[Preview]:
    """Open every source and guess its mapping; leaves nothing behind."""
    told = observer or Silent()
    with tempfile.TemporaryDirectory() as scratch, resources.ingest() as engine:
        found = []
        for source in job.sources:
            raw = open_source(engine, source.location, source.options, Path(scratch), told)
            found.append(Preview(raw, guess_mapping(raw, TABLES[source.table], dict(source.columns))))
        return found


def run(job: Job, resources: Resources = Resources(), observer: Observer | None = None) -> Run:
    """Carry out a job and publish its run. Whatever fails, the run published before stays the current one."""
    told = observer or Silent()
    with telling_full_disks(), job.workspace.writing():
        ingested = ingest(job, resources, told)
        try:
            published = compute(job, ingested, resources, told)
        except BaseException:
            shutil.rmtree(ingested.folder, ignore_errors=True)
            raise
        remove_old(job.workspace, job.keep_runs_days)
        return published


def ingest(job: Job, resources: Resources, told: Observer) -> Ingested:
    """sources → canonical → quality: raw files become canonical tables in a folder of their own."""
    if not any(source.table == "orders" for source in job.sources):
        raise NO_ORDERS.error()
    for name, times in Counter(source.table for source in job.sources).items():
        if times > 1:
            raise TWO_SOURCES.error(table=TABLES[name].label, times=times)
    name = new_id()
    folder = job.workspace.tables / f".writing-{name}"
    folder.mkdir(parents=True)
    engine = resources.ingest()
    try:
        tables = tuple(_ingest_one(engine, source, job, folder, told) for source in job.sources)
        told.stage("quality", Text("judging the quality of the data", "评估数据质量"))
        card = assess(engine, tables)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    finally:
        engine.close()
    return _settle(Ingested(folder, tables, card), job.workspace.tables / name)


def _settle(ingested: Ingested, final: Path) -> Ingested:
    """Have the disk confirm the finished tables and give them their lasting place."""
    sync_tree(ingested.folder)
    ingested.folder.rename(final)
    sync_folder(final.parent)

    def moved(path: Path) -> Path:
        return final / path.relative_to(ingested.folder)

    tables = tuple(
        replace(table, folder=moved(table.folder), rejects_file=table.rejects_file and moved(table.rejects_file))
        for table in ingested.tables
    )
    card = replace(ingested.card, rejects_files=tuple(moved(file) for file in ingested.card.rejects_files))
    return Ingested(final, tables, card)


def _ingest_one(engine: DuckDBEngine, source: Source, job: Job, folder: Path, told: Observer) -> CanonicalTable:
    table = TABLES[source.table]
    told.stage(f"read {table.name}", Text("reading {table}", "读取{table}").fill(table=table.label))
    with tempfile.TemporaryDirectory(dir=folder, prefix=".scratch-") as scratch:
        raw = open_source(engine, source.location, source.options, Path(scratch), told)
        mapping = guess_mapping(raw, table, dict(source.columns))
        told.detail(Text.same(", ".join(f"{field} ← {column}" for field, column in mapping.to_json().items())))
        settings = IngestSettings(job.today, job.timezone, job.currency, source.date_format)
        return build_table(engine, raw, mapping, table, settings, folder)


def _resolve_as_of(job: Job, ingested: Ingested) -> date:
    first, last = ingested.orders.first_date, ingested.orders.last_date
    assert first is not None and last is not None, "build_table refuses a source without usable rows"
    as_of = job.as_of or last
    if as_of < first:
        raise AS_OF_TOO_EARLY.error(Place(file=ingested.orders.source), as_of=as_of, first=first, last=last)
    return as_of


def compute(job: Job, ingested: Ingested, resources: Resources, told: Observer) -> Run:
    """indicators → models → evaluation → run, on the engine that was asked for."""
    as_of = _resolve_as_of(job, ingested)
    writer = RunWriter(job.workspace, as_of)
    try:
        engine = resources.engine() if resources.engine else resources.ingest()
        try:
            manifest = _results(job, engine, ingested, writer, told)
        finally:
            engine.close()
        told.stage("publish", Text("publishing the run", "发布运行结果"))
        return writer.publish(manifest)
    except BaseException:
        writer.discard()
        raise


def _results(job: Job, engine: Engine, ingested: Ingested, writer: RunWriter, told: Observer) -> Manifest:
    """Write the tables of a run and return its manifest."""
    refs = list(dict.fromkeys((*BASICS, *sorted(ref for model in job.models for ref in model.needs()))))
    customers = _indicators(engine, refs, ingested, writer, told)
    predicted = _predicted(job, engine, writer, told)
    found = {model.instance: _label(engine, model, job, ingested, writer, told) for model in in_order(job.models)}
    results = {model.instance: found[model.instance] for model in job.models}
    manifest = _manifest(job, engine, ingested, writer, refs, results, _totals(engine, customers))
    return replace(manifest, indicators=[*manifest.indicators, *predicted])


def _predicted(job: Job, engine: Engine, writer: RunWriter, told: Observer) -> list[dict[str, Any]]:
    """Let models that predict add their columns to the indicator files; return what they are."""
    predicting = [model for model in job.models if isinstance(model, PredictingModel)]
    if not predicting:
        return []
    told.stage("predictions", Text("predicting", "计算预测指标"))
    with tempfile.TemporaryDirectory(dir=writer.folder, prefix=".predicting-") as scratch:
        return write_enriched(engine, predicting, writer.folder / "indicators", Path(scratch))


def _indicators(engine: Engine, refs: list[IndicatorRef], ingested: Ingested, writer: RunWriter, told: Observer) -> int:
    """Write the indicator table, sorted by customer, and attach it: every model reads the file."""
    told.stage("indicators", Text("computing indicators", "计算指标"))
    steps = indicator_steps(refs, writer.as_of, ingested.available)
    folder = writer.folder / "indicators"
    customers = 0
    for part in _parts(engine, ingested, tables_of(refs)):
        run_plan(engine, steps)
        customers += engine.write("indicators", folder, order_by=("customer_id",), part=part)
    _attach(engine, ingested)
    engine.attach("indicators", sorted(folder.glob("*.parquet")))
    return customers


def _parts(engine: Engine, ingested: Ingested, tables: set[str]) -> Iterator[int]:
    """Attach the tables once, or share by share of the customers where that saves memory; yield after each.

    Shares are worked through alone only where every row concerns one customer: orders and customers do, other
    tables (referrals, order lines) may join several.
    """
    orders = ingested.orders
    if orders.shares == 1 or not isinstance(engine, SharingEngine) or not tables <= {"orders", "customers"}:
        _attach(engine, ingested)
        yield 0
        return
    customers = next((table for table in ingested.tables if table.name == "customers"), None)
    for share in range(orders.shares):
        if files := orders.share(share):
            engine.attach("orders", files)
        else:
            engine.attach_share("orders", orders.files, "customer_id", share, orders.shares)
        if customers is not None:
            engine.attach_share("customers", customers.files, "customer_id", share, orders.shares)
        yield share


def _attach(engine: Engine, ingested: Ingested) -> None:
    for table in ingested.tables:
        engine.attach(table.name, table.files)


def run_plan(engine: Engine, steps: Plan) -> None:
    """Run the steps of a plan in order."""
    for step in steps:
        engine.run(step)


def read_tables(engine: Engine, names: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of small tables by name."""
    return {name: engine.records(name, f"SELECT * FROM {name}") for name in names}


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


def _stacked(engine: Engine, model: TierModel[Any], job: Job, writer: RunWriter) -> str:
    below = [other for other in job.models if other.instance in models_needed(model)]
    labels = {other.instance: sorted((writer.folder / "labels" / other.instance).glob("*.parquet")) for other in below}
    return stack(engine, model, labels, {other.instance: other.scheme_ for other in below})


def _label(
    engine: Engine, model: TierModel[Any], job: Job, ingested: Ingested, writer: RunWriter, told: Observer
) -> ModelResult:
    """Fit a model, write its label table, and sum up its tiers."""
    told.stage(f"model {model.instance}", Text("model {name}", "模型 {name}").fill(name=model.card.title))
    train(engine, model, writer.as_of, ingested.available)
    table = _stacked(engine, model, job, writer)
    scheme = fit(engine, model, table).scheme_
    labelled, columns = f"{model.instance}_labelled", label_columns(scheme)
    basics = [ref.column for ref in BASICS]
    run_plan(engine, label_steps(scheme, table, labelled, basics))
    if model.spec.has_memory:
        carried = tuple(dict.fromkeys((*columns, *basics)))
        _remember(engine, model, scheme, writer, labelled, carried)
        labelled, columns = f"{model.instance}_held", (*columns, "fresh_tier", "since")
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


def _remember(
    engine: Engine, model: TierModel[Any], scheme: Scheme, writer: RunWriter, labelled: str, columns: Sequence[str]
) -> None:
    """Make the table of labels that the run before holds back, and note how many it holds."""
    held, table = f"{model.instance}_held", f"{model.instance}_before"
    earlier = run_before(writer.workspace, writer.as_of, model.instance)
    before = None
    if earlier is not None:
        engine.attach(table, earlier.label_files(model.instance))
        before = Before(table, earlier.manifest.as_of, "since" in engine.columns(table))
    hold = Hold(model.spec.margin_percent, model.spec.minimum_stay_days)
    run_plan(engine, hysteresis_steps(scheme, hold, writer.as_of, labelled, before, columns, held))
    counted = engine.records("held", f"SELECT {count_where('tier <> fresh_tier')} AS held FROM {held}")
    count, name = counted[0]["held"] or 0, earlier.name if earlier else None
    text = (
        Text(
            f"{count} customers keep the tier they had on {before.as_of}, by margin or minimum stay",
            f"{count} 位客户因缓冲幅度或最短停留期，保持 {before.as_of} 时的层级",
        )
        if before
        else Text("no earlier run: nobody has a tier to keep", "没有更早的运行，暂无可保持的层级")
    )
    model.notes_ = (*model.notes_, Note("hysteresis.held", text, {"customers": count, "run_before": name}))


def _totals(engine: Engine, customers: int) -> dict[str, Any]:
    sums = "CAST(SUM(frequency) AS BIGINT) AS orders, CAST(SUM(monetary) AS DECIMAL(26, 2)) AS revenue"
    return {"customers": customers, **engine.records("totals", f"SELECT {sums} FROM indicators")[0]}


def _manifest(
    job: Job,
    engine: Engine,
    ingested: Ingested,
    writer: RunWriter,
    refs: list[IndicatorRef],
    results: dict[str, ModelResult],
    totals: dict[str, Any],
) -> Manifest:
    specs = {name: {"model": result.model, "spec": result.spec} for name, result in results.items()}
    inputs = [
        InputFingerprint(table.name, table.source, table.fingerprint, table.rows_read, table.rows_used)
        for table in ingested.tables
    ]
    labels = {ref.column: label_of(ref) for ref in refs}
    return Manifest(
        run=writer.name,
        as_of=writer.as_of,
        calculated_at=datetime.now(UTC),
        engine=engine.name,
        versions={"tierwise": tierwise.__version__, engine.name: engine.version},
        specs_sha256=hashlib.sha256(to_json(specs).encode()).hexdigest(),
        inputs=inputs,
        mapping={table.name: table.mapping.to_json() for table in ingested.tables},
        quality=ingested.card.to_json(),
        indicators=[
            {
                "column": ref.column,
                "name": ref.name,
                "window_days": ref.window_days,
                "parameters": dict(ref.parameters),
                "unit": str(CATALOGUE[ref.name].unit),
                "actionable": CATALOGUE[ref.name].actionable,
                "label": {"en": labels[ref.column].en, "zh-CN": labels[ref.column].zh},
            }
            for ref in refs
        ],
        models=results,
        totals=totals,
        tables=ingested.folder.name,
        currency=ingested.card.currency,
    )
