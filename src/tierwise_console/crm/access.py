"""Getting a customer, by somebody who may."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model

from tierwise.errors import ErrorKind, Family, Place
from tierwise.language import Text
from tierwise_console.access.guards import check_may
from tierwise_console.access.permissions import Permission
from tierwise_console.crm.matching import visible
from tierwise_console.crm.models import Customer

NO_CUSTOMER = ErrorKind(
    "crm.no_customer",
    Family.DATA,
    what=Text("there is no customer {customer} here", "这里没有客户 {customer}"),
    cause=Text(
        "the id is not known, or the customer belongs to a colleague",
        "编号不存在，或该客户由其他同事负责",
    ),
    cure=Text("search the list by name, phone or id", "请在客户列表中按姓名、手机或编号查找"),
)
NO_USER = ErrorKind(
    "crm.no_user",
    Family.USAGE,
    what=Text("there is no user {user}", "没有用户 {user}"),
    cause=Text("the account was closed, or never was", "该账号已停用或不存在"),
    cure=Text("choose somebody from the list", "请从列表中选择"),
)


def customer_for(actor: Any, customer_id: str, permission: Permission, lock: bool = False) -> Customer:
    """A customer that the actor may do this with; raises PermissionDenied or `crm.no_customer`.

    A colleague's customer looks like none at all: who may not see it does not learn that it is there.
    """
    check_may(actor, permission)
    rows = Customer.objects.filter(visible(actor), pk=customer_id)
    found = (rows.select_for_update() if lock else rows).first()
    if found is None:
        raise NO_CUSTOMER.error(Place(value=customer_id), customer=customer_id)
    return found


def user_or_none(value: Any) -> int | None:
    """The id of an active user; None for an empty value. Raises `crm.no_user`."""
    text = str(value or "").strip()
    if not text:
        return None
    if not text.isdecimal() or not get_user_model().objects.filter(pk=int(text[:18]), is_active=True).exists():
        raise NO_USER.error(user=text[:40])
    return int(text)
