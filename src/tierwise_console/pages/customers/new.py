"""A new customer, checked against all others while it is typed."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from tierwise.errors import Problem, TierwiseError
from tierwise_console.access.guards import require
from tierwise_console.access.permissions import Permission
from tierwise_console.crm.selectors import choices
from tierwise_console.crm.selectors.duplicates import possible_duplicates
from tierwise_console.crm.services.customers import EDITABLE, create_customer
from tierwise_console.pages.customers.card import card_address, custom_values


@require(Permission.CUSTOMERS_EDIT)
@require_http_methods(["GET", "POST"])
def new_customer(request: HttpRequest) -> HttpResponse:
    """The form; and where it is sent, the new customer's card."""
    values = {name: request.POST.get(name, "") for name in ("customer_id", *EDITABLE) if name in request.POST}
    custom = custom_values(request)
    problems: tuple[Problem, ...] = ()
    if request.method == "POST":
        try:
            return HttpResponseRedirect(card_address(create_customer(request.user, values, custom)))
        except TierwiseError as error:
            problems = error.problems
    context = {"values": values, "problems": problems, "people": choices.owners()}
    context["fields"] = [replace(field, value=custom.get(field.key, "")) for field in choices.fields()]
    return render(request, "pages/customers/new.html", context, status=422 if problems else 200)


@require(Permission.CUSTOMERS_EDIT)
@require_GET
def check(request: HttpRequest) -> HttpResponse:
    """Who may be the same, as far as it is typed."""
    found = possible_duplicates(request.user, {name: request.GET.get(name, "") for name in ("name", "phone", "email")})
    return render(request, "pages/customers/duplicates.html", {"found": found})
