"""Custom fields: their definitions, and the values that customers have."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.db.models import Max

from tierwise.errors import ErrorKind, Family, Place, Problem, TierwiseError, raise_all
from tierwise.language import Text
from tierwise_console.access.guards import check_may
from tierwise_console.access.permissions import Permission
from tierwise_console.audit.services import record
from tierwise_console.crm.access import customer_for
from tierwise_console.crm.models import CustomField, CustomValue, FieldKind

BAD_FIELD = ErrorKind(
    "crm.bad_custom_field",
    Family.USAGE,
    what=Text("the field {key} cannot be made", "无法创建字段 {key}"),
    cause=Text("{cause}", "{cause}"),
    cure=Text("correct it and save again", "请更正后重新保存"),
)
NO_FIELD = ErrorKind(
    "crm.no_custom_field",
    Family.USAGE,
    what=Text("there is no field {key} to do this with", "没有可进行此操作的字段 {key}"),
    cause=Text("its key is wrong, or it was retired or taken back meanwhile", "代码有误，或该字段刚被停用或恢复"),
    cure=Text("look at the list of fields", "请查看字段列表"),
)
BAD_FIELD_VALUE = ErrorKind(
    "crm.bad_custom_value",
    Family.USAGE,
    what=Text("{field} cannot be {value}", "“{field}”的取值 {value} 无效"),
    cause=Text("{cause}", "{cause}"),
    cure=Text("correct it and save again", "请更正后重新保存"),
)
YES, NO = "yes", "no"
MOST_CHOICES = 100
LONGEST_CHOICE = 100
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CAUSES = {
    FieldKind.NUMBER: Text("a number is needed", "须为数字"),
    FieldKind.DATE: Text("a date as 2026-11-30 is needed", "须为日期，如 2026-11-30"),
    FieldKind.CHOICE: Text("it is none of the choices", "不在可选项中"),
    FieldKind.YES_NO: Text("it is yes or no", "须为 yes 或 no"),
    FieldKind.TEXT: Text("it is required, at most 500 characters", "必填，最多 500 个字符"),
}


@dataclass(frozen=True, slots=True)
class FieldDefinition:
    """What a field is: its key and kind never change; `choices` are those of a single choice."""

    key: str
    name_en: str
    name_zh: str
    kind: str = FieldKind.TEXT
    choices: Sequence[str] = ()
    personal: bool = False
    required: bool = False

    def error(self, cause: Text) -> TierwiseError:
        """The error of a definition that cannot be."""
        return BAD_FIELD.error(Place(column=self.key[:40]), key=self.key[:40], cause=cause)


@transaction.atomic
def make_field(actor: Any, wanted: FieldDefinition) -> CustomField:
    """Define a field, or change its names and choices; its kind stays. Raises `crm.bad_custom_field`."""
    check_may(actor, Permission.USERS_MANAGE)
    cause = _cause(wanted, CustomField.objects.filter(key=wanted.key).first())
    if cause is not None:
        raise wanted.error(cause)
    marks: dict[str, Any] = {"kind": wanted.kind, "personal": wanted.personal, "required": wanted.required}
    choices = list(wanted.choices) if wanted.kind == FieldKind.CHOICE else []
    names = {"name_en": wanted.name_en.strip(), "name_zh": wanted.name_zh.strip()}
    kept = {**names, **marks, "choices": choices, "archived": False}
    fresh = {**kept, "position": _after_all()}
    field, _ = CustomField.objects.update_or_create(key=wanted.key, defaults=kept, create_defaults=fresh)
    record("field.defined", actor=actor, subject_type="field", subject_id=wanted.key, detail=marks)
    return field


def _cause(wanted: FieldDefinition, known: CustomField | None) -> Text | None:
    if not _KEY.fullmatch(wanted.key):
        return Text(
            "a key has small letters a to z, digits and _, a letter first", "代码须为小写字母、数字和下划线，以字母开头"
        )
    if not (1 <= len(wanted.name_en.strip()) <= 60 and 1 <= len(wanted.name_zh.strip()) <= 60):
        return Text("it needs a name of 1 to 60 characters in both languages", "两种语言的名称均须为 1–60 个字符")
    if wanted.kind not in FieldKind.values:
        return Text("its kind is text, number, date, choice or yes_no", "类型须为 text、number、date、choice 或 yes_no")
    if wanted.kind == FieldKind.CHOICE and not wanted.choices:
        return Text("a choice needs choices", "单选字段须列出可选项")
    if wanted.kind == FieldKind.CHOICE and not _listable(wanted.choices):
        return Text(
            f"there are at most {MOST_CHOICES} choices, each other than the rest, of 1 to {LONGEST_CHOICE} characters",
            f"可选项最多 {MOST_CHOICES} 个，互不重复，每项 1–{LONGEST_CHOICE} 个字符",
        )
    if known is not None and known.kind != wanted.kind:
        return Text("a field of this key and another kind is there", "已有同代码、不同类型的字段")
    return None


def _listable(choices: Sequence[str]) -> bool:
    lengths_fit = all(1 <= len(choice) <= LONGEST_CHOICE for choice in choices)
    return lengths_fit and len(set(choices)) == len(choices) <= MOST_CHOICES


def _after_all() -> int:
    last = CustomField.objects.aggregate(last=Max("position"))["last"]
    return 0 if last is None else int(last) + 1


@transaction.atomic
def add_field(actor: Any, wanted: FieldDefinition) -> CustomField:
    """Define a field that is not there yet, after all others. Raises `crm.bad_custom_field`."""
    check_may(actor, Permission.USERS_MANAGE)
    if CustomField.objects.filter(key=wanted.key).exists():
        raise wanted.error(
            Text("a field of this key is there, in use or retired", "已有同代码的字段（使用中或已停用）")
        )
    return make_field(actor, wanted)


@transaction.atomic
def change_field(actor: Any, wanted: FieldDefinition) -> CustomField:
    """Change names, choices and marks of a field in use; its kind stays, whatever is said of it.

    Raises `crm.no_custom_field`, `crm.bad_custom_field`."""
    check_may(actor, Permission.USERS_MANAGE)
    return make_field(actor, replace(wanted, kind=_field(wanted.key, archived=False).kind))


@transaction.atomic
def move_field(actor: Any, key: str, steps: int) -> None:
    """Show a field so many places later, or earlier where `steps` is below 0. Raises `crm.no_custom_field`."""
    check_may(actor, Permission.USERS_MANAGE)
    field = _field(key, archived=False)
    shown = list(CustomField.objects.filter(archived=False))
    before = shown.index(field)
    shown.insert(max(before + steps, 0), shown.pop(before))
    rest = CustomField.objects.filter(archived=True)
    for position, each in enumerate([*shown, *rest]):
        each.position = position
        each.save(update_fields=["position"])
    detail = {"position": shown.index(field) + 1}
    record("field.moved", actor=actor, subject_type="field", subject_id=key, detail=detail)


@transaction.atomic
def archive_field(actor: Any, key: str) -> None:
    """Take a field off the cards; its values stay, and come back with it. Raises `crm.no_custom_field`."""
    check_may(actor, Permission.USERS_MANAGE)
    field = _field(key, archived=False)
    field.archived = True
    field.save(update_fields=["archived"])
    record("field.archived", actor=actor, subject_type="field", subject_id=key)


@transaction.atomic
def restore_field(actor: Any, key: str) -> None:
    """Take a retired field back, after all others, with the values it had. Raises `crm.no_custom_field`."""
    check_may(actor, Permission.USERS_MANAGE)
    field = _field(key, archived=True)
    field.archived, field.position = False, _after_all()
    field.save(update_fields=["archived", "position"])
    record("field.restored", actor=actor, subject_type="field", subject_id=key)


def _field(key: str, archived: bool) -> CustomField:
    found = CustomField.objects.filter(key=key, archived=archived).first()
    if found is None:
        raise NO_FIELD.error(Place(column=key[:40]), key=key[:40])
    return found


@transaction.atomic
def set_values(actor: Any, customer_id: str, values: Mapping[str, str]) -> list[str]:
    """Set custom fields of a customer; an empty value removes one. Raises `crm.bad_custom_value` with all that is wrong."""
    customer = customer_for(actor, customer_id, Permission.CUSTOMERS_EDIT)
    problems: list[Problem] = []
    changed = []
    for field in CustomField.objects.filter(key__in=values, archived=False):
        raw = str(values[field.key]).strip()
        if not raw and not field.required:
            removed, _ = CustomValue.objects.filter(field=field, customer=customer).delete()
            changed += [field.key] if removed else []
            continue
        kept = _kept(field, raw)
        if kept is None:
            name, cause = Text(field.name_en, field.name_zh), _CAUSES[FieldKind(field.kind)]
            place = Place(column=field.key, value=raw[:40])
            problems.append(BAD_FIELD_VALUE.problem(place, field=name, value=repr(raw[:40]), cause=cause))
            continue
        if not CustomValue.objects.filter(field=field, customer=customer, **kept).exists():
            CustomValue.objects.update_or_create(field=field, customer=customer, defaults=kept)
            changed.append(field.key)
    raise_all(problems)
    if changed:
        detail = {"fields": changed}
        record("customer.changed", actor=actor, subject_type="customer", subject_id=customer_id, detail=detail)
    return changed


def set_first_values(actor: Any, customer_id: str, values: Mapping[str, str]) -> None:
    """Set the custom fields of a customer who was just entered; those that are required may not be missing.

    Raises `crm.bad_custom_value` with all that is wrong.
    """
    required = CustomField.objects.filter(required=True, archived=False).values_list("key", flat=True)
    given = {**dict.fromkeys(required, ""), **values}
    if given:
        set_values(actor, customer_id, given)


def _kept(field: CustomField, raw: str) -> dict[str, Any] | None:
    """A value as it is kept; None where the field cannot have it."""
    kept: dict[str, Any] = {"text": raw, "number": None, "date": None}
    try:
        if field.kind == FieldKind.NUMBER:
            number = Decimal(raw)
            return {**kept, "number": number} if number.is_finite() and abs(number) < Decimal(10) ** 17 else None
        if field.kind == FieldKind.DATE:
            return {**kept, "date": date.fromisoformat(raw)}
    except (InvalidOperation, ValueError):
        return None
    if field.kind == FieldKind.CHOICE:
        return kept if raw in field.choices else None
    if field.kind == FieldKind.YES_NO:
        return kept if raw in (YES, NO) else None
    return kept if 1 <= len(raw) <= 500 else None
