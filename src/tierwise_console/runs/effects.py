"""What became of each tier between two runs: who bought again, what they brought, where they went (效果评估报告).

Every figure is of the customers who stood in a tier on the first day, whatever became of them since. Nothing here says
what an action has caused: that takes a random part of the tier that gets nothing, to compare with.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from tierwise.contracts.scheme import Tier
from tierwise.learning.proportion import wilson
from tierwise.snapshots.runs import Run
from tierwise_console.runs.label_differences import reading
from tierwise_console.runs.published import named_run

KEPT = 16


@dataclass(frozen=True, slots=True)
class TierEffect:
    """One tier of the first day: its customers, and of them who bought since, what they brought, who moved or is gone.

    `tier` is None for everyone together. `revenue` is net of refunds; `gone` have no label any more.
    """

    tier: Tier | None
    customers: int
    buyers: int
    purchases: int
    revenue: Decimal
    up: int
    down: int
    gone: int

    @property
    def bought_percent(self) -> float | None:
        """Who bought since, in per cent of the tier."""
        return 100 * self.buyers / self.customers if self.customers else None

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % Wilson interval of that, in per cent."""
        low, high = wilson(self.buyers, self.customers)
        return 100 * low, 100 * high

    @property
    def per_customer(self) -> Decimal | None:
        """Net revenue since, per customer of the tier."""
        return self.revenue / self.customers if self.customers else None


@dataclass(frozen=True, slots=True)
class Effects:
    """The tiers of the first day, all of them together, and what customers who came since have brought."""

    tiers: tuple[TierEffect, ...]
    together: TierEffect
    new_customers: int
    new_revenue: Decimal


def effects(before: Run, after: Run, model: str) -> Effects:
    """Compare two runs of one model; kept, since runs never change."""
    return _effects(before.name, after.name, model)


@lru_cache(KEPT)
def _effects(first: str, last: str, model: str) -> Effects:
    before, after = named_run(first), named_run(last)
    with reading() as engine:
        for name, run in (("before", before), ("after", after)):
            engine.attach(f"labels_{name}", run.labels(model))
            engine.attach(f"figures_{name}", run.indicator_files())
        rows = engine.native(
            "effects",
            "SELECT b.tier, COUNT(*), SUM(CASE WHEN n.frequency > o.frequency THEN 1 ELSE 0 END),"
            " SUM(COALESCE(n.frequency - o.frequency, 0)), SUM(COALESCE(n.monetary - o.monetary, 0)),"
            " SUM(CASE WHEN a.rank < b.rank THEN 1 ELSE 0 END), SUM(CASE WHEN a.rank > b.rank THEN 1 ELSE 0 END),"
            " SUM(CASE WHEN a.customer_id IS NULL THEN 1 ELSE 0 END)"
            " FROM labels_before AS b LEFT JOIN labels_after AS a ON b.customer_id = a.customer_id"
            " LEFT JOIN figures_before AS o ON b.customer_id = o.customer_id"
            " LEFT JOIN figures_after AS n ON b.customer_id = n.customer_id GROUP BY b.tier",
        )
        new = engine.native(
            "new customers",
            "SELECT COUNT(*), COALESCE(SUM(n.monetary), 0) FROM labels_after AS a"
            " ANTI JOIN labels_before AS b ON a.customer_id = b.customer_id"
            " LEFT JOIN figures_after AS n ON a.customer_id = n.customer_id",
        )
    found = {tier: (customers, *sums) for tier, customers, *sums in rows}
    lines = tuple(TierEffect(tier, *found.get(tier.key, _NOBODY)) for tier in before.scheme(model).tiers)
    return Effects(lines, _together(lines), *new[0])


_NOBODY = (0, 0, 0, Decimal(0), 0, 0, 0)


def _together(lines: tuple[TierEffect, ...]) -> TierEffect:
    names = ("customers", "buyers", "purchases")
    customers, buyers, purchases = (sum(getattr(line, name) for line in lines) for name in names)
    up, down, gone = (sum(getattr(line, name) for line in lines) for name in ("up", "down", "gone"))
    revenue = sum((line.revenue for line in lines), Decimal(0))
    return TierEffect(None, customers, buyers, purchases, revenue, up, down, gone)
