"""sources → canonical → quality: raw files become imports of the ledger, and a version of it whose quality is known.

Raw files are read by the embedded DuckDB whatever the engine. What a source held at its last import, read in the same
way, is not imported again.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

from tierwise.assessed import basis_of, taken_over
from tierwise.canonical import guess_mapping
from tierwise.contracts.imports import Version
from tierwise.contracts.ingest import CanonicalTable, Mapping, QualityCard, RawTable
from tierwise.contracts.quality import Rule
from tierwise.contracts.tables import TABLES
from tierwise.engine.base import telling_full_disks
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.progress import Observer, Silent
from tierwise.errors import ErrorKind, Family
from tierwise.freshness import stale
from tierwise.import_drift import drifts
from tierwise.import_measures import known_of
from tierwise.import_quality import source_scores, trend_of_imports, with_imports
from tierwise.importing import Imported, bring_in
from tierwise.job import Job, Resources
from tierwise.language import Text
from tierwise.quality import assess
from tierwise.quality.shipped import shipped_rules
from tierwise.snapshots.imports import holding, records, version_of
from tierwise.snapshots.visible import Visible
from tierwise.snapshots.workspace import Workspace
from tierwise.sources import open_source

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
    what=Text(
        "{times} sources of the table {table} go by the name {name}", "表“{table}”有 {times} 个数据源同名：{name}"
    ),
    cause=Text("imports of a source replace or add to those of the same name", "同名数据源的导入会互相替换或追加"),
    cure=Text("give each source of a table a name of its own", "请为同一张表的每个数据源分别命名"),
)


@dataclass(frozen=True)
class Ingested:
    """A version of the ledger, and what its quality is."""

    workspace: Workspace
    version: Version
    card: QualityCard

    @cached_property
    def visible(self) -> Visible:
        """Its tables, to be attached to engines."""
        return Visible(self.workspace, self.version)

    @cached_property
    def tables(self) -> tuple[CanonicalTable, ...]:
        """The canonical table of each import."""
        return tuple(self.visible.tables)

    @property
    def available(self) -> dict[str, frozenset[str]]:
        """The columns that each table has."""
        return self.visible.available

    @property
    def orders(self) -> CanonicalTable:
        """The order table of the source that is trusted most; `ingest` has made sure there is one."""
        return next(table for table in self.tables if table.name == "orders")

    @property
    def period(self) -> tuple[date, date]:
        """The days of the first and the last order."""
        found = [table for table in self.tables if table.name == "orders"]
        return min(t.first_date for t in found if t.first_date), max(t.last_date for t in found if t.last_date)


@dataclass(frozen=True)
class Preview:
    """What a source looks like and how its columns would be used, before anything is written."""

    raw: RawTable
    mapping: Mapping


def preview(job: Job, resources: Resources = Resources(), observer: Observer | None = None) -> list[Preview]:
    """Open every source and guess its mapping; leaves nothing behind."""
    told = observer or Silent()
    with tempfile.TemporaryDirectory() as scratch, resources.ingest() as engine:
        found = []
        for source in job.sources:
            raw = open_source(engine, source.location, source.options, Path(scratch), told)
            found.append(Preview(raw, guess_mapping(raw, TABLES[source.table], dict(source.columns))))
        return found


def rules_of(job: Job) -> Sequence[Rule]:
    """The rules that the data of a job is held against."""
    return shipped_rules(job.today) if job.rules is None else job.rules


def import_sources(
    job: Job, resources: Resources = Resources(), observer: Observer | None = None, dry: bool = False
) -> list[Imported]:
    """Import what is new in the sources of a job, and compute nothing. A dry run says what would change."""
    told = observer or Silent()
    _check_names(job)
    with telling_full_disks(), nullcontext() if dry else job.workspace.writing(), resources.ingest() as engine:
        return [found for source in job.sources for found in bring_in(engine, source, job, told, dry)]


def _check_names(job: Job) -> None:
    for (table, name), times in Counter((source.table, source.called) for source in job.sources).items():
        if times > 1:
            raise TWO_SOURCES.error(table=TABLES[table].label, times=times, name=name)


def ingest(job: Job, resources: Resources, told: Observer) -> Ingested:
    """sources → canonical → quality: import what is new in the sources, and judge what holds then.

    Each import is whole or not there: one that was finished before another failed stays, and is not made again.
    """
    _check_names(job)
    engine = resources.ingest()
    try:
        for source in job.sources:
            bring_in(engine, source, job, told)
        found = holding(records(job.workspace), [source.called for source in job.sources])
        version = version_of(job.workspace, found)
        if "orders" not in version.imports:
            raise NO_ORDERS.error()
        told.stage("quality", Text("judging the quality of the data", "评估数据质量"))
        visible = Visible(job.workspace, version)
        sources = source_scores(engine, visible, rules_of(job), job.today)
        drifted = drifts(engine, visible, job.drift_limits)
        card = _card(engine, visible, job, told)
        return Ingested(
            job.workspace, version,
            with_imports(
                card, sources, drifted, stale(job.sources, found, job.today), trend_of_imports(job.workspace)
            ),
        )  # fmt: skip
    finally:
        engine.close()


def _card(engine: DuckDBEngine, visible: Visible, job: Job, told: Observer) -> QualityCard:
    """What a version is worth: as the published run found, where nothing changed since; else from its imports."""
    rules = rules_of(job)
    basis = basis_of(visible, rules)
    taken = taken_over(job.workspace, basis)
    known = known_of(engine, visible, rules, job.today, Silent() if taken else told)
    if taken:
        told.detail(Text("the same rows and rules as in the run before", "数据与规则和上次运行相同"))
        return replace(assess(engine, visible.tables, rules, {}, known, taken), basis=basis)
    return replace(assess(engine, visible.tables, rules, visible.attach(engine), known), basis=basis)
