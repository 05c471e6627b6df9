"""Files that people dropped, on their way into the ledger."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models


class Upload(models.Model):
    """One dropped file: what the person said about it, and the jobs that looked at it, tried it and imported it."""

    token = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=255)
    bytes = models.BigIntegerField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    table = models.CharField(max_length=32, default="", blank=True)
    source = models.CharField(max_length=64, default="", blank=True)
    mode = models.CharField(max_length=16, default="append")
    said = models.JSONField(default=dict)
    look_job = models.BigIntegerField(null=True)
    try_job = models.BigIntegerField(null=True)
    import_job = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return self.name
