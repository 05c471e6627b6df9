"""How a migration is shown: the matrix of who went where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape

from tierwise.cli.format import money, number, table
from tierwise.cli.speech import lang, say
from tierwise.contracts.scheme import Tier
from tierwise.evaluation.messages import Messages
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


def show_messages(screen: Console, messages: Messages, migration: Migration) -> None:
    """Print how many messages the change brings, and how they are counted."""
    screen.print(
        say(
            f"Messages: a round would send {number(messages.round_after)} instead of {number(messages.round_before)} "
            f"({messages.more:+,}); entering a tier sets off {number(messages.on_entry)}",
            f"消息：每轮发送 {number(messages.round_after)} 条，现为 {number(messages.round_before)} 条"
            f"（{messages.more:+,}）；进入新层级触发 {number(messages.on_entry)} 条",
        )
    )
    names = {tier.key: tier.name.to(lang()) for tier in (*migration.before, *migration.after)}
    counted = ", ".join(f"{names[key]} {count}" for key, count in messages.per_tier.items())
    screen.print("  " + escape(say(f"per customer and round: {counted}", f"每位客户每轮：{counted}")))


def _name(tier: Tier | None, source: bool) -> str:
    if tier is not None:
        return tier.name.to(lang())
    return say("(new)", "（新增）") if source else say("(gone)", "（不在）")


def _cell(migration: Migration, source: Tier | None, target: Tier | None) -> str:
    count = migration.count(source.key if source else None, target.key if target else None)
    return number(count) if count else "·"


def migration_json(migration: Migration, messages: Messages | None = None) -> dict[str, Any]:
    """A migration as JSON, with the messages it brings where they are counted."""
    counted = (
        {
            "messages": {
                "per_tier": dict(messages.per_tier),
                "round_before": messages.round_before,
                "round_after": messages.round_after,
                "on_entry": messages.on_entry,
            }
        }
        if messages
        else {}
    )
    return {
        **counted,
        "moved": migration.moved,
        "stayed": migration.stayed,
        "flows": [
            {"from": f.before, "to": f.after, "customers": f.customers, "revenue": float(f.revenue)}
            for f in migration.flows
        ],
    }
