"""Counters by key and window of time."""

from __future__ import annotations

from django.db import models


class Counter(models.Model):
    """How much of something was used in one window, which is a number of whole windows since 1970."""

    key = models.CharField(max_length=80)
    window = models.BigIntegerField()
    used = models.BigIntegerField()

    class Meta:
        """One row a key and window."""

        constraints = (models.UniqueConstraint(fields=["key", "window"], name="limits_once"),)

    def __str__(self) -> str:
        return f"{self.key} {self.used}"
