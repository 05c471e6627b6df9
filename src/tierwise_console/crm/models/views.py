"""Saved views of the customer list, and bulk actions that can be undone."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class SavedView(models.Model):
    """A filter and order of the customer list under a name; shared with everyone, or the owner's own."""

    name = models.CharField(max_length=80)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    shared = models.BooleanField(default=False)
    query = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """A person uses a name once."""

        constraints = (models.UniqueConstraint(fields=["owner", "name"], name="crm_view_one"),)
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name


class BulkAction(models.Model):
    """One change of many customers at once: what, by whom, which filter; undone by putting back what was before."""

    kind = models.CharField(max_length=20)
    value = models.CharField(max_length=100)
    query = models.JSONField(default=dict)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    customers = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.value}: {self.customers}"


class BulkItem(models.Model):
    """One customer that a bulk action changed, and what it had before."""

    action = models.ForeignKey(BulkAction, on_delete=models.CASCADE, related_name="items")
    customer_id = models.CharField(max_length=200)
    before = models.CharField(max_length=100, blank=True)

    def __str__(self) -> str:
        return f"{self.action_id}: {self.customer_id}"
