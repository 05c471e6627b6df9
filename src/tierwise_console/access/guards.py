"""Permission before anything else: for pages as a decorator, for services as a call."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from tierwise_console.access.permissions import Permission


class Actor(Protocol):
    """Whoever acts: a user, or an API key with fewer rights."""

    def may(self, permission: str) -> bool:
        """Whether they may do a thing."""
        ...


def check_may(actor: Any, permission: Permission) -> None:
    """Raise PermissionDenied unless the actor may do this."""
    may = getattr(actor, "may", None)
    if may is None or not may(permission):
        raise PermissionDenied(permission)


def require(
    *permissions: Permission,
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Let a page be opened by those alone who may do all of these."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            for permission in permissions:
                check_may(request.user, permission)
            return view(request, *args, **kwargs)

        return guarded

    return decorate
