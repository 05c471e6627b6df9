"""What changed between two runs, read in the engine: label by label, and customer by customer.

Rows come in batches, sorted by customer, from after a given customer on: whoever takes them over may stop anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tierwise.contracts.imports import version_from_json
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.errors import TierwiseError
from tierwise.snapshots.runs import Run
from tierwise.snapshots.visible import Visible
from tierwise.snapshots.workspace import Workspace
from tierwise.sql.expressions import literal

MEMORY = "1GB"
FIGURES = ("last_order_on", "frequency", "monetary", "worth")
PROFILE = (
    "name", "phone", "email", "kind", "gender", "birth_date", "region", "city", "occupation", "industry",
    "source_channel", "registered_at", "owner", "tags", "attributes",
)  # fmt: skip
"""What a customer table tells of a customer that the console shows; each may be missing."""
WORTH_TOLERANCE = Decimal("0.05")
"""An expected value drifts every day for everyone; it is taken over once it is off by so much."""


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A label as it is now; `tier` is None for a customer that has none any more."""

    customer_id: str
    tier: str | None
    rank: int
    score: Decimal
    cell: str
    since: date | None


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A customer as the data tell of it now. `profile` holds what the customer table has; `known` is False for one gone."""

    customer_id: str
    known: bool
    last_order_on: date | None
    frequency: int
    monetary: Decimal
    worth: Decimal | None
    profile: dict[str, Any]


@contextmanager
def reading() -> Iterator[DuckDBEngine]:
    """An engine with bounded memory, closed at the end."""
    engine = DuckDBEngine(memory_limit=MEMORY)
    try:
        yield engine
    finally:
        engine.close()


def changed_labels(
    engine: DuckDBEngine, run: Run, base: Run | None, model: str, after: str, rows: int
) -> Iterator[list[LabelRow]]:
    """The labels of a model that differ from those of `base`, in batches; all of them where there is no base."""
    engine.attach("labels_now", run.labels(model))
    now = _labels(engine, "labels_now")
    if base is None or model not in base.manifest.models:
        sql = f"SELECT * FROM ({now}) AS n WHERE customer_id > {literal(after)} ORDER BY customer_id"
    else:
        engine.attach("labels_base", base.labels(model))
        sql = (
            "SELECT COALESCE(n.customer_id, b.customer_id) AS customer_id, n.tier, n.rank, n.score, n.cell, n.since"
            f" FROM ({now}) AS n FULL JOIN ({_labels(engine, 'labels_base')}) AS b ON n.customer_id = b.customer_id"
            " WHERE (n.tier IS DISTINCT FROM b.tier OR n.rank IS DISTINCT FROM b.rank"
            " OR n.score IS DISTINCT FROM b.score OR n.cell IS DISTINCT FROM b.cell)"
            f" AND COALESCE(n.customer_id, b.customer_id) > {literal(after)} ORDER BY 1"
        )
    for batch in engine.stream(f"changed labels of {model}", sql, rows):
        yield [LabelRow(c, t, r or 0, s or Decimal(0), cell or "", since) for c, t, r, s, cell, since in batch]


def _labels(engine: DuckDBEngine, table: str) -> str:
    """A label table with its scores as one cell, and since when, where the model remembers."""
    columns = engine.columns(table)
    scores = [name for name in ("r_score", "f_score", "m_score") if name in columns]
    cell = " || ".join(f"CAST({name} AS VARCHAR)" for name in scores) or "''"
    since = "since" if "since" in columns else "CAST(NULL AS DATE)"
    return f'SELECT customer_id, tier, rank, score, {cell} AS cell, {since} AS since FROM "{table}"'


def changed_customers(
    engine: DuckDBEngine, run: Run, base: Run | None, after: str, rows: int
) -> Iterator[list[CustomerRow]]:
    """The customers whose figures or profile differ from those of `base`, in batches; all where there is no base."""
    only = _moved_figures(engine, run, base) if base is not None and _same_profiles(run, base) else ""
    now = _customers(engine, run, "now", only)
    columns = (*FIGURES, *PROFILE)
    if base is None:
        sql = (
            f"SELECT customer_id, TRUE, {', '.join(columns)} FROM {now} WHERE customer_id > {literal(after)} ORDER BY 1"
        )
    else:
        before = _customers(engine, base, "base", only)
        sql = (
            f"SELECT COALESCE(n.customer_id, b.customer_id), n.customer_id IS NOT NULL,"
            f" {', '.join(f'n.{column}' for column in columns)} FROM {now} AS n"
            f" FULL JOIN {before} AS b ON n.customer_id = b.customer_id WHERE {_differ(columns)}"
            f" AND COALESCE(n.customer_id, b.customer_id) > {literal(after)} ORDER BY 1"
        )
    for batch in engine.stream("changed customers", sql, rows):
        yield [_customer(row) for row in batch]


def _same_profiles(run: Run, base: Run) -> bool:
    """Whether both runs see the same customer table: the imports of it, who was merged, who was erased."""
    now, before = (version_from_json(each.manifest.version) for each in (run, base))
    same_rows = now.imports.get("customers") == before.imports.get("customers")
    return same_rows and (now.identity, now.erasures) == (before.identity, before.erasures)


def _moved_figures(engine: DuckDBEngine, run: Run, base: Run) -> str:
    """Make a table of the customers whose figures differ: where profiles cannot, nobody else's need be read."""
    for each, side in ((run, "now"), (base, "base")):
        engine.attach(f"figures_{side}", each.indicator_files())
    sql = (
        "SELECT COALESCE(n.customer_id, b.customer_id) AS customer_id"
        f" FROM (SELECT customer_id, {_figures(run)} FROM figures_now) AS n"
        f" FULL JOIN (SELECT customer_id, {_figures(base)} FROM figures_base) AS b ON n.customer_id = b.customer_id"
        f" WHERE {_differ(FIGURES)}"
    )
    engine.native("moved figures", f"CREATE OR REPLACE TEMP TABLE moved_figures AS {sql}")
    return "moved_figures"


def _differ(columns: Sequence[str]) -> str:
    """SQL of "these two customers are not the same"; one that is on one side alone is not."""
    differ = " OR ".join(f"n.{column} IS DISTINCT FROM b.{column}" for column in columns if column != "worth")
    return f"({differ} OR {_worth_moved()} OR n.customer_id IS NULL OR b.customer_id IS NULL)"


def _worth_moved() -> str:
    gap = "ABS(COALESCE(n.worth, 0) - COALESCE(b.worth, 0))"
    return f"({gap} > GREATEST({WORTH_TOLERANCE} * ABS(COALESCE(b.worth, 0)), 1))"


def _customer(row: tuple[Any, ...]) -> CustomerRow:
    customer, known, last, frequency, monetary, worth, *profile = row
    return CustomerRow(
        customer, known, last, frequency or 0, monetary or Decimal(0), worth, dict(zip(PROFILE, profile, strict=True))
    )


def _customers(engine: DuckDBEngine, run: Run, side: str, only: str = "") -> str:
    """Make a view of a run's customers, of all or of those that a table holds: key figures beside the profile."""
    engine.attach(f"figures_{side}", run.indicator_files())
    chosen = f" WHERE customer_id IN (SELECT customer_id FROM {only})" if only else ""
    profile, source = _profile(engine, run, side, chosen)
    sql = (
        f"SELECT COALESCE(i.customer_id, p.customer_id) AS customer_id, {', '.join(FIGURES)}, {profile}"
        f' FROM (SELECT customer_id, {_figures(run)} FROM "figures_{side}"{chosen}) AS i'
        f" FULL JOIN {source} AS p ON i.customer_id = p.customer_id"
    )
    engine.native("customers", f'CREATE OR REPLACE TEMP VIEW "customers_{side}" AS {sql}')
    return f'"customers_{side}"'


def _figures(run: Run) -> str:
    """SQL of the key figures of a run, in the order of FIGURES."""
    day, worth = literal(str(run.manifest.as_of)), worth_column(run)
    return (
        f"CAST(CAST({day} AS DATE) - CAST(recency_days AS INTEGER) AS DATE) AS last_order_on, frequency, monetary,"
        f" CAST({worth or 'NULL'} AS DECIMAL(18, 2)) AS worth"
    )


def _profile(engine: DuckDBEngine, run: Run, side: str, chosen: str) -> tuple[str, str]:
    """The columns of the profile, and the table they come from; nulls where the run has no customer table."""
    have = attach_facts(engine, run).get("customers")
    if not have:
        nothing = ", ".join(f"CAST(NULL AS VARCHAR) AS {column}" for column in PROFILE)
        return nothing, "(SELECT CAST(NULL AS VARCHAR) AS customer_id WHERE FALSE)"
    columns = ", ".join(column for column in ("customer_id", *PROFILE) if column in have)
    engine.native(
        "profiles", f'CREATE OR REPLACE TEMP TABLE "profiles_{side}" AS SELECT {columns} FROM customers{chosen}'
    )
    shown = (f"p.{column}" if column in have else f"CAST(NULL AS VARCHAR) AS {column}" for column in PROFILE)
    return ", ".join(shown), f'"profiles_{side}"'


def attach_facts(engine: DuckDBEngine, run: Run) -> Mapping[str, frozenset[str]]:
    """Attach the canonical tables that a run was made from, where its imports are still there; the columns of each."""
    try:
        return _facts(run).attach(engine)
    except TierwiseError:
        return {}


def attach_facts_of(engine: DuckDBEngine, run: Run, customer: str) -> Mapping[str, frozenset[str]]:
    """Attach one customer's rows of the canonical tables that a run was made from; the columns of each."""
    try:
        return _facts(run).attach_customer(engine, customer)
    except TierwiseError:
        return {}


def _facts(run: Run) -> Visible:
    return Visible(Workspace(run.folder.parent.parent), version_from_json(run.manifest.version))


def worth_column(run: Run) -> str | None:
    """The indicator that says what a customer is expected to bring, where a model of the run predicts one."""
    names = [item["column"] for item in run.manifest.indicators]
    return next((name for name in names if name.startswith(("clv_value", "ltv_value"))), None)


def labels_missing(engine: DuckDBEngine, run: Run, model: str, customers: list[str]) -> set[str]:
    """Which of these customers have no label of a model in a run; all where the run has no such model."""
    if model not in run.manifest.models:
        return set(customers)
    engine.attach("labels_now", run.labels(model))
    listed = ", ".join(f"({literal(customer)})" for customer in customers)
    sql = f'SELECT v.id FROM (VALUES {listed}) AS v(id) ANTI JOIN "labels_now" AS l ON v.id = l.customer_id'
    return {row[0] for row in engine.native("labels missing", sql)} if customers else set()


def customers_missing(engine: DuckDBEngine, run: Run, customers: list[str]) -> set[str]:
    """Which of these customers a run does not know."""
    view = _customers(engine, run, "now")
    listed = ", ".join(f"({literal(customer)})" for customer in customers)
    sql = f"SELECT v.id FROM (VALUES {listed}) AS v(id) ANTI JOIN {view} AS c ON v.id = c.customer_id"
    return {row[0] for row in engine.native("customers missing", sql)} if customers else set()
