"""GA4's Measurement Protocol, `/mp/collect`: `client_id`, `user_id`, `timestamp_micros`, `events[]`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tierwise_console.events.incoming import (
    Incoming,
    Reading,
    RefusedError,
    check_trade,
    message_id_for,
    object_of,
    refusal,
    text_of,
)

MOST_EVENTS = 25
NAMES = {
    "purchase": "Order Completed", "refund": "Order Refunded", "view_item": "Product Viewed", "add_to_cart": "Product Added",
    "begin_checkout": "Checkout Started", "page_view": "Page Viewed", "screen_view": "Screen Viewed",
}  # fmt: skip
"""What GA4 calls the events of trade, and how they are called here; others keep their names."""


def read_collect(body: Any, received_at: datetime) -> Reading:
    """Read one request."""
    reading = Reading()
    try:
        events, customer = _head(body)
    except RefusedError as error:
        return Reading(refused=[refusal(error, body)])
    for place, each in enumerate(events):
        try:
            reading.taken.append(_event(body, each, place, customer, received_at))
        except RefusedError as error:
            reading.refused.append(refusal(error, each))
    return reading


def _head(body: Any) -> tuple[list[Any], str]:
    if not isinstance(body, dict):
        raise RefusedError("not_object", "the body must be an object", "请求体必须是 JSON 对象")
    events = body.get("events")
    if not isinstance(events, list) or not 1 <= len(events) <= MOST_EVENTS:
        raise RefusedError(
            "no_events", f"events must be a list of 1 to {MOST_EVENTS}", f"events 必须是 1–{MOST_EVENTS} 项的列表"
        )
    customer = text_of(body, "user_id") or text_of(body, "client_id")
    if not customer:
        raise RefusedError("no_customer", "user_id or client_id is needed", "缺少 user_id 或 client_id")
    return events, customer


def _event(body: Mapping[str, Any], each: Any, place: int, customer: str, received_at: datetime) -> Incoming:
    if not isinstance(each, dict) or not text_of(each, "name"):
        raise RefusedError("no_event", "an event needs a name", "事件缺少 name")
    name = text_of(each, "name")
    micros = each.get("timestamp_micros", body.get("timestamp_micros"))
    event, properties = NAMES.get(name, name), _properties(object_of(each, "params"))
    check_trade(event, properties)
    whole = {"customer": customer, "at": micros, "place": place, "event": each}
    return Incoming(
        message_id_for(whole, dated=micros is not None),
        "track",
        event,
        customer,
        received_at if micros is None else _moment(micros),
        "",
        properties,
    )


def _moment(micros: Any) -> datetime:
    try:
        return datetime.fromtimestamp(int(micros) / 1_000_000, UTC)
    except (TypeError, ValueError, OverflowError, OSError) as error:
        raise RefusedError(
            "bad_time",
            f"timestamp_micros is no time: {str(micros)[:40]}",
            f"timestamp_micros 不是时间：{str(micros)[:40]}",
        ) from error


def _properties(params: dict[str, Any]) -> dict[str, Any]:
    """The parameters under the names that orders are read by."""
    found = dict(params)
    if "transaction_id" in found:
        found.setdefault("order_id", found["transaction_id"])
    if "value" in found:
        found.setdefault("total", found["value"])
    return found
