"""One page of the customer list, however many customers there are."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.fields.tuple_lookups import TupleLessThan

from tierwise_console.access.guards import check_may
from tierwise_console.access.permissions import Permission
from tierwise_console.crm.filters import CustomerFilter
from tierwise_console.crm.masking import Shown, shown
from tierwise_console.crm.matching import conditions, matching, smallest_tier
from tierwise_console.crm.models import NEVER, Customer, Label, Tagging, TierCount

PAGE_ROWS = 50
COUNTED, COUNTED_TOGETHER = 10_000, 1_000
"""Matches of several conditions are counted up to here; beyond, "more than" has to do until somebody asks: fewer where
conditions stand in other tables than the customers', for each row that is counted is then looked up there.
"""


@dataclass(frozen=True, slots=True)
class ListedLabel:
    """The tier of a customer in one model, and since when."""

    tier: str
    rank: int
    since: date


@dataclass(frozen=True, slots=True)
class ListedCustomer:
    """One row of the list."""

    customer_id: str
    person: Shown
    kind: str
    region: str
    owner: str
    frequency: int
    monetary: Decimal
    worth: Decimal | None
    last_order_on: date | None
    labels: dict[str, ListedLabel]
    tags: tuple[tuple[int, str, str], ...]


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page, and the cursors of the next one (empty at the end)."""

    customers: tuple[ListedCustomer, ...]
    following: str


@dataclass(frozen=True, slots=True)
class Matches:
    """How many customers match; `more` where there are more than were counted."""

    customers: int
    more: bool


def list_page(
    wanted: CustomerFilter, actor: Any, models: Sequence[str], after: str = "", rows: int = PAGE_ROWS
) -> ListPage:
    """The customers after a cursor, in the order of the filter."""
    place = _read_cursor(after)
    drive = smallest_tier(wanted, _sizes())
    found: list[tuple[Any, str]] = []
    if drive:
        rest = conditions(wanted, actor, "customer__", without=drive)
        for tier in wanted.tiers[drive]:
            labels = Label.objects.filter(rest, model=drive, tier=tier)
            found += _walk(labels, wanted.sort, "customer_id", place, rows)
        found.sort(reverse=wanted.sort != "customer_id")
    else:
        found = _walk(matching(wanted, actor), wanted.sort, "customer_id", place, rows)
    ids = [customer for _, customer in found[:rows]]
    following = _cursor(found[rows - 1]) if len(found) > rows else ""
    return ListPage(tuple(_rows(ids, actor, models)), following)


def _walk(rows: QuerySet[Any], sort: str, key: str, place: tuple[Any, str] | None, most: int) -> list[tuple[Any, str]]:
    """The sort values and ids of at most one more than `most` rows after a place."""
    if sort == "customer_id":
        found = rows.order_by(key)
        if place:
            found = found.filter(**{f"{key}__gt": place[1]})
        return [(customer, customer) for customer in found.values_list(key, flat=True)[: most + 1]]
    found = rows.order_by(f"-{sort}", f"-{key}")
    if place:
        found = found.filter(TupleLessThan((F(sort), F(key)), place))
    return list(found.values_list(sort, key)[: most + 1])


def _rows(ids: Sequence[str], actor: Any, models: Sequence[str]) -> Iterable[ListedCustomer]:
    customers = Customer.objects.select_related("owner").in_bulk(ids)
    labels: dict[str, dict[str, ListedLabel]] = {}
    for label in Label.objects.filter(customer__in=ids, model__in=models):
        labels.setdefault(label.customer_id, {})[label.model] = ListedLabel(label.tier, label.rank, label.since)
    tags: dict[str, list[tuple[int, str, str]]] = {}
    for tagging in Tagging.objects.filter(customer__in=ids).select_related("tag").order_by("tag__name"):
        tags.setdefault(tagging.customer_id, []).append((tagging.tag_id, tagging.tag.name, tagging.tag.colour))
    for customer in (customers[each] for each in ids if each in customers):
        yield ListedCustomer(
            customer.customer_id, shown(customer, actor), customer.kind, customer.region,
            customer.owner.shown_name if customer.owner else customer.owner_in_data,
            customer.frequency, customer.monetary, customer.worth,
            None if customer.last_order_on == NEVER else customer.last_order_on,
            labels.get(customer.customer_id, {}), tuple(tags.get(customer.customer_id, ())),
        )  # fmt: skip


def listed(ids: Sequence[str], actor: Any) -> dict[str, ListedCustomer]:
    """These customers as rows of the list, by id; those whom the actor may not see, or nobody knows, are left out."""
    seen = matching(CustomerFilter(), actor).filter(customer_id__in=ids).values_list("customer_id", flat=True)
    return {each.customer_id: each for each in _rows(list(seen), actor, ())}


def count_matches(wanted: CustomerFilter, actor: Any) -> Matches:
    """How many customers match: exact where one condition at most is asked, else counted up to a limit."""
    exact = _exact(wanted) if actor.may("customers.all") else _exact_own(wanted, actor)
    if exact is not None:
        return Matches(exact, False)
    most = COUNTED_TOGETHER if wanted.tiers or wanted.cells or wanted.tags or wanted.fields else COUNTED
    counted = _all_matches(wanted, actor)[: most + 1].count()
    return Matches(min(counted, most), counted > most)


def count_all(wanted: CustomerFilter, actor: Any) -> int:
    """How many customers match, however long it takes: somebody asked for it."""
    check_may(actor, Permission.CUSTOMERS_VIEW)
    return _all_matches(wanted, actor).count()


def _all_matches(wanted: CustomerFilter, actor: Any) -> QuerySet[Any]:
    """One row for each customer who matches, in no order; walked from the smallest tier where one is asked for."""
    drive = smallest_tier(wanted, _sizes())
    if not drive:
        return matching(wanted, actor).order_by()
    rest = conditions(wanted, actor, "customer__", without=drive)
    return Label.objects.filter(rest, model=drive, tier__in=wanted.tiers[drive]).order_by()


def _exact(wanted: CustomerFilter) -> int | None:
    """The number of customers of a filter of one condition, out of tier counts or one range of an index; None of others."""
    asked = {name for name, _ in wanted.pairs() if name != "sort"}
    if not asked:
        return Customer.objects.count()
    if asked == {"tier"} and len(wanted.tiers) == 1:
        (model, tiers), sizes = next(iter(wanted.tiers.items())), _sizes()
        return sum(sizes.get((model, tier), 0) for tier in set(tiers))
    if asked == {"cell"} and len(wanted.cells) == 1:
        return _in_cell(*next(iter(wanted.cells.items())))
    if asked == {"tag"} and len(wanted.tags) == 1:
        return Tagging.objects.filter(tag=wanted.tags[0]).count()
    return Customer.objects.filter(region=wanted.region).count() if asked == {"region"} else None


def _exact_own(wanted: CustomerFilter, actor: Any) -> int | None:
    """All customers of somebody who sees their own alone; None of a filter."""
    return Customer.objects.filter(owner=actor.pk).count() if wanted.is_empty else None


def _in_cell(model: str, cell: str) -> int | None:
    """Customers whose scores begin with these digits, as one range of the index; None of one digit, which is a fifth of
    all, and of what is no digits.
    """
    if not cell.isdecimal() or len(cell) == 1:
        return None
    above = str(int(cell) + 1).zfill(len(cell))
    end = Q(cell__lt=above) if len(above) == len(cell) else Q()
    return Label.objects.filter(end, model=model, cell__gte=cell).count()


def _sizes() -> dict[tuple[str, str], int]:
    return {(count.model, count.tier): count.customers for count in TierCount.objects.all()}


def _cursor(found: tuple[Any, str]) -> str:
    text = json.dumps([str(found[0]), found[1]], ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode("ascii")


def _read_cursor(cursor: str) -> tuple[Any, str] | None:
    """The place that a cursor names; None where it is none, which is the beginning."""
    try:
        value, customer = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
        return _typed(str(value)), str(customer)
    except (ValueError, TypeError, UnicodeEncodeError):
        return None


def _typed(value: str) -> Any:
    """A number or a day where it is one, else the text."""
    for read, refusal in ((Decimal, InvalidOperation), (date.fromisoformat, ValueError)):
        with suppress(refusal):
            return read(value)
    return value
