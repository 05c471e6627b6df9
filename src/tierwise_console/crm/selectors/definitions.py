"""The custom fields as their own page lists them: in use and retired, with how many customers have a value."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from tierwise.language import Text
from tierwise_console.crm.models import CustomField, FieldKind

KIND_NAMES = {
    FieldKind.TEXT: Text("Text", "文本"),
    FieldKind.NUMBER: Text("Number", "数字"),
    FieldKind.DATE: Text("Date", "日期"),
    FieldKind.CHOICE: Text("Choice", "单选"),
    FieldKind.YES_NO: Text("Yes or no", "是/否"),
}


@dataclass(frozen=True, slots=True)
class Definition:
    """One field. `customers` are those that have a value of it."""

    key: str
    name_en: str
    name_zh: str
    kind: str
    kind_name: Text
    choices: tuple[str, ...]
    archived: bool
    personal: bool
    required: bool
    customers: int


def definitions() -> list[Definition]:
    """Every field, retired ones too, in the order that the company gives them."""
    rows = CustomField.objects.annotate(customers=Count("customvalue")).order_by("position", "id")
    return [
        Definition(
            row.key, row.name_en, row.name_zh, row.kind, KIND_NAMES[FieldKind(row.kind)], tuple(row.choices),
            row.archived, row.personal, row.required, row.customers,
        )
        for row in rows
    ]  # fmt: skip
