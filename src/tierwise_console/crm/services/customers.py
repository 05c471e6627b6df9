"""Change, add and unmask one customer."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from tierwise.errors import ErrorKind, Family, Place, Problem, raise_all
from tierwise.language import Text
from tierwise_console.access.guards import check_may
from tierwise_console.access.permissions import Permission
from tierwise_console.audit.services import record
from tierwise_console.crm.access import customer_for, user_or_none
from tierwise_console.crm.folding import folded_names
from tierwise_console.crm.masking import Shown, shown
from tierwise_console.crm.models import Customer, CustomerKind
from tierwise_console.crm.sealing import email_index, phone_index, phone_tail_index, seal
from tierwise_console.crm.services.fields import set_first_values

TEXTS = {
    "name": 200, "gender": 20, "region": 100, "city": 100, "occupation": 100, "industry": 100, "source_channel": 100,
}  # fmt: skip
EDITABLE = ("kind", *TEXTS, "phone", "email", "birth_date", "owner")

BAD_VALUE = ErrorKind(
    "crm.bad_value",
    Family.USAGE,
    what=Text("{field} cannot be {value}", "“{field}”的取值 {value} 无效"),
    cause=Text("{cause}", "{cause}"),
    cure=Text("correct it and save again", "请更正后重新保存"),
)
ID_TAKEN = ErrorKind(
    "crm.id_taken",
    Family.USAGE,
    what=Text("there is a customer {customer} already", "客户编号 {customer} 已存在"),
    cause=Text("ids are compared as text, leading zeros included", "编号按文本比较，包含前导零"),
    cure=Text("open that customer, or leave the id empty to have one made", "请打开该客户，或留空以自动编号"),
)
NAMELESS = ErrorKind(
    "crm.nameless",
    Family.USAGE,
    what=Text("a new customer needs a name, a phone number or an e-mail address", "新客户至少需要姓名、手机或邮箱之一"),
    cause=Text("nobody could find it again otherwise", "否则之后无法查找"),
    cure=Text("fill in one of them", "请填写其中一项"),
)
_LONG = Text("it is longer than {most} characters", "超过 {most} 个字符")
_DATE = Text("a date is written as 1990-05-31 and lies in the past", "日期须写成 1990-05-31，且早于今天")
_MAIL = Text("an address looks like name@example.com", "邮箱须形如 name@example.com")
_PHONE = Text("a phone number has 5 to 20 digits", "电话号码须为 5–20 位数字")
_KIND = Text("it is person or company", "须为 person 或 company")


@transaction.atomic
def update_customer(actor: Any, customer_id: str, values: Mapping[str, Any]) -> list[str]:
    """Set fields of a customer; returns those that changed. A take-over leaves them alone from then on.

    Raises `crm.bad_value` with all that is wrong, `crm.no_customer`.
    """
    customer = customer_for(actor, customer_id, Permission.CUSTOMERS_EDIT, lock=True)
    changed = _put(customer, values)
    if changed:
        customer.edited = ",".join(sorted(customer.edited_fields | set(changed)))
        customer.save()
        record(
            "customer.changed", actor=actor, subject_type="customer", subject_id=customer_id, detail={"fields": changed}
        )
    return changed


@transaction.atomic
def create_customer(actor: Any, values: Mapping[str, Any], custom: Mapping[str, str] | None = None) -> str:
    """Add a customer that no data tell of, with its custom fields; returns its id. Salespeople own whom they add.

    Raises `crm.bad_value`, `crm.bad_custom_value`, `crm.id_taken`, `crm.nameless`.
    """
    check_may(actor, Permission.CUSTOMERS_EDIT)
    customer_id = str(values.get("customer_id") or "").strip()[:200] or f"N{secrets.token_hex(6).upper()}"
    if Customer.objects.filter(pk=customer_id).exists():
        raise ID_TAKEN.error(Place(value=customer_id), customer=customer_id)
    if not any(str(values.get(field) or "").strip() for field in ("name", "phone", "email")):
        raise NAMELESS.error()
    customer = Customer(customer_id=customer_id, by_hand=True, in_data=False)
    _put(customer, values)
    if not actor.may(Permission.CUSTOMERS_ALL) and customer.owner_id is None:
        customer.owner_id = actor.pk
    customer.edited = ",".join(EDITABLE)
    customer.save(force_insert=True)
    set_first_values(actor, customer_id, custom or {})
    record("customer.added", actor=actor, subject_type="customer", subject_id=customer_id)
    return customer_id


@transaction.atomic
def unmask_customer(actor: Any, customer_id: str, address: str = "") -> Shown:
    """Personal data in full, with an audit entry that says who looked."""
    customer = customer_for(actor, customer_id, Permission.CUSTOMERS_UNMASK)
    record("customer.unmasked", actor=actor, subject_type="customer", subject_id=customer_id, address=address)
    return shown(customer, actor, unmasked=True)


def _put(customer: Customer, values: Mapping[str, Any]) -> list[str]:
    """Put values on the customer; returns the fields that changed."""
    problems: list[Problem] = []
    changed = []
    for field in (name for name in EDITABLE if name in values):
        raw = str(values[field] if values[field] is not None else "").strip()
        problem = _wrong(field, raw)
        if problem is not None:
            place = Place(column=field, value=raw[:40])
            problems.append(BAD_VALUE.problem(place, field=field, value=repr(raw[:40]), cause=problem))
        elif _set(customer, field, raw):
            changed.append(field)
    raise_all(problems)
    return changed


def _wrong(field: str, raw: str) -> Text | None:
    """What is wrong with a value; None where nothing is."""
    if "\x00" in raw or len(raw) > TEXTS.get(field, 200):
        return _LONG.fill(most=TEXTS.get(field, 200))
    if field == "kind" and raw not in CustomerKind.values:
        return _KIND
    if field == "phone" and raw and not 5 <= sum(c.isdigit() for c in raw) <= 20:
        return _PHONE
    if field == "email" and raw and (raw.count("@") != 1 or raw[0] == "@" or "." not in raw.partition("@")[2]):
        return _MAIL
    if field == "birth_date" and raw and not _past(raw):
        return _DATE
    return None


def _past(raw: str) -> bool:
    try:
        return date(1880, 1, 1) < date.fromisoformat(raw) <= timezone.localdate()
    except ValueError:
        return False


def _set(customer: Customer, field: str, raw: str) -> bool:
    """Set one field and what follows from it; whether that changed it."""
    before = (customer.name, customer.phone_index, customer.email_index, *(getattr(customer, f) for f in TEXTS))
    before = (*before, customer.kind, customer.birth_date, customer.owner_id)
    if field == "phone":
        if phone_index(raw) != customer.phone_index:
            customer.phone_sealed, customer.phone_index = seal(raw), phone_index(raw)
            customer.phone_tail_index = phone_tail_index(raw)
    elif field == "email":
        if email_index(raw) != customer.email_index:
            customer.email_sealed, customer.email_index = seal(raw), email_index(raw)
    elif field == "owner":
        customer.owner_id = user_or_none(raw)
    elif field == "birth_date":
        customer.birth_date = date.fromisoformat(raw) if raw else None
    else:
        setattr(customer, field, raw)
    if field == "name":
        customer.name_folded, customer.given_folded = folded_names(raw)
    after = (customer.name, customer.phone_index, customer.email_index, *(getattr(customer, f) for f in TEXTS))
    return before != (*after, customer.kind, customer.birth_date, customer.owner_id)
