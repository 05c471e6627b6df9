"""Keep the budget of a model's tiers: split by the figures of the current run, and audited with every amount."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import transaction

from tierwise.errors import ErrorKind, Family, TierwiseError
from tierwise.language import Text
from tierwise_console.access.guards import check_may
from tierwise_console.access.permissions import Permission
from tierwise_console.audit.services import record
from tierwise_console.runs.published import Run
from tierwise_console.runs.tier_values import ExpectedValue, TierValue, expected_value, tier_values
from tierwise_console.strategy.allocation import Claim, split
from tierwise_console.strategy.budget_form import BudgetWish, TierWish
from tierwise_console.strategy.kept_budgets import KeptBudget
from tierwise_console.strategy.models import Basis, Budget

NO_FORECAST = ErrorKind(
    "strategy.no_forecast",
    Family.USAGE,
    what=Text("the budget cannot be split by expected value", "无法按预期价值分配预算"),
    cause=Text("no model of this run predicts what customers will bring", "本次运行没有预测客户价值的模型"),
    cure=Text(
        "add the model ltv and compute anew, or split by revenue", "请加上 ltv 模型后重新计算，或改为按销售额分配"
    ),
)
NO_RESPONSE = ErrorKind(
    "strategy.no_response",
    Family.USAGE,
    what=Text("the budget cannot be split by response", "无法按响应分配预算"),
    cause=Text("no tier has an assumed response above zero", "没有任何层级填写了大于 0 的假定响应"),
    cure=Text("write the assumed response of at least one tier", "请至少为一个层级填写假定响应"),
)


@transaction.atomic
def keep_budget(actor: Any, run: Run, model: str, wish: BudgetWish) -> Budget:
    """Split and keep; what was kept of this model before is replaced, and stands in the audit log."""
    check_may(actor, Permission.STRATEGY_EDIT)
    amounts = split(wish.total_cents, claims_of(run, model, wish), wish.least_cents)
    kept = {
        "total_cents": wish.total_cents, "basis": wish.basis, "least_cents": wish.least_cents, "amounts": amounts,
        "margin_percent": wish.margin_percent, "wishes": {tier: each.to_json() for tier, each in wish.tiers.items()},
    }  # fmt: skip
    budget, _ = Budget.objects.update_or_create(
        model=model, defaults={**kept, "run": run.name, "changed_by_id": actor.pk}
    )
    record(
        "strategy.budget_kept", actor=actor, subject_type="budget", subject_id=model, detail={**kept, "run": run.name}
    )
    return budget


@transaction.atomic
def drop_budget(actor: Any, model: str) -> None:
    """Take a budget away; its amounts stay in the audit log."""
    check_may(actor, Permission.STRATEGY_EDIT)
    dropped, _ = Budget.objects.filter(model=model).delete()
    if dropped:
        record("strategy.budget_dropped", actor=actor, subject_type="budget", subject_id=model)


def would_differ(run: Run, model: str, kept: KeptBudget) -> bool:
    """Whether the same wishes, split by the figures of this run, give other amounts, or none any more."""
    if run.name == kept.run:
        return False
    wish = BudgetWish(kept.total_cents, kept.basis, kept.least_cents, kept.margin_percent, kept.wishes)
    try:
        return split(wish.total_cents, claims_of(run, model, wish), wish.least_cents) != kept.amounts
    except TierwiseError:
        return True


def claims_of(run: Run, model: str, wish: BudgetWish) -> list[Claim]:
    """The weight of each tier; raises `strategy.no_forecast`, `strategy.no_response`."""
    kind = expected_value(run)
    if wish.basis is not Basis.REVENUE and kind is None:
        raise NO_FORECAST.error()
    if wish.basis is Basis.RESPONSE and not any(each.middle_percent for each in wish.tiers.values()):
        raise NO_RESPONSE.error()
    found = []
    for tier, value in tier_values(run, model).items():
        own = wish.tiers.get(tier, TierWish())
        found.append(Claim(tier, value.customers, _weight(value, kind, wish, own), own.fixed_cents))
    return found


def _weight(value: TierValue, kind: ExpectedValue | None, wish: BudgetWish, own: TierWish) -> Fraction:
    if wish.basis is Basis.REVENUE:
        return Fraction(value.revenue)
    if wish.basis is Basis.EXPECTED:
        return Fraction(value.expected or 0)
    margin = expected_margin(value, kind, wish.margin_percent)
    return Fraction((value.expected if margin is None else margin) or 0) * Fraction(own.middle_percent)


def expected_margin(value: TierValue, kind: ExpectedValue | None, assumed_percent: Decimal | None) -> Decimal | None:
    """What a tier is expected to earn: expected value where that is profit, else times its margin so far, else times an
    assumed one; None where nothing of that is known."""
    if kind is None or value.expected is None:
        return None
    if kind.is_profit:
        return value.expected
    if value.profit is not None and value.revenue > 0:
        return value.expected * value.profit / value.revenue
    return None if assumed_percent is None else value.expected * assumed_percent / 100
