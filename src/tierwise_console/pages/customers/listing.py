"""The list of customers with its filters and saved views."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from tierwise.errors import TierwiseError
from tierwise_console.access.guards import require
from tierwise_console.access.permissions import Permission
from tierwise_console.crm.filters import RANGES, SORTS, CustomerFilter, filter_from
from tierwise_console.crm.selectors import choices
from tierwise_console.crm.selectors.listing import ListedCustomer, count_all, count_matches, list_page
from tierwise_console.crm.services.tags import make_rule_tag
from tierwise_console.crm.services.views import remove_view, save_view
from tierwise_console.pages.answers import back_to, may, problem_fragment, tell, telling
from tierwise_console.runs import reading
from tierwise_console.runs.tier_names import ModelNames, model_names
from tierwise_console.shell.language import current_language, say

COLUMNS_SHOWN = 3
"""So many models have a column of their own; the card shows all."""
SEVERAL_LINES = 5
"""So many tiers are seen at once where several are chosen."""


def asked(request: HttpRequest) -> CustomerFilter:
    """The filter in the address; what cannot be read is told, and everyone shown."""
    try:
        return filter_from(_pairs(request.GET))
    except TierwiseError as error:
        tell(request, error)
        return CustomerFilter()


def _pairs(query: Any) -> list[tuple[str, str]]:
    return [(name, value) for name, values in query.lists() for value in values]


def asked_in_form(request: HttpRequest) -> CustomerFilter:
    """The filter that a form carries as a query in its field `query`."""
    return filter_from(_pairs(QueryDict(request.POST.get("query", ""))))


@require(Permission.CUSTOMERS_VIEW)
@require_GET
def customers(request: HttpRequest) -> HttpResponse:
    """One page of the list."""
    wanted, names = asked(request), model_names()
    columns = shown_models(wanted, names)
    page = list_page(wanted, request.user, columns, request.GET.get("after", ""))
    context = {
        "wanted": wanted, "query": wanted.query(), "matches": count_matches(wanted, request.user),
        "rows": [(each, _tiers(each, columns, names)) for each in page.customers],
        "columns": [names[model].title for model in columns if model in names],
        "following": urlencode({"after": page.following}) if page.following else "",
        "first_page": not request.GET.get("after"), "taken": choices.taken(), "views": _views(request),
        "form": _form(wanted, names), "may_export": may(request.user, Permission.CUSTOMERS_EXPORT),
        "may_edit": may(request.user, Permission.CUSTOMERS_EDIT), "may_all": may(request.user, Permission.CUSTOMERS_ALL),
        "recent": choices.recent_bulk(request.user), "people": choices.owners(),
        "currency": reading.currency(),
    }  # fmt: skip
    return render(request, "pages/customers/list.html", context)


@require(Permission.CUSTOMERS_VIEW)
@require_GET
def count(request: HttpRequest) -> HttpResponse:
    """How many match, counted to the end: a piece of the page, for whoever asks."""
    try:
        wanted = filter_from(_pairs(request.GET))
    except TierwiseError as error:
        return problem_fragment(request, error)
    return render(request, "pages/customers/counted.html", {"customers": count_all(wanted, request.user)})


def shown_models(wanted: CustomerFilter, names: dict[str, ModelNames]) -> list[str]:
    """The models that have a column: those that are filtered by, then the best known."""
    filtered = [model for model in (*wanted.tiers, *wanted.cells) if model in names]
    return list(dict.fromkeys((*filtered, *names)))[:COLUMNS_SHOWN]


def _tiers(customer: ListedCustomer, columns: list[str], names: dict[str, ModelNames]) -> list[dict[str, Any]]:
    """The tier of each column: its name, rank, and colour by its place among the tiers."""
    lang = current_language()
    found = []
    for model in columns:
        label = customer.labels.get(model)
        shown = {"title": names[model].title.to(lang), "name": "–", "rank": 0, "since": None, "level": 0}
        if label is not None:
            tiers = max(len(names[model].tiers), 2)
            level = 1 + round(4 * (label.rank - 1) / (tiers - 1))
            shown |= {
                "name": names[model].tier(label.tier, lang),
                "rank": label.rank,
                "since": label.since,
                "level": level,
            }
        found.append(shown)
    return found


def _views(request: HttpRequest) -> list[dict[str, Any]]:
    return [
        {"pk": view.pk, "name": view.name, "query": urlencode(view.pairs), "own": view.own}
        for view in choices.views(request.user)
    ]


def _form(wanted: CustomerFilter, names: dict[str, ModelNames]) -> dict[str, Any]:
    """What the filter form offers, and what is chosen."""
    lang = current_language()
    labels = {
        "frequency": say("Orders", "购买次数"), "monetary": say("Amount spent", "消费净额"),
        "worth": say("Expected value", "预期价值"), "recency_days": say("Days since last order", "距上次购买天数"),
    }  # fmt: skip
    sorts = {
        "monetary": say("amount spent, most first", "消费净额从高到低"),
        "last_order_on": say("last order, newest first", "最近购买从新到旧"), "customer_id": say("id", "编号"),
    }  # fmt: skip
    return {
        "models": [
            {
                "model": each.model, "title": each.title.to(lang), "several": _several(wanted, each),
                "tiers": [
                    (tier.key, tier.name.to(lang), tier.key in wanted.tiers.get(each.model, ())) for tier in each.tiers
                ],
            }
            for each in names.values()
        ],
        "cells": [{"value": f"{model}:{cell}", "cell": cell, "model": model} for model, cell in wanted.cells.items()],
        "tags": [(pk, name, pk in wanted.tags) for pk, name, *_ in choices.tags()],
        "ranges": [
            (name, labels[name], *(wanted.ranges.get(f"{name}_{side}") for side in ("min", "max"))) for name in RANGES
        ],
        "fields": [(field, wanted.fields.get(field.key, "")) for field in choices.fields() if not field.personal],
        "sorts": [(sort, sorts[sort], sort == wanted.sort) for sort in SORTS],
    }  # fmt: skip


def _several(wanted: CustomerFilter, names: ModelNames) -> int:
    """How many lines the choice of a model's tiers needs; 0 where at most one is chosen, and a drop-down will do."""
    return min(len(names.tiers), SEVERAL_LINES) if len(wanted.tiers.get(names.model, ())) > 1 else 0


@require(Permission.CUSTOMERS_VIEW)
@require_POST
@telling("pages:customers")
def save(request: HttpRequest) -> HttpResponse:
    """Keep the filter as a view."""
    view = save_view(request.user, request.POST.get("name", ""), asked_in_form(request), "shared" in request.POST)
    messages.success(request, say(f"View “{view.name}” is saved.", f"视图“{view.name}”已保存。"))
    return back_to(request, "pages:customers")


@require(Permission.CUSTOMERS_VIEW)
@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    """Remove one's own view."""
    view = request.POST.get("view", "")
    if view.isdecimal():
        remove_view(request.user, int(view))
    return back_to(request, "pages:customers")


@require(Permission.CUSTOMERS_EDIT, Permission.CUSTOMERS_ALL)
@require_POST
@telling("pages:customers")
def rule_tag(request: HttpRequest) -> HttpResponse:
    """Make a tag that the console keeps on whoever the filter means."""
    tag = make_rule_tag(request.user, request.POST.get("name", ""), asked_in_form(request))
    messages.success(request, say(f"Tag “{tag.name}” now follows its rule.", f"标签“{tag.name}”已按规则维护。"))
    return back_to(request, "pages:customers")
