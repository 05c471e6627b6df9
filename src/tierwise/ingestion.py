"""sources → canonical → quality: raw files become canonical tables whose quality is known.

Raw files are read by the embedded DuckDB whatever the engine.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tierwise.canonical import build_table, guess_mapping
from tierwise.contracts.ingest import CanonicalTable, IngestSettings, Mapping, QualityCard, RawTable
from tierwise.contracts.quality import Rule
from tierwise.contracts.tables import TABLES
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.progress import Observer, Silent
from tierwise.errors import ErrorKind, Family
from tierwise.job import Job, Resources, Source
from tierwise.language import Text
from tierwise.quality import assess
from tierwise.quality.shipped import shipped_rules
from tierwise.snapshots.files import sync_folder, sync_tree
from tierwise.snapshots.workspace import new_id
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
    what=Text("{times} sources fill the table {table}", "有 {times} 个数据源同时提供“{table}”"),
    cause=Text("each table has one source", "每张表只能有一个数据源"),
    cure=Text("put the files into one folder, or join them by one query", "请把文件放进同一文件夹，或用一条查询合并"),
)


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
        """The order table; `ingest` has made sure there is one."""
        return next(table for table in self.tables if table.name == "orders")


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
        card = assess(engine, tables, rules_of(job))
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
