"""Errors as `application/problem+json` (RFC 9457), in the language of Accept-Language."""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from tierwise.errors import Family, TierwiseError
from tierwise.language import Text
from tierwise_console.shell.language import words

_STATUS = {Family.USAGE: 400, Family.CONFIG: 409, Family.DATA: 409, Family.RESOURCE: 409, Family.ENGINE: 409}
_BY_CODE = {
    "job.not_found": 404, "job.not_open": 409, "job.not_dead": 409, "run.none": 404, "run.unknown": 404,
    "crm.no_customer": 404, "crm.no_task": 404, "customer.unknown": 404, "api.key_of_another_request": 422,
}  # fmt: skip
_TITLES = {
    400: Text("The request is wrong", "请求有误"), 401: Text("Sign in with a token", "请使用令牌认证"),
    403: Text("Not allowed", "没有权限"), 404: Text("Not found", "未找到"), 409: Text("Not possible now", "当前无法执行"),
    422: Text("The content is wrong", "内容有误"), 429: Text("Too many requests", "请求过多"),
}  # fmt: skip


class Problem(Schema):
    """What went wrong."""

    type: str
    title: str
    status: int
    code: str
    detail: str = ""
    cure: str = ""
    errors: list[dict[str, Any]] | None = None


DECLARED: dict[Any, Any] = {(400, 401, 403, 404, 409, 422, 429): Problem}
"""The problems that every operation declares."""


def problem(status: int, code: str, detail: str = "", cure: str = "", **more: Any) -> HttpResponse:
    """One problem as a response."""
    title = words(_TITLES[status]) if status in _TITLES else ""
    body = {
        "type": f"urn:tierwise:{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
        "cure": cure,
    }
    return HttpResponse(
        json.dumps({**body, **more}, ensure_ascii=False), status=status, content_type="application/problem+json"
    )


def of_error(error: TierwiseError) -> HttpResponse:
    """An error of ours as a response."""
    first = error.problems[0]
    status = _BY_CODE.get(error.code) or _STATUS[first.kind.family]
    detail = f"{words(first.what)}: {words(first.cause)}" if words(first.cause) else words(first.what)
    return problem(status, error.code, detail, words(first.cure))


def register(api: NinjaAPI) -> None:
    """Have an API tell its errors so."""

    @api.exception_handler(TierwiseError)
    def _ours(request: HttpRequest, error: TierwiseError) -> HttpResponse:
        return of_error(error)

    @api.exception_handler(PermissionDenied)
    def _denied(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
        return problem(403, "api.not_allowed", str(error))

    @api.exception_handler(AuthenticationError)
    def _unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        answer = problem(401, "api.no_token")
        answer["WWW-Authenticate"] = "Bearer"
        return answer

    @api.exception_handler(ValidationError)
    def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        found = [{"where": ".".join(str(part) for part in each["loc"]), "what": each["msg"]} for each in error.errors]
        return problem(422, "api.invalid", errors=found)

    @api.exception_handler(HttpError)
    def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
        return problem(error.status_code, "api.unreadable", str(error))
