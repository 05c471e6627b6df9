"""Migration: who moved between two runs, how surely, whether that is healthy, and what moved them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from tierwise.language import Text
from tierwise_console.access.guards import require
from tierwise_console.access.permissions import Permission
from tierwise_console.crm.selectors.seeing import seen_by
from tierwise_console.pages.answers import may
from tierwise_console.runs import migration as door
from tierwise_console.runs import reading
from tierwise_console.runs.published import run_if_there
from tierwise_console.runs.tier_names import model_names
from tierwise_console.shell.language import current_language
from tierwise_console.shell.menu import Entry

TITLE = Text("Migration", "流动")
EARLIER = timedelta(days=90)
"""How long before the run's day an earlier one is proposed, where there is none."""
MENU = (Entry(TITLE, "chart-sankey", "pages:migration", 45, Permission.RESULTS_VIEW),)


@require(Permission.RESULTS_VIEW)
@require_GET
def migration(request: HttpRequest) -> HttpResponse:
    """Two runs, one model."""
    after = run_if_there(request.GET.get("after", "")) or reading.current_run()
    if after is None:
        return render(request, "pages/no_run.html", {"title": TITLE})
    names = {name: each for name, each in model_names().items() if name in after.manifest.models}
    model = request.GET.get("model", "")
    model = model if model in names else next(iter(names), "")
    before = run_if_there(request.GET.get("before", "")) or reading.previous_run(after, model)
    shown: dict[str, Any] = {
        "facts": reading.facts(after), "models": [(name, each.title) for name, each in names.items()], "model": model,
        "runs": [line for line in reading.run_lines() if line.manifest], "after": after, "before": before,
        "may_list": may(request.user, Permission.CUSTOMERS_VIEW),
        "stays": door.stays(after, model) if model else None, "fewest_days": door.FEWEST_DAYS,
        "earlier_command": f"tierwise run --as-of {after.manifest.as_of - EARLIER} && tierwise run",
    }  # fmt: skip
    if before is not None and model in before.manifest.models and before.name != after.name:
        found, lang = door.comparison(before, after, model), current_language()
        shown |= {
            "settings_changed": door.settings_changed(before, after, model),
            "found": found, "matrix": door.matrix(found), "sankey": door.sankey(found, before, after),
            "movers": door.movers(found, after, lang, seen_by(request.user)), "causes": door.causes(found, after, lang),
        }  # fmt: skip
    return render(request, "pages/migration.html", shown)


urlpatterns = [path("migration/", migration, name="migration")]
