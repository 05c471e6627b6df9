"""The one arrow, and the only file that knows the order of the stages.

    sources → canonical → quality → indicators → models → evaluation → run

Every stage hands on tables with a declared schema. Raw files are read by the embedded DuckDB whatever the
engine; from the canonical Parquet on, the engine that was asked for does the work.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import tierwise
from tierwise.contracts.indicators import IndicatorRef
from tierwise.contracts.model import PredictingModel
from tierwise.contracts.scheme_json import scheme_from_json
from tierwise.contracts.stacking import in_order
from tierwise.engine.base import Engine, SharingEngine, telling_full_disks
from tierwise.engine.plans import run_plan
from tierwise.engine.progress import Observer, Silent
from tierwise.enrichment import write_enriched
from tierwise.errors import ErrorKind, Family, Place
from tierwise.evaluation.tier_table import BASICS
from tierwise.incremental.making import Making, Wishes
from tierwise.indicators.catalogue import CATALOGUE, label_of
from tierwise.indicators.compile import row_bytes, tables_of
from tierwise.ingestion import Ingested, Preview, ingest, preview, rules_of
from tierwise.job import Job, Resources, Source
from tierwise.labelling import Labelled, carried, label, results
from tierwise.language import Text
from tierwise.sensitivity import Doubter, RunLabels
from tierwise.snapshots.files import to_json
from tierwise.snapshots.labels import label_rows
from tierwise.snapshots.manifest import InputFingerprint, Manifest, ModelResult
from tierwise.snapshots.runs import Run, RunWriter, remove_old
from tierwise.snapshots.state import Circumstances, remove_states

__all__ = ["Ingested", "Job", "Preview", "Resources", "Source", "compute", "ingest", "preview", "run"]


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

SENSITIVITY_ORDERS = 100_000
"""Up to so many orders a run looks at its tiers without what is in doubt; beyond, `tierwise quality` does when asked."""


def run(job: Job, resources: Resources = Resources(), observer: Observer | None = None) -> Run:
    """Carry out a job and publish its run. Whatever fails, the run published before stays the current one."""
    told = observer or Silent()
    with telling_full_disks(), job.workspace.writing():
        published = compute(job, ingest(job, resources, told), resources, told)
        remove_states(job.workspace, keep=published.name)
        remove_old(job.workspace, job.keep_runs_days)
        return published


def _resolve_as_of(job: Job, ingested: Ingested) -> date:
    first, last = ingested.period
    as_of = job.as_of or last
    if as_of < first:
        raise AS_OF_TOO_EARLY.error(Place(file=ingested.orders.source), as_of=as_of, first=first, last=last)
    return as_of


def compute(job: Job, ingested: Ingested, resources: Resources, told: Observer) -> Run:
    """indicators → models → evaluation → run, on the engine that was asked for."""
    as_of = _resolve_as_of(job, ingested)
    models, left_out = carried(job.models, job.optional, ingested.available)
    job = replace(job, models=models)
    writer = RunWriter(job.workspace, as_of)
    try:
        engine = resources.engine() if resources.engine else resources.ingest()
        try:
            making = _making(job, engine, ingested, writer, told)
            manifest = replace(_results(job, making, ingested, writer, told), left_out=left_out)
        finally:
            engine.close()
        told.stage("publish", Text("publishing the run", "发布运行结果"))
        making.finish()
        return writer.publish(manifest)
    except BaseException:
        writer.discard()
        raise


def _wanted(job: Job) -> list[IndicatorRef]:
    """The indicators of a run: what every tier table shows, and what its models read."""
    return list(dict.fromkeys((*BASICS, *sorted(ref for model in job.models for ref in model.needs()))))


def _making(job: Job, engine: Engine, ingested: Ingested, writer: RunWriter, told: Observer) -> Making:
    """See what the run can build on."""
    if job.keep_state:
        told.stage("state", Text("looking for what changed", "查找变化"))
    alone = isinstance(engine, SharingEngine) and tables_of(_wanted(job)) <= {"orders", "customers"}
    now = Circumstances(
        engine.name, _versions(engine), job.timezone, ingested.card.currency, ingested.visible.shares if alone else 1
    )
    making = Making(engine, job.workspace, writer.name, ingested.version, now, Wishes(job.keep_state, job.full))
    if job.keep_state:
        told.detail(making.summary)
    return making


def _results(job: Job, making: Making, ingested: Ingested, writer: RunWriter, told: Observer) -> Manifest:
    """Write the tables of a run and return its manifest."""
    engine, refs = making.engine, _wanted(job)
    customers = _indicators(making, refs, ingested, writer, told)
    predicted = _predicted(job, engine, writer, told)
    found: dict[str, Labelled] = {}
    for model in in_order(job.models):
        found[model.instance] = label(engine, model, found, ingested.available, writer, told)
    summed = results(engine, found, told)
    models = {model.instance: summed[model.instance] for model in job.models}
    manifest = _manifest(job, engine, ingested, writer, refs, models, _totals(engine, customers))
    doubted = _doubted(job, engine, ingested, writer, manifest, told)
    manifest = replace(manifest, indicators=[*manifest.indicators, *predicted], made=making.told())
    return replace(manifest, quality={**manifest.quality, **doubted})


def _doubted(
    job: Job, engine: Engine, ingested: Ingested, writer: RunWriter, manifest: Manifest, told: Observer
) -> dict[str, Any]:
    """How far doubtful orders move the tiers, where finding out costs little beside the run itself."""
    in_doubt = any(rule["doubtful"] and rule["failed"] for rule in manifest.quality.get("rules", ()))
    predicting = any(isinstance(model, PredictingModel) for model in job.models)
    if not in_doubt or predicting or manifest.totals["orders"] > SENSITIVITY_ORDERS:
        return {}
    told.stage("sensitivity", Text("looking at the tiers without what is in doubt", "评估存疑数据对层级的影响"))
    run = RunLabels(
        {name: label_rows(writer.folder, manifest.models, name) for name in manifest.models},
        {name: scheme_from_json(result.scheme).tiers for name, result in manifest.models.items()},
        sorted((writer.folder / "indicators").glob("*.parquet")),
    )
    with tempfile.TemporaryDirectory(dir=writer.folder, prefix=".doubting-") as scratch:
        doubter = Doubter(engine, job.models, ingested.available, writer.as_of, job.workspace, Path(scratch))
        found = doubter.sensitivity(rules_of(job), run)
    return {"sensitivity": found.to_json()} if found else {}


def _predicted(job: Job, engine: Engine, writer: RunWriter, told: Observer) -> list[dict[str, Any]]:
    """Let models that predict add their columns to the indicator files; return what they are."""
    predicting = [model for model in job.models if isinstance(model, PredictingModel)]
    if not predicting:
        return []
    told.stage("predictions", Text("predicting", "计算预测指标"))
    with tempfile.TemporaryDirectory(dir=writer.folder, prefix=".predicting-") as scratch:
        return write_enriched(engine, predicting, writer.folder / "indicators", Path(scratch))


def _indicators(making: Making, refs: list[IndicatorRef], ingested: Ingested, writer: RunWriter, told: Observer) -> int:
    """Write the indicator table, sorted by customer, and attach it: every model reads the file."""
    told.stage("indicators", Text("computing indicators", "计算指标"))
    engine, folder = making.engine, writer.folder / "indicators"
    aggregates = making.aggregates(refs, writer.as_of, ingested.available)
    if isinstance(engine, SharingEngine):
        engine.require(ingested.card.customers // making.shares, row_bytes(refs))
    customers = 0
    for part in _parts(making, ingested):
        aggregates.make(part)
        run_plan(engine, (aggregates.compiled.everyone, aggregates.compiled.indicators))
        customers += engine.write("indicators", folder, order_by=("customer_id",), part=part)
    ingested.visible.attach(engine)
    engine.attach("indicators", sorted(folder.glob("*.parquet")))
    return customers


def _parts(making: Making, ingested: Ingested) -> Iterator[int]:
    """Attach the tables once, or share by share of the customers where that saves memory; yield after each.

    Shares are worked through alone only where every row concerns one customer: orders and customers do, other
    tables (referrals, order lines) may join several.
    """
    if making.shares == 1:
        ingested.visible.attach(making.engine)
        yield 0
        return
    for share in range(making.shares):
        ingested.visible.attach(making.engine, (share, making.shares))
        yield share


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
        versions=_versions(engine),
        specs_sha256=_digest(specs),
        inputs=inputs,
        mapping=_mappings(ingested),
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
        tables=_digest(ingested.version.to_json())[:12],
        version=ingested.version.to_json(),
        currency=ingested.card.currency,
    )


def _versions(engine: Engine) -> dict[str, str]:
    return {"tierwise": tierwise.__version__, engine.name: engine.version}


def _digest(data: Any) -> str:
    return hashlib.sha256(to_json(data).encode()).hexdigest()


def _mappings(ingested: Ingested) -> dict[str, dict[str, str]]:
    """How the columns of each table are filled; of several imports, the newest of the source that is trusted most."""
    found: dict[str, dict[str, str]] = {}
    for table, imports in ingested.visible.records.items():
        newest = [record for record in imports if record.source == imports[0].source][-1]
        found[table] = {match.field: match.expression for match in newest.matches}
    return found
