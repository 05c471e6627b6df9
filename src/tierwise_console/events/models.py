"""What is kept of events: the senders, what they sent, what was refused, and how it went on to the core."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Sender(models.Model):
    """Something that sends events, known by its write key; of the key only a hash is kept."""

    name = models.CharField(max_length=100, unique=True)
    key_hash = models.CharField(max_length=64, unique=True)
    key_hint = models.CharField(max_length=8)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Batch(models.Model):
    """Events that go to the core together; which they are is fixed before the core hears of them.

    `file` is written from them, byte by byte the same however often, so that the ledger tells a repetition.
    """

    made_at = models.DateTimeField(auto_now_add=True)
    events = models.PositiveIntegerField(default=0)
    imported_at = models.DateTimeField(null=True)
    imports = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"batch {self.pk}"


class Event(models.Model):
    """One event as it was taken. `number` of the message makes a repetition a repetition."""

    sender = models.ForeignKey(Sender, on_delete=models.PROTECT, db_index=False)
    message_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=16)
    event = models.CharField(max_length=200)
    customer_id = models.CharField(max_length=200)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    channel = models.CharField(max_length=40, default="", blank=True)
    properties = models.TextField(default="{}")
    batch = models.ForeignKey(Batch, null=True, on_delete=models.PROTECT)

    class Meta:
        """One row a message; what waits is found quickly."""

        constraints = (models.UniqueConstraint(fields=["sender", "message_id"], name="events_message_once"),)
        indexes = (models.Index(fields=["id"], name="events_waiting", condition=Q(batch__isnull=True)),)

    def __str__(self) -> str:
        return self.event


class Rejected(models.Model):
    """An event that was refused, and why: kept so that whoever sends it can mend it."""

    sender = models.ForeignKey(Sender, null=True, on_delete=models.SET_NULL)
    received_at = models.DateTimeField(auto_now_add=True)
    code = models.CharField(max_length=40)
    en = models.TextField()
    zh = models.TextField()
    body = models.TextField()

    def __str__(self) -> str:
        return self.en
