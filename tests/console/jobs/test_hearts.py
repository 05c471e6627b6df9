"""Leases are kept by a heart of their own, whatever else the worker is busy with."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tierwise_console.jobs import queueing
from tierwise_console.jobs.kinds import JobKind
from tierwise_console.jobs.models import Job, Status
from tierwise_console.jobs.work import Work
from tierwise_console.jobs.worker import Loop

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_SECONDS = 120


def test_a_lease_is_renewed_while_the_lookouts_hang(make_kind: Callable[..., JobKind]) -> None:
    hanging, renewed, told = threading.Event(), threading.Event(), threading.Event()
    leases: list[datetime] = []

    def hang() -> None:
        hanging.set()
        renewed.wait(PATIENCE_SECONDS)

    def wait(work: Work) -> None:
        hanging.wait(PATIENCE_SECONDS)
        real = work.beat

        def beat() -> None:
            real()
            leases.append(Job.objects.get(pk=work.job.pk).lease_until)
            if len(leases) == 3:
                told.set()

        work.beat = beat  # type: ignore[method-assign]
        told.wait(PATIENCE_SECONDS)
        renewed.set()

    make_kind(wait, lease_seconds=0.6)
    job = queueing.enqueue("test.kind")
    loop = Loop(slots=1, lookouts=(hang,))
    working = threading.Thread(target=loop.run)
    working.start()
    assert renewed.wait(PATIENCE_SECONDS), "three beats came although the lookout hung"
    _until_ended(job.pk)
    loop.stop()
    working.join(PATIENCE_SECONDS)
    job.refresh_from_db()
    assert (job.status, job.attempt) == (Status.DONE, 1)
    assert leases[:3] == sorted(set(leases[:3]))


def _until_ended(number: int) -> None:
    pause: Any = threading.Event()
    while Job.objects.filter(pk=number, status=Status.RUNNING).exists():
        pause.wait(0.02)
