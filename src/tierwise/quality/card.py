"""The quality card: what was read, used and set aside, and how complete and accurate each field is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tierwise.contracts.ingest import ROWS_PER_SHARE, CanonicalTable, FieldQuality, QualityCard
from tierwise.contracts.quality import Assessment, Rule
from tierwise.contracts.tables import TABLES
from tierwise.engine.duckdb import DuckDBEngine, quoted
from tierwise.language import Text
from tierwise.quality.adding import Addition, Known, order_counts
from tierwise.quality.assessment import Examination
from tierwise.quality.setting_aside import field_at_fault, results_of_reading


@dataclass(frozen=True, slots=True)
class Taken:
    """What was found out about the very same rows before, by the same rules."""

    assessment: Assessment
    statuses: Mapping[str, int]
    customers: int


def assess(
    engine: DuckDBEngine,
    tables: Sequence[CanonicalTable],
    rules: Sequence[Rule] = (),
    attached: Mapping[str, frozenset[str]] | None = None,
    known: Known | None = None,
    taken: Taken | None = None,
) -> QualityCard:
    """Return the quality card of the tables of one ingest; each is read once more, column by column.

    `known` spares that: it has what was counted of the tables before, in their order. `taken` spares all of it: the
    same was found out before, about the same rows.

    `rules` are held against the tables. Rules over several rows are left out for tables of more rows than one share.
    Where the engine has the tables by name already, `attached` says which columns each has; else there is one import
    of each.
    """
    rows_aside: Counter[str] = Counter()
    labels: dict[str, Text] = {}
    for table in tables:
        for aside in table.set_aside:
            rows_aside[aside.reason] += aside.rows
            labels[aside.reason] = aside.label
    orders = [table for table in tables if table.name == "orders"]
    if taken:
        assessment: Assessment | None = taken.assessment
        status, customers = Counter(taken.statuses), taken.customers
    else:
        assessment = _assessment(engine, tables, rules, attached, known) if rules else None
        if known and "orders" in known.parts:
            status, customers = order_counts(engine, known)
        else:
            status, customers = _order_counts(engine, orders, "orders" in (attached or ()))
    filled = known.filled if known else [_filled(engine, table) for table in tables]
    dates = [d for table in tables for d in (table.first_date, table.last_date) if d]
    return QualityCard(
        rows_read=sum(table.rows_read for table in tables),
        rows_used=sum(table.rows_used for table in tables),
        rows_set_aside=sum(rows_aside.values()),
        set_aside=dict(rows_aside.most_common()),
        set_aside_labels=labels,
        fields=tuple(
            quality for table, counts in zip(tables, filled, strict=True) for quality in _fields(table, counts)
        ),
        findings=tuple(finding for table in tables for finding in table.findings),
        first_date=min(dates, default=None),
        last_date=max(dates, default=None),
        customers=customers,
        orders=status["sale"],
        refunds=status["refund"],
        voids=status["void"],
        currency=next((table.currency for table in orders if table.currency), None),
        rejects_files=tuple(table.rejects_file for table in tables if table.rejects_file),
        assessment=assessment,
        corrections=tuple({"table": table.name, **each.to_json()} for table in tables for each in table.corrected),
    )


def _assessment(
    engine: DuckDBEngine,
    tables: Sequence[CanonicalTable],
    rules: Sequence[Rule],
    attached: Mapping[str, frozenset[str]] | None,
    known: Known | None,
) -> Assessment:
    if attached is None:
        for table in tables:
            engine.attach(table.name, table.files)
    available = attached or {table.name: frozenset(table.columns) for table in tables}
    rows = Counter[str]()
    for table in tables:
        rows[table.name] += table.rows
    large = frozenset(name for name, count in rows.items() if count > ROWS_PER_SHARE)
    read = [result for table in tables for result in results_of_reading(table)]
    if known is None:
        return Examination(engine, available, large).assess(rules, read)
    return Addition(engine, available, large, parts=known.parts, today=known.today, mapped=known.mapped).assess(
        rules, read
    )


def _order_counts(engine: DuckDBEngine, orders: Sequence[CanonicalTable], attached: bool) -> tuple[Counter[str], int]:
    if not orders:
        return Counter(), 0
    rows = "orders" if attached else f"read_parquet({_listed(orders)})"
    status = engine.native("count orders by status", f"SELECT status, count(*) FROM {rows} GROUP BY status")
    customers = engine.native("count customers", f"SELECT count(DISTINCT customer_id) FROM {rows}")
    return Counter({str(name): int(rows) for name, rows in status}), int(customers[0][0])


def _filled(engine: DuckDBEngine, table: CanonicalTable) -> dict[str, int]:
    """How often each column of a table is filled."""
    counts = ", ".join(f'count("{name}")' for name in table.columns)
    row = engine.native(f"completeness of {table.name}", f"SELECT {counts} FROM read_parquet({_listed([table])})")[0]
    return dict(zip(table.columns, map(int, row), strict=True))


def _fields(table: CanonicalTable, filled: Mapping[str, int]) -> list[FieldQuality]:
    schema = TABLES[table.name]
    spoiled: Counter[str | None] = Counter()
    for aside in table.set_aside:
        spoiled[field_at_fault(schema, aside.reason)] += aside.rows
    return [
        FieldQuality(
            table.name, name, schema.column(name).label,
            completeness=filled[name] / table.rows if table.rows else 0.0,
            accuracy=1 - spoiled[name] / table.rows_read if table.rows_read else 0.0,
        )
        for name in table.columns
    ]  # fmt: skip


def _listed(tables: Sequence[CanonicalTable]) -> str:
    return "[" + ", ".join(quoted(str(file)) for table in tables for file in table.files) + "]"
