"""Segment's HTTP tracking API: identify, track, page, screen, group, alias, and batches of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tierwise_console.events.incoming import (
    MOST_CALL_BYTES,
    Incoming,
    Reading,
    RefusedError,
    check_trade,
    message_id_for,
    moment_of,
    object_of,
    refusal,
    text_of,
)

CALLS = ("identify", "track", "page", "screen", "group", "alias")


def read_call(call: str, body: Any, received_at: datetime) -> Reading:
    """Read one call; the address says which it is."""
    return _read([body], received_at, {}, call)


def read_batch(body: Any, received_at: datetime) -> Reading:
    """Read a batch: each of its calls says by `type` which it is; `sentAt` and `context` stand for all."""
    calls = body.get("batch") if isinstance(body, dict) else None
    if not isinstance(calls, list) or not calls:
        error = RefusedError("no_batch", "batch must be a list of calls", "batch 必须是调用列表")
        return Reading(refused=[refusal(error, body)])
    shared = {name: body[name] for name in ("sentAt", "context") if name in body}
    return _read(calls, received_at, shared, None)


def _read(calls: list[Any], received_at: datetime, shared: Mapping[str, Any], call: str | None) -> Reading:
    reading = Reading()
    for body in calls:
        try:
            reading.taken.append(_event(body, received_at, shared, call))
        except RefusedError as error:
            reading.refused.append(refusal(error, body))
    return reading


def _event(body: Any, received_at: datetime, shared: Mapping[str, Any], call: str | None) -> Incoming:
    if not isinstance(body, dict):
        raise RefusedError("not_object", "an event must be an object", "事件必须是 JSON 对象")
    if call is None and len(json.dumps(body, ensure_ascii=False).encode()) > MOST_CALL_BYTES:
        raise RefusedError("too_large", "a call in a batch may have 32 KB", "批量中的单次调用最多 32 KB")
    kind = call or text_of(body, "type")
    if kind not in CALLS:
        raise RefusedError(
            "unknown_type", f"type must be one of {', '.join(CALLS)}", f"type 必须是 {'、'.join(CALLS)} 之一"
        )
    customer = text_of(body, "userId") or text_of(body, "anonymousId") or text_of(body, "previousId")
    if not customer:
        raise RefusedError("no_customer", "userId or anonymousId is needed", "缺少 userId 或 anonymousId")
    context = {**object_of(shared, "context"), **object_of(body, "context")}
    name, properties = _name(kind, body), _properties(kind, body, context)
    check_trade(name, properties)
    return Incoming(
        text_of(body, "messageId") or message_id_for(body, dated="timestamp" in body),
        kind,
        name,
        customer,
        occurred_at({**shared, **body}, received_at),
        _channel(body, context),
        properties,
    )


def _name(kind: str, body: Mapping[str, Any]) -> str:
    """What the event is called among the canonical ones."""
    if kind == "track":
        name = text_of(body, "event")
        if not name:
            raise RefusedError("no_event", "track needs event", "track 缺少 event")
        return name
    named = text_of(body, "name") if kind in ("page", "screen") else ""
    return {"page": "Page Viewed", "screen": "Screen Viewed"}.get(kind, kind.title()) + (f": {named}" if named else "")


def occurred_at(body: Mapping[str, Any], received_at: datetime) -> datetime:
    """When it happened by our clock: what the sender's clock was wrong by at `sentAt` is taken off.

    `timestamp` without `sentAt` is taken as it is: so history is imported.
    """
    stated = moment_of(body.get("originalTimestamp"), "originalTimestamp") or moment_of(
        body.get("timestamp"), "timestamp"
    )
    sent = moment_of(body.get("sentAt"), "sentAt")
    if stated is None:
        return received_at
    try:
        return stated + (received_at - sent) if sent else stated
    except OverflowError as error:
        raise RefusedError("bad_time", "the times lie too far apart", "各时间相差过大") from error


def _channel(body: Mapping[str, Any], context: Mapping[str, Any]) -> str:
    return (text_of(body, "channel", 40) or text_of(context, "channel", 40)).lower()


def _properties(kind: str, body: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(object_of(body, "properties"))
    if traits := object_of(body, "traits"):
        found["traits"] = traits
    for name in ("groupId", "previousId"):
        if name in body:
            found[name] = text_of(body, name)
    if campaign := object_of(context, "campaign"):
        found.setdefault("campaign", campaign)
    return found
