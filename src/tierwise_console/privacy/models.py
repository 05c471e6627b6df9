"""One privacy request: for whom, why, what was found, what became of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Kind(models.TextChoices):
    """What is asked for."""

    EXPORT = "export"
    ERASURE = "erasure"


class State(models.TextChoices):
    """Where a request stands. An erasure waits for its confirmation once it was looked what would go."""

    LOOKING = "looking"
    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    WITHDRAWN = "withdrawn"


class PrivacyRequest(models.Model):
    """One request. Whom it is about is sealed, and forgotten when an erasure is done: the tombstone's id is what stays.

    `found` counts what would go or was handed out, `gone` what went; neither names anybody. `job` is the one at work.
    """

    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.LOOKING)
    customer_sealed = models.TextField(blank=True)
    person_sealed = models.TextField(blank=True)
    reason = models.CharField(max_length=300, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    job = models.BigIntegerField(null=True)
    found = models.JSONField(default=dict)
    gone = models.JSONField(default=dict)
    tombstone = models.CharField(max_length=80, blank=True, db_index=True)
    by_command = models.CharField(max_length=100, blank=True)
    file = models.CharField(max_length=200, blank=True)

    class Meta:
        """Newest first."""

        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
