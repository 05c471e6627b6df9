"""Where events are sent to: Segment's addresses, GA4's and CloudEvents'. An answer of 200 means: on disk."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from tierwise.language import Text
from tierwise_console.events import services
from tierwise_console.events.formats import cloudevents, ga4, segment
from tierwise_console.events.incoming import MOST_BATCH_BYTES, MOST_CALL_BYTES, Reading, Refusal
from tierwise_console.limits.services import spend
from tierwise_console.shell.language import say

EVENTS_A_WINDOW, WINDOW_SECONDS = 200_000, 10
_NAMED = 20


class UnreadableError(Exception):
    """The body is no JSON, or too long: `status` says which, and `code` on the page of rejected events."""

    def __init__(self, status: int, code: str, en: str, zh: str) -> None:
        super().__init__(en)
        self.status, self.code, self.words = status, code, (en, zh)


View = Callable[..., HttpResponse]


def _public(view: View) -> View:
    found: View = csrf_exempt(login_not_required(require_POST(view)))
    return found


@_public
def segment_call(request: HttpRequest, call: str) -> HttpResponse:
    """`POST /v1/{identify,track,page,screen,group,alias}`."""
    return _take(request, MOST_CALL_BYTES, lambda body, at: segment.read_call(call, body, at), _basic_or_body)


@_public
def segment_batch(request: HttpRequest) -> HttpResponse:
    """`POST /v1/batch`."""
    return _take(request, MOST_BATCH_BYTES, segment.read_batch, _basic_or_body)


@_public
def ga4_collect(request: HttpRequest) -> HttpResponse:
    """`POST /mp/collect?api_secret=…`."""
    return _take(request, MOST_BATCH_BYTES, ga4.read_collect, lambda r, _: r.GET.get("api_secret", ""))


@_public
def cloud_events(request: HttpRequest) -> HttpResponse:
    """`POST /v1/cloudevents` in each of the three modes."""

    def read(body: Any, at: datetime) -> Reading:
        if (request.content_type or "").startswith("application/cloudevents"):
            return cloudevents.read_structured(body, at)
        return cloudevents.read_binary(request.headers, body, at)

    return _take(request, MOST_BATCH_BYTES, read, _bearer_or_basic)


def _take(
    request: HttpRequest,
    most_bytes: int,
    read: Callable[[Any, datetime], Reading],
    key_of: Callable[[HttpRequest, Any], str],
) -> HttpResponse:
    received_at = timezone.now()
    try:
        body = _body(request, most_bytes)
    except UnreadableError as error:
        _keep_unreadable(request, key_of, error, received_at)
        return JsonResponse({"success": False, "reason": say(*error.words)}, status=error.status)
    sender = services.sender_of(key_of(request, body))
    if sender is None:
        return _unknown_key()
    reading = read(body, received_at)
    with transaction.atomic():
        count = len(reading.taken) + len(reading.refused)
        allowance = spend(f"events:{sender.pk}", count, EVENTS_A_WINDOW, WINDOW_SECONDS)
        if not allowance.exceeded:
            services.take(sender, reading, received_at)
    if allowance.exceeded:
        told = {"success": False, "reason": say("too many events", "事件过多")}
        return JsonResponse(told, status=429, headers=allowance.headers)
    return _answer(reading)


def _keep_unreadable(
    request: HttpRequest, key_of: Callable[[HttpRequest, Any], str], error: UnreadableError, received_at: datetime
) -> None:
    """Show an unreadable call among the rejected events, where its key stands outside the body. The body is not kept:
    whom it speaks of could not be told, were they to ask."""
    sender = services.sender_of(key_of(request, None))
    if sender is None:
        return
    with transaction.atomic():
        if not spend(f"events:{sender.pk}", 1, EVENTS_A_WINDOW, WINDOW_SECONDS).exceeded:
            services.take(sender, Reading(refused=[Refusal(error.code, Text(*error.words), "")]), received_at)


def _answer(reading: Reading) -> HttpResponse:
    """200 where all was taken; else 400 with the reasons: what was good is kept all the same, and may be sent again."""
    if not reading.refused:
        return JsonResponse({"success": True})
    named = [{"code": each.code, "reason": say(each.reason.en, each.reason.zh)} for each in reading.refused[:_NAMED]]
    found = {"success": False, "accepted": len(reading.taken), "rejected": len(reading.refused), "reasons": named}
    return JsonResponse(found, status=400)


def _unknown_key() -> HttpResponse:
    reason = say("the write key is unknown or revoked", "写入密钥未知或已停用")
    answer = JsonResponse({"success": False, "reason": reason}, status=401)
    answer["WWW-Authenticate"] = 'Basic realm="events"'
    return answer


def _body(request: HttpRequest, most_bytes: int) -> Any:
    """The JSON of a request, unpacked where it was packed, but never to more than the limit."""
    raw = request.read(most_bytes + 1)
    if request.headers.get("Content-Encoding", "") == "gzip":
        raw = _unpacked(raw, most_bytes)
    if len(raw) > most_bytes:
        kb = most_bytes // 1024
        raise UnreadableError(413, "too_long", f"at most {kb} KB are taken", f"最多接收 {kb} KB")
    try:
        return json.loads(raw, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(400, "no_json", "the body is not JSON", "请求体不是 JSON") from error


def _unpacked(raw: bytes, most_bytes: int) -> bytes:
    try:
        return zlib.decompressobj(wbits=31).decompress(raw, most_bytes + 1)
    except zlib.error as error:
        raise UnreadableError(400, "no_gzip", "the body is not gzip", "请求体不是 gzip 格式") from error


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def _basic(request: HttpRequest) -> str:
    scheme, _, packed = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(packed, validate=True).decode().partition(":")[0]
    except (binascii.Error, ValueError):
        return ""


def _basic_or_body(request: HttpRequest, body: Any) -> str:
    given = body.get("writeKey") if isinstance(body, Mapping) else None
    return _basic(request) or (given if isinstance(given, str) else "")


def _bearer_or_basic(request: HttpRequest, body: Any) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else _basic(request)
