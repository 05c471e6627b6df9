"""Write one batch of customers: figures always, the profile only where no person has changed it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from tierwise_console.crm import bulk
from tierwise_console.crm.folding import folded_names
from tierwise_console.crm.models import NEVER, Customer, Label, TakeOver
from tierwise_console.crm.owners import users_by_person
from tierwise_console.crm.sealing import email_index, phone_index, phone_tail_index, seal
from tierwise_console.runs.label_differences import CustomerRow

FIGURES = ("frequency", "monetary", "worth", "last_order_on", "in_data")
TEXTS = {
    "gender": 20, "region": 100, "city": 100, "occupation": 100, "industry": 100, "source_channel": 100,
}  # fmt: skip
PROFILE = (
    "kind", "name", "name_folded", "given_folded", "phone_sealed", "phone_index", "phone_tail_index", "email_sealed",
    "email_index", *TEXTS, "birth_date", "registered_on", "owner_in_data", "owner",
)  # fmt: skip
DERIVED = {
    "name": ("name_folded", "given_folded"),
    "phone": ("phone_sealed", "phone_index", "phone_tail_index"),
    "email": ("email_sealed", "email_index"),
}
"""The columns that follow from a field that a person may edit."""


class CustomerTaker:
    """Writes batches of customers of one take-over."""

    def __init__(self, state: TakeOver) -> None:
        self.state = state
        self.owners = users_by_person()

    def write(self, rows: Sequence[CustomerRow]) -> None:
        """Bring these customers to what the run says."""
        held = {} if self.state.baseline else self._held([row.customer_id for row in rows])
        known = [row for row in rows if row.known]
        self._upsert([row for row in known if not (row.customer_id in held and held[row.customer_id].edited)])
        for row in known:
            if row.customer_id in held and held[row.customer_id].edited:
                self._update_edited(held[row.customer_id], row)
        bulk.update_where(Customer, ("in_data",), "customer_id", [(False, r.customer_id) for r in rows if not r.known])
        if not self.state.baseline:
            self._carry_to_labels(known, held)

    def _upsert(self, rows: Sequence[CustomerRow]) -> None:
        now = timezone.now()
        blank = ("", False, "", now, now)
        written = [(row.customer_id, *_figures(row), *self._profile(row).values(), *blank) for row in rows]
        columns = ("customer_id", *FIGURES, *PROFILE, "edited", "by_hand", "merged_into", "created_at", "updated_at")
        bulk.upsert(Customer, columns, written, ("customer_id",), (*FIGURES, *PROFILE, "updated_at"))

    def _update_edited(self, held: Customer, row: CustomerRow) -> None:
        profile = self._profile(row)
        kept = {column for field in held.edited_fields for column in (field, *DERIVED.get(field, ()))}
        profile["owner_id"] = profile.pop("owner")
        if "owner" in kept:
            profile.pop("owner_id")
        fresh = {
            **dict(zip(FIGURES, _figures(row), strict=True)),
            **{k: v for k, v in profile.items() if k not in kept},
        }
        Customer.objects.filter(pk=row.customer_id).update(**fresh, updated_at=timezone.now())

    def _profile(self, row: CustomerRow) -> dict[str, Any]:
        """The columns of the profile in the order of PROFILE."""
        given = row.profile
        name, phone, email = (_text(given, field, 200) for field in ("name", "phone", "email"))
        owner = _text(given, "owner", 100)
        folded, given_name = folded_names(name)
        return {
            "kind": "company" if given["kind"] == "company" else "person",
            "name": name,
            "name_folded": folded,
            "given_folded": given_name,
            "phone_sealed": seal(phone),
            "phone_index": phone_index(phone),
            "phone_tail_index": phone_tail_index(phone),
            "email_sealed": seal(email),
            "email_index": email_index(email),
            **{field: _text(given, field, longest) for field, longest in TEXTS.items()},
            "birth_date": given["birth_date"],
            "registered_on": given["registered_at"],
            "owner_in_data": owner,
            "owner": self.owners.get(owner),
        }

    def _carry_to_labels(self, rows: Sequence[CustomerRow], held: Mapping[str, Customer]) -> None:
        """Labels carry what customers are sorted by."""
        moved = []
        for row in rows:
            was = held.get(row.customer_id)
            _, monetary, _, last, _ = _figures(row)
            if was is not None and (was.monetary, was.last_order_on) != (monetary, last):
                moved.append((monetary, last, row.customer_id))
        bulk.update_where(Label, ("monetary", "last_order_on"), "customer", moved)

    @staticmethod
    def _held(customers: Sequence[str]) -> dict[str, Customer]:
        where, parameters = bulk.among("customer_id", customers)
        sql = f"SELECT customer_id, edited, monetary, last_order_on FROM crm_customer WHERE {where}"
        sql += "" if connection.vendor == "sqlite" else " FOR UPDATE"
        return {each.customer_id: each for each in Customer.objects.raw(sql, parameters)}


def _figures(row: CustomerRow) -> tuple[Any, ...]:
    """The columns of FIGURES; nobody's refunds make a count negative."""
    cents = Decimal("0.01")
    worth = None if row.worth is None else row.worth.quantize(cents)
    return max(row.frequency, 0), row.monetary.quantize(cents), worth, row.last_order_on or NEVER, True


def _text(given: Mapping[str, Any], field: str, longest: int) -> str:
    return str(given[field] or "").replace("\x00", "")[:longest]
