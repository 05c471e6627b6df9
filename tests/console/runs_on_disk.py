"""Published runs with given labels, written in a moment: what the console reads, without computing anything."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from tierwise.contracts.imports import ImportRecord, SourceMode, Version, version_from_json
from tierwise.contracts.scheme import Scheme, Tier
from tierwise.contracts.scheme_json import scheme_to_json
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.language import Text
from tierwise.snapshots.imports import ImportWriter
from tierwise.snapshots.manifest import Manifest, ModelResult
from tierwise.snapshots.runs import Run, RunWriter
from tierwise.snapshots.workspace import Workspace

TIERS = ("gold", "silver", "bronze")
LAST_ORDER = date(2026, 9, 28)
Labels = Mapping[str, Mapping[str, str]]
"""Tier by customer, by model."""


def scheme() -> Scheme:
    tiers = tuple(
        Tier(key, Text(key.title(), f"{key}层"), rank, Text.same(""), Text(f"call {key}", f"致电{key}"))
        for rank, key in enumerate(TIERS, start=1)
    )
    return Scheme(("recency_days",), tiers, (), "bronze")


def write_run(
    root: Path,
    as_of: date,
    labels: Labels,
    spent: Mapping[str, int] | None = None,
    profiles: str = "",
    same_facts_as: Run | None = None,
    money: Mapping[str, Mapping[str, int]] | None = None,
    orders: Mapping[str, int] | None = None,
) -> Run:
    """Publish a run; `spent` is money by customer (100 unless given), `orders` their number (2).

    `profiles` is SQL of a customer table, which may also be that of an earlier run; `money` are further indicators by
    name, money by customer (0 unless given).
    """
    workspace = Workspace(root)
    writer = RunWriter(workspace, as_of)
    everyone = sorted({customer for tiers in labels.values() for customer in tiers})
    with DuckDBEngine(threads=1) as engine:
        more = money or {}
        own = {each: [column.get(each, 0) for column in more.values()] for each in everyone}
        days, bought, paid = (as_of - LAST_ORDER).days, orders or {}, spent or {}
        figures = ((each, days, bought.get(each, 2), paid.get(each, 100), *own[each]) for each in everyone)
        columns = ", ".join(("customer_id, recency_days, frequency, monetary", *more))
        _write(engine, writer.folder / "indicators", columns, figures)
        for model, tiers in labels.items():
            rows = ((each, tier, TIERS.index(tier) + 1, 10 - TIERS.index(tier)) for each, tier in sorted(tiers.items()))
            _write(engine, writer.folder / "labels" / model, "customer_id, tier, rank, score", rows)
        version = (
            version_from_json(same_facts_as.manifest.version)
            if same_facts_as
            else Version({"customers": (_import(engine, workspace, profiles),)} if profiles else {})
        )
    indicators = [{"column": name, "label": {"en": name, "zh-CN": name}} for name in more]
    return writer.publish(_manifest(writer, as_of, labels, version, indicators))


def _write(engine: DuckDBEngine, folder: Path, columns: str, rows: object) -> None:
    folder.mkdir(parents=True)
    names = [name.strip() for name in columns.split(",")]
    kinds = {"customer_id": "VARCHAR", "tier": "VARCHAR", "monetary": "DECIMAL(18, 2)", "score": "DECIMAL(24, 6)"}
    typed = ", ".join(f"{name} {kinds.get(name, 'BIGINT')}" for name in names)
    engine.native("table", f"CREATE OR REPLACE TEMP TABLE fresh ({typed})")
    values = ", ".join("(" + ", ".join(_literal(value) for value in row) + ")" for row in rows)  # type: ignore[attr-defined]
    if values:
        engine.native("rows", f"INSERT INTO fresh VALUES {values}")
    engine.native("copy", f"COPY fresh TO '{folder}/part-000.parquet' (FORMAT parquet)")


def _literal(value: object) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def _import(engine: DuckDBEngine, workspace: Workspace, profiles: str) -> str:
    """Write an import of a customer table, and return its id."""
    writer = ImportWriter(workspace)
    folder = writer.folder / "customers"
    folder.mkdir()
    engine.native("profiles", f"COPY ({profiles}) TO '{folder}/part-0.parquet' (FORMAT parquet)")
    columns = engine.native("columns", f"SELECT column_name FROM (DESCRIBE {profiles})")
    record = ImportRecord(
        writer.id, "customers", "customers", SourceMode.SNAPSHOT, "customers.csv", "", "", True, datetime.now(UTC),
        LAST_ORDER, tuple(name for (name,) in columns), 1, 1, 1, (), (), (),
    )  # fmt: skip
    return writer.publish(record).id


def _manifest(
    writer: RunWriter, as_of: date, labels: Labels, version: Version, indicators: list[dict[str, object]]
) -> Manifest:
    def result(tiers: Mapping[str, str]) -> ModelResult:
        counts = [{"key": k, "rank": n, "customers": list(tiers.values()).count(k)} for n, k in enumerate(TIERS, 1)]
        return ModelResult("rfm", {}, scheme_to_json(scheme()), counts, [])

    return Manifest(
        run=writer.name, as_of=as_of, calculated_at=datetime.now(UTC), engine="duckdb", versions={}, specs_sha256="",
        inputs=[], mapping={}, quality={}, indicators=indicators, models={name: result(t) for name, t in labels.items()},
        totals={"customers": len(labels), "orders": 0, "revenue": str(Decimal(0))}, tables=writer.name,
        version=version.to_json(),
    )  # fmt: skip
