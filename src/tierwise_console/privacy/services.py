"""What people do with privacy requests: ask, confirm, withdraw, take the archive, remove it. Each leaves an audit entry.

Entries name the request, never the customer: the log cannot be rewritten, and an erasure must not leave the id in it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tierwise.errors import ErrorKind, Family
from tierwise.language import Text
from tierwise_console.access.confirming import confirm_identity
from tierwise_console.access.guards import check_may
from tierwise_console.access.permissions import Permission
from tierwise_console.audit.services import record
from tierwise_console.crm.sealing import seal, unseal
from tierwise_console.jobs.queueing import enqueue
from tierwise_console.privacy.models import Kind, PrivacyRequest, State
from tierwise_console.privacy.performing import ERASE, KIND_OF_FIRST_JOB, forget_request

NOBODY = ErrorKind(
    "privacy.nobody",
    Family.USAGE,
    what=Text("the request names no customer", "请求未指明客户"),
    cause=Text("the customer's id was left empty, or is longer than 200 characters", "客户编号为空或超过 200 个字符"),
    cure=Text("give the id as it stands on the customer's card", "请填写客户卡片上的编号"),
)
UNKNOWN = ErrorKind(
    "privacy.unknown",
    Family.USAGE,
    what=Text("there is no such privacy request here, or its time is over", "没有该隐私请求，或其状态已变化"),
    cause=Text("it was carried out, withdrawn, or is still being prepared", "它可能已执行、已撤回，或仍在准备中"),
    cure=Text("look at the list of requests", "请查看隐私请求列表"),
)
NOT_THE_ID = ErrorKind(
    "privacy.not_the_id",
    Family.USAGE,
    what=Text("what was typed is not the customer's id", "输入的内容与客户编号不一致"),
    cause=Text("an erasure is confirmed by typing the id, letter by letter", "删除须逐字输入客户编号以确认"),
    cure=Text("compare with the id shown above, and type it again", "请对照上方编号重新输入"),
)


@transaction.atomic
def ask(actor: Any, kind: str, customer_id: str, reason: str = "") -> PrivacyRequest:
    """Ask for an export, or for what an erasure would take; raises `privacy.nobody`."""
    check_may(actor, Permission.PRIVACY_MANAGE)
    customer_id = customer_id.strip()
    if not 0 < len(customer_id) <= 200 or "\x00" in customer_id or kind not in Kind.values:
        raise NOBODY.error()
    state = State.LOOKING if kind == Kind.ERASURE else State.WORKING
    request = PrivacyRequest.objects.create(
        kind=kind, state=state, customer_sealed=seal(customer_id), reason=reason.strip()[:300], asked_by=actor
    )
    request.job = enqueue(KIND_OF_FIRST_JOB[Kind(kind)], {"request": request.pk}, by=actor.pk).pk
    request.save(update_fields=["job"])
    _note(actor, f"privacy.{kind}_asked", request)
    return request


def _note(actor: Any, action: str, request: PrivacyRequest) -> None:
    record(action, actor=actor, subject_type="privacy_request", subject_id=request.pk)


def _standing(number: int, *states: State) -> PrivacyRequest:
    found = PrivacyRequest.objects.select_for_update().filter(pk=number, state__in=states).first()
    if found is None:
        raise UNKNOWN.error()
    return found


def confirm(actor: Any, number: int, typed: str, password: str, code: str = "", address: str = "") -> PrivacyRequest:
    """Have the customer erased: the id is typed, and whoever confirms says again who they are.

    Raises `privacy.not_the_id`, `access.not_confirmed`, `privacy.unknown`.
    """
    check_may(actor, Permission.PRIVACY_MANAGE)
    confirm_identity(actor, password, code, address)  # outside the transaction: wrong tries are counted
    with transaction.atomic():
        request = _standing(number, State.WAITING)
        if typed.strip() != unseal(request.customer_sealed):
            raise NOT_THE_ID.error()
        request.state, request.confirmed_by, request.confirmed_at = State.WORKING, actor, timezone.now()
        request.job = enqueue(ERASE, {"request": request.pk}, by=actor.pk, unique_key=f"{ERASE}:{request.pk}").pk
        request.save(update_fields=["state", "confirmed_by", "confirmed_at", "job"])
        _note(actor, "privacy.erasure_confirmed", request)
    return request


@transaction.atomic
def withdraw(actor: Any, number: int) -> None:
    """Drop a request that nothing was done for yet, and forget whom it was about."""
    check_may(actor, Permission.PRIVACY_MANAGE)
    request = _standing(number, State.LOOKING, State.WAITING)
    forget_request(request)
    _note(actor, "privacy.withdrawn", request)


@transaction.atomic
def take_archive(actor: Any, number: int) -> Path:
    """The archive of an export; that it was taken is noted. Raises `privacy.unknown`."""
    check_may(actor, Permission.PRIVACY_MANAGE)
    request = _standing(number, State.DONE)
    file: Path = settings.ENVIRONMENT.home / request.file
    if not request.file or not file.is_file():
        raise UNKNOWN.error()
    _note(actor, "privacy.export_taken", request)
    return file


@transaction.atomic
def remove_archive(actor: Any, number: int) -> None:
    """Remove the archive once it was handed over, and forget whom it was about."""
    check_may(actor, Permission.PRIVACY_MANAGE)
    request = _standing(number, State.DONE)
    forget_request(request)
    _note(actor, "privacy.export_removed", request)
