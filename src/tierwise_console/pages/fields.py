"""Settings: the fields that the company adds to its customers."""

from __future__ import annotations

from dataclasses import asdict
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
        wanted = _wanted(request, request.POST.get("key", "").strip())
        try:
            services.add_field(request.user, wanted)
        except TierwiseError as error:
            tell(request, error)
            return _show(request, {**asdict(wanted), "choices": request.POST.get("choices", "")}, 422)
        messages.success(request, say("The field was added.", "字段已添加。"))
        return HttpResponseRedirect(reverse("pages:fields"))
    return _show(request, {}, 200)


def _wanted(request: HttpRequest, key: str) -> FieldDefinition:
    """The field as a form defines it; choices stand one a line, and empty lines are none."""
    form = request.POST
    names = form.get("name_en", "").strip(), form.get("name_zh", "").strip()
    choices = [line.strip() for line in form.get("choices", "").splitlines() if line.strip()]
    return FieldDefinition(key, *names, form.get("kind", "").strip(), choices, "personal" in form, "required" in form)


def _show(request: HttpRequest, given: dict[str, Any], status: int) -> HttpResponse:
    every = definitions()
    shown = {
        "fields": [each for each in every if not each.archived],
        "retired": [each for each in every if each.archived],
        "kinds": [(kind.value, name) for kind, name in KIND_NAMES.items()],
        "given": given,
    }
    return render(request, "pages/fields.html", shown, status=status)


@require(Permission.USERS_MANAGE)
@require_POST
@telling("pages:fields")
def change_field(request: HttpRequest, key: str, step: str) -> HttpResponse:
    """Rename a field, show it earlier or later, retire it, or take it back."""
    actor = request.user
    if step == "save":
        services.change_field(actor, _wanted(request, key))
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
