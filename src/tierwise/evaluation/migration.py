"""Who moved from which tier to which: between two label tables, of two runs or of two settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tierwise.contracts.scheme import Scheme, Tier
from tierwise.sql.expressions import literal
from tierwise.sql.stacking import rank_column, stacked_steps
from tierwise.sql.steps import Plan, Step, in_one


@dataclass(frozen=True, slots=True)
class Flow:
    """Customers that went from one tier to another. None is outside: not a customer yet, or no longer."""

    before: str | None
    after: str | None
    customers: int
    revenue: Decimal


@dataclass(frozen=True, slots=True)
class Migration:
    """All flows between two label tables of one model."""

    before: tuple[Tier, ...]
    after: tuple[Tier, ...]
    flows: tuple[Flow, ...]

    @property
    def moved(self) -> int:
        """Customers in both tables whose tier differs."""
        return sum(f.customers for f in self.flows if f.before and f.after and f.before != f.after)

    @property
    def stayed(self) -> int:
        """Customers in both tables with the same tier."""
        return sum(f.customers for f in self.flows if f.before == f.after)

    def count(self, before: str | None, after: str | None) -> int:
        """Customers of one cell of the matrix."""
        return sum(f.customers for f in self.flows if (f.before, f.after) == (before, after))


def migration_steps(before: str, after: str, amounts: str) -> Plan:
    """Steps ending in `flows`, from two label tables and the table `amounts` (customer_id, monetary)."""
    pairs = (
        "SELECT COALESCE(a.customer_id, b.customer_id) AS customer_id, a.tier AS tier_before, b.tier AS tier_after "
        f"FROM {before} AS a FULL JOIN {after} AS b ON a.customer_id = b.customer_id"
    )
    flows = (
        "SELECT p.tier_before, p.tier_after, COUNT(*) AS customers, "
        "CAST(COALESCE(SUM(m.monetary), 0) AS DECIMAL(26, 2)) AS revenue "
        f"FROM moves AS p LEFT JOIN {amounts} AS m ON p.customer_id = m.customer_id "
        "GROUP BY p.tier_before, p.tier_after"
    )
    return Step("moves", pairs), Step("flows", flows, stored=True)


_SIDES = ("_published", "_changed")
"""The two schemes of `scheme_flow_step`; no instance of a model is called so, and no column comes to be called alike."""

MONEY = "monetary"


def scheme_flow_step(before: Scheme, after: Scheme, table: str) -> Step:
    """The step that makes `flows` of one table of inputs under two schemes, in one pass and without a join.

    Both tiers of a customer are functions of the same row. `table` has the inputs of both schemes and `monetary`.
    Moves are counted by rank, which groups faster than a name, and named where one row a move is left.
    """
    steps = stacked_steps("flows_of", table, dict(zip(_SIDES, (before, after), strict=True)), _SIDES, (MONEY,))
    was, becomes = map(rank_column, _SIDES)
    counted = (
        f"SELECT {was}, {becomes}, COUNT(*) AS customers, SUM({MONEY}) AS revenue "
        f"FROM {steps[-1].name} GROUP BY {was}, {becomes}"
    )
    named = (
        f"SELECT {_named(was, before)} AS tier_before, {_named(becomes, after)} AS tier_after, customers, "
        "CAST(COALESCE(revenue, 0) AS DECIMAL(26, 2)) AS revenue FROM flows_by_rank"
    )
    return in_one((*steps, Step("flows_by_rank", counted), Step("flows", named, stored=True)))


def _named(rank: str, scheme: Scheme) -> str:
    cases = " ".join(f"WHEN {rank} = {tier.rank} THEN {literal(tier.key)}" for tier in scheme.tiers)
    return f"CASE {cases} END"


def migration_of(rows: Sequence[dict[str, Any]], before: Sequence[Tier], after: Sequence[Tier]) -> Migration:
    """The migration that the rows of `flows` describe, in the order of ranks."""
    ranks = [{tier.key: tier.rank for tier in tiers} for tiers in (before, after)]

    def order(flow: Flow) -> tuple[int, int]:
        return ranks[0].get(flow.before or "", 0), ranks[1].get(flow.after or "", 0)

    flows = [Flow(r["tier_before"], r["tier_after"], int(r["customers"]), r["revenue"]) for r in rows]
    return Migration(tuple(before), tuple(after), tuple(sorted(flows, key=order)))
