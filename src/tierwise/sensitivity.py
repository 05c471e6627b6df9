"""How far the doubtful rows move the tiers: every model is fitted and applied once more without them.

Doubtful are the orders that fail a rule marked so. They are used as long as nobody says otherwise; here it is seen
what that costs. Three ways to take them:

    as used    what the run says
    left out   as if these orders had never been delivered
    capped     amounts that are far out cut down to the fence: the least that can still be in doubt

Everything is computed anew, cut-points included, so customers without a doubtful order may change tier too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from tierwise.contracts.model import PredictingModel, TierModel
from tierwise.contracts.quality import FarOut, Rule
from tierwise.contracts.rows import Rows
from tierwise.contracts.scheme import Tier
from tierwise.contracts.stacking import in_order, models_needed
from tierwise.engine.base import Engine
from tierwise.engine.plans import run_plan
from tierwise.enrichment import write_enriched
from tierwise.evaluation.migration import Migration, migration_of, migration_steps
from tierwise.evaluation.tier_table import BASICS
from tierwise.indicators.compile import indicator_steps
from tierwise.labelling import fit, hold_back, stack, train
from tierwise.quality.assessment import Examination
from tierwise.quality.compile import failing
from tierwise.snapshots.workspace import Workspace
from tierwise.sql.expressions import literal
from tierwise.sql.scheme import label_steps
from tierwise.sql.steps import Step

AS_USED = "orders_as_used"
DOUBTFUL = "orders_in_doubt"
KEY = ("order_id", "customer_id")


@dataclass(frozen=True)
class RunLabels:
    """What a run says of its customers: the label table of each model, and its tiers."""

    labels: Mapping[str, Rows]
    tiers: Mapping[str, Sequence[Tier]]
    indicators: Sequence[Path]


@dataclass(frozen=True)
class Doubt:
    """How many orders a rule puts in doubt, and their amounts added up by size."""

    rule: str
    orders: int
    amount: Decimal


@dataclass(frozen=True)
class Sensitivity:
    """What is in doubt, and by way of taking it and by model, who would have another tier."""

    orders: int
    amount: Decimal
    customers: int
    doubts: tuple[Doubt, ...]
    moves: Mapping[str, Mapping[str, Migration]]

    def to_json(self) -> dict[str, Any]:
        """As a manifest holds it: flows of customers from tier to tier, those that stay left out."""
        return {
            "orders": self.orders,
            "amount": str(self.amount),
            "customers": self.customers,
            "doubts": [{"rule": d.rule, "orders": d.orders, "amount": str(d.amount)} for d in self.doubts],
            "variants": {
                variant: {model: _migration_json(found) for model, found in models.items()}
                for variant, models in self.moves.items()
            },
        }


def _migration_json(found: Migration) -> dict[str, Any]:
    return {
        "customers": sum(flow.customers for flow in found.flows if flow.before),
        "moved": found.moved,
        "left": sum(flow.customers for flow in found.flows if flow.after is None),
        "flows": [
            {"before": flow.before, "after": flow.after, "customers": flow.customers}
            for flow in found.flows
            if flow.before and flow.before != flow.after
        ],
        "tiers": [
            {"key": tier.key, "before": _sum(found, "before", tier.key), "after": _sum(found, "after", tier.key)}
            for tier in found.before
        ],
    }


def _sum(found: Migration, side: str, key: str) -> int:
    return sum(flow.customers for flow in found.flows if getattr(flow, side) == key)


class Doubter:
    """Looks at the tiers of one run without what is in doubt. The canonical tables are attached to the engine.

    Afterwards the engine reads `orders` as it did before; its indicators and labels are those of the last variant.
    """

    def __init__(
        self,
        engine: Engine,
        models: Sequence[TierModel[Any]],
        available: Mapping[str, frozenset[str]],
        as_of: date,
        workspace: Workspace,
        scratch: Path,
    ) -> None:
        self.engine, self.available, self.as_of = engine, available, as_of
        self.models = [deepcopy(model) for model in in_order(models)]
        self.workspace, self.scratch = workspace, scratch

    def sensitivity(self, rules: Sequence[Rule], run: RunLabels) -> Sensitivity | None:
        """Who would have another tier; None where no order is in doubt."""
        asked = [r for r in rules if r.doubtful and r.table == "orders" and self._can(r)]
        examination = Examination(self.engine, self.available)
        self.engine.run(Step(AS_USED, "SELECT * FROM orders", stored=True))
        examination.find_fences(asked)
        doubts = self._doubts(asked, examination.fences)
        if not doubts:
            return None
        in_doubt = self.engine.records(
            "in doubt",
            "SELECT COUNT(*) AS orders, COUNT(DISTINCT o.customer_id) AS customers, "
            "CAST(COALESCE(SUM(ABS(o.amount)), 0) AS DECIMAL(26, 2)) AS amount "
            f"FROM {AS_USED} AS o JOIN {DOUBTFUL} AS d ON {_same('o', 'd')}",
        )[0]
        moves = {name: self._variant(name, sql, run) for name, sql in self._variants(asked, examination.fences).items()}
        self.engine.run(Step("orders", f"SELECT * FROM {AS_USED}"))
        return Sensitivity(int(in_doubt["orders"]), in_doubt["amount"], int(in_doubt["customers"]), doubts, moves)

    def _can(self, rule: Rule) -> bool:
        return {*rule.columns, *rule.needs} <= self.available.get(rule.table, frozenset())

    def _doubts(self, rules: Sequence[Rule], fences: Mapping[str, Decimal]) -> tuple[Doubt, ...]:
        """Make the table of keys in doubt; return what each rule adds."""
        found, parts = [], []
        for rule in rules:
            rows = f"SELECT order_id, customer_id, amount FROM ({failing(rule, AS_USED, fences, KEY)}) AS failing"
            counted = self.engine.records(
                f"doubt {rule.name}",
                "SELECT COUNT(*) AS orders, CAST(COALESCE(SUM(ABS(amount)), 0) AS DECIMAL(26, 2)) AS amount "
                f"FROM ({rows}) AS doubtful",
            )[0]
            if counted["orders"]:
                found.append(Doubt(rule.name, int(counted["orders"]), counted["amount"]))
                parts.append(f"SELECT order_id, customer_id FROM ({rows}) AS doubtful")
        if parts:
            keys = " UNION ALL ".join(parts)
            self.engine.run(Step(DOUBTFUL, f"SELECT DISTINCT order_id, customer_id FROM ({keys}) AS keys", stored=True))
        return tuple(found)

    def _variants(self, rules: Sequence[Rule], fences: Mapping[str, Decimal]) -> dict[str, str]:
        """The orders in each way of taking what is in doubt."""
        columns = self.engine.columns(AS_USED)
        listed = ", ".join(f"o.{column}" for column in columns)
        variants = {
            "left_out": f"SELECT {listed} FROM {AS_USED} AS o LEFT JOIN {DOUBTFUL} AS d ON {_same('o', 'd')} "
            "WHERE d.order_id IS NULL"
        }
        fence = next((fences[r.name] for r in rules if isinstance(r.check, FarOut) and r.name in fences), None)
        over = f"SELECT COUNT(*) AS orders FROM {AS_USED} WHERE ABS(amount) > {literal(fence or Decimal(0))}"
        if fence is not None and self.engine.records("beyond the fence", over)[0]["orders"]:
            capped = (
                f"CASE WHEN o.amount > {literal(fence)} THEN {literal(fence)} "
                f"WHEN o.amount < -{literal(fence)} THEN -{literal(fence)} ELSE o.amount END"
            )
            values = {"amount": f"CAST({capped} AS DECIMAL(18, 2)) AS amount"}
            shown = ", ".join(values.get(column, f"o.{column}") for column in columns)
            variants["capped"] = f"SELECT {shown} FROM {AS_USED} AS o"
        return variants

    def _variant(self, name: str, sql: str, run: RunLabels) -> dict[str, Migration]:
        """Compute everything anew over other orders, and compare the labels with those of the run."""
        folder = self.scratch / name
        self.engine.run(Step("orders", sql))
        refs = list(dict.fromkeys((*BASICS, *sorted(ref for model in self.models for ref in model.needs()))))
        run_plan(self.engine, indicator_steps(refs, self.as_of, self.available))
        self.engine.write("indicators", folder / "indicators", order_by=("customer_id",))
        self.engine.attach("indicators", sorted((folder / "indicators").glob("*.parquet")))
        predicting = [model for model in self.models if isinstance(model, PredictingModel)]
        if predicting:
            write_enriched(self.engine, predicting, folder / "indicators", folder)
        return {model.instance: self._relabelled(model, folder, run) for model in self.models}

    def _relabelled(self, model: TierModel[Any], folder: Path, run: RunLabels) -> Migration:
        train(self.engine, model, self.as_of, self.available)
        below = {other.instance: other for other in self.models if other.instance in models_needed(model)}
        files = {name: sorted((folder / "labels" / name).glob("*.parquet")) for name in below}
        table = stack(self.engine, model, files, {name: other.scheme_ for name, other in below.items()})
        scheme = fit(self.engine, model, table).scheme_
        labelled = f"{model.instance}_doubted"
        run_plan(self.engine, label_steps(scheme, table, labelled))
        if model.spec.has_memory:
            kept = ("customer_id", "tier", "rank")
            labelled, _ = hold_back(self.engine, model, self.workspace, self.as_of, labelled, kept)
        self.engine.write(labelled, folder / "labels" / model.instance)
        self.engine.attach("labels_before", run.labels[model.instance])
        self.engine.attach("labels_after", sorted((folder / "labels" / model.instance).glob("*.parquet")))
        self.engine.attach("amounts_as_used", run.indicators)
        run_plan(self.engine, migration_steps("labels_before", "labels_after", "amounts_as_used"))
        rows = self.engine.records("flows", "SELECT * FROM flows")
        return migration_of(rows, run.tiers[model.instance], scheme.tiers)


def _same(left: str, right: str) -> str:
    return " AND ".join(f"{left}.{column} = {right}.{column}" for column in KEY)
