"""Budget: a total that a person enters, split over the tiers by a stated rule, to the cent (预算分配)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from tierwise.errors import TierwiseError
from tierwise.language import Text
from tierwise_console.access.guards import require
from tierwise_console.access.permissions import Permission
from tierwise_console.pages.answers import csv_answer, may, tell
from tierwise_console.runs import reading
from tierwise_console.runs.published import Run
from tierwise_console.runs.tier_names import ModelNames, model_names
from tierwise_console.runs.tier_values import expected_value
from tierwise_console.shell.language import current_language, say
from tierwise_console.strategy import budgeting
from tierwise_console.strategy.budget_form import BASES, TierWish, wish_of
from tierwise_console.strategy.budget_lines import BudgetLine, budget_lines
from tierwise_console.strategy.kept_budgets import KeptBudget, action_amounts, kept_budget
from tierwise_console.strategy.selectors import ActionLine, action_lines

TITLE = Text("Budget", "预算分配")
FIELDS = ("fixed", "low", "high")
"""What a person may write of a tier."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A tier with what stands in its fields, and its actions that are on, each with its part."""

    line: BudgetLine
    fixed: str
    low: str
    high: str
    actions: list[tuple[ActionLine, Decimal]]


@require(Permission.RESULTS_VIEW)
@require_GET
def budget(request: HttpRequest) -> HttpResponse:
    """The budget of one model's tiers, and the form that splits it."""
    run = reading.current_run()
    if run is None:
        return render(request, "pages/no_run.html", {"title": TITLE})
    return _page(request, run, _chosen(request.GET.get("model", "")), None)


@require(Permission.STRATEGY_EDIT)
@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Split the total anew and keep it; a mistake is told beside what was written."""
    run, wanted = reading.current_run(), request.POST.get("model", "")
    if run is None or wanted not in model_names():
        raise Http404
    names, lang = _chosen(wanted), current_language()
    try:
        wish = wish_of(request.POST, {tier.key: tier.name.to(lang) for tier in names.tiers})
        budgeting.keep_budget(request.user, run, names.model, wish)
    except TierwiseError as error:
        tell(request, error)
        return _page(request, run, names, request.POST, status=422)
    messages.success(request, say("Split and kept.", "已分配并保存。"))
    return _back(names.model)


@require(Permission.STRATEGY_EDIT)
@require_POST
def drop(request: HttpRequest) -> HttpResponse:
    """Take the budget of a model away."""
    model = request.POST.get("model", "")
    budgeting.drop_budget(request.user, model)
    messages.success(
        request, say("The budget is removed; the audit log keeps its amounts.", "预算已移除，金额保留在审计日志中。")
    )
    return _back(model)


def _back(model: str) -> HttpResponse:
    return redirect(f"{reverse('pages:budget')}?model={model}")


def _chosen(model: str) -> ModelNames:
    names = model_names()
    return names.get(model) or next(iter(names.values()))


def _page(
    request: HttpRequest, run: Run, names: ModelNames, typed: Mapping[str, str] | None, status: int = 200
) -> HttpResponse:
    kept = kept_budget(names.model)
    lines = budget_lines(run, names.model, kept)
    shown: dict[str, Any] = {
        "facts": reading.facts(run), "models": [(name, each.title) for name, each in model_names().items()],
        "model": names.model, "kept": kept, "bases": BASES.items(), "kept_basis": BASES[kept.basis] if kept else None,
        "rows": _rows(names.model, lines, typed), "total": Decimal(kept.total_cents) / 100 if kept else None,
        "expected": expected_value(run), "measured": any(line.value.profit is not None for line in lines),
        "gain": _gain(lines), "form": typed or _form(kept),
        "changed": kept is not None and budgeting.would_differ(run, names.model, kept),
        "may_edit": may(request.user, Permission.STRATEGY_EDIT), "may_export": may(request.user, Permission.RESULTS_EXPORT),
    }  # fmt: skip
    return render(request, "pages/budget.html", shown, status=status)


def _form(kept: KeptBudget | None) -> dict[str, str]:
    if kept is None:
        return {"basis": "revenue"}
    return {
        "total": _written(kept.total_cents), "least": _written(kept.least_cents), "basis": str(kept.basis),
        "margin": _plain(kept.margin_percent),
    }  # fmt: skip


def _rows(model: str, lines: list[BudgetLine], typed: Mapping[str, str] | None) -> list[_Row]:
    on = [action for action in action_lines(model) if action.enabled]
    amounts = action_amounts(on)
    rows = []
    for line in lines:
        key = line.tier.key
        actions = [(each, amounts[each.pk]) for each in on if each.tier == key and each.pk in amounts]
        fixed, low, high = (typed.get(f"{name}.{key}", "") for name in FIELDS) if typed else _fields(line.wish)
        rows.append(_Row(line, fixed, low, high, actions))
    return rows


def _fields(wish: TierWish) -> tuple[str, str, str]:
    fixed = "" if wish.fixed_cents is None else _written(wish.fixed_cents)
    return fixed, _plain(wish.low_percent), _plain(wish.high_percent)


def _written(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}" if cents % 100 else str(cents // 100)


def _plain(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"


def _gain(lines: list[BudgetLine]) -> tuple[Decimal, Decimal] | None:
    """The extra margin of all tiers at both ends, over those for which a response is assumed."""
    found = [line.gain for line in lines if line.gain is not None]
    return (sum((low for low, _ in found), Decimal(0)), sum((high for _, high in found), Decimal(0))) if found else None


@require(Permission.RESULTS_EXPORT)
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The budget of one model as CSV, its total last."""
    run = reading.current_run()
    names = model_names()
    model = request.GET.get("model", "")
    kept = kept_budget(model)
    if run is None or model not in names or kept is None:
        raise Http404
    total = [say("Total", "合计"), "", "", "", "", f"{Decimal(kept.total_cents) / 100:.2f}", *[""] * 7]
    rows = [*(_cells(line) for line in budget_lines(run, model, kept)), total]
    return csv_answer(f"budget-{model}.csv", HEADS[current_language() == "en"], rows)


HEADS = (
    ("层级", "客户数", "净额", "预期价值", "预期毛利", "预算", "占比（%）", "人均预算", "占预期毛利（%）", "假定响应下限（%）",
     "假定响应上限（%）", "增量毛利下限", "增量毛利上限"),
    ("Tier", "Customers", "Net revenue", "Expected value", "Expected margin", "Budget", "Share %", "Per customer",
     "% of expected margin", "Assumed response from %", "to %", "Extra margin from", "to"),
)  # fmt: skip


def _cells(line: BudgetLine) -> list[str]:
    low, high = line.gain or (None, None)
    figures = (
        line.value.revenue, line.value.expected, line.margin, line.amount, line.budget_percent, line.per_customer,
        line.margin_ratio_percent, line.wish.low_percent, line.wish.high_percent, low, high,
    )  # fmt: skip
    return [
        line.tier.name.to(current_language()), str(line.value.customers),
        *("" if each is None else f"{each:.2f}" for each in figures),
    ]  # fmt: skip


urlpatterns = [
    path("strategy/budget", budget, name="budget"),
    path("strategy/budget/keep", keep, name="budget_keep"),
    path("strategy/budget/drop", drop, name="budget_drop"),
    path("strategy/budget/export", export, name="budget_export"),
]
