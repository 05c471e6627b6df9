"""Who is signed in and from where; a session can be ended from the list, and ends at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from tierwise_console.access.guards import check_may
from tierwise_console.access.models import OpenSession, User
from tierwise_console.access.permissions import Permission
from tierwise_console.audit.services import record

SEEN_EVERY = timedelta(minutes=5)
"""A session's last sign of life is written no more often than that: reading a page is no write."""


def address_of(request: HttpRequest) -> str:
    """The address a request came from; the proxy in front sets it (see the operations page)."""
    return str(request.META.get("REMOTE_ADDR", ""))[:45]


class SessionSeen:
    """Middleware: keeps the list of sessions."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Note that a session was seen, where the last note is old."""
        user: Any = request.user
        if user.is_authenticated and request.session.session_key and self._due(request):
            request.session["seen"] = timezone.now().timestamp()
            self._note(request, user)
        return self.get_response(request)

    @staticmethod
    def _due(request: HttpRequest) -> bool:
        seen = float(request.session.get("seen", 0))
        return timezone.now().timestamp() - seen > SEEN_EVERY.total_seconds()

    @staticmethod
    def _note(request: HttpRequest, user: User) -> None:
        told = {
            "user": user,
            "address": address_of(request),
            "agent": request.headers.get("user-agent", "")[:200],
            "seen": timezone.now(),
        }
        OpenSession.objects.update_or_create(session_key=request.session.session_key, defaults=told)


def sessions_of(user: User | None = None) -> list[OpenSession]:
    """Sessions that have not run out, of one user or of all, last seen first."""
    alive = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    found = OpenSession.objects.filter(session_key__in=alive).select_related("user").order_by("-seen")
    return list(found.filter(user=user) if user else found)


@transaction.atomic
def end_session(actor: User, pk: int) -> bool:
    """End a session of one's own, or anyone's where one manages users; False where it is gone already."""
    found = OpenSession.objects.filter(pk=pk).select_related("user").first()
    if found is None:
        return False
    if found.user_id != actor.pk:
        check_may(actor, Permission.USERS_MANAGE)
    _end(found)
    record("session.end", actor=actor, subject_type="user", subject_id=found.user.username)
    return True


@transaction.atomic
def end_all(user: User, but: str = "") -> int:
    """End all sessions of a user except one; after a password was changed or a user was closed."""
    found = list(OpenSession.objects.filter(user=user).exclude(session_key=but))
    for session in found:
        _end(session)
    return len(found)


def _end(session: OpenSession) -> None:
    Session.objects.filter(session_key=session.session_key).delete()
    session.delete()
