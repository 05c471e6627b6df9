"""What can be seen of jobs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from tierwise_console.jobs.clock import now
from tierwise_console.jobs.models import OPEN, Job, JobLine, Worker
from tierwise_console.jobs.queueing import find

_ALIVE_SECONDS = 30


def job(number: int) -> Job:
    """One job; raises `job.not_found`."""
    return find(number)


def recent(kinds: Sequence[str] = (), limit: int = 50, before: int | None = None) -> list[Job]:
    """The newest jobs first, of some kinds or of all; `before` goes on below a number."""
    found = Job.objects.select_related("created_by").order_by("-id")
    if kinds:
        found = found.filter(kind__in=list(kinds))
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found[:limit])


def lines(number: int, after: int = 0) -> list[JobLine]:
    """The log of a job, from a line on."""
    return list(JobLine.objects.filter(job_id=number, pk__gt=after).order_by("id")[:1000])


def open_jobs(kinds: Sequence[str]) -> list[Job]:
    """The jobs of some kinds that wait or run."""
    return list(Job.objects.filter(kind__in=list(kinds), status__in=OPEN).order_by("id"))


def workers_alive() -> int:
    """How many workers were seen in the last half minute; without any, nothing that is asked for gets done."""
    return Worker.objects.filter(seen_at__gte=now() - timedelta(seconds=_ALIVE_SECONDS)).count()
