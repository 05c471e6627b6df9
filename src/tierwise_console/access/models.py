"""Users. A user has one role; what roles may do stands in `permissions.py`."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models

from tierwise.language import Text
from tierwise_console.access.permissions import ROLE_NAMES, Role, allowed


class User(AbstractUser):
    """A person who signs in. `person_id` is how source data name them as the owner of a customer."""

    role = models.CharField(
        max_length=20, choices=[(role.value, ROLE_NAMES[role].en) for role in Role], default=Role.VIEWER
    )
    person_id = models.CharField(max_length=200, blank=True, default="", db_index=True)
    language = models.CharField(max_length=10, blank=True, default="")

    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def may(self, permission: str) -> bool:
        """Whether this person may do a thing."""
        return bool(self.is_active) and allowed(self.role, permission)

    @property
    def role_name(self) -> Text:
        """The role in words."""
        return ROLE_NAMES[Role(self.role)]

    @property
    def shown_name(self) -> str:
        """The name that pages show."""
        return self.get_full_name() or self.username


class SignInCount(models.Model):
    """Wrong passwords since a moment, by a hash of the name or the address they were tried for."""

    key = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    since = models.DateTimeField()


_BROWSERS = (
    ("MicroMessenger", "WeChat"), ("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)  # fmt: skip
"""The first mark that is found names the browser: most of them call themselves Chrome and Safari, too."""
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip


class OpenSession(models.Model):
    """A session that somebody is signed in with: from where, since when, and its place in Django's own table."""

    session_key = models.CharField(max_length=40, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="open_sessions")
    address = models.CharField(max_length=45, blank=True)
    agent = models.CharField(max_length=200, blank=True)
    begun = models.DateTimeField(auto_now_add=True)
    seen = models.DateTimeField()

    @property
    def device(self) -> str:
        """Browser and system as people call them; what the browser said where it is none of the known ones."""
        browser = next((name for mark, name in _BROWSERS if mark in self.agent), "")
        system = next((name for mark, name in _SYSTEMS if mark in self.agent), "")
        return " · ".join(filter(None, (browser, system))) or self.agent[:60] or "–"
