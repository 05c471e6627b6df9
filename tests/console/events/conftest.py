"""A sender with its key, and a way to send."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from tierwise_console.access.permissions import Role
from tierwise_console.events.services import make_sender


@dataclass
class Sending:
    """Sends as one sender."""

    client: Client
    key: str

    def post(self, path: str, body: Any, key: str | None = None, **headers: str) -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        basic = base64.b64encode(f"{self.key if key is None else key}:".encode()).decode()
        given = {"authorization": f"Basic {basic}", **headers}
        return self.client.post(path, raw, content_type=given.pop("content_type", "application/json"), headers=given)


@pytest.fixture
def sending(make_user: Callable[..., Any]) -> Sending:
    _, key = make_sender(make_user(Role.OWNER), "shop")
    return Sending(Client(), key)
