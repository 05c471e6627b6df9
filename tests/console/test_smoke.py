"""The console answers, asks who one is, and speaks both languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client

from tierwise_console.access.permissions import Role


def test_health_needs_no_sign_in(client: Client) -> None:
    assert client.get("/health").content == b"ok\n"


def test_every_page_asks_who_one_is(client: Client) -> None:
    answer = client.get("/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/sign-in")


@pytest.mark.parametrize(("accept", "word"), [("zh-CN", "总览"), ("en", "Overview")])
def test_both_languages(signed_in: Callable[..., Client], accept: str, word: str) -> None:
    page = signed_in(Role.VIEWER).get("/", headers={"accept-language": accept})
    assert word in page.content.decode()


def test_sqlite_is_durable_and_takes_the_writers_place_at_once(db: None) -> None:
    if connection.vendor != "sqlite":
        assert connection.vendor == "postgresql"
        return
    with connection.cursor() as cursor:
        found = [cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    assert found == ["wal", 2]
    assert connection.settings_dict["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
