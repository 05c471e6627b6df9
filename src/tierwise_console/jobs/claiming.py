"""Leases: take a job, keep it, let it go. All comparisons of time are made by the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Now

from tierwise.language import Text
from tierwise_console.jobs.clock import after
from tierwise_console.jobs.kinds import JobKind, all_kinds
from tierwise_console.jobs.models import Job, Status
from tierwise_console.jobs.queueing import say

_READY = Q(status=Status.QUEUED, run_after__lte=Now())
_LOST = Q(status=Status.RUNNING, lease_until__lt=Now())


def claim(owner: str, kinds: Sequence[JobKind] | None = None) -> Job | None:
    """Take the first job that is ready, or whose worker was lost; None where there is none.

    On PostgreSQL rows that others are taking are skipped; on SQLite the transaction is the only one that writes.
    """
    known = {kind.name: kind for kind in (all_kinds() if kinds is None else kinds)}
    try:
        with transaction.atomic():
            job = _first(_claimable(known))
            return _take(job, owner, known[job.kind]) if job else None
    except IntegrityError:
        return None  # another worker took a job of the same lane in the same moment; this one stays ready


def _claimable(known: dict[str, JobKind]) -> QuerySet[Job]:
    lane_in_use = Job.objects.filter(status=Status.RUNNING, lane=OuterRef("lane")).exclude(lane="")
    return (
        Job.objects.filter(_LOST | (_READY & ~Exists(lane_in_use)), kind__in=list(known))
        .order_by("priority", "run_after", "id")
    )  # fmt: skip


def _first(jobs: QuerySet[Job]) -> Job | None:
    if connection.features.has_select_for_update_skip_locked:
        jobs = jobs.select_for_update(skip_locked=True, of=("self",))
    return jobs.first()


def _take(job: Job, owner: str, kind: JobKind) -> Job | None:
    """Write the lease; a job that was lost too often, or cancelled while its worker was lost, ends here."""
    lost = job.status == Status.RUNNING
    if lost and (job.cancel_requested or job.crashes + 1 >= kind.most_crashes):
        _bury(job)
        return None
    Job.objects.filter(pk=job.pk).update(
        status=Status.RUNNING,
        owner=owner,
        attempt=F("attempt") + 1,
        crashes=F("crashes") + (1 if lost else 0),
        lease_until=after(kind.lease_seconds),
        started_at=Coalesce(F("started_at"), Now()),
    )
    taken = Job.objects.get(pk=job.pk)
    if lost:
        say(
            taken,
            Text("the worker before was lost; going on from where it had come", "之前的任务进程已失联，从其进度继续"),
            "warning",
        )
    return taken


def _bury(job: Job) -> None:
    status = Status.CANCELLED if job.cancel_requested else Status.DEAD
    text = Text(
        f"given up: {job.crashes + 1} workers were lost with it", f"已放弃：{job.crashes + 1} 个任务进程在处理时失联"
    )
    Job.objects.filter(pk=job.pk).update(
        status=status, finished_at=Now(), owner="", lease_until=None,
        error=None if job.cancel_requested else {"code": "job.lost_workers", "en": text.en, "zh-CN": text.zh},
    )  # fmt: skip
    say(job, text if status == Status.DEAD else Text("cancelled", "已取消"), "warning")


def held(job: Job) -> QuerySet[Job]:
    """The job, provided that this claim of it still stands."""
    return Job.objects.filter(pk=job.pk, status=Status.RUNNING, owner=job.owner, attempt=job.attempt)


def renew(job: Job, lease_seconds: float) -> bool:
    """Keep a job for longer; False where it was given to another."""
    return bool(held(job).update(lease_until=after(lease_seconds)))


def settle(job: Job, status: str, **values: Any) -> bool:
    """End this claim of a job with a new status; False where it was given to another, and nothing is changed."""
    ended = {} if status == Status.QUEUED else {"finished_at": Now()}
    return bool(held(job).update(status=status, owner="", lease_until=None, **ended, **values))
