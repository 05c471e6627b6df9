"""Asking for work: put jobs into the queue, cancel them, bring dead ones back."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from tierwise.errors import ErrorKind, Family
from tierwise.language import Text
from tierwise_console.jobs.clock import after
from tierwise_console.jobs.kinds import kind_of
from tierwise_console.jobs.models import ENDED_BADLY, OPEN, Job, JobLine, Status

NOT_THERE = ErrorKind(
    "job.not_found",
    Family.USAGE,
    what=Text("there is no job {number}", "没有编号为 {number} 的任务"),
    cause=Text("it was removed, or the number is wrong", "任务已被清理，或编号有误"),
    cure=Text("look at the list of jobs", "请在任务列表中查找"),
)
NOT_OPEN = ErrorKind(
    "job.not_open",
    Family.USAGE,
    what=Text("job {number} cannot be cancelled", "任务 {number} 无法取消"),
    cause=Text("it has already ended: {status}", "任务已结束：{status}"),
    cure=Text("an import is taken back by undoing it", "导入可通过“撤销”收回"),
)
NOT_DEAD = ErrorKind(
    "job.not_dead",
    Family.USAGE,
    what=Text("job {number} cannot be tried again", "任务 {number} 无法重试"),
    cause=Text(
        "only jobs that ended badly are tried again; this one is {status}", "只有失败的任务可以重试；当前状态：{status}"
    ),
    cure=Text("ask for a new job", "请新建任务"),
)


def enqueue(
    kind: str,
    arguments: dict[str, Any] | None = None,
    *,
    by: int | None = None,
    unique_key: str | None = None,
    lane: str | None = None,
    delay_seconds: float = 0.0,
    priority: int | None = None,
) -> Job:
    """Put a job into the queue and return it; with a `unique_key` that is taken, return the job that has it.

    Inside a transaction the job exists if and only if the transaction commits.
    """
    spec = kind_of(kind)
    fresh = Job(
        kind=kind,
        arguments=arguments or {},
        unique_key=unique_key,
        lane=spec.lane if lane is None else lane,
        priority=spec.priority if priority is None else priority,
        run_after=after(delay_seconds),
        created_at=Now(),
        created_by_id=by,
    )
    try:
        with transaction.atomic():
            fresh.save(force_insert=True)
    except IntegrityError:
        if unique_key is None:
            raise
        return Job.objects.get(unique_key=unique_key)
    return Job.objects.get(pk=fresh.pk)


def asked_for(unique_key: str) -> bool:
    """Whether a job of this key was put into the queue, whatever has become of it."""
    return Job.objects.filter(unique_key=unique_key).exists()


def find(number: int) -> Job:
    """Return a job; raises `job.not_found`."""
    job = Job.objects.filter(pk=number).first()
    if job is None:
        raise NOT_THERE.error(number=number)
    return job


def cancel(number: int) -> Job:
    """Cancel a job: at once while it waits, at its next sign of life while it runs."""
    waiting = Job.objects.filter(pk=number, status=Status.QUEUED)
    if not waiting.update(status=Status.CANCELLED, cancel_requested=True, finished_at=Now()):
        running = Job.objects.filter(pk=number, status=Status.RUNNING)
        if not running.update(cancel_requested=True):
            job = find(number)
            raise NOT_OPEN.error(number=number, status=job.status)
    return find(number)


def replay(number: int) -> Job:
    """Bring a job that ended badly back into the queue; it goes on from where its cursor stands."""
    brought_back = Job.objects.filter(pk=number, status__in=ENDED_BADLY).update(
        status=Status.QUEUED, tries=0, crashes=0, run_after=Now(), finished_at=None, error=None, cancel_requested=False
    )
    job = find(number)
    if not brought_back:
        raise NOT_DEAD.error(number=number, status=job.status)
    say(job, Text("brought back into the queue by a person", "已由人工重新排队"))
    return job


def say(job: Job, text: Text, level: str = "info") -> None:
    """Write a line into a job's log."""
    JobLine.objects.create(job_id=job.pk, attempt=job.attempt, at=Now(), level=level, en=text.en, zh=text.zh)


def is_open(kind: str) -> bool:
    """Whether a job of a kind waits or runs."""
    return Job.objects.filter(kind=kind, status__in=OPEN).exists()
