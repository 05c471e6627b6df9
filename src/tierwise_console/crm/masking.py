"""Personal data as a person may see it: masked, or in full where the role needs it; contact data only when asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tierwise.language import Text
from tierwise_console.access.permissions import Permission
from tierwise_console.crm.models import Customer, CustomValue
from tierwise_console.crm.sealing import unseal

STARS = "***"


@dataclass(frozen=True, slots=True)
class Shown:
    """Name and contact data as shown; `masked` where something is hidden that could be asked for."""

    name: str
    phone: str
    email: str
    masked: bool
    fields: tuple[tuple[Text, str], ...] = ()
    """Personal custom fields in full, by name; only where they were asked for."""


def shown(customer: Customer, actor: Any, unmasked: bool = False) -> Shown:
    """Those who work with customers see names; phone and e-mail are masked until they are asked for."""
    knows_name = unmasked or actor.may(Permission.CUSTOMERS_EDIT)
    name = customer.name if knows_name else mask_name(customer.name)
    phone, email = unseal(customer.phone_sealed), unseal(customer.email_sealed)
    if unmasked:
        return Shown(name, phone, email, False, _personal(customer))
    return Shown(name, mask_phone(phone), mask_email(email), bool(phone or email or not knows_name))


def _personal(customer: Customer) -> tuple[tuple[Text, str], ...]:
    found = CustomValue.objects.filter(customer=customer, field__personal=True, field__archived=False)
    return tuple((Text(v.field.name_en, v.field.name_zh), v.text) for v in found.select_related("field"))


def mask_name(name: str) -> str:
    """The first letter or character: 何**, H***."""
    return f"{name[0]}{STARS}" if name else ""


def mask_phone(phone: str) -> str:
    """The first three and the last four digits of a long number, the last two of a short one."""
    if len(phone) >= 9:
        return f"{phone[:3]}****{phone[-4:]}"
    return f"{STARS}{phone[-2:]}" if phone else ""


def mask_email(email: str) -> str:
    """The first letter and the domain."""
    local, at, domain = email.rpartition("@")
    return f"{local[:1]}{STARS}{at}{domain}" if email else ""
