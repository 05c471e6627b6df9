"""How a budget is split over tiers, to the cent: what was set by hand first, then at least the minimum, then by weight.

    amount of a tier = max(minimum, rest × weight ÷ Σ weights)

The rest is the total less what was set by hand. Tiers whose share would fall below the minimum get the minimum, and the
others share what is left, by the same weights. Cents that do not divide go to the largest remainders, the better tier
first where these are level; so the amounts always add up to the total. Tiers without customers get nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from tierwise.errors import ErrorKind, Family
from tierwise.language import Text

OVERSPENT = ErrorKind(
    "strategy.budget_overspent",
    Family.USAGE,
    what=Text("the amounts set by hand exceed the budget by {over}", "手工指定的金额超出预算 {over}"),
    cause=Text("the budget is {total}", "预算总额为 {total}"),
    cure=Text("lower an amount, or raise the budget", "请调低某个金额，或提高预算总额"),
)
UNSPENT = ErrorKind(
    "strategy.budget_unspent",
    Family.USAGE,
    what=Text("{left} of the budget has no tier to go to", "预算中有 {left} 无层级可分"),
    cause=Text("every tier with customers has an amount set by hand", "所有有客户的层级均已手工指定金额"),
    cure=Text(
        "leave one tier empty, or set amounts that add up to {total}", "请留空一个层级，或使各层级金额之和等于 {total}"
    ),
)
BELOW_MINIMUM = ErrorKind(
    "strategy.budget_below_minimum",
    Family.USAGE,
    what=Text("{rest} does not give {tiers} tiers {least} each", "{rest} 不足以让 {tiers} 个层级各得 {least}"),
    cause=Text("so much is left after the amounts set by hand", "这是扣除手工指定金额后的余额"),
    cure=Text("lower the minimum, or raise the budget", "请调低最低额，或提高预算总额"),
)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a tier brings to the split: its weight (below zero counts as zero), and an amount set by hand, if any."""

    tier: str
    customers: int
    weight: Fraction
    fixed_cents: int | None = None


def split(total_cents: int, claims: Sequence[Claim], least_cents: int = 0) -> dict[str, int]:
    """Cents by tier, which add up to the total; raises `strategy.budget_overspent`, `_unspent`, `_below_minimum`."""
    amounts = {each.tier: each.fixed_cents or 0 for each in claims}
    rest = total_cents - sum(amounts.values())
    shared = [each for each in claims if each.fixed_cents is None and each.customers > 0]
    if rest < 0:
        raise OVERSPENT.error(over=in_money(-rest), total=in_money(total_cents))
    if rest and not shared:
        raise UNSPENT.error(left=in_money(rest), total=in_money(total_cents))
    if rest < least_cents * len(shared):
        raise BELOW_MINIMUM.error(rest=in_money(rest), tiers=len(shared), least=in_money(least_cents))
    return amounts | _at_least(rest, shared, least_cents)


def _at_least(rest: int, shared: Sequence[Claim], least: int) -> dict[str, int]:
    """Raise tiers to the minimum until the shares of the others are all above it; these end it, since some always are."""
    raised: dict[str, int] = {}
    while True:
        others = [each for each in shared if each.tier not in raised]
        free = rest - least * len(raised)
        shares = _shares(free, others)
        low = [each.tier for each, share in zip(others, shares, strict=True) if share < least]
        if not low:
            amounts = share_out(free, shares)
            return raised | {each.tier: amount for each, amount in zip(others, amounts, strict=True)}
        raised |= dict.fromkeys(low, least)


def _shares(free: int, claims: Sequence[Claim]) -> list[Fraction]:
    """Exact shares by weight; by customers where nothing weighs anything."""
    weights = [max(each.weight, Fraction(0)) for each in claims]
    whole = sum(weights)
    if not whole:
        weights = [Fraction(each.customers) for each in claims]
        whole = sum(weights)
    return [free * weight / whole for weight in weights]


def share_out(cents: int, shares: Sequence[Fraction]) -> list[int]:
    """Whole cents for exact shares that add up to `cents`: the largest remainders get what is left, earlier ones first."""
    amounts = [int(share) for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda place: (amounts[place] - shares[place], place))
    for place in by_remainder[: cents - sum(amounts)]:
        amounts[place] += 1
    return amounts


def in_money(cents: int) -> str:
    """Cents as an amount with two decimals."""
    return f"{cents // 100:,}.{cents % 100:02}"
