"""The way in of a new installation: the address in the terminal makes the first owner, once; the machine makes others."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner
from django.core import signing
from django.core.exceptions import ValidationError
from django.test import Client

from tierwise_console.access import first_owner
from tierwise_console.access.models import OpenSession, User
from tierwise_console.access.permissions import Role
from tierwise_console.access.services import set_user
from tierwise_console.audit.models import AuditEntry
from tierwise_console.command.user import user as command

pytestmark = pytest.mark.django_db
PASSWORD = "a long way to the shop"
GIVEN = {"username": "mei", "full_name": "梅", "password": PASSWORD, "again": PASSWORD}


def _way() -> str:
    return f"/account/first/{first_owner.make_key()}"


def test_the_first_owner_is_made_and_signed_in() -> None:
    client = Client()
    assert "tierwise console user" in client.get("/account/sign-in").content.decode()
    assert client.get(_way()).status_code == 200
    answer = client.post(_way(), GIVEN)
    assert answer.status_code == 302
    assert answer["Location"] == "/"
    owner = User.objects.get()
    assert (owner.role, owner.shown_name) == (Role.OWNER, "梅")
    assert client.get("/settings").status_code == 200
    assert AuditEntry.objects.get(action="user.add").detail["first"] is True


@pytest.mark.parametrize(
    ("change", "told"),
    [({"again": "another long password"}, "differ"), ({"password": "short", "again": "short"}, "too short"),
     ({"username": "mei ling"}, "valid")],
)  # fmt: skip
def test_what_is_wrong_is_told_and_nobody_is_made(change: dict[str, str], told: str) -> None:
    answer = Client().post(_way(), {**GIVEN, **change})
    assert told in answer.content.decode()
    assert not User.objects.exists()


def test_the_address_opens_nothing_once_somebody_is_there(make_user: Callable[..., User]) -> None:
    way = _way()
    make_user(Role.VIEWER)
    assert Client().get(way)["Location"] == "/account/sign-in"
    assert Client().post(way, GIVEN)["Location"] == "/account/sign-in"
    assert User.objects.count() == 1
    assert first_owner.make_first_owner("mei", PASSWORD) is None
    assert "tierwise console user" not in Client().get("/account/sign-in").content.decode()


def test_a_key_of_somebody_else_opens_nothing() -> None:
    for key in ("", "guess", signing.dumps("", salt="another")):
        assert not first_owner.opens(key)


def test_a_key_of_yesterday_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    key = first_owner.make_key()
    assert first_owner.opens(key)
    monkeypatch.setattr(first_owner, "VALID_SECONDS", -1)
    assert not first_owner.opens(key)


def test_the_machine_makes_a_user_and_gives_another_password() -> None:
    assert set_user("mei", PASSWORD) is True
    assert User.objects.get().role == Role.OWNER
    assert set_user("MEI", PASSWORD + "!", "sales") is False
    mei = User.objects.get()
    assert mei.role == Role.SALES
    assert mei.check_password(PASSWORD + "!")
    with pytest.raises(ValidationError):
        set_user("mei", "short")


def test_the_command_says_what_it_did(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tierwise_console.command.user.prepare", lambda: None)
    done = CliRunner().invoke(command, ["mei", "--role", "analyst"], input=f"{PASSWORD}\n{PASSWORD}\n")
    assert done.exit_code == 0, done.output
    assert User.objects.get(username="mei").role == Role.ANALYST
    refused = CliRunner().invoke(command, ["mei"], input="short\nshort\n")
    assert refused.exit_code != 0
    assert "12" in refused.output


@pytest.mark.parametrize(
    ("agent", "device"),
    [("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36", "Chrome · Linux"),
     ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) MicroMessenger/8.0", "WeChat · iPhone"),
     ("Mozilla/5.0 (Windows NT 10.0) Chrome/126.0 Safari/537.36 Edg/126.0", "Edge · Windows"),
     ("curl/8.0", "curl/8.0"), ("", "–")],
)  # fmt: skip
def test_a_session_names_its_device_as_people_do(agent: str, device: str) -> None:
    assert OpenSession(agent=agent).device == device
