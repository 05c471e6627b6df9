"""What all tests of the console share: a user of each role."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from tests.console import settings

from tierwise_console.access.models import User
from tierwise_console.access.permissions import Role

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, where PostgreSQL was asked for and could not be started: the same on SQLite would prove nothing."""
    if settings.NO_POSTGRESQL:
        for item in items:
            if HERE in item.path.parents:
                item.add_marker(pytest.mark.skip(reason=settings.NO_POSTGRESQL))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Tests with real transactions empty all tables afterwards, which the audit log rightly refuses on SQLite."""
    with django_db_blocker.unblock():
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("DROP TRIGGER IF EXISTS audit_no_delete")


@pytest.fixture
def make_user(db: None) -> Callable[..., User]:
    """Make a user of a role; the name is the role's unless given."""

    def make(role: Role = Role.OWNER, username: str = "", **fields: object) -> User:
        return User.objects.create_user(username or role.value, password="correct horse battery", role=role, **fields)

    return make


@pytest.fixture
def signed_in(make_user: Callable[..., User]) -> Callable[..., Client]:
    """Return a client signed in as a new user of a role."""

    def sign_in(role: Role = Role.OWNER, username: str = "", **fields: object) -> Client:
        client = Client()
        client.force_login(make_user(role, username, **fields))
        return client

    return sign_in
