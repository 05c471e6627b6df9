"""The action matrix: what is done for each tier, by whom, until when, and whether it was."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class TierAction(models.Model):
    """One action for one tier of a model. Drafts are off; a person turns an action on.

    `shipped_key` marks what was generated from the models, so that generating anew adds and never doubles.
    """

    model = models.CharField(max_length=40)
    tier = models.CharField(max_length=60)
    action_en = models.CharField(max_length=300, blank=True)
    action_zh = models.CharField(max_length=300, blank=True)
    shipped_key = models.CharField(max_length=160, blank=True, db_index=True)
    enabled = models.BooleanField(default=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    due_on = models.DateField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    removed = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Read by model and tier."""

        indexes = (models.Index(fields=["model", "tier"], name="strategy_action_tier"),)

    def __str__(self) -> str:
        return f"{self.model} {self.tier}: {self.action_zh}"


class Basis(models.TextChoices):
    """What a budget is split by."""

    REVENUE = "revenue"
    EXPECTED = "expected"
    RESPONSE = "response"


class Budget(models.Model):
    """The budget of one model's tiers, and how it was split: the amounts are a decision and stay until split anew.

    `wishes` holds by tier what a person set: an amount in cents, and the assumed response as a range in per cent.
    `amounts` are cents by tier, made from the figures of `run`; they add up to `total_cents`.
    """

    model = models.CharField(max_length=40, unique=True)
    total_cents = models.BigIntegerField()
    basis = models.CharField(max_length=10, choices=Basis.choices, default=Basis.REVENUE)
    least_cents = models.BigIntegerField(default=0)
    margin_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    wishes = models.JSONField(default=dict)
    amounts = models.JSONField(default=dict)
    run = models.CharField(max_length=80)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.model}: {self.total_cents}"
