"""Everything the console itself keeps of one customer: the card, without what only the run's files tell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from tierwise_console.access.permissions import Permission
from tierwise_console.crm.access import customer_for
from tierwise_console.crm.masking import STARS, Shown, shown
from tierwise_console.crm.models import NEVER, Customer, CustomField, CustomValue, Label, Note, Tagging, Task, TierSpell

SPELLS_SHOWN = 50
NOTES_SHOWN = 50


@dataclass(frozen=True, slots=True)
class CardLabel:
    """The tier of one model, and since when."""

    model: str
    tier: str
    rank: int
    since: date


@dataclass(frozen=True, slots=True)
class PastTier:
    """A tier that the customer had, from and until when."""

    model: str
    tier: str
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class CardNote:
    """A note: who wrote it, when."""

    author: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class CardTask:
    """A task as lists and cards show it. `late` where its day is past and it is not done."""

    pk: int
    title: str
    owner: str
    customer_id: str
    due_on: date | None
    done_at: datetime | None
    outcome: str
    late: bool


@dataclass(frozen=True, slots=True)
class CardField:
    """A custom field and the customer's value of it; a personal value is not told, only `masked`, until it is asked for."""

    key: str
    name_en: str
    name_zh: str
    kind: str
    choices: tuple[str, ...]
    value: str
    required: bool
    masked: str


@dataclass(frozen=True, slots=True)
class Card:
    """One customer, whole. `profile` are the editable values that are no contact data."""

    customer_id: str
    person: Shown
    profile: dict[str, Any]
    owner: str
    frequency: int
    monetary: Decimal
    worth: Decimal | None
    last_order_on: date | None
    in_data: bool
    by_hand: bool
    edited: tuple[str, ...]
    merged_into: str
    labels: tuple[CardLabel, ...]
    past: tuple[PastTier, ...]
    tags: tuple[tuple[int, str, str, bool], ...]
    notes: tuple[CardNote, ...]
    tasks: tuple[CardTask, ...]
    fields: tuple[CardField, ...]


PROFILE = (
    "kind", "gender", "birth_date", "region", "city", "occupation", "industry", "source_channel", "registered_on",
    "owner_id",
)  # fmt: skip


def customer_card(actor: Any, customer_id: str) -> Card:
    """The card of a customer; raises `crm.no_customer`."""
    customer = customer_for(actor, customer_id, Permission.CUSTOMERS_VIEW)
    fields = _fields(customer)
    labels = Label.objects.filter(customer=customer).order_by("model")
    past = TierSpell.objects.filter(customer=customer).order_by("-until", "model")[:SPELLS_SHOWN]
    notes = Note.objects.filter(customer=customer).select_related("author").order_by("-at")[:NOTES_SHOWN]
    taggings = Tagging.objects.filter(customer=customer).select_related("tag").order_by("tag__name")
    return Card(
        customer.customer_id, _person(customer, actor, fields), {name: getattr(customer, name) for name in PROFILE},
        _owner(customer), customer.frequency, customer.monetary, customer.worth,
        None if customer.last_order_on == NEVER else customer.last_order_on,
        customer.in_data, customer.by_hand, tuple(sorted(customer.edited_fields)), customer.merged_into,
        tuple(CardLabel(each.model, each.tier, each.rank, each.since) for each in labels),
        tuple(PastTier(each.model, each.tier, each.since, each.until) for each in past),
        tuple((each.tag_id, each.tag.name, each.tag.colour, each.by_rule) for each in taggings),
        tuple(CardNote(each.author.shown_name if each.author else "–", each.at, each.text) for each in notes),
        tuple(map(task_row, _tasks_of(customer))), fields,
    )  # fmt: skip


def _owner(customer: Customer) -> str:
    return customer.owner.shown_name if customer.owner else customer.owner_in_data


def _tasks_of(customer: Customer) -> list[Task]:
    rows = Task.objects.filter(customer=customer).select_related("owner")
    return sorted(rows, key=lambda task: (task.done_at is not None, task.due_on or date.max, task.pk))[:NOTES_SHOWN]


def task_row(task: Task) -> CardTask:
    """A task as lists and cards show it."""
    late = task.done_at is None and task.due_on is not None and task.due_on < timezone.localdate()
    owner = task.owner.shown_name if task.owner else "–"
    return CardTask(task.pk, task.title, owner, task.customer_id or "", task.due_on, task.done_at, task.outcome, late)


def _person(customer: Customer, actor: Any, fields: tuple[CardField, ...]) -> Shown:
    """Name and contact data as shown; a masked field is something that could be asked for, too."""
    person = shown(customer, actor)
    return replace(person, masked=person.masked or any(field.masked for field in fields))


def _fields(customer: Customer) -> tuple[CardField, ...]:
    values = dict(CustomValue.objects.filter(customer=customer).values_list("field_id", "text"))
    return tuple(_field(field, values.get(field.pk, "")) for field in CustomField.objects.filter(archived=False))


def _field(field: CustomField, value: str) -> CardField:
    hidden = field.personal and bool(value)
    return CardField(
        field.key, field.name_en, field.name_zh, field.kind, tuple(field.choices), "" if hidden else value,
        field.required, STARS if hidden else "",
    )  # fmt: skip
