"""The filtered customer list as rows for a file, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tierwise_console.access.guards import check_may
from tierwise_console.access.permissions import Permission
from tierwise_console.crm.filters import CustomerFilter
from tierwise_console.crm.selectors.listing import ListedCustomer, list_page

BATCH_ROWS = 1_000
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def listed_customers(wanted: CustomerFilter, actor: Any, models: Sequence[str]) -> Iterator[ListedCustomer]:
    """Every customer of a filter in its order, masked as the actor sees the list."""
    check_may(actor, Permission.CUSTOMERS_EXPORT)
    after = ""
    while True:
        page = list_page(wanted, actor, models, after, BATCH_ROWS)
        yield from page.customers
        if not page.following:
            return
        after = page.following


def guarded(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets a leading apostrophe."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
