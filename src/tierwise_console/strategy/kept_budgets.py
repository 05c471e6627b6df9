"""The budgets that were decided, as they are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tierwise_console.strategy.allocation import share_out
from tierwise_console.strategy.budget_form import TierWish
from tierwise_console.strategy.models import Basis, Budget
from tierwise_console.strategy.selectors import ActionLine


@dataclass(frozen=True, slots=True)
class KeptBudget:
    """What was decided of one model's budget, and by whom."""

    total_cents: int
    basis: Basis
    least_cents: int
    margin_percent: Decimal | None
    wishes: Mapping[str, TierWish]
    amounts: Mapping[str, int]
    run: str
    changed_by: str
    changed_at: datetime


def kept_budget(model: str) -> KeptBudget | None:
    """The budget of a model; None where nobody kept one."""
    row = Budget.objects.filter(model=model).select_related("changed_by").first()
    if row is None:
        return None
    wishes = {tier: _wish(each) for tier, each in row.wishes.items()}
    return KeptBudget(
        row.total_cents, Basis(row.basis), row.least_cents, row.margin_percent, wishes, row.amounts, row.run,
        row.changed_by.shown_name if row.changed_by else "", row.changed_at,
    )  # fmt: skip


def _wish(kept: Mapping[str, Any]) -> TierWish:
    low, high = (None if kept[end] is None else Decimal(kept[end]) for end in ("low_percent", "high_percent"))
    return TierWish(kept["fixed_cents"], low, high)


def budget_amounts(model: str) -> dict[str, Decimal]:
    """The budget of each tier as money; none where nobody kept one."""
    kept = kept_budget(model)
    return {tier: Decimal(cents) / 100 for tier, cents in kept.amounts.items()} if kept else {}


def action_amounts(actions: Sequence[ActionLine]) -> dict[int, Decimal]:
    """The budget of each action that is on: those of a tier share the tier's in equal parts, first ones a cent more."""
    amounts: dict[int, Decimal] = {}
    for row in Budget.objects.filter(model__in={action.model for action in actions}):
        for tier, cents in row.amounts.items():
            on = [each.pk for each in actions if each.enabled and (each.model, each.tier) == (row.model, tier)]
            amounts |= dict(zip(on, (Decimal(part) / 100 for part in per_action(cents, len(on))), strict=True))
    return amounts


def per_action(cents: int, actions: int) -> list[int]:
    """Equal parts in whole cents, the first ones a cent more where it does not divide; none where nothing is on."""
    return share_out(cents, [Fraction(cents, actions)] * actions) if actions else []
