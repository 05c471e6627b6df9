"""Whose names a page of figures may carry: whoever may not open a customer does not learn from a list that it is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tierwise_console.access.permissions import Permission
from tierwise_console.crm.matching import visible
from tierwise_console.crm.models import Customer


def seen_by(actor: Any) -> Callable[[str], bool]:
    """Whether somebody may see a customer, asked of an id; for those with customers of their own, these are read once."""
    if not actor.may(Permission.CUSTOMERS_VIEW):
        return lambda _: False
    if actor.may(Permission.CUSTOMERS_ALL):
        return lambda _: True
    return set(Customer.objects.filter(visible(actor)).values_list("pk", flat=True)).__contains__
