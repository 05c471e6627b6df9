"""What the database has and a run does not: looked for where no earlier run can tell what went."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from tierwise_console.crm.models import Customer, Label
from tierwise_console.runs.label_differences import CustomerRow, LabelRow

Missing = Callable[[list[str]], set[str]]
"""Which of these customers a run does not have."""


def leftover_labels(missing: Missing, model: str, after: str, rows: int) -> Iterator[list[LabelRow]]:
    """The labels of a model whose customers have none in the run."""
    while True:
        found = Label.objects.filter(model=model, customer_id__gt=after).order_by("customer_id")
        ids = list(found.values_list("customer_id", flat=True)[:rows])
        if not ids:
            return
        gone = missing(ids)
        after = ids[-1]
        yield [LabelRow(each, None, 0, Decimal(0), "", None) for each in ids if each in gone]


def leftover_customers(missing: Missing, after: str, rows: int) -> Iterator[list[CustomerRow]]:
    """The customers from the data that the run does not know."""
    while True:
        found = Customer.objects.filter(pk__gt=after, in_data=True, by_hand=False).order_by("pk")
        ids = list(found.values_list("pk", flat=True)[:rows])
        if not ids:
            return
        gone = missing(ids)
        after = ids[-1]
        yield [CustomerRow(each, False, None, 0, Decimal(0), None, {}) for each in ids if each in gone]
