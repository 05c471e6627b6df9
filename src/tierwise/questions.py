"""What can be asked of published runs: why this label, what if, who moved. Nothing here writes a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tierwise.contracts.explanation import Explanation, explain
from tierwise.contracts.indicators import IndicatorRef
from tierwise.contracts.model import TierModel
from tierwise.contracts.scheme import Scheme
from tierwise.engine.base import Engine
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.errors import ErrorKind, Family, Place
from tierwise.evaluation.migration import Migration, migration_of, migration_steps
from tierwise.indicators.compile import indicator_steps
from tierwise.language import Text
from tierwise.pipeline import fit, run_plan, train
from tierwise.snapshots.runs import Run
from tierwise.snapshots.workspace import Workspace
from tierwise.sql.expressions import literal
from tierwise.sql.scheme import label_steps

NO_CUSTOMER = ErrorKind(
    "customer.unknown",
    Family.DATA,
    what=Text("no customer {customer} in the run {run}", "运行 {run} 中没有客户 {customer}"),
    cause=Text("ids are compared as text, leading zeros included{near}", "编号按文本比较，包含前导零{near}"),
    cure=Text("check the id in the label table (labels.csv)", "请在标签表 labels.csv 中核对编号"),
)


@dataclass(frozen=True)
class Reason:
    """One model's explanation of one customer."""

    model: str
    scheme: Scheme
    explanation: Explanation


def explain_customer(engine: Engine, run: Run, customer: str, models: Sequence[str] = ()) -> list[Reason]:
    """Explain a customer's tier in each model of a run; raises `customer.unknown`."""
    engine.attach("indicators", run.indicator_files())
    rows = engine.records("explain", f"SELECT * FROM indicators WHERE customer_id = {literal(customer)}")
    if not rows:
        raise _unknown(engine, run, customer)
    fixed = {item["column"] for item in run.manifest.indicators if not item.get("actionable", True)}
    reasons = []
    for model in models or run.manifest.models:
        scheme = run.scheme(model)
        values = {column: rows[0][column] for column in scheme.inputs}
        reasons.append(Reason(model, scheme, explain(scheme, values, fixed)))
    return reasons


def _unknown(engine: Engine, run: Run, customer: str) -> Exception:
    """Say which ids look alike: most often a zero or a blank was lost."""
    bare = literal("%" + customer.strip().lstrip("0") + "%")
    rows = engine.records("similar", f"SELECT customer_id FROM indicators WHERE customer_id LIKE {bare} LIMIT 3")
    alike = ", ".join(row["customer_id"] for row in rows) if customer.strip() else ""
    near = Text(f"; similar: {alike}", f"；相近的有：{alike}") if alike else Text.same("")
    return NO_CUSTOMER.error(Place(file=str(run.folder)), customer=customer, run=run.name, near=near)


def compare_runs(engine: Engine, before: Run, after: Run, model: str) -> Migration:
    """The migration of one model's tiers between two runs; money is that of the later run."""
    engine.attach("labels_before", before.label_files(model))
    engine.attach("labels_after", after.label_files(model))
    engine.attach("amounts_after", after.indicator_files())
    run_plan(engine, migration_steps("labels_before", "labels_after", "amounts_after"))
    rows = engine.records("flows", "SELECT * FROM flows")
    return migration_of(rows, before.scheme(model).tiers, after.scheme(model).tiers)


def simulate(engine: Engine, workspace: Workspace, run: Run, model: TierModel[Any]) -> tuple[Scheme, Migration]:
    """Who would move if a model of a run had other settings. Returns the scheme it would have, and the flows."""
    _attach_indicators(engine, workspace, run, model.needs())
    engine.attach("labels_before", run.label_files(model.instance))
    engine.attach("amounts_now", run.indicator_files())
    _attach_training(engine, workspace, run, model)
    scheme = fit(engine, model).scheme_
    run_plan(engine, label_steps(scheme, "indicators", "labels_after"))
    run_plan(engine, migration_steps("labels_before", "labels_after", "amounts_now"))
    rows = engine.records("flows", "SELECT * FROM flows")
    return scheme, migration_of(rows, run.scheme(model.instance).tiers, scheme.tiers)


def _attach_indicators(engine: Engine, workspace: Workspace, run: Run, refs: Sequence[IndicatorRef]) -> None:
    """The run's own indicators where they suffice; else computed anew from the tables it was made from."""
    have = {item["column"] for item in run.manifest.indicators}
    if all(ref.column in have for ref in refs):
        engine.attach("indicators", run.indicator_files())
        return
    available = _attach_tables(engine, workspace, run)
    *steps, last = indicator_steps(refs, run.manifest.as_of, available)
    run_plan(engine, (*steps, replace(last, stored=True)))


def _attach_tables(engine: Engine, workspace: Workspace, run: Run) -> dict[str, frozenset[str]]:
    """Attach the canonical tables that a run was made from; returns the columns of each."""
    folder = workspace.tables / run.manifest.tables
    available = {}
    for table in {item.table for item in run.manifest.inputs}:
        files = sorted((folder / table).glob("*.parquet"))
        engine.attach(table, files)
        available[table] = frozenset(engine.columns(table))
    return available


def _attach_training(engine: Engine, workspace: Workspace, run: Run, model: TierModel[Any]) -> None:
    if model.training() is not None:
        train(engine, model, run.manifest.as_of, _attach_tables(engine, workspace, run))


def with_engine(action: Callable[[Engine], Any]) -> Any:
    """Run an action on a fresh embedded engine and close it."""
    engine = DuckDBEngine()
    try:
        return action(engine)
    finally:
        engine.close()
