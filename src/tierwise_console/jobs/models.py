"""What durable work keeps in the database.

A job is claimed by a lease that names its worker (`owner`) and the number of the claim (`attempt`). Whoever wants to
change the job or to commit an effect in its name must still hold both: a worker that was asleep for too long, and
whose job was given to another, can change nothing any more.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class Status(models.TextChoices):
    """Where a job stands. `failed` waits for a person to mend the cause, `dead` gave up after its last try."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    DEAD = "dead"
    CANCELLED = "cancelled"


OPEN = (Status.QUEUED, Status.RUNNING)
ENDED_BADLY = (Status.FAILED, Status.DEAD)


class Job(models.Model):
    """One piece of durable work.

    `cursor` says how far the work has come; it moves in the same transaction as the effect it stands for. Of the jobs
    that share a `lane` one runs at a time. A `unique_key` makes asking twice the same as asking once. `tries` counts
    failures since the cursor last moved, `crashes` the workers that were lost with the job in hand.
    """

    kind = models.CharField(max_length=64)
    arguments = models.JSONField(default=dict)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.QUEUED)
    priority = models.SmallIntegerField(default=100)
    lane = models.CharField(max_length=128, default="", blank=True)
    unique_key = models.CharField(max_length=200, null=True, unique=True)
    run_after = models.DateTimeField()
    cursor = models.JSONField(default=dict)
    result = models.JSONField(null=True)
    error = models.JSONField(null=True)
    owner = models.CharField(max_length=128, default="", blank=True)
    attempt = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    crashes = models.PositiveSmallIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    doing = models.JSONField(default=dict)
    created_by = models.ForeignKey("access.User", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        """Indexes for claiming, and the guard of the lanes."""

        indexes: ClassVar = (
            models.Index(fields=["priority", "run_after", "id"], name="jobs_ready", condition=Q(status="queued")),
            models.Index(fields=["lease_until"], name="jobs_leased", condition=Q(status="running")),
            models.Index(fields=["kind", "-id"], name="jobs_kind"),
        )
        constraints: ClassVar = (
            models.UniqueConstraint(
                fields=["lane"], condition=Q(status="running") & ~Q(lane=""), name="jobs_one_running_per_lane"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class JobLine(models.Model):
    """One line of a job's log, in both languages."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="lines")
    attempt = models.PositiveIntegerField()
    at = models.DateTimeField()
    level = models.CharField(max_length=8, default="info")
    en = models.TextField()
    zh = models.TextField()

    class Meta:
        """Read by job, in the order written."""

        indexes: ClassVar = (models.Index(fields=["job", "id"], name="jobs_line"),)

    def __str__(self) -> str:
        return self.en


class Schedule(models.Model):
    """A job that is asked for again and again, by a cron expression in a time zone.

    However many times were missed while no worker ran, one job makes up for them.
    """

    name = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=64)
    arguments = models.JSONField(default=dict)
    cron = models.CharField(max_length=64)
    timezone = models.CharField(max_length=64)
    enabled = models.BooleanField(default=True)
    next_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)
    last_job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        """Found by what is due."""

        indexes: ClassVar = (models.Index(fields=["next_at"], name="jobs_due", condition=Q(enabled=True)),)

    def __str__(self) -> str:
        return self.name


class Worker(models.Model):
    """A worker process that lives, or was last seen at `seen_at`."""

    name = models.CharField(max_length=128, primary_key=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    slots = models.PositiveSmallIntegerField(default=1)

    def __str__(self) -> str:
        return self.name
