"""Saved views of the customer list."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from tierwise.errors import ErrorKind, Family
from tierwise.language import Text
from tierwise_console.access.guards import check_may
from tierwise_console.access.permissions import Permission
from tierwise_console.audit.services import record
from tierwise_console.crm.filters import CustomerFilter
from tierwise_console.crm.models import SavedView

NO_VIEW_NAME = ErrorKind(
    "crm.view_without_name",
    Family.USAGE,
    what=Text("a view needs a name of 1 to 80 characters", "视图名称须为 1–80 个字符"),
    cause=Text("the name given is {name}", "当前名称为 {name}"),
    cure=Text("write a short name", "请填写简短的名称"),
)


@transaction.atomic
def save_view(actor: Any, name: str, wanted: CustomerFilter, shared: bool = False) -> SavedView:
    """Keep a filter under a name; one's own view of that name is replaced."""
    check_may(actor, Permission.CUSTOMERS_VIEW)
    clean = " ".join(name.split())
    if not 1 <= len(clean) <= 80:
        raise NO_VIEW_NAME.error(name=repr(name[:90]))
    kept = {"query": wanted.to_json(), "shared": shared}
    view, _ = SavedView.objects.update_or_create(owner=actor, name=clean, defaults=kept)
    record("view.saved", actor=actor, subject_type="view", subject_id=view.pk)
    return view


@transaction.atomic
def remove_view(actor: Any, view_id: int) -> None:
    """Remove one's own view."""
    removed, _ = SavedView.objects.filter(pk=view_id, owner=actor).delete()
    if removed:
        record("view.removed", actor=actor, subject_type="view", subject_id=view_id)
