"""CloudEvents 1.0 over HTTP: binary (attributes in `ce-` headers), structured, and batches."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tierwise_console.events.incoming import Incoming, Reading, RefusedError, check_trade, moment_of, refusal, text_of

_NEEDED = ("id", "source", "type", "specversion")
_CUSTOMER = ("customer_id", "userId", "user_id", "anonymousId")


def read_structured(body: Any, received_at: datetime) -> Reading:
    """Read one event, or a list of them."""
    reading = Reading()
    for each in body if isinstance(body, list) else [body]:
        try:
            reading.taken.append(_event(each, received_at))
        except RefusedError as error:
            reading.refused.append(refusal(error, each))
    return reading


def read_binary(headers: Mapping[str, str], data: Any, received_at: datetime) -> Reading:
    """Read one event whose attributes stand in the headers."""
    attributes = {name.lower()[3:]: value for name, value in headers.items() if name.lower().startswith("ce-")}
    return read_structured({**attributes, "data": data}, received_at)


def _event(each: Any, received_at: datetime) -> Incoming:
    if not isinstance(each, dict):
        raise RefusedError("not_object", "an event must be an object", "事件必须是 JSON 对象")
    missing = [name for name in _NEEDED if not text_of(each, name)]
    if missing:
        raise RefusedError("no_attribute", f"attributes miss: {', '.join(missing)}", f"缺少属性：{'、'.join(missing)}")
    if text_of(each, "specversion") != "1.0":
        raise RefusedError("bad_version", "specversion must be 1.0", "specversion 必须是 1.0")
    data = _data(each)
    found = (text_of(data, name) for name in _CUSTOMER)
    customer = next((value for value in found if value), "") or text_of(each, "subject")
    if not customer:
        raise RefusedError("no_customer", "subject or data.customer_id is needed", "缺少 subject 或 data.customer_id")
    message = f"{text_of(each, 'source')} {text_of(each, 'id')}"
    if len(message) > 200:
        raise RefusedError(
            "too_long", "source and id are longer than 199 characters", "source 与 id 合计超过 199 个字符"
        )
    moment = moment_of(each.get("time"), "time") or received_at
    check_trade(text_of(each, "type"), data)
    return Incoming(message, "track", text_of(each, "type"), customer, moment, "", data)


def _data(each: Mapping[str, Any]) -> dict[str, Any]:
    data = each.get("data")
    if data is None and "data_base64" in each:
        try:
            data = json.loads(base64.b64decode(text_of(each, "data_base64", 1 << 20), validate=True))
        except (binascii.Error, ValueError, RecursionError) as error:
            raise RefusedError("bad_data", "data_base64 holds no JSON", "data_base64 不是 JSON") from error
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise RefusedError("not_object", "data must be an object", "data 必须是对象")
    return data
