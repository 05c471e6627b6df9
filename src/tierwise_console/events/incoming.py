"""What the formats turn a request into: events to take, and events to refuse with a reason."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from tierwise.language import Text

MOST_CALL_BYTES = 32 * 1024
MOST_BATCH_BYTES = 500 * 1024
MOST_ID = 200
MOST_AMOUNT = Decimal(10) ** 13


@dataclass(frozen=True, slots=True)
class Incoming:
    """One event as it will be kept."""

    message_id: str
    kind: str
    event: str
    customer_id: str
    occurred_at: datetime
    channel: str
    properties: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One event that is not taken: a stable code, the reason, and its body as it came."""

    code: str
    reason: Text
    body: str


@dataclass
class Reading:
    """All that one request brought."""

    taken: list[Incoming] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


class RefusedError(Exception):
    """One event cannot be taken."""

    def __init__(self, code: str, en: str, zh: str) -> None:
        super().__init__(en)
        self.code, self.reason = code, Text(en, zh)


def text_of(data: Mapping[str, Any], name: str, most: int = MOST_ID) -> str:
    """A text that may miss; numbers are taken as text, anything else is refused."""
    value = data.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise RefusedError("not_text", f"{name} must be text", f"{name} 必须是文本")
    words = str(value).strip()
    if len(words) > most:
        raise RefusedError("too_long", f"{name} is longer than {most} characters", f"{name} 超过 {most} 个字符")
    if "\x00" in words or any("\ud800" <= letter <= "\udfff" for letter in words):
        raise RefusedError("not_text", f"{name} holds a character that is none", f"{name} 含有无效字符")
    return words


def moment_of(value: Any, name: str) -> datetime | None:
    """A moment in ISO 8601; without an offset it is UTC. None where it misses."""
    if value in (None, ""):
        return None
    try:
        moment = datetime.fromisoformat(str(value))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise RefusedError(
            "bad_time",
            f"{name} is not a time in ISO 8601: {str(value)[:60]}",
            f"{name} 不是 ISO 8601 时间：{str(value)[:60]}",
        ) from error


def object_of(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A JSON object that may miss."""
    value = data.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RefusedError("not_object", f"{name} must be an object", f"{name} 必须是对象")
    return value


def message_id_for(body: Any, dated: bool) -> str:
    """An id for a message that has none: of a dated one, its content's hash, so that a repeated request is known again."""
    if not dated:
        return str(uuid.uuid4())
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def refusal(error: RefusedError, body: Any) -> Refusal:
    """A refusal with the body as text, at most a call long."""
    words = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    clean = words[:MOST_CALL_BYTES].replace("\x00", "").encode("utf-8", "replace").decode()
    return Refusal(error.code, error.reason, clean)


COMPLETED, REFUNDED = "Order Completed", "Order Refunded"
_AMOUNTS = ("total", "revenue", "value", "amount")


def amount_of(properties: Mapping[str, Any]) -> Decimal | None:
    """The amount of an order or a refund, never negative; None where no property says it."""
    for name in _AMOUNTS:
        value = properties.get(name)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            continue
        try:
            amount = abs(Decimal(str(value).replace(",", "")))
        except InvalidOperation:
            continue
        if amount.is_finite() and amount < MOST_AMOUNT:
            return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return None


def check_trade(event: str, properties: Mapping[str, Any]) -> None:
    """Refuse an order or a refund that says neither which order nor how much: it would be missed in the money."""
    if event not in (COMPLETED, REFUNDED):
        return
    if not text_of(properties, "order_id"):
        raise RefusedError("no_order_id", f"{event} needs properties.order_id", f"{event} 缺少 properties.order_id")
    if amount_of(properties) is None:
        raise RefusedError("no_amount", f"{event} needs properties.total", f"{event} 缺少 properties.total")
