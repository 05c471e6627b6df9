"""How a migration is shown: the matrix of who went where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console

from tierwise.cli.format import money, number, table
from tierwise.cli.speech import lang, say
from tierwise.contracts.scheme import Tier
from tierwise.evaluation.migration import Migration


def show_migration(screen: Console, migration: Migration, title: str) -> None:
    """Print the matrix: rows are where customers were, columns where they are."""
    outside = any(flow.before is None or flow.after is None for flow in migration.flows)
    after: Sequence[Tier | None] = [*migration.after, None] if outside else migration.after
    before: Sequence[Tier | None] = [*migration.before, None] if outside else migration.before
    columns = [(say("from \\ to", "由 \\ 至"), False), *((_name(tier, False), True) for tier in after)]
    rows = [[_name(source, True), *(_cell(migration, source, target) for target in after)] for source in before]
    screen.print(table(title, columns, rows))
    moved = sum((f.revenue for f in migration.flows if f.before and f.after and f.before != f.after), start=0)
    screen.print(
        say(
            f"{number(migration.moved)} customers moved (revenue {money(moved)}), {number(migration.stayed)} stayed",
            f"{number(migration.moved)} 位客户变动（销售额 {money(moved)}），{number(migration.stayed)} 位不变",
        )
    )


def _name(tier: Tier | None, source: bool) -> str:
    if tier is not None:
        return tier.name.to(lang())
    return say("(new)", "（新增）") if source else say("(gone)", "（不在）")


def _cell(migration: Migration, source: Tier | None, target: Tier | None) -> str:
    count = migration.count(source.key if source else None, target.key if target else None)
    return number(count) if count else "·"


def migration_json(migration: Migration) -> dict[str, Any]:
    """A migration as JSON."""
    return {
        "moved": migration.moved,
        "stayed": migration.stayed,
        "flows": [
            {"from": f.before, "to": f.after, "customers": f.customers, "revenue": float(f.revenue)}
            for f in migration.flows
        ],
    }
