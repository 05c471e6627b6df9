"""How far the take-over of a run has come, and how many customers each tier has since."""

from __future__ import annotations

from django.db import models


class TakeOverState(models.TextChoices):
    """A take-over is one of these."""

    RUNNING = "running"
    DONE = "done"
    SUPERSEDED = "superseded"


class TakeOver(models.Model):
    """One take-over of a run. Stage, model and cursor move in the transaction that wrote the rows before them.

    The one begun last counts: an earlier one that was not done is superseded by it. `base` is the run that the
    database showed when it began; it is empty where that is not one run whole, and everything is compared then.
    """

    run = models.CharField(max_length=80)
    base = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=12, choices=TakeOverState.choices, default=TakeOverState.RUNNING)
    as_of = models.DateField()
    baseline = models.BooleanField(default=False)
    stage = models.CharField(max_length=12, default="customers")
    model = models.CharField(max_length=40, blank=True)
    cursor = models.CharField(max_length=200, blank=True)
    steps = models.PositiveIntegerField(default=0)
    customers = models.PositiveIntegerField(default=0)
    labels = models.PositiveIntegerField(default=0)
    changes = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.run}: {self.state} {self.stage} {self.cursor}"


class TierCount(models.Model):
    """Customers of one tier, counted when a take-over ends: lists show it without counting."""

    model = models.CharField(max_length=40)
    tier = models.CharField(max_length=60)
    customers = models.PositiveIntegerField()

    class Meta:
        """One row a tier."""

        constraints = (models.UniqueConstraint(fields=["model", "tier"], name="crm_tier_count_one"),)

    def __str__(self) -> str:
        return f"{self.model} {self.tier}: {self.customers}"
