"""Tag many customers, or give them to somebody, at once; and undo it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from tierwise.errors import ErrorKind, Family
from tierwise.language import Text
from tierwise_console.access.guards import check_may
from tierwise_console.access.permissions import Permission
from tierwise_console.audit.services import record
from tierwise_console.crm import bulk
from tierwise_console.crm.access import user_or_none
from tierwise_console.crm.filters import CustomerFilter
from tierwise_console.crm.matching import matching
from tierwise_console.crm.models import BulkAction, BulkItem, Customer, Tagging
from tierwise_console.crm.services.tags import by_hand, tag_called

MOST_AT_ONCE = 50_000
TAG, OWNER = "tag", "owner"

TOO_MANY = ErrorKind(
    "crm.too_many_at_once",
    Family.USAGE,
    what=Text("more than {most} customers match", "符合条件的客户超过 {most} 位"),
    cause=Text("so many are not changed in one go while somebody waits", "无法在一次操作中修改这么多客户"),
    cure=Text(
        "narrow the filter, or make a tag with this filter as its rule", "请缩小筛选范围，或用该筛选创建规则标签"
    ),
)
NOBODY = ErrorKind(
    "crm.nobody_to_change",
    Family.USAGE,
    what=Text("nobody would be changed", "没有客户会被修改"),
    cause=Text("no customer matches, or all have it already", "没有符合条件的客户，或均已是该状态"),
    cure=Text("check the filter", "请检查筛选条件"),
)
NOT_UNDOABLE = ErrorKind(
    "crm.not_undoable",
    Family.USAGE,
    what=Text("this cannot be undone", "该操作无法撤销"),
    cause=Text("it was undone already, or is somebody else's", "已撤销过，或属于其他人"),
    cure=Text("look at the list of recent actions", "请查看最近的批量操作"),
)


def preview_bulk(actor: Any, kind: str, value: str, wanted: CustomerFilter) -> tuple[int, list[str]]:
    """How many customers a bulk action would change, and the ids of the first ten."""
    ids = _changed_ids(actor, kind, value, wanted)
    return len(ids), ids[:10]


@transaction.atomic
def apply_bulk(actor: Any, kind: str, value: str, wanted: CustomerFilter) -> BulkAction:
    """Tag whoever a filter means, or give them to somebody; raises `crm.too_many_at_once`, `crm.nobody_to_change`."""
    ids = _changed_ids(actor, kind, value, wanted)
    if not ids:
        raise NOBODY.error()
    shown = tag_called(value).name if kind == TAG else value
    action = BulkAction.objects.create(kind=kind, value=shown, query=wanted.to_json(), actor=actor, customers=len(ids))
    if kind == TAG:
        before = dict.fromkeys(ids, "")
        now, tag = timezone.now(), by_hand(tag_called(value))
        rows = [(tag.pk, customer, False, now) for customer in ids]
        bulk.upsert(Tagging, ("tag", "customer", "by_rule", "at"), rows, ("tag", "customer"), ("by_rule",))
    else:
        owners = Customer.objects.in_bulk(ids)
        before = {each: f"{owners[each].owner_id or ''}|{owners[each].edited}"[:100] for each in ids}
        _give(ids, user_or_none(value))
    bulk.insert(BulkItem, ("action", "customer_id", "before"), [(action.pk, each, before[each]) for each in ids])
    detail = {"kind": kind, "value": shown, "customers": len(ids)}
    record("customers.changed_in_bulk", actor=actor, subject_type="bulk", subject_id=action.pk, detail=detail)
    return action


@transaction.atomic
def undo_bulk(actor: Any, action_id: int) -> BulkAction:
    """Put back what a bulk action changed, where nobody has changed it since; raises `crm.not_undoable`."""
    check_may(actor, Permission.CUSTOMERS_EDIT)
    action = BulkAction.objects.select_for_update().filter(pk=action_id, undone_at=None).first()
    if action is None or not (action.actor_id == actor.pk or actor.may(Permission.USERS_MANAGE)):
        raise NOT_UNDOABLE.error()
    items = dict(action.items.values_list("customer_id", "before"))
    if action.kind == TAG:
        for some in _slices(list(items)):
            Tagging.objects.filter(tag__name=action.value, customer__in=some, by_rule=False).delete()
    else:
        given = user_or_none(action.value) if action.value else None
        still = [c for some in _slices(list(items)) for c in Customer.objects.filter(pk__in=some, owner_id=given)]
        rows = []
        for customer in still:
            owner, _, edited = items[customer.pk].partition("|")
            rows.append((int(owner) if owner else None, edited, customer.pk))
        bulk.update_where(Customer, ("owner", "edited"), "customer_id", rows)
    action.undone_at = timezone.now()
    action.save()
    record("customers.bulk_undone", actor=actor, subject_type="bulk", subject_id=action.pk)
    return action


def _changed_ids(actor: Any, kind: str, value: str, wanted: CustomerFilter) -> list[str]:
    check_may(actor, Permission.CUSTOMERS_EDIT)
    rows = matching(wanted, actor)
    if kind == TAG:
        rows = rows.exclude(pk__in=Tagging.objects.filter(tag__name=" ".join(value.split())).values("customer_id"))
    else:
        owner = user_or_none(value)
        rows = rows.exclude(owner=owner) if owner else rows.exclude(owner=None)
    ids = list(rows.values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
    if len(ids) > MOST_AT_ONCE:
        raise TOO_MANY.error(most=f"{MOST_AT_ONCE:,}")
    return ids


def _give(ids: list[str], owner: int | None) -> None:
    """Set the owner, and mark it as set by a person, so that a take-over leaves it."""
    customers = Customer.objects.in_bulk(ids)
    rows = [
        (owner, ",".join(sorted(customer.edited_fields | {"owner"})), customer.pk) for customer in customers.values()
    ]
    bulk.update_where(Customer, ("owner", "edited"), "customer_id", rows)


def _slices(ids: list[str], rows: int = 5_000) -> list[list[str]]:
    return [ids[start : start + rows] for start in range(0, len(ids), rows)]
