"""Which customers a filter means, and whom somebody may see: as database queries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from tierwise_console.access.permissions import Permission
from tierwise_console.crm.filters import CustomerFilter
from tierwise_console.crm.folding import folded
from tierwise_console.crm.models import Customer, CustomField, CustomValue, FieldKind, Label, Tagging, TakeOver
from tierwise_console.crm.sealing import bare_phone, email_index, phone_index, phone_tail_index

MOST_FOUND = 500
"""So many customers a search finds at most."""
FEW = 10_000
"""Up to so many, ids are looked up first: walking a whole index in the hope to meet them takes longer."""
LAST = "\U0010ffff"


def visible(actor: Any) -> Q:
    """The customers that somebody may see: all, or their own."""
    return Q() if actor.may(Permission.CUSTOMERS_ALL) else Q(owner=actor.pk)


def matching(wanted: CustomerFilter, actor: Any) -> QuerySet[Customer]:
    """The customers that a filter means, of those that the actor may see."""
    return Customer.objects.filter(conditions(wanted, actor))


def conditions(wanted: CustomerFilter, actor: Any, prefix: str = "", without: str = "") -> Q:
    """The filter over customers, or over rows that point at one by `prefix`; `without` leaves one model's tiers out."""
    key = f"{prefix}customer_id" if prefix else "pk"
    found = _own(wanted, actor, prefix)
    for model, tiers in wanted.tiers.items():
        if model != without:
            held = Label.objects.filter(customer=OuterRef(key), model=model, tier__in=tiers)
            found &= Q(Exists(held))
    for model, cell in wanted.cells.items():
        held = Label.objects.filter(customer=OuterRef(key), model=model, cell__startswith=cell)
        found &= Q(Exists(held))
    for tag in wanted.tags:
        found &= _few_or_exists(Tagging.objects.filter(tag=tag), key)
    for field in CustomField.objects.filter(key__in=wanted.fields):
        if field.personal:  # nobody finds a customer by guessing what is masked
            return Q(pk__in=())
        found &= _few_or_exists(CustomValue.objects.filter(_value(field, wanted.fields[field.key]), field=field), key)
    if wanted.search:
        found &= Q(**{f"{key}__in": found_by(wanted.search)})
    return found


def _own(wanted: CustomerFilter, actor: Any, prefix: str) -> Q:
    """What the customer's own row answers."""
    found = Q() if actor.may(Permission.CUSTOMERS_ALL) else Q(**{f"{prefix}owner": actor.pk})
    if wanted.owner:
        owner = {"me": actor.pk, "none": None}.get(wanted.owner, wanted.owner)
        found &= Q(**({f"{prefix}owner__isnull": True} if owner is None else {f"{prefix}owner": _id(owner)}))
    for name in ("kind", "region"):
        if getattr(wanted, name):
            found &= Q(**{f"{prefix}{name}": getattr(wanted, name)})
    if wanted.in_data:
        found &= Q(**{f"{prefix}in_data": wanted.in_data == "yes"})
    for name, value in wanted.ranges.items():
        found &= Q(**_bound(prefix, name, value))
    return found


def _bound(prefix: str, name: str, value: Decimal) -> dict[str, Any]:
    """One end of a range. Days since the last order are counted back from the day the labels are true for."""
    column, _, side = name.rpartition("_")
    if column == "recency_days":
        last, days = as_of(), min(int(value), 36_500)
        return {f"{prefix}last_order_on__{'lte' if side == 'min' else 'gte'}": last - timedelta(days=days)}
    return {f"{prefix}{column}__{'gte' if side == 'min' else 'lte'}": value}


def as_of() -> date:
    """The day that the labels in the database are true for."""
    return TakeOver.objects.order_by("-pk").values_list("as_of", flat=True).first() or timezone.localdate()


def _id(value: Any) -> int:
    """The id of a user; nobody's where it is none."""
    return int(value) if str(value).isdecimal() and len(str(value)) < 18 else 0


def _few_or_exists(rows: QuerySet[Any], key: str) -> Q:
    ids = list(rows.values_list("customer_id", flat=True)[: FEW + 1])
    if len(ids) <= FEW:
        return Q(**{f"{key}__in": ids})
    return Q(Exists(rows.filter(customer=OuterRef(key))))


def _value(field: CustomField, wanted: str) -> Q:
    """A value of a custom field: `10..20` is a range of numbers or days, anything else the whole value or its start."""
    low, separator, high = wanted.partition("..")
    if separator and field.kind in (FieldKind.NUMBER, FieldKind.DATE):
        bounds = {"gte": low.strip(), "lte": high.strip()}
        return Q(**{f"{field.kind}__{op}": bound for op, bound in bounds.items() if _readable(field.kind, bound)})
    if field.kind == FieldKind.TEXT:
        return starts_with("text", wanted)
    return Q(text=wanted)


def _readable(kind: str, value: str) -> bool:
    try:
        date.fromisoformat(value) if kind == FieldKind.DATE else Decimal(value)
    except (ValueError, ArithmeticError):
        return False
    return True


def starts_with(column: str, beginning: str) -> Q:
    """A column beginning with a text, by its index on either database."""
    if connection.vendor == "sqlite":
        return Q(**{f"{column}__gte": beginning, f"{column}__lt": beginning + LAST})
    return Q(**{f"{column}__startswith": beginning})


def found_by(search: str) -> list[str]:
    """The ids of customers found by id, name, phone (whole or last four digits) or e-mail; at most MOST_FOUND."""
    text, name, digits = search.strip(), folded(search), bare_phone(search)
    ways = [starts_with("pk", text), starts_with("name_folded", name), starts_with("given_folded", name)]
    if len(digits) >= 4 and len(digits) * 2 > len(text):
        ways.append(Q(phone_index=phone_index(digits)))
        ways += [Q(phone_tail_index=phone_tail_index(digits))] if len(digits) == 4 else []
    if "@" in text:
        ways.append(Q(email_index=email_index(text)))
    found: dict[str, None] = {}
    for way in ways:
        found.update(dict.fromkeys(Customer.objects.filter(way).values_list("pk", flat=True)[:MOST_FOUND]))
    return list(found)[:MOST_FOUND]


def smallest_tier(wanted: CustomerFilter, sizes: Mapping[tuple[str, str], int]) -> str:
    """The model whose wanted tiers have the fewest customers; empty where no tier is wanted."""
    sums = {model: sum(sizes.get((model, tier), 0) for tier in tiers) for model, tiers in wanted.tiers.items()}
    return min(sums, key=lambda model: sums[model], default="")
