"""Jobs one by one, in one process: claims, fences, retries, cancels, lanes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from tierwise.errors import ErrorKind, Family, TierwiseError
from tierwise.language import Text
from tierwise_console.access.permissions import Role
from tierwise_console.audit.models import AuditEntry
from tierwise_console.jobs import claiming, queueing, services
from tierwise_console.jobs.clock import now
from tierwise_console.jobs.kinds import JobKind
from tierwise_console.jobs.models import Job, JobLine, Status
from tierwise_console.jobs.performing import perform
from tierwise_console.jobs.retrying import delay_seconds
from tierwise_console.jobs.work import CancelledError, LeaseLostError, Work
from tierwise_console.jobs.worker import Loop

MakeKind = Callable[..., JobKind]
WRONG_DATA = ErrorKind("test.wrong_data", Family.DATA, Text.same("wrong"), Text.same("cause"), Text.same("cure"))


def three_steps(work: Work) -> dict[str, Any]:
    for step in range(work.cursor.get("next", 0), 3):
        with work.effect(next=step + 1):
            JobLine.objects.create(job=work.job, attempt=0, at=now(), en=f"effect {step}", zh="")
    return {"steps": 3}


def effects(job: Job) -> list[str]:
    return [line.en for line in JobLine.objects.filter(job=job, en__startswith="effect").order_by("id")]


def lose(job: Job) -> None:
    """Let the lease of a job run out."""
    Job.objects.filter(pk=job.pk).update(lease_until=now() - timedelta(seconds=1))


def make_due(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(run_after=now())


def taken(kind: JobKind, owner: str = "one") -> Work:
    job = claiming.claim(owner)
    assert job is not None
    return Work(job, kind)


def test_a_job_is_done_and_keeps_its_result(make_kind: MakeKind) -> None:
    make_kind(three_steps)
    job = queueing.enqueue("test.kind", {"a": 1})
    assert Loop().run_until_empty() == 1
    job.refresh_from_db()
    assert (job.status, job.result, job.cursor) == (Status.DONE, {"steps": 3}, {"next": 3})
    assert effects(job) == ["effect 0", "effect 1", "effect 2"]


def test_an_effect_and_its_cursor_come_together_or_not_at_all(make_kind: MakeKind) -> None:
    kind = make_kind(three_steps)
    job = queueing.enqueue("test.kind")
    work = taken(kind)
    with pytest.raises(ZeroDivisionError), work.effect(next=1):
        JobLine.objects.create(job=job, attempt=0, at=now(), en="effect 0", zh="")
        raise ZeroDivisionError
    job.refresh_from_db()
    assert (job.cursor, effects(job), work.cursor) == ({}, [], {})


def test_a_stale_worker_changes_nothing_any_more(make_kind: MakeKind) -> None:
    kind = make_kind(three_steps)
    job = queueing.enqueue("test.kind")
    sleeper = taken(kind, "sleeper")
    with sleeper.effect(next=1):
        JobLine.objects.create(job=job, attempt=0, at=now(), en="effect 0", zh="")
    lose(job)
    assert perform(taken(kind, "other")) == Status.DONE
    with pytest.raises(LeaseLostError), sleeper.effect(next=2):
        raise AssertionError("the body must not be entered")
    assert perform(sleeper) == "lost"
    assert effects(job) == ["effect 0", "effect 1", "effect 2"]


def test_the_same_worker_with_an_older_claim_is_stale_too(make_kind: MakeKind) -> None:
    kind = make_kind(three_steps)
    job = queueing.enqueue("test.kind")
    first = taken(kind, "one")
    lose(job)
    second = taken(kind, "one")
    assert not claiming.renew(first.job, 30)
    assert claiming.renew(second.job, 30)


def test_leases_are_compared_by_the_database_alone(make_kind: MakeKind, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = make_kind(three_steps)
    queueing.enqueue("test.kind")
    monkeypatch.setattr("django.utils.timezone.now", lambda: now() + timedelta(days=1))
    monkeypatch.setattr("time.time", lambda: 0.0)
    taken(kind)
    assert claiming.claim("a worker whose clock is a day ahead") is None


def test_a_heartbeat_keeps_a_long_step(make_kind: MakeKind) -> None:
    kind = make_kind(three_steps)
    job = queueing.enqueue("test.kind")
    work = taken(kind)
    lose(job)
    work.beat()
    assert claiming.claim("other") is None
    assert not work.stopped.is_set()


def test_a_heartbeat_hears_of_loss_and_of_cancelling(make_kind: MakeKind) -> None:
    kind = make_kind(three_steps)
    job = queueing.enqueue("test.kind")
    work = taken(kind)
    queueing.cancel(job.pk)
    work.beat()
    with pytest.raises(CancelledError):
        work.check()
    assert perform(work) == Status.CANCELLED
    assert effects(job) == []


def test_failures_are_tried_again_later_and_then_dead(make_kind: MakeKind) -> None:
    def fail(work: Work) -> None:
        raise OSError("no luck")

    make_kind(fail, most_tries=3, first_delay_seconds=60)
    job = queueing.enqueue("test.kind")
    for tries in (1, 2):
        assert Loop().run_until_empty() == 1
        job.refresh_from_db()
        assert (job.status, job.tries) == (Status.QUEUED, tries)
        assert timedelta(seconds=20) < job.run_after - now() <= timedelta(seconds=60 * tries)
        make_due(job)
    Loop().run_until_empty()
    job.refresh_from_db()
    assert job.status == Status.DEAD
    assert job.error and "no luck" in job.error["en"]


def test_a_dead_job_is_replayed_from_where_it_stood(make_kind: MakeKind) -> None:
    failing = {"on": True}

    def two_then_fail(work: Work) -> None:
        for step in range(work.cursor.get("next", 0), 3):
            if step == 2 and failing["on"]:
                raise OSError("not yet")
            with work.effect(next=step + 1):
                JobLine.objects.create(job=work.job, attempt=0, at=now(), en=f"effect {step}", zh="")

    make_kind(two_then_fail, most_tries=1)
    job = queueing.enqueue("test.kind")
    Loop().run_until_empty()
    job.refresh_from_db()
    assert job.status == Status.DEAD
    failing["on"] = False
    queueing.replay(job.pk)
    Loop().run_until_empty()
    job.refresh_from_db()
    assert (job.status, job.error) == (Status.DONE, None)
    assert effects(job) == ["effect 0", "effect 1", "effect 2"]


def test_wrong_data_waits_for_a_person(make_kind: MakeKind) -> None:
    def refuse(work: Work) -> None:
        raise WRONG_DATA.error()

    make_kind(refuse)
    job = queueing.enqueue("test.kind")
    Loop().run_until_empty()
    job.refresh_from_db()
    assert job.status == Status.FAILED
    assert job.error and job.error["code"] == "test.wrong_data"


def test_a_job_that_loses_worker_after_worker_is_given_up(make_kind: MakeKind) -> None:
    kind = make_kind(three_steps, most_crashes=2)
    job = queueing.enqueue("test.kind")
    for _ in range(2):
        taken(kind)
        lose(job)
    assert claiming.claim("third") is None
    job.refresh_from_db()
    assert job.status == Status.DEAD
    assert job.error and job.error["code"] == "job.lost_workers"


def test_of_a_lane_one_job_runs_at_a_time(make_kind: MakeKind) -> None:
    kind = make_kind(three_steps, lane="workspace")
    for _ in range(2):
        queueing.enqueue("test.kind")
    first = taken(kind)
    assert claiming.claim("other") is None
    assert perform(first) == Status.DONE
    assert claiming.claim("other") is not None


def test_urgent_jobs_come_first_and_later_ones_wait(make_kind: MakeKind) -> None:
    make_kind(three_steps)
    ordinary, urgent = queueing.enqueue("test.kind"), queueing.enqueue("test.kind", priority=1)
    queueing.enqueue("test.kind", delay_seconds=3600)
    claimed = [claiming.claim("one"), claiming.claim("one"), claiming.claim("one")]
    assert [job and job.pk for job in claimed] == [urgent.pk, ordinary.pk, None]


def test_asking_twice_with_one_key_is_asking_once(make_kind: MakeKind) -> None:
    make_kind(three_steps)
    assert queueing.enqueue("test.kind", unique_key="k").pk == queueing.enqueue("test.kind", unique_key="k").pk


def test_a_waiting_job_is_cancelled_at_once_and_a_done_one_not_at_all(make_kind: MakeKind) -> None:
    make_kind(three_steps)
    waiting, done = queueing.enqueue("test.kind"), queueing.enqueue("test.kind")
    assert queueing.cancel(waiting.pk).status == Status.CANCELLED
    Loop().run_until_empty()
    with pytest.raises(TierwiseError) as found:
        queueing.cancel(done.pk)
    assert found.value.code == "job.not_open"
    with pytest.raises(TierwiseError) as found:
        queueing.replay(done.pk)
    assert found.value.code == "job.not_dead"
    with pytest.raises(TierwiseError) as found:
        queueing.find(0)
    assert found.value.code == "job.not_found"


def test_an_unknown_kind_is_refused(db: None) -> None:
    with pytest.raises(TierwiseError) as found:
        queueing.enqueue("nothing")
    assert found.value.code == "job.unknown_kind"


def test_waits_double_within_their_bounds_and_vary() -> None:
    dice = Random(1)
    waits = [[delay_seconds(n, 5, 3600, dice) for _ in range(200)] for n in (1, 2, 3, 20)]
    for wait, whole in zip(waits, (5, 10, 20, 3600), strict=True):
        assert whole / 2 <= min(wait) < max(wait) <= whole
        assert len(set(wait)) > 150


def test_what_people_do_needs_permission_and_leaves_a_trace(make_kind: MakeKind, make_user: Callable[..., Any]) -> None:
    make_kind(three_steps)
    job = queueing.enqueue("test.kind")
    with pytest.raises(PermissionDenied):
        services.cancel(make_user(Role.SALES), job.pk)
    services.cancel(make_user(Role.ANALYST), job.pk)
    assert AuditEntry.objects.filter(action="job.cancelled", subject_id=str(job.pk)).count() == 1
