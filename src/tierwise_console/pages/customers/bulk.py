"""Many customers at once: preview, apply, undo."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from tierwise_console.access.guards import require
from tierwise_console.access.permissions import Permission
from tierwise_console.crm.selectors import choices
from tierwise_console.crm.services.bulk_actions import OWNER, TAG, apply_bulk, preview_bulk, undo_bulk
from tierwise_console.pages.answers import back_to, telling
from tierwise_console.pages.customers.listing import asked_in_form
from tierwise_console.shell.language import say


@require(Permission.CUSTOMERS_EDIT)
@require_POST
@telling("pages:customers")
def bulk(request: HttpRequest) -> HttpResponse:
    """Show what would change; on the second press change it."""
    form = request.POST
    kind = OWNER if form.get("kind") == OWNER else TAG
    value, wanted = form.get(f"{kind}_value", form.get("value", "")), asked_in_form(request)
    if "confirmed" in form:
        action = apply_bulk(request.user, kind, value, wanted)
        messages.success(
            request, say(f"{action.customers:,} customers changed.", f"已修改 {action.customers:,} 位客户。")
        )
        return back_to(request, "pages:customers")
    customers, first = preview_bulk(request.user, kind, value, wanted)
    owners = {str(pk): name for pk, name in choices.owners()}
    context = {
        "kind": kind, "value": value, "shown": owners.get(value, "–") if kind == OWNER else value,
        "customers": customers, "first": first, "query": wanted.query(),
    }  # fmt: skip
    return render(request, "pages/customers/bulk.html", context)


@require(Permission.CUSTOMERS_EDIT)
@require_POST
@telling("pages:customers")
def undo(request: HttpRequest) -> HttpResponse:
    """Put back what was before."""
    action = request.POST.get("action", "")
    undone = undo_bulk(request.user, int(action) if action.isdecimal() else 0)
    messages.success(
        request, say(f"Undone for {undone.customers:,} customers.", f"已为 {undone.customers:,} 位客户撤销。")
    )
    return back_to(request, "pages:customers")
