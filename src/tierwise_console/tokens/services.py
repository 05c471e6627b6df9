"""Making, revoking and recognising tokens; answering a repeated request once."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from tierwise.errors import ErrorKind, Family
from tierwise.language import Text
from tierwise_console.access.guards import check_may
from tierwise_console.access.permissions import Permission
from tierwise_console.audit.services import record
from tierwise_console.tokens.models import Answered, Token

PREFIX = "tw_"
KEY_BYTES = 32
_USED_EVERY = timedelta(minutes=1)
_KEPT = timedelta(days=1)

SCOPES: dict[str, frozenset[Permission]] = {
    "customers.read": frozenset({Permission.CUSTOMERS_VIEW, Permission.CUSTOMERS_ALL}),
    "results.read": frozenset({Permission.RESULTS_VIEW}),
    "runs.read": frozenset({Permission.RESULTS_VIEW, Permission.JOBS_VIEW}),
    "runs.write": frozenset({Permission.JOBS_RUN, Permission.JOBS_VIEW}),
    "exports.write": frozenset({Permission.CUSTOMERS_EXPORT, Permission.JOBS_VIEW}),
    "tasks.write": frozenset({Permission.TASKS_EDIT, Permission.CUSTOMERS_VIEW, Permission.CUSTOMERS_ALL}),
}
"""What each scope lets through of what the token's user may do."""
SCOPE_NAMES = {
    "customers.read": Text("read customers", "读取客户"),
    "results.read": Text("read tiers and labels", "读取分层结果与标签"),
    "runs.read": Text("read runs and jobs", "读取运行与后台任务"),
    "runs.write": Text("start runs", "启动计算"),
    "exports.write": Text("ask for exports", "发起导出"),
    "tasks.write": Text("give and finish tasks", "创建与完成跟进任务"),
}

UNKNOWN_SCOPE = ErrorKind(
    "token.unknown_scope",
    Family.USAGE,
    what=Text("there is no scope {name}", "没有名为 {name} 的权限范围"),
    cause=Text("the scopes are: {known}", "可用的权限范围：{known}"),
    cure=Text("choose from these", "请从中选择"),
)
OTHER_REQUEST = ErrorKind(
    "api.key_of_another_request",
    Family.USAGE,
    what=Text("this idempotency key was used for another request", "该幂等键已用于另一个请求"),
    cause=Text("its address or body was different", "当时的地址或内容不同"),
    cure=Text("use a new key for each new request", "请为每个新请求使用新的幂等键"),
)


@dataclass(frozen=True)
class TokenActor:
    """Who acts: the user of a token, within the token's scopes. Other facts of the user are read through it."""

    token: Token

    @property
    def user(self) -> Any:
        """The token's user."""
        return self.token.user

    def may(self, permission: str) -> bool:
        """Whether both the user's role and a scope allow it."""
        return self.user.may(permission) and any(permission in SCOPES.get(scope, ()) for scope in self.token.scopes)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.token.user, name)

    def __str__(self) -> str:
        return f"{self.token.user.username} ({self.token.name})"


def hash_of(key: str) -> str:
    """What is kept of a token: it is long and random, so that one pass of SHA-256 is enough."""
    return hashlib.sha256(key.encode()).hexdigest()


@transaction.atomic
def make_token(actor: Any, user: Any, name: str, scopes: Sequence[str]) -> tuple[Token, str]:
    """Make a token and return it with its key, which nobody can read again; raises `token.unknown_scope`."""
    check_may(actor, Permission.KEYS_MANAGE)
    for scope in scopes:
        if scope not in SCOPES:
            raise UNKNOWN_SCOPE.error(name=scope, known=", ".join(SCOPES))
    key = PREFIX + secrets.token_urlsafe(KEY_BYTES)
    token = Token.objects.create(name=name, user=user, scopes=list(scopes), key_hash=hash_of(key), key_hint=key[-4:])
    detail = {"name": name, "scopes": list(scopes), "user": user.username}
    record("token.made", actor=actor, subject_type="token", subject_id=token.pk, detail=detail)
    return token, key


@transaction.atomic
def revoke_token(actor: Any, number: int) -> None:
    """Let a token open nothing more."""
    check_may(actor, Permission.KEYS_MANAGE)
    if Token.objects.filter(pk=number, revoked_at=None).update(revoked_at=timezone.now()):
        record("token.revoked", actor=actor, subject_type="token", subject_id=number)


def actor_of(key: str) -> TokenActor | None:
    """Who a key acts for; None where it is unknown, revoked, or its user may sign in no more."""
    token = Token.objects.select_related("user").filter(key_hash=hash_of(key), revoked_at=None).first()
    if token is None or not token.user.is_active:
        return None
    now = timezone.now()
    if token.used_at is None or now - token.used_at > _USED_EVERY:
        Token.objects.filter(pk=token.pk).update(used_at=now)
    return TokenActor(token)


def once(actor: TokenActor, key: str, request_hash: str, answer: Callable[[], tuple[int, str]]) -> tuple[int, str]:
    """Answer a request, or repeat what was answered to it; raises `api.key_of_another_request`.

    Effect and remembered answer are one transaction: two requests at once with one key have one effect.
    """
    known = Answered.objects.filter(token=actor.token, key=key).first()
    if known is None:
        try:
            with transaction.atomic():
                fresh = Answered.objects.create(token=actor.token, key=key, request_hash=request_hash)
                fresh.status, fresh.body = answer()
                fresh.save(update_fields=["status", "body"])
                Answered.objects.filter(token=actor.token, at__lt=timezone.now() - _KEPT).delete()
                return fresh.status, fresh.body
        except IntegrityError:
            known = Answered.objects.get(token=actor.token, key=key)
    if known.request_hash != request_hash:
        raise OTHER_REQUEST.error()
    return known.status, known.body
