"""Tokens for tests, and a way to ask."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from tierwise_console.access.permissions import Role
from tierwise_console.tokens.services import SCOPES, make_token

Ask = Callable[..., Any]


@pytest.fixture(autouse=True)
def place(settings: Any, tmp_path: Path) -> None:
    settings.ENVIRONMENT = SimpleNamespace(workspace=tmp_path / "shop", home=tmp_path / "console")


@pytest.fixture
def asking(make_user: Callable[..., Any]) -> Callable[..., Ask]:
    """Return a function that asks as a user of a role by a token with all scopes or those named."""
    owner: list[Any] = []

    def as_role(role: Role = Role.OWNER, scopes: tuple[str, ...] = tuple(SCOPES), username: str = "") -> Ask:
        if not owner:
            owner.append(make_user(Role.OWNER, "key-maker"))
        user = make_user(role, username or f"api-{role}")
        _, key = make_token(owner[0], user, "test", scopes)

        def ask(method: str, path: str, body: Any = None, **headers: str) -> Any:
            given = {"authorization": f"Bearer {key}", **{n.replace("_", "-"): v for n, v in headers.items()}}
            content = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
            return getattr(Client(), method)(f"/api/v1{path}", headers=given, **content)

        ask.user = user  # type: ignore[attr-defined]
        return ask

    return as_role
