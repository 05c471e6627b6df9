"""Models: a tab each, with the form drawn from its settings, simulation while they change, versions and approval."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from tierwise.errors import TierwiseError
from tierwise.language import Text
from tierwise_console.access.guards import require
from tierwise_console.access.permissions import Permission
from tierwise_console.modelling import services
from tierwise_console.modelling.forms import Input, draw, place, read
from tierwise_console.modelling.selectors import (
    difference,
    version_difference,
    version_text,
    versions,
    waiting_for_approval,
)
from tierwise_console.pages.answers import back_to, may, telling
from tierwise_console.runs import settings_file as door
from tierwise_console.runs.industry import industries
from tierwise_console.runs.reading import cards, currency, current_run
from tierwise_console.runs.simulating import proof_of, simulate_settings
from tierwise_console.runs.tier_names import title_of
from tierwise_console.shell.language import say
from tierwise_console.shell.menu import Entry

TITLE = Text("Models", "分层模型")
MENU = (Entry(TITLE, "adjustments", "pages:models", 36, Permission.RESULTS_VIEW),)


@require(Permission.RESULTS_VIEW)
@require_GET
def models(request: HttpRequest) -> HttpResponse:
    """One model: its settings as a form."""
    services.notice_file()
    try:
        known = door.model_settings(door.read_settings().text)
    except TierwiseError as error:
        return render(request, "pages/models/broken.html", {"problems": error.problems})
    instance = request.GET.get("model") or next(iter(known), "rfm")
    suggested = {name[2:]: value for name, value in request.GET.items() if name.startswith("s.")}
    return _show(request, instance, known, _inputs(instance, {**known.get(instance, {}), **suggested}), [])


def _inputs(instance: str, settings: dict[str, Any]) -> list[Input]:
    try:
        return draw(door.schema_of(door.model_of(instance, settings)), settings)
    except TierwiseError as error:
        raise Http404(str(error)) from error


def _show(
    request: HttpRequest, instance: str, known: dict[str, dict[str, Any]], inputs: list[Input], problems: list[Any],
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    settings = known.get(instance, {})
    model = door.model_of(instance, settings)
    proof = proof_of(instance, settings) if instance in known else None
    shown = {
        "instance": instance, "card": cards().get(model), "inputs": inputs, "problems": problems, "proof": proof,
        "tabs": [(name, title_of(door.model_of(name, each), name)) for name, each in known.items()],
        "others": [(name, title) for name, title in door.model_names_known().items() if name not in known],
        "versions": versions(), "industries": industries(), "may_edit": may(request.user, Permission.MODELS_EDIT),
        "may_publish": may(request.user, Permission.MODELS_PUBLISH), "waiting": waiting_for_approval(), "in_file": instance in known,
        "suggested": any(name.startswith("s.") for name in request.GET),
        "has_run": (run := current_run()) is not None and instance in run.manifest.models,
    }  # fmt: skip
    return render(request, "pages/models/model.html", shown, status=status)


def _posted(request: HttpRequest) -> tuple[str, dict[str, dict[str, Any]], dict[str, Any]]:
    """The model of a form, the models of the file, and the settings that the form holds."""
    known = door.model_settings(door.read_settings().text)
    instance = request.POST.get("instance", "")
    inputs = _inputs(instance, known.get(instance, {}))
    posted = {name: str(value) for name, value in request.POST.items()}
    return instance, known, read(inputs, posted, known.get(instance, {}))


@require(Permission.RESULTS_VIEW)
@require_POST
def simulate(request: HttpRequest) -> HttpResponse:
    """Who would move under the settings of the form; a piece of the page, asked for while a setting changes."""
    instance, _, settings = _posted(request)
    shown: dict[str, Any] = {"instance": instance}
    try:
        shown["simulation"] = simulate_settings(instance, settings)
        shown["proof"] = proof_of(instance, settings)
    except TierwiseError as error:
        shown["problems"] = error.problems
    shown["currency"] = currency()
    shown["difference"] = difference(
        door.read_settings().text, door.with_model(door.read_settings().text, instance, settings)
    )
    return render(request, "pages/models/simulation.html", shown)


@require(Permission.MODELS_EDIT)
@require_POST
def draft(request: HttpRequest) -> HttpResponse:
    """Keep the form's settings as a draft; problems stand at their settings."""
    instance, known, settings = _posted(request)
    try:
        version = services.save_draft(request.user, instance, settings, request.POST.get("comment", ""))
    except TierwiseError as error:
        filled = draw(door.schema_of(door.model_of(instance, settings)), settings)
        rest = place(filled, error.problems, instance)
        return _show(request, instance, known, filled, rest, 422)
    messages.success(request, say(f"Draft {version.number} is saved.", f"草稿 {version.number} 已保存。"))
    return HttpResponseRedirect(reverse("pages:models_version", args=[version.number]))


@require(Permission.RESULTS_VIEW)
@require_GET
def version(request: HttpRequest, number: int) -> HttpResponse:
    """One version: what it would change, and what may be done with it."""
    text = version_text(number)
    if text is None:
        raise Http404
    lines = versions()
    other = request.GET.get("with", "")
    base = int(other) if other.isdecimal() and version_text(int(other)) is not None else None
    shown = {
        "number": number, "line": next((line for line in lines if line.number == number), None), "text": text,
        "others": [line.number for line in lines if line.number != number], "base": base,
        "difference": version_difference(number, base), "may_edit": may(request.user, Permission.MODELS_EDIT),
        "may_publish": may(request.user, Permission.MODELS_PUBLISH),
    }  # fmt: skip
    return render(request, "pages/models/version.html", shown)


@require(Permission.RESULTS_VIEW)
@require_POST
@telling("pages:models")
def decide(request: HttpRequest, number: int, step: str) -> HttpResponse:
    """Ask for approval, publish, turn down, or roll back."""
    if step == "ask":
        services.ask_approval(request.user, number)
        messages.success(request, say("Handed over for approval.", "已提交审批。"))
    elif step == "publish":
        job = services.publish(request.user, number)
        told = say("Published; a new run is queued.", "已发布，并已安排重新计算。")
        messages.success(
            request,
            told if job else say("Published. Run `tierwise run` to compute.", "已发布，请运行 tierwise run 计算。"),
        )
        return back_to(request, "pages:models")
    elif step == "reject":
        services.reject(request.user, number)
    elif step == "roll_back":
        fresh = services.roll_back(request.user, number)
        if services.sources_kept(fresh.number, number):
            kept = say(
                "The sources of today were kept: they are changed in tierwise.yaml on the machine alone.",
                "已保留当前的数据来源（sources）：它只能在服务器上的 tierwise.yaml 中修改。",
            )
            messages.info(request, kept)
        return HttpResponseRedirect(reverse("pages:models_version", args=[fresh.number]))
    else:
        raise Http404
    return HttpResponseRedirect(reverse("pages:models_version", args=[number]))


@require(Permission.RESULTS_VIEW)
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The settings file as it is, or a version of it."""
    number = request.GET.get("version", "")
    text = version_text(int(number)) if number.isdecimal() else door.read_settings().text
    if text is None:
        raise Http404
    answer = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="tierwise.yaml"'
    return answer


@require(Permission.MODELS_EDIT)
@require_POST
@telling("pages:models")
def bring(request: HttpRequest) -> HttpResponse:
    """Take a settings file as a draft."""
    file = request.FILES.get("file")
    text = file.read(door.MOST_BYTES + 1).decode("utf-8-sig", "replace") if file else request.POST.get("text", "")
    fresh = services.import_settings(request.user, text.replace("\r\n", "\n"), request.POST.get("comment", ""))
    return HttpResponseRedirect(reverse("pages:models_version", args=[fresh.number]))


@require(Permission.MODELS_EDIT)
@require_POST
@telling("pages:models")
def take_template(request: HttpRequest) -> HttpResponse:
    """Take an industry template as a draft."""
    fresh = services.take_template(request.user, request.POST.get("template", ""))
    return HttpResponseRedirect(reverse("pages:models_version", args=[fresh.number]))


urlpatterns = [
    path("models/", models, name="models"),
    path("models/simulate", simulate, name="models_simulate"),
    path("models/draft", draft, name="models_draft"),
    path("models/export", export, name="models_export"),
    path("models/template", take_template, name="models_template"),
    path("models/import", bring, name="models_import"),
    path("models/version/<int:number>", version, name="models_version"),
    path("models/version/<int:number>/<slug:step>", decide, name="models_decide"),
]
