"""Is there such a customer already? Asked while somebody types a new one, so that two do not work the same (S27)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tierwise.language import Text
from tierwise_console.access.guards import check_may
from tierwise_console.access.permissions import Permission
from tierwise_console.crm.folding import folded
from tierwise_console.crm.masking import shown
from tierwise_console.crm.matching import starts_with
from tierwise_console.crm.models import Customer
from tierwise_console.crm.sealing import email_index, phone_index
from tierwise_console.runs.entry import known_customers

MOST = 8
SAME_PHONE = Text("same phone number", "手机号相同")
SAME_EMAIL = Text("same e-mail address", "邮箱相同")
SAME_NAME = Text("same name", "姓名相同")
ALIKE = Text("alike in several fields", "多项信息相近")
ALIKE_NAME = Text("name begins alike", "姓名开头相同")


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A customer who may be the same: why, and whose it is. A colleague's customer is named by its owner alone."""

    customer_id: str
    name: str
    owner: str
    why: Text
    certain: bool
    may_open: bool


def possible_duplicates(actor: Any, values: Mapping[str, str]) -> list[Duplicate]:
    """Customers who may be the one being typed, the surest first.

    The check looks at all customers, also at those of colleagues: that is what it is for.
    """
    check_may(actor, Permission.CUSTOMERS_EDIT)
    found: dict[str, Duplicate] = {}
    for customer, why, certain in _by_index(values):
        found[customer.pk] = _duplicate(actor, customer, why, certain)
    for rows, why, certain in _ways(values):
        for customer in rows.select_related("owner")[:MOST]:
            found.setdefault(customer.pk, _duplicate(actor, customer, why, certain))
    return sorted(found.values(), key=lambda each: not each.certain)[:MOST]


def named(actor: Any, customers: Iterable[str]) -> dict[str, Duplicate]:
    """These customers as the actor may see them: names masked by role, a colleague's customer by its owner alone."""
    check_may(actor, Permission.CUSTOMERS_VIEW)
    rows = Customer.objects.select_related("owner").in_bulk(list(customers))
    found = {pk: _duplicate(actor, row, ALIKE, False) for pk, row in rows.items()}
    return {
        pk: replace(each, name=shown(rows[pk], actor).name) if each.may_open else each for pk, each in found.items()
    }


def _by_index(values: Mapping[str, str]) -> list[tuple[Customer, Text, bool]]:
    """Whom the core's check finds among the facts, misspelled or written otherwise; customers typed here are not in it."""
    likely = [one for one in known_customers(_given(values)) if one.certain or one.weight >= 0]
    rows = Customer.objects.select_related("owner").in_bulk([one.customer for one in likely])
    return [(rows[one.customer], _why(one.reasons), one.certain) for one in likely if one.customer in rows]


def _given(values: Mapping[str, str]) -> dict[str, str]:
    return {field: str(values.get(field) or "") for field in ("name", "phone", "email")}


def _why(reasons: tuple[Text, ...]) -> Text:
    return Text("; ".join(each.en for each in reasons), "；".join(each.zh for each in reasons)) if reasons else ALIKE


def _ways(values: Mapping[str, str]) -> list[tuple[Any, Text, bool]]:
    name, phone, email = (str(values.get(field) or "").strip() for field in ("name", "phone", "email"))
    rows = Customer.objects.all()
    ways: list[tuple[Any, Text, bool]] = []
    if sum(each.isdigit() for each in phone) >= 7:
        ways.append((rows.filter(phone_index=phone_index(phone)), SAME_PHONE, True))
    if "@" in email:
        ways.append((rows.filter(email_index=email_index(email)), SAME_EMAIL, True))
    if len(folded(name)) >= 2:
        ways.append((rows.filter(name_folded=folded(name)), SAME_NAME, False))
        ways.append((rows.filter(starts_with("name_folded", folded(name))), ALIKE_NAME, False))
    return ways


def _duplicate(actor: Any, customer: Customer, why: Text, certain: bool) -> Duplicate:
    may_open = actor.may(Permission.CUSTOMERS_ALL) or customer.owner_id == actor.pk
    owner = customer.owner.shown_name if customer.owner else customer.owner_in_data
    name = customer.name if may_open else f"{customer.name[:1]}***"
    return Duplicate(customer.pk if may_open else "", name, owner or "–", why, certain, may_open)
