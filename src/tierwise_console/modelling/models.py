"""Versions of the settings file: drafts on the way to be published, and every state it had."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class VersionState(models.TextChoices):
    """What has become of a version."""

    DRAFT = "draft"
    ASKED = "asked"
    PUBLISHED = "published"
    REJECTED = "rejected"
    FOUND = "found"


class SettingsVersion(models.Model):
    """One state of `tierwise.yaml`, whole. `base_sha256` is the file it was made from: published on that alone.

    A version is `found` where the file was changed outside the console.
    """

    number = models.PositiveIntegerField(unique=True)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    base_sha256 = models.CharField(max_length=64, blank=True)
    model = models.CharField(max_length=40, blank=True)
    comment = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=VersionState.choices, default=VersionState.DRAFT)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    approver = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        """The newest first."""

        ordering = ("-number",)

    def __str__(self) -> str:
        return f"{self.number} {self.state}"
