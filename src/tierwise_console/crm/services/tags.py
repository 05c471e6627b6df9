"""Tags: put on and taken off by hand, or kept by a rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.utils import timezone

from tierwise.errors import ErrorKind, Family
from tierwise.language import Text
from tierwise_console.access.guards import check_may
from tierwise_console.access.permissions import Permission
from tierwise_console.audit.services import record
from tierwise_console.crm import bulk
from tierwise_console.crm.access import customer_for
from tierwise_console.crm.filters import CustomerFilter, filter_from
from tierwise_console.crm.matching import matching
from tierwise_console.crm.models import Tag, Tagging

COLOURS = ("blue", "green", "orange", "red", "purple", "teal", "yellow", "pink")
BATCH_ROWS = 5_000

NO_TAG_NAME = ErrorKind(
    "crm.tag_without_name",
    Family.USAGE,
    what=Text("a tag needs a name of 1 to 60 characters", "标签名称须为 1–60 个字符"),
    cause=Text("the name given is {name}", "当前名称为 {name}"),
    cure=Text("write a short name", "请填写简短的名称"),
)
KEPT_BY_RULE = ErrorKind(
    "crm.tag_kept_by_rule",
    Family.USAGE,
    what=Text("the tag {name} is kept by a rule", "标签 {name} 由规则维护"),
    cause=Text("what is changed by hand would be undone by the next run", "手工改动会在下次运行时被覆盖"),
    cure=Text("change its rule, or use another tag", "请修改规则，或改用其他标签"),
)
RULE_ASKS_NOTHING = ErrorKind(
    "crm.tag_rule_empty",
    Family.USAGE,
    what=Text("the rule of {name} asks for nothing", "标签 {name} 的规则没有条件"),
    cause=Text("every customer would have the tag", "所有客户都会被打上该标签"),
    cure=Text("filter the list first, then make the tag", "请先筛选客户列表，再创建标签"),
)


class _Everyone:
    """Whoever a rule acts for: it sees all customers."""

    pk = 0

    @staticmethod
    def may(permission: str) -> bool:
        """Everything."""
        return True


def tag_called(name: str) -> Tag:
    """The tag with a name, made where there is none; raises `crm.tag_without_name`."""
    clean = " ".join(name.split())
    if not 1 <= len(clean) <= 60:
        raise NO_TAG_NAME.error(name=repr(name[:80]))
    tag, _ = Tag.objects.get_or_create(name=clean, defaults={"colour": COLOURS[sum(clean.encode()) % len(COLOURS)]})
    return tag


@transaction.atomic
def put_tag(actor: Any, customer_id: str, name: str) -> Tag:
    """Put a tag on a customer; raises `crm.tag_kept_by_rule`."""
    customer = customer_for(actor, customer_id, Permission.CUSTOMERS_EDIT)
    tag = by_hand(tag_called(name))
    _, fresh = Tagging.objects.get_or_create(tag=tag, customer=customer)
    if fresh:
        detail = {"tag": tag.name}
        record("customer.tagged", actor=actor, subject_type="customer", subject_id=customer_id, detail=detail)
    return tag


@transaction.atomic
def take_tag_off(actor: Any, customer_id: str, tag_id: int) -> None:
    """Take a tag off a customer; raises `crm.tag_kept_by_rule`."""
    customer = customer_for(actor, customer_id, Permission.CUSTOMERS_EDIT)
    tagging = Tagging.objects.filter(tag=tag_id, customer=customer).select_related("tag").first()
    if tagging is not None:
        detail = {"tag": by_hand(tagging.tag).name}
        tagging.delete()
        record("customer.untagged", actor=actor, subject_type="customer", subject_id=customer_id, detail=detail)


def by_hand(tag: Tag) -> Tag:
    """The tag, if people may put it on and take it off."""
    if tag.rule is not None:
        raise KEPT_BY_RULE.error(name=tag.name)
    return tag


@transaction.atomic
def make_rule_tag(actor: Any, name: str, wanted: CustomerFilter) -> Tag:
    """Make a tag that the console keeps on whoever a filter means; raises `crm.tag_rule_empty`."""
    check_may(actor, Permission.CUSTOMERS_EDIT)
    check_may(actor, Permission.CUSTOMERS_ALL)
    if wanted.is_empty or wanted.owner == "me":
        raise RULE_ASKS_NOTHING.error(name=name)
    tag = tag_called(name)
    if Tagging.objects.filter(tag=tag, by_rule=False).exists():
        raise KEPT_BY_RULE.error(name=tag.name)
    tag.rule = wanted.to_json()
    tag.save()
    record("tag.rule_made", actor=actor, subject_type="tag", subject_id=tag.pk, detail={"name": tag.name})
    refresh_rule_tag(tag)
    return tag


def refresh_rule_tags() -> int:
    """Bring every rule tag up to date; done after each take-over. Returns how many there are."""
    tags = list(Tag.objects.exclude(rule=None))
    for tag in tags:
        refresh_rule_tag(tag)
    return len(tags)


def refresh_rule_tag(tag: Tag) -> None:
    """Put the tag on whoever its rule means now and take it off everyone else, batch by batch."""
    wanted = filter_from((name, value) for name, value in tag.rule or [])
    means, has = matching(wanted, _Everyone()), Tagging.objects.filter(tag=tag)
    gone = has.exclude(customer__in=means)
    for ids in _batches(gone.values_list("pk", flat=True)):
        Tagging.objects.filter(pk__in=ids).delete()
    now = timezone.now()
    for customers in _batches(means.exclude(pk__in=has.values("customer_id")).values_list("pk", flat=True)):
        rows = [(tag.pk, customer, True, now) for customer in customers]
        bulk.upsert(Tagging, ("tag", "customer", "by_rule", "at"), rows, ("tag", "customer"), ("by_rule",))
    Tag.objects.filter(pk=tag.pk).update(customers=has.count(), counted_at=now)


def _batches(rows: Any) -> Iterator[list[Any]]:
    """What is left of a query, again and again, until nothing is: each batch is worked off by whoever takes it."""
    while batch := list(rows.order_by()[:BATCH_ROWS]):
        yield batch
