"""Who calls, how often, and whether it was asked before: around every operation."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja.security import HttpBearer

from tierwise_console.access.guards import check_may
from tierwise_console.access.permissions import Permission
from tierwise_console.api.problems import problem
from tierwise_console.limits.services import spend
from tierwise_console.tokens.services import TokenActor, actor_of, once

REQUESTS_A_WINDOW, WINDOW_SECONDS = 600, 60
MOST_KEY = 200
Operation = Callable[..., Any]


class Authorised(HttpRequest):
    """A request whose token was recognised."""

    auth: TokenActor


class Bearer(HttpBearer):
    """`Authorization: Bearer tw_…`."""

    def authenticate(self, request: HttpRequest, token: str) -> TokenActor | None:
        """Return who acts; None is answered by 401."""
        return actor_of(token)


def guarded(permission: Permission) -> Callable[[Operation], Operation]:
    """Let an operation run for those who may, as often as they may; its answer tells what is left."""

    def decorate(operation: Operation) -> Operation:
        @wraps(operation)
        def run(request: Any, *args: Any, **kwargs: Any) -> Any:
            actor: TokenActor = request.auth
            allowance = spend(f"api:{actor.token.pk}", 1, REQUESTS_A_WINDOW, WINDOW_SECONDS)
            request.allowance = allowance
            if allowance.exceeded:
                answer = problem(429, "api.too_many_requests")
                for name, value in allowance.headers.items():
                    answer[name] = value
                return answer
            check_may(actor, permission)
            return operation(request, *args, **kwargs)

        return run

    return decorate


def repeatable(request: Authorised, status: int, answer: Callable[[], dict[str, Any]]) -> HttpResponse:
    """Answer once for each `Idempotency-Key`, where the request names one."""
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > MOST_KEY:
        return problem(400, "api.key_too_long", f"Idempotency-Key: ≤ {MOST_KEY}")

    def made() -> tuple[int, str]:
        return status, json.dumps(answer(), ensure_ascii=False, default=str)

    if not key:
        found = made()
    else:
        asked = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode() + request.body).hexdigest()
        found = once(request.auth, key, asked, made)
    return HttpResponse(found[1], status=found[0], content_type="application/json")
