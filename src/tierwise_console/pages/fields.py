"""Settings: the fields that the company adds to its customers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST

from tierwise.errors import TierwiseError
from tierwise.language import Text
from tierwise_console.access.guards import require
from tierwise_console.access.permissions import Permission
from tierwise_console.crm.selectors.definitions import KIND_NAMES, definitions
from tierwise_console.crm.services import fields as services
from tierwise_console.crm.services.fields import FieldDefinition
from tierwise_console.pages.answers import tell, telling
from tierwise_console.shell.language import say
from tierwise_console.shell.menu import Entry

MENU = (Entry(Text("Custom fields", "自定义字段"), "columns", "pages:fields", 194, Permission.USERS_MANAGE),)


@require(Permission.USERS_MANAGE)
@require_http_methods(["GET", "POST"])
def fields(request: HttpRequest) -> HttpResponse:
    """The fields in use and the retired ones; a new one where the form is sent, which is kept where it is wrong."""
    if request.method == "POST":
        given = {name: request.POST.get(name, "").strip() for name in ("key", "name_en", "name_zh", "kind")}
        marks = _marks(request)
        try:
            services.add_field(request.user, FieldDefinition(**given, choices=_choices(request), **marks))
        except TierwiseError as error:
            tell(request, error)
            return _show(request, {**given, "choices": request.POST.get("choices", ""), **marks}, 422)
        messages.success(request, say("The field was added.", "字段已添加。"))
        return HttpResponseRedirect(reverse("pages:fields"))
    return _show(request, {}, 200)


def _marks(request: HttpRequest) -> dict[str, bool]:
    """Whether a form says that the field is personal, and that it is required."""
    return {mark: mark in request.POST for mark in ("personal", "required")}


def _show(request: HttpRequest, given: dict[str, Any], status: int) -> HttpResponse:
    every = definitions()
    shown = {
        "fields": [each for each in every if not each.archived],
        "retired": [each for each in every if each.archived],
        "kinds": [(kind.value, name) for kind, name in KIND_NAMES.items()],
        "given": given,
    }
    return render(request, "pages/fields.html", shown, status=status)


def _choices(request: HttpRequest) -> list[str]:
    """The choices of a form, one a line; empty lines are none."""
    return [line.strip() for line in request.POST.get("choices", "").splitlines() if line.strip()]


@require(Permission.USERS_MANAGE)
@require_POST
@telling("pages:fields")
def change_field(request: HttpRequest, key: str, step: str) -> HttpResponse:
    """Rename a field, show it earlier or later, retire it, or take it back."""
    actor, form = request.user, request.POST
    if step == "save":
        names = form.get("name_en", ""), form.get("name_zh", "")
        services.change_field(actor, FieldDefinition(key, *names, choices=_choices(request), **_marks(request)))
        messages.success(request, say("The field was changed.", "字段已修改。"))
    elif step in ("earlier", "later"):
        services.move_field(actor, key, -1 if step == "earlier" else 1)
    elif step == "retire":
        services.archive_field(actor, key)
        messages.success(request, say("The field was retired; its values are kept.", "字段已停用，已有取值仍保留。"))
    elif step == "restore":
        services.restore_field(actor, key)
        messages.success(request, say("The field is back, with its values.", "字段已恢复，取值不变。"))
    else:
        raise Http404
    return HttpResponseRedirect(reverse("pages:fields"))


urlpatterns = [
    path("settings/fields", fields, name="fields"),
    path("settings/fields/<slug:key>/<slug:step>", change_field, name="change_field"),
]
