"""Quality: what each rule found, how good each field, table and source is and was, and rules of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from tierwise.errors import Problem, TierwiseError
from tierwise.language import Text
from tierwise_console.access.guards import require
from tierwise_console.access.permissions import Permission
from tierwise_console.modelling import services
from tierwise_console.pages.answers import may
from tierwise_console.runs import own_rules, reading
from tierwise_console.runs.quality_card import judgement
from tierwise_console.shell.language import say
from tierwise_console.shell.menu import Entry

TITLE = Text("Quality", "质量查重")
MENU = (Entry(TITLE, "shield-check", "pages:quality", 30, Permission.RESULTS_VIEW),)


@require(Permission.RESULTS_VIEW)
def quality(request: HttpRequest) -> HttpResponse:
    """The quality of the data of the published run."""
    return _shown(request, own_rules.own_rules())


def _shown(request: HttpRequest, section: str, problems: Sequence[Problem] = (), status: int = 200) -> HttpResponse:
    run = reading.current_run()
    if run is None:
        return render(request, "pages/no_run.html", {"title": TITLE})
    page = reading.page(run)
    shown: dict[str, Any] = {
        "facts": reading.facts(run), "quality": page.quality, "figures": page.quality.figures, "inputs": page.manifest,
        "found": judgement(run), "section": section, "begun": section or own_rules.FIRST, "problems": problems,
        "examples": own_rules.EXAMPLES, "may_edit": may(request.user, Permission.MODELS_EDIT),
    }  # fmt: skip
    return render(request, "pages/quality.html", shown, status=status)


@require(Permission.MODELS_EDIT)
@require_POST
def rules(request: HttpRequest) -> HttpResponse:
    """Keep rules of one's own as a draft of the settings file; what is wrong with them stands above the form."""
    section = request.POST.get("section", "")
    try:
        text = own_rules.with_own_rules(section)
        version = services.import_settings(request.user, text, say("rules about data", "数据质量规则"))
    except TierwiseError as error:
        return _shown(request, section, error.problems, 422)
    messages.success(
        request,
        say(
            f"Draft {version.number} is saved. Published, its rules hold from the next run on.",
            f"草稿 {version.number} 已保存；发布后，规则从下次计算起生效。",
        ),
    )
    return HttpResponseRedirect(reverse("pages:models_version", args=[version.number]))


urlpatterns = [path("quality", quality, name="quality"), path("quality/rules", rules, name="quality_rules")]
