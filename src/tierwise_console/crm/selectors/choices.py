"""What forms of the customer pages offer: tags, people, views, fields, tasks due, recent bulk actions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q

from tierwise_console.access.guards import check_may
from tierwise_console.access.permissions import Permission
from tierwise_console.crm.models import BulkAction, CustomField, SavedView, Tag, TakeOver, Task, TierCount
from tierwise_console.crm.owners import people
from tierwise_console.crm.selectors.card import CardTask, task_row


@dataclass(frozen=True, slots=True)
class ViewChoice:
    """A saved view: its query as an address, and whether it is one's own."""

    pk: int
    name: str
    pairs: tuple[tuple[str, str], ...]
    own: bool


@dataclass(frozen=True, slots=True)
class RecentBulk:
    """A bulk action that may still be undone."""

    pk: int
    kind: str
    value: str
    customers: int
    at: datetime
    undone: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """The take-over done last: the run, its day, and when it was done; or how far a running one is."""

    run: str
    as_of: Any
    done_at: datetime | None
    stage: str


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """A custom field as filters and forms offer it; `value` is what a form holds that was not accepted."""

    key: str
    name_en: str
    name_zh: str
    kind: str
    choices: tuple[str, ...]
    personal: bool
    required: bool
    value: str = ""
    masked: str = ""


def tags() -> list[tuple[int, str, str, bool, int]]:
    """Every tag: id, name, colour, whether a rule keeps it, customers when last counted."""
    return [(tag.pk, tag.name, tag.colour, tag.rule is not None, tag.customers) for tag in Tag.objects.order_by("name")]


def owners() -> list[tuple[int, str]]:
    """Everyone a customer or a task may be given to."""
    return people()


def views(actor: Any) -> list[ViewChoice]:
    """One's own views and the shared ones."""
    found = SavedView.objects.filter(Q(owner=actor.pk) | Q(shared=True))
    return [
        ViewChoice(view.pk, view.name, tuple((n, v) for n, v in view.query), view.owner_id == actor.pk)
        for view in found
    ]


def fields() -> list[FieldChoice]:
    """The custom fields in use."""
    found = CustomField.objects.filter(archived=False)
    return [FieldChoice(f.key, f.name_en, f.name_zh, f.kind, tuple(f.choices), f.personal, f.required) for f in found]


def recent_bulk(actor: Any, most: int = 5) -> list[RecentBulk]:
    """One's own latest bulk actions."""
    found = BulkAction.objects.filter(actor=actor.pk).order_by("-pk")[:most]
    return [RecentBulk(a.pk, a.kind, a.value, a.customers, a.at, a.undone_at is not None) for a in found]


def tasks_due(actor: Any, most: int = 100) -> list[CardTask]:
    """Open tasks by their day: one's own, or everyone's for those who see all customers."""
    rows = Task.objects.filter(done_at=None).select_related("owner")
    if not actor.may(Permission.CUSTOMERS_ALL):
        rows = rows.filter(owner=actor.pk)
    return [task_row(task) for task in rows.order_by("due_on", "pk")[:most]]


def tasks_done(actor: Any, most: int = 10) -> list[CardTask]:
    """The tasks finished last, which can be opened again: one's own, or everyone's for those who see all customers."""
    rows = Task.objects.exclude(done_at=None).select_related("owner")
    if not actor.may(Permission.CUSTOMERS_ALL):
        rows = rows.filter(owner=actor.pk)
    return [task_row(task) for task in rows.order_by("-done_at", "-pk")[:most]]


def tasks_page(actor: Any, after: int = 0, most: int = 50, done: bool | None = None) -> list[CardTask]:
    """Tasks in the order they were given, from after one on: one's own, or everyone's for those who see all customers."""
    check_may(actor, Permission.TASKS_EDIT)
    rows = Task.objects.filter(pk__gt=after).select_related("owner")
    if not actor.may(Permission.CUSTOMERS_ALL):
        rows = rows.filter(owner=actor.pk)
    if done is not None:
        rows = rows.filter(done_at__isnull=not done)
    return [task_row(task) for task in rows.order_by("pk")[:most]]


def tasks_of(actor: Any, most: int = 8) -> list[CardTask]:
    """One's own open tasks, the most urgent first."""
    rows = Task.objects.filter(done_at=None, owner=actor.pk).select_related("owner")
    return [task_row(task) for task in rows.order_by(F("due_on").asc(nulls_last=True), "pk")[:most]]


def taken() -> Taken | None:
    """The take-over that lists and cards show; None where nothing was taken over yet."""
    last = TakeOver.objects.order_by("-pk").first()
    return None if last is None else Taken(last.run, last.as_of, last.done_at, last.model or last.stage)


def labelled_models() -> list[str]:
    """The models that customers have labels of."""
    return list(TierCount.objects.order_by("model").values_list("model", flat=True).distinct())
