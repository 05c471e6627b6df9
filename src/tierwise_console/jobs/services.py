"""What people may do with jobs: each checks permission, changes the job, and leaves an audit entry."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from tierwise_console.access.guards import check_may
from tierwise_console.access.permissions import Permission
from tierwise_console.audit.services import record
from tierwise_console.jobs import queueing, schedules
from tierwise_console.jobs.models import Job, Schedule


@transaction.atomic
def ask(actor: Any, kind: str, arguments: dict[str, Any], permission: Permission, **how: Any) -> Job:
    """Ask for a job in a person's name."""
    check_may(actor, permission)
    job = queueing.enqueue(kind, arguments, by=getattr(actor, "pk", None), **how)
    record("job.asked", actor=actor, subject_type="job", subject_id=job.pk, detail={"kind": kind})
    return job


@transaction.atomic
def cancel(actor: Any, number: int) -> Job:
    """Cancel a job."""
    check_may(actor, Permission.JOBS_RUN)
    job = queueing.cancel(number)
    record("job.cancelled", actor=actor, subject_type="job", subject_id=number)
    return job


@transaction.atomic
def replay(actor: Any, number: int) -> Job:
    """Try a job again that ended badly."""
    check_may(actor, Permission.JOBS_RUN)
    job = queueing.replay(number)
    record("job.replayed", actor=actor, subject_type="job", subject_id=number)
    return job


@transaction.atomic
def plan(
    actor: Any, name: str, kind: str, cron: str, timezone: str, arguments: dict[str, Any],
    permission: Permission = Permission.JOBS_RUN, enabled: bool = True,
) -> Schedule:  # fmt: skip
    """Make or change a schedule."""
    check_may(actor, permission)
    schedule = schedules.plan(name, kind, cron, timezone, arguments, enabled)
    detail = {"kind": kind, "cron": cron, "enabled": enabled}
    record("schedule.planned", actor=actor, subject_type="schedule", subject_id=name, detail=detail)
    return schedule


@transaction.atomic
def unplan(actor: Any, name: str, permission: Permission = Permission.JOBS_RUN) -> None:
    """Remove a schedule."""
    check_may(actor, permission)
    if schedules.unplan(name):
        record("schedule.removed", actor=actor, subject_type="schedule", subject_id=name)
