"""Tiers: who is in which tier, what they bring, and where models disagree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from tierwise.errors import TierwiseError
from tierwise.language import Text
from tierwise_console.access.guards import require
from tierwise_console.access.permissions import Permission
from tierwise_console.crm.selectors.seeing import seen_by
from tierwise_console.modelling.services import save_draft
from tierwise_console.pages.answers import may, telling
from tierwise_console.runs import quadrants, reading
from tierwise_console.runs import settings_file as file
from tierwise_console.runs import tiers as door
from tierwise_console.runs.simulating import simulate_settings
from tierwise_console.runs.tier_names import model_names
from tierwise_console.shell.language import say
from tierwise_console.shell.menu import Entry

MENU = (Entry(Text("Tiers", "分层结果"), "chart-treemap", "pages:tiers", 40, Permission.RESULTS_VIEW),)


@require(Permission.RESULTS_VIEW)
@require_GET
def tiers(request: HttpRequest) -> HttpResponse:
    """One model of the published run, whole."""
    run = reading.current_run()
    if run is None:
        return render(request, "pages/no_run.html", {"title": Text("Tiers", "分层结果")})
    names = model_names()
    model = request.GET.get("model", "")
    model = model if model in names else next(iter(names))
    disputes = door.disputes(run) if model in door.DISAGREE else None
    shown: dict[str, Any] = {
        "facts": reading.facts(run), "models": [(name, each.title) for name, each in names.items()], "model": model,
        "title": names[model].title, "rows": reading.tiers(run, model), "grid": door.grid(run, model),
        "charts": door.section_charts(run, model), "disputes": _worded(disputes, names, seen_by(request.user)),
        "may_list": may(request.user, Permission.CUSTOMERS_VIEW), "may_edit": may(request.user, Permission.MODELS_EDIT),
        "matrix": quadrants.matrix(run, model),
    }  # fmt: skip
    return render(request, "pages/tiers.html", shown)


def _worded(
    disputes: door.Disputes | None, names: dict[str, Any], seen: Callable[[str], bool]
) -> dict[str, Any] | None:
    """The disagreement about customers whom the reader may see, with titles and tier names in both languages."""
    if disputes is None:
        return None
    tier = {(m, t.key): t.name for m in disputes.models for t in names[m].tiers}
    return {
        "titles": [names[model].title for model in disputes.models],
        "customers": [
            (each, [(tier[m, each.opinions[m].tier], each.opinions[m].standing) for m in disputes.models])
            for each in disputes.customers
            if seen(each.customer)
        ],
        "pairs": [(names[pair.one].title, names[pair.other].title, pair) for pair in disputes.pairs],
    }


def _moved(request: HttpRequest) -> tuple[str, dict[str, Any]]:
    """The model whose lines were moved, and its settings with them."""
    run, instance = reading.current_run(), request.POST.get("instance", "")
    if run is None or instance not in run.manifest.models or run.manifest.models[instance].model != quadrants.MODEL:
        raise Http404
    settings = file.model_settings(file.read_settings().text).get(instance, {})
    return instance, quadrants.moved_settings(run, instance, settings, request.POST.dict())


@require(Permission.RESULTS_VIEW)
@require_POST
def move_lines(request: HttpRequest) -> HttpResponse:
    """Who would move if the lines stood there; a piece of the page, asked for while they are moved."""
    shown: dict[str, Any] = {"currency": reading.currency()}
    try:
        instance, settings = _moved(request)
        shown["simulation"] = simulate_settings(instance, settings)
    except TierwiseError as error:
        shown["problems"] = error.problems
    return render(request, "pages/models/simulation.html", shown)


@require(Permission.MODELS_EDIT)
@require_POST
@telling("pages:tiers")
def keep_lines(request: HttpRequest) -> HttpResponseBase:
    """Keep the lines as a draft of the model's settings."""
    instance, settings = _moved(request)
    version = save_draft(request.user, instance, settings, say("lines moved in the matrix", "在矩阵中移动分界线"))
    messages.success(request, say(f"Draft {version.number} is saved.", f"草稿 {version.number} 已保存。"))
    return redirect("pages:models_version", version.number)


urlpatterns = [
    path("tiers/", tiers, name="tiers"),
    path("tiers/lines", move_lines, name="tiers_lines"),
    path("tiers/lines/keep", keep_lines, name="tiers_lines_keep"),
]
