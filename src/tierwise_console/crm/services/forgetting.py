"""The CRM's part of privacy requests: what it holds of a person, told or taken out. The caller checks permission."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Model

from tierwise_console.crm.models import (
    BulkAction,
    BulkItem,
    Customer,
    CustomValue,
    FieldKind,
    Label,
    Note,
    SavedView,
    Tag,
    Tagging,
    Task,
    TierChange,
    TierSpell,
)  # fmt: skip
from tierwise_console.crm.sealing import unseal

Clean = Callable[[Any], Any]
"""Returns a value without the person: texts and values within lists and dicts, where they speak of it."""
OF_CUSTOMER: dict[str, type[Model]] = {
    "labels": Label, "tier_history": TierSpell, "tier_changes": TierChange, "fields": CustomValue, "tags": Tagging,
    "notes": Note, "tasks": Task, "bulk_actions": BulkItem, "customers": Customer,
}  # fmt: skip
"""What is a customer's, by name; the customer itself goes last."""
IN_WORDS: tuple[tuple[type[Model], tuple[str, ...]], ...] = (
    (Note, ("text",)), (Task, ("title", "outcome")), (SavedView, ("query",)), (BulkAction, ("query",)), (Tag, ("rule",)),
)  # fmt: skip
"""Where somebody may have written of a customer who is not the one that the row belongs to."""
TELLING_LETTERS = 4
"""A shorter text of a personal field may be any word: it is not looked for in what people wrote."""
_SEALED = {"phone_sealed": "phone", "email_sealed": "email"}
_INDEXES = ("phone_index", "phone_tail_index", "email_index", "name_folded", "given_folded")


def held(ids: Sequence[str]) -> dict[str, int]:
    """How many rows the CRM holds of these customers, by name."""
    found = {name: model._default_manager.filter(customer_id__in=ids).count() for name, model in OF_CUSTOMER.items()}
    return {name: rows for name, rows in found.items() if rows}


def naming(ids: Sequence[str]) -> list[str]:
    """Name, phone, e-mail and texts of personal fields of these customers as people wrote them here."""
    rows = Customer.objects.filter(pk__in=ids)
    found = [text for row in rows for text in (row.name, unseal(row.phone_sealed), unseal(row.email_sealed)) if text]
    personal = CustomValue.objects.filter(customer_id__in=ids, field__personal=True, field__kind=FieldKind.TEXT)
    return found + [text for text in personal.values_list("text", flat=True) if len(text) >= TELLING_LETTERS]


def told(ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """All rows of these customers, contact data in the clear: the CRM's part of a subject's export."""
    found = {
        name: [_plain(row) for row in model._default_manager.filter(customer_id__in=ids).order_by("pk")]
        for name, model in OF_CUSTOMER.items()
    }
    return {name: rows for name, rows in found.items() if rows}


def _plain(row: Model) -> dict[str, Any]:
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    values = {name: value for name, value in values.items() if name not in _INDEXES}
    if isinstance(row, CustomValue):
        values |= {"key": row.field.key, "name_en": row.field.name_en, "name_zh": row.field.name_zh}
    return {_SEALED.get(name, name): unseal(value) if name in _SEALED else value for name, value in values.items()}


def known_customers() -> Iterable[str]:
    """The ids of all customers here, also those that only an undo of a bulk action still knows."""
    yield from Customer.objects.values_list("pk", flat=True).iterator(chunk_size=5000)
    yield from BulkItem.objects.values_list("customer_id", flat=True).distinct().iterator(chunk_size=5000)


@transaction.atomic
def forget_customers(ids: Sequence[str], clean: Clean) -> dict[str, int]:
    """Remove these customers and all that people added to them; returns how many rows went, by name."""
    gone = {name: model._default_manager.filter(customer_id__in=ids).delete()[0] for name, model in OF_CUSTOMER.items()}
    for model, fields in IN_WORDS:
        changed = sum(_cleaned(row, fields, clean) for row in model._default_manager.iterator(chunk_size=2000))
        gone["in_words"] = gone.get("in_words", 0) + changed
    return {name: rows for name, rows in gone.items() if rows}


def _cleaned(row: Model, fields: Iterable[str], clean: Clean) -> bool:
    """Take the person out of a row's words; whether that changed it."""
    before = {field: getattr(row, field) for field in fields}
    after = {field: clean(value) for field, value in before.items()}
    if after == before:
        return False
    type(row)._default_manager.filter(pk=row.pk).update(**after)
    return True
