"""Strategy: for each tier what is done, by whom, until when, and whether it was (策略执行)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from tierwise.language import Text
from tierwise_console.access.guards import require
from tierwise_console.access.permissions import Permission
from tierwise_console.crm.selectors.choices import owners
from tierwise_console.pages.answers import back_to, csv_answer, may, telling
from tierwise_console.runs import reading
from tierwise_console.runs.tier_names import ModelNames, model_names
from tierwise_console.shell.language import current_language, say
from tierwise_console.shell.menu import Entry
from tierwise_console.strategy import services
from tierwise_console.strategy.kept_budgets import action_amounts, budget_amounts
from tierwise_console.strategy.selectors import ActionLine, action_lines, done_rate

TITLE = Text("Strategy", "策略")
MENU = (Entry(TITLE, "target-arrow", "pages:strategy", 60, Permission.RESULTS_VIEW),)


@require(Permission.RESULTS_VIEW)
@require_GET
def strategy(request: HttpRequest) -> HttpResponse:
    """The action matrix of one model."""
    run = reading.current_run()
    if run is None:
        return render(request, "pages/no_run.html", {"title": TITLE})
    names = model_names()
    model = request.GET.get("model", "")
    model = model if model in names else next(iter(names))
    lines = action_lines(model)
    sizes = {row.tier.key: row.figures for row in reading.tiers(run, model)}
    given = budget_amounts(model)
    rows = [
        (t, sizes.get(t.key), [line for line in lines if line.tier == t.key], given.get(t.key))
        for t in names[model].tiers
    ]
    shown: dict[str, Any] = {
        "facts": reading.facts(run), "models": [(name, each.title) for name, each in names.items()], "model": model,
        "title": names[model].title, "rows": rows, "rate": done_rate(action_lines()), "any": bool(lines),
        "people": owners(), "may_edit": may(request.user, Permission.STRATEGY_EDIT),
        "may_list": may(request.user, Permission.CUSTOMERS_VIEW), "may_export": may(request.user, Permission.RESULTS_EXPORT),
    }  # fmt: skip
    shown["removed"] = action_lines(model, removed=True) if shown["may_edit"] else []
    return render(request, "pages/strategy.html", shown)


@require(Permission.RESULTS_VIEW)
@require_POST
@telling("pages:strategy")
def act(request: HttpRequest, step: str) -> HttpResponse:
    """Generate, add, change, finish, remove or put back an action."""
    form, user = request.POST, request.user
    pk = int(form["action"]) if form.get("action", "").isdecimal() else 0
    if step == "generate":
        fresh = services.generate_actions(user, [form["model"]] if form.get("model") else [])
        messages.success(request, say(f"{fresh} drafts added, all off.", f"已添加 {fresh} 条草稿，均未启用。"))
    elif step == "add":
        services.add_action(user, form.get("model", ""), form.get("tier", ""), form.get("words", ""))
    elif step == "change":
        words, owner, due_on = form.get("words", ""), form.get("owner"), form.get("due_on", "")
        services.change_action(user, pk, words, owner, due_on, "enabled" in form)
        messages.success(request, say("Saved.", "已保存。"))
    elif step == "done":
        services.finish_action(user, pk, "open" not in form)
    elif step == "remove":
        services.remove_action(user, pk)
        messages.success(request, say("Removed; it can be put back below.", "已删除，可在页面下方恢复。"))
    elif step == "put_back":
        services.put_action_back(user, pk)
    else:
        raise Http404
    return back_to(request, "pages:strategy")


@require(Permission.RESULTS_EXPORT)
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The strategy list (营销策略建议清单) of all models as CSV."""
    heads = [
        say("Model", "模型"), say("Tier", "层级"), say("Action", "行动"), say("On", "启用"), say("Owner", "负责人"),
        say("Due", "截止日期"), say("Done", "完成"), say("Budget", "预算"),
    ]  # fmt: skip
    names = model_names()
    actions = action_lines()
    amounts = {pk: f"{amount:.2f}" for pk, amount in action_amounts(actions).items()}
    return csv_answer("strategy.csv", heads, [[*_row(line, names), amounts.get(line.pk, "")] for line in actions])


def _row(line: ActionLine, names: dict[str, ModelNames]) -> list[str]:
    lang, yes = current_language(), say("yes", "是")
    known = names.get(line.model)
    return [
        known.title.to(lang) if known else line.model, known.tier(line.tier, lang) if known else line.tier,
        line.action.to(lang), yes if line.enabled else "", line.owner,
        line.due_on.isoformat() if line.due_on else "", line.done_at.date().isoformat() if line.done_at else "",
    ]  # fmt: skip


urlpatterns = [
    path("strategy/", strategy, name="strategy"),
    path("strategy/export", export, name="strategy_export"),
    path("strategy/do/<slug:step>", act, name="strategy_act"),
]
