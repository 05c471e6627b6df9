"""Tokens of the API, of which only hashes are kept, and answers kept for repeated requests."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Token(models.Model):
    """A token acts for its user, within its scopes: it may do what both allow."""

    name = models.CharField(max_length=100)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    scopes = models.JSONField(default=list)
    key_hash = models.CharField(max_length=64, unique=True)
    key_hint = models.CharField(max_length=8)
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Answered(models.Model):
    """What was answered to a request that named an idempotency key."""

    token = models.ForeignKey(Token, on_delete=models.CASCADE)
    key = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(default="")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """One answer a key."""

        constraints = (models.UniqueConstraint(fields=["token", "key"], name="tokens_answered_once"),)

    def __str__(self) -> str:
        return self.key
