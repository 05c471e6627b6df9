"""Who moved from which tier to which: between two label tables, of two runs or of two settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tierwise.contracts.scheme import Scheme, Tier
from tierwise.contracts.stacking import tier_column
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


def scheme_flow_step(
    published: Mapping[str, Scheme], changed: Mapping[str, Scheme], moved: Sequence[str], table: str
) -> Step:
    """The step that counts a table's customers, and their money, by their tiers in the models `moved`, now and then.

    `published` and `changed` are the schemes of these models and of all that they read, each after those that it
    reads; `table` has the indicators of all of them and `monetary`. Every tier of a customer is a function of that one
    row: nothing is joined. Tiers are counted by rank, which groups faster than a name; see `scheme_migration`.
    """
    reads = {column for scheme in changed.values() for column in scheme.inputs}
    kept = sorted(reads - {tier_column(name) for name in changed} | {"monetary"})
    now = stacked_steps("published", table, published, tuple(published), kept)
    ranked = ", ".join(f"{rank_column(name)} AS {_rank_now(name)}" for name in moved)
    renamed = Step("ranked", f"SELECT customer_id, {', '.join(kept)}, {ranked} FROM {now[-1].name}")
    held = ("monetary", *map(_rank_now, moved))
    then = stacked_steps("changed", renamed.name, changed, tuple(changed), held)
    by = ", ".join(column for name in moved for column in (_rank_now(name), rank_column(name)))
    counted = (
        f"SELECT {by}, COUNT(*) AS customers, CAST(COALESCE(SUM(monetary), 0) AS DECIMAL(26, 2)) AS revenue "
        f"FROM {then[-1].name} GROUP BY {by}"
    )
    return in_one((*now, renamed, *then, Step("moves", counted, stored=True)))


def _rank_now(instance: str) -> str:
    return f"{instance}_rank_now"


def scheme_migration(rows: Sequence[Mapping[str, Any]], model: str, published: Scheme, changed: Scheme) -> Migration:
    """The migration of one model that the rows of `scheme_flow_step` describe."""
    before, after = ({tier.rank: tier.key for tier in scheme.tiers} for scheme in (published, changed))
    sums: dict[tuple[str, str], list[Any]] = {}
    for row in rows:
        pair = before[row[_rank_now(model)]], after[row[rank_column(model)]]
        found = sums.setdefault(pair, [0, Decimal(0)])
        found[0] += int(row["customers"])
        found[1] += row["revenue"]
    flows = [
        {"tier_before": was, "tier_after": becomes, "customers": customers, "revenue": revenue}
        for (was, becomes), (customers, revenue) in sums.items()
    ]
    return migration_of(flows, published.tiers, changed.tiers)


def migration_of(rows: Sequence[dict[str, Any]], before: Sequence[Tier], after: Sequence[Tier]) -> Migration:
    """The migration that the rows of `flows` describe, in the order of ranks."""
    ranks = [{tier.key: tier.rank for tier in tiers} for tiers in (before, after)]

    def order(flow: Flow) -> tuple[int, int]:
        return ranks[0].get(flow.before or "", 0), ranks[1].get(flow.after or "", 0)

    flows = [Flow(r["tier_before"], r["tier_after"], int(r["customers"]), r["revenue"]) for r in rows]
    return Migration(tuple(before), tuple(after), tuple(sorted(flows, key=order)))
