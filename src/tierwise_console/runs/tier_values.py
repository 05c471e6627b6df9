"""What each tier of a model brought, and is expected to bring: sums over its customers, for the budget."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from tierwise.contracts.indicators import IndicatorRef
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.plans import run_plan
from tierwise.indicators.compile import indicator_steps
from tierwise.language import Text
from tierwise.snapshots.runs import Run
from tierwise.sql.steps import Step
from tierwise_console.runs.label_differences import attach_facts, reading, worth_column
from tierwise_console.runs.published import named_run

KEPT = 32
PROFIT = "profit_so_far"


@dataclass(frozen=True, slots=True)
class TierValue:
    """Sums over the customers of a tier; `expected` and `profit` are None where no model predicts, no order has a cost."""

    tier: str
    customers: int
    revenue: Decimal
    expected: Decimal | None
    profit: Decimal | None


@dataclass(frozen=True, slots=True)
class ExpectedValue:
    """What a run's expected value is called, and whether it is profit already; of revenue the margin has to be taken."""

    label: Text
    is_profit: bool


def tier_values(run: Run, model: str) -> dict[str, TierValue]:
    """The tiers of a model, best first, those without customers included."""
    return _values(run.name, model)


@lru_cache(KEPT)
def _values(name: str, model: str) -> dict[str, TierValue]:
    run = named_run(name)
    worth = worth_column(run)
    with reading() as engine:
        engine.attach("labels_now", run.labels(model))
        engine.attach("figures_now", run.indicator_files())
        profit, source = _profit(engine, run)
        rows = engine.native(
            "value of tiers",
            f"SELECT l.tier, COUNT(*), COALESCE(SUM(f.monetary), 0), {_sum(worth, 'f')}, {_sum(profit, source)}"
            " FROM labels_now AS l LEFT JOIN figures_now AS f ON l.customer_id = f.customer_id"
            f"{f' LEFT JOIN {PROFIT} ON l.customer_id = {PROFIT}.customer_id' if source == PROFIT else ''} GROUP BY l.tier",
        )
    found = {tier: TierValue(tier, customers, *sums) for tier, customers, *sums in rows}
    zero = Decimal(0)
    nobody = (zero, zero if worth else None, zero if profit else None)
    return {tier.key: found.get(tier.key) or TierValue(tier.key, 0, *nobody) for tier in run.scheme(model).tiers}


def _sum(column: str | None, table: str) -> str:
    return f'COALESCE(SUM({table}."{column}"), 0)' if column else "NULL"


def _profit(engine: DuckDBEngine, run: Run) -> tuple[str | None, str]:
    """The column of what each customer has earned so far, and its table: the run's indicator, else the same computed from
    the orders that the run was made from; no column where no order has a cost."""
    if any(item["column"] == "profit" for item in run.manifest.indicators):
        return "profit", "f"
    have = attach_facts(engine, run)
    if "cost" not in have.get("orders", frozenset()):
        return None, ""
    *steps, last = indicator_steps((IndicatorRef("profit"),), run.manifest.as_of, have)
    run_plan(engine, (*steps, Step(PROFIT, last.sql)))
    return "profit", PROFIT


def expected_value(run: Run) -> ExpectedValue | None:
    """What the expected value of a run is; None where no model of it predicts one."""
    column = worth_column(run)
    if column is None:
        return None
    label = next(item["label"] for item in run.manifest.indicators if item["column"] == column)
    profit = any(
        result.model == "ltv" and result.spec.get("basis") == "profit" for result in run.manifest.models.values()
    )
    return ExpectedValue(Text.of(label), profit)
