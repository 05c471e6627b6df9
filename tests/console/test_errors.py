"""Pages of errors: in the reader's language, with what to do, and never a stack."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from tierwise_console.access.models import User
from tierwise_console.access.permissions import Role
from tierwise_console.pages import overview

LANGUAGES = [("en", "To the start"), ("zh-CN", "返回首页")]


def _get(client: Client, path: str, lang: str) -> str:
    return client.get(path, headers={"accept-language": lang}).content.decode()


@pytest.mark.parametrize(("lang", "way"), LANGUAGES)
def test_an_unknown_address(signed_in: Callable[..., Client], lang: str, way: str) -> None:
    client = signed_in(Role.OWNER)
    assert client.get("/nowhere").status_code == 404
    text = _get(client, "/nowhere", lang)
    assert way in text
    assert f'lang="{lang}"' in text
    assert 'id="menu"' in text, "the menu is there to go on from"


@pytest.mark.parametrize(("lang", "way"), LANGUAGES)
def test_what_a_role_may_not_open(signed_in: Callable[..., Client], lang: str, way: str) -> None:
    client = signed_in(Role.VIEWER)
    assert client.get("/customers/").status_code == 403
    text = _get(client, "/customers/", lang)
    assert way in text
    assert ("Viewer" if lang == "en" else "只读") in text, "it says as whom one is signed in"
    assert 'href="/customers/"' not in text, "what is closed is not offered"


@pytest.mark.parametrize(("lang", "way"), LANGUAGES)
def test_a_form_without_its_token(make_user: Callable[..., User], lang: str, way: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user(Role.OWNER))
    answer = client.post("/tasks/", {"title": "call"}, headers={"accept-language": lang})
    assert answer.status_code == 403
    assert way in answer.content.decode()


@pytest.mark.parametrize(("lang", "way"), LANGUAGES)
def test_a_fault_of_our_own(
    signed_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch, lang: str, way: str
) -> None:
    client = signed_in(Role.OWNER)
    client.raise_request_exception = False

    def fail() -> None:
        raise RuntimeError("the inner words")

    monkeypatch.setattr(overview.reading, "current_run", fail)
    answer = client.get("/", headers={"accept-language": lang})
    text = answer.content.decode()
    assert answer.status_code == 500
    assert way in text
    assert "tierwise console check" in text
    assert "inner words" not in text


def test_an_address_that_is_not_ours(signed_in: Callable[..., Client]) -> None:
    answer = signed_in(Role.OWNER).get("/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "console.css" in answer.content.decode()
