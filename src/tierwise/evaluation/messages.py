"""How many messages a change of tiers brings: what one round of every tier's action sends, and what moving sets off.

A tier sends a number of messages to each of its customers, once a round: a campaign, a call, a coupon. Two things
follow from a migration, exactly, without looking at customers again. A round sends to each tier's customers, before
and after. And whoever enters another tier gets that tier's messages at once, out of turn.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from tierwise.errors import ErrorKind, Family, Place, Problem, raise_all
from tierwise.evaluation.migration import Migration
from tierwise.language import Text

UNKNOWN_TIER = ErrorKind(
    "simulate.unknown_tier",
    Family.USAGE,
    what=Text("there is no tier {tier}", "没有名为 {tier} 的层级"),
    cause=Text("the tiers are: {known}", "现有层级：{known}"),
    cure=Text(
        "write --messages-per-tier TIER=N with one of these", "请写成 --messages-per-tier 层级=数量，层级取其中之一"
    ),
)


@dataclass(frozen=True, slots=True)
class Messages:
    """Counts of messages. `per_tier` is how many each customer of a tier gets in a round."""

    per_tier: Mapping[str, int]
    round_before: int
    round_after: int
    on_entry: int

    @property
    def more(self) -> int:
        """How many more a round sends after the change; negative for fewer."""
        return self.round_after - self.round_before


def messages_per_tier(
    migration: Migration, acting: Collection[str] | None = None, told: Mapping[str, int] | None = None
) -> dict[str, int]:
    """How many messages a round sends to a customer of each tier: one for each tier that acts, unless told otherwise.

    `acting` are the tiers with an action; None means that no actions are described, and every tier sends one. `told`
    names tiers by key or by name in either language; raises `simulate.unknown_tier` for every other.
    """
    tiers = {tier.key: tier for tier in (*migration.before, *migration.after)}
    names = {name: tier.key for tier in tiers.values() for name in (tier.name.en, tier.name.zh, tier.key)}
    given = told or {}
    raise_all([_unknown(name, tiers) for name in given if name not in names])
    sending = tiers if acting is None else [key for key in tiers if key in acting]
    return {key: int(key in sending) for key in tiers} | {names[name]: count for name, count in given.items()}


def _unknown(name: str, known: Collection[str]) -> Problem:
    return UNKNOWN_TIER.problem(Place(file="--messages-per-tier"), tier=name, known=", ".join(known))


def messages_of(migration: Migration, per_tier: Mapping[str, int]) -> Messages:
    """The messages that a migration brings."""
    before = sum(flow.customers * per_tier[flow.before] for flow in migration.flows if flow.before)
    after = sum(flow.customers * per_tier[flow.after] for flow in migration.flows if flow.after)
    entering = (flow for flow in migration.flows if flow.after and flow.before != flow.after)
    return Messages(per_tier, before, after, sum(flow.customers * per_tier[flow.after or ""] for flow in entering))
