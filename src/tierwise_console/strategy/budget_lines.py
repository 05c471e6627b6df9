"""A budget as the page and the CSV show it: amounts per customer, beside what the tier is expected to earn."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from tierwise.contracts.scheme import Tier
from tierwise_console.runs.published import Run
from tierwise_console.runs.tier_values import TierValue, expected_value, tier_values
from tierwise_console.strategy.budget_form import TierWish
from tierwise_console.strategy.budgeting import expected_margin
from tierwise_console.strategy.kept_budgets import KeptBudget


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """One tier: what it brought, what it is given (None before the first split), and the range of what that may bring."""

    tier: Tier
    value: TierValue
    wish: TierWish
    cents: int | None
    budget_percent: Decimal | None
    margin: Decimal | None

    @property
    def amount(self) -> Decimal | None:
        """The budget of the tier as money."""
        return None if self.cents is None else Decimal(self.cents) / 100

    @property
    def per_customer(self) -> Decimal | None:
        """The budget per customer of the tier."""
        return None if self.amount is None or not self.value.customers else self.amount / self.value.customers

    @property
    def margin_ratio_percent(self) -> Decimal | None:
        """The budget in per cent of the margin that the tier is expected to earn."""
        return None if self.amount is None or not self.margin or self.margin < 0 else 100 * self.amount / self.margin

    @property
    def gain(self) -> tuple[Decimal, Decimal] | None:
        """The extra margin at both ends of the assumed response; None where margin or response is unknown."""
        low, high = self.wish.low_percent, self.wish.high_percent
        if self.cents is None or self.margin is None or self.margin < 0 or low is None or high is None:
            return None
        return self.margin * low / 100, self.margin * high / 100


def budget_lines(run: Run, model: str, kept: KeptBudget | None) -> list[BudgetLine]:
    """The tiers of the current run with what was kept for them; a tier that is new since has no amount yet."""
    kind, values = expected_value(run), tier_values(run, model)
    assumed = kept.margin_percent if kept else None
    lines = []
    for tier in run.scheme(model).tiers:
        value = values[tier.key]
        cents = kept.amounts.get(tier.key) if kept else None
        share = 100 * Decimal(cents) / kept.total_cents if kept and cents is not None and kept.total_cents else None
        wish = kept.wishes.get(tier.key, TierWish()) if kept else TierWish()
        lines.append(BudgetLine(tier, value, wish, cents, share, expected_margin(value, kind, assumed)))
    return lines
