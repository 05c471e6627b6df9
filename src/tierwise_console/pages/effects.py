"""Effect report: what became of each tier in a period, beside what was done for it and the budget it was given."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from tierwise.language import Text
from tierwise_console.access.guards import require
from tierwise_console.access.permissions import Permission
from tierwise_console.pages.answers import csv_answer, may
from tierwise_console.runs import reading
from tierwise_console.runs.effects import Effects, TierEffect, effects
from tierwise_console.runs.migration import settings_changed
from tierwise_console.runs.published import Run, run_if_there
from tierwise_console.runs.tier_names import ModelNames, model_names
from tierwise_console.shell.language import current_language, say
from tierwise_console.strategy.kept_budgets import budget_amounts
from tierwise_console.strategy.selectors import ActionLine, action_lines

TITLE = Text("Effect report", "效果评估报告")


@dataclass(frozen=True, slots=True)
class _Row:
    """A tier with the actions that were finished in the period, and its budget."""

    effect: TierEffect
    actions: list[ActionLine]
    budget: Decimal | None


@dataclass(frozen=True, slots=True)
class _Period:
    """The runs and the model that are compared; `before` is None where there is no earlier one."""

    before: Run | None
    after: Run
    names: dict[str, ModelNames]
    model: str

    def effects(self) -> Effects | None:
        """What became of the tiers; None where there are not two runs of different days with this model."""
        before = self.before
        if (
            before is None
            or self.model not in before.manifest.models
            or before.manifest.as_of >= self.after.manifest.as_of
        ):
            return None
        return effects(before, self.after, self.model)

    def settings_changed(self) -> bool:
        """Whether the model had other settings on the first day."""
        if self.before is None or self.model not in self.before.manifest.models:
            return False
        return settings_changed(self.before, self.after, self.model)


def _period(request: HttpRequest) -> _Period | None:
    after = run_if_there(request.GET.get("after", "")) or reading.current_run()
    if after is None:
        return None
    names = {name: each for name, each in model_names().items() if name in after.manifest.models}
    model = request.GET.get("model", "")
    model = model if model in names else next(iter(names), "")
    return _Period(
        run_if_there(request.GET.get("before", "")) or reading.previous_run(after, model), after, names, model
    )


@require(Permission.RESULTS_VIEW)
@require_GET
def report(request: HttpRequest) -> HttpResponse:
    """The period between two runs, for one model."""
    period = _period(request)
    if period is None:
        return render(request, "pages/no_run.html", {"title": TITLE})
    found = period.effects()
    shown: dict[str, Any] = {
        "facts": reading.facts(period.after), "models": [(name, each.title) for name, each in period.names.items()],
        "model": period.model, "runs": [line for line in reading.run_lines() if line.manifest],
        "before": period.before, "after": period.after, "found": found, "rows": _rows(period, found),
        "settings_changed": period.settings_changed(),
        "may_export": may(request.user, Permission.RESULTS_EXPORT), "query": request.GET.urlencode(),
    }  # fmt: skip
    return render(request, "pages/effects.html", shown)


def _rows(period: _Period, found: Effects | None) -> list[_Row]:
    if found is None or period.before is None:
        return []
    first, last = period.before.manifest.as_of, period.after.manifest.as_of
    done = [line for line in action_lines(period.model) if line.done_at and first < line.done_at.date() <= last]
    budgets = budget_amounts(period.model)
    return [
        _Row(each, [line for line in done if line.tier == each.tier.key], budgets.get(each.tier.key))
        for each in found.tiers
        if each.tier is not None
    ]


@require(Permission.RESULTS_EXPORT)
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The same as CSV, everyone together last."""
    period = _period(request)
    found = period.effects() if period else None
    if period is None or found is None or period.before is None:
        raise Http404
    since = period.before.manifest.as_of.isoformat()
    heads = [
        say(f"Tier on {since}", f"{since} 所在层级"), say("Customers", "客户数"), say("Bought since", "其后购买客户"),
        say("Bought %", "购买率（%）"), say("low", "下限"), say("high", "上限"), say("Purchases", "购买次数"),
        say("Net revenue since", "其后净额"), say("Per customer", "人均"), say("Up", "升级"), say("Down", "降级"),
        say("Gone", "不再在册"),
    ]  # fmt: skip
    return csv_answer(f"effects-{period.model}.csv", heads, [_cells(each) for each in (*found.tiers, found.together)])


def _cells(each: TierEffect) -> list[str]:
    name = each.tier.name.to(current_language()) if each.tier else say("Together", "合计")
    rate = "" if each.bought_percent is None else f"{each.bought_percent:.2f}"
    low, high = (f"{bound:.2f}" for bound in each.interval)
    mean = "" if each.per_customer is None else f"{each.per_customer:.2f}"
    counts = (str(each.up), str(each.down), str(each.gone))
    return [
        name,
        str(each.customers),
        str(each.buyers),
        rate,
        low,
        high,
        str(each.purchases),
        f"{each.revenue:.2f}",
        mean,
        *counts,
    ]


urlpatterns = [
    path("reports/effects", report, name="effects"),
    path("reports/effects.csv", export, name="effects_export"),
]
