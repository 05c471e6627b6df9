"""A worker: slots that claim and perform jobs, each with a heart, and one lookout that watches the calendar."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

from django.db import OperationalError, connection, connections
from django.db.models.functions import Now

from tierwise_console.jobs.claiming import claim, settle
from tierwise_console.jobs.heart import Heart
from tierwise_console.jobs.kinds import JobKind, kind_of
from tierwise_console.jobs.models import Status, Worker
from tierwise_console.jobs.performing import perform
from tierwise_console.jobs.schedules import tick
from tierwise_console.jobs.work import LeaseLostError, Work

LOG = logging.getLogger("tierwise.jobs")
_SEEN_EVERY_SECONDS = 10.0
_TICK_EVERY_SECONDS = 5.0


class Loop:
    """One worker process. `stop` may be called from a signal handler; jobs in hand get `grace_seconds` to end.

    `lookouts` are called every few seconds beside the calendar: they look whether there is something to be asked for.
    """

    def __init__(
        self,
        slots: int = 2,
        idle_seconds: float = 0.5,
        kinds: Sequence[JobKind] | None = None,
        lookouts: Sequence[Callable[[], object]] = (),
    ) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self.slots, self.idle_seconds, self.kinds = slots, idle_seconds, kinds
        self.asking = (tick, *lookouts)
        self._stopping = threading.Event()
        self._works: dict[int, Work] = {}
        self._guard = threading.Lock()

    def stop(self) -> None:
        """Claim nothing more."""
        self._stopping.set()

    def run(self, grace_seconds: float = 20.0) -> None:
        """Work until stopped; jobs that do not end in time are left to the next worker."""
        ended = threading.Event()
        lookout = threading.Thread(target=self._look_out, args=(ended,), daemon=True, name="lookout")
        threads = [threading.Thread(target=self._slot, daemon=True, name=f"slot {n}") for n in range(self.slots)]
        lookout.start()
        for thread in threads:
            thread.start()
        while not self._stopping.wait(0.5):
            pass
        self._wind_up(threads, grace_seconds)
        ended.set()
        lookout.join(5)
        Worker.objects.filter(name=self.name).delete()

    def _wind_up(self, threads: Sequence[threading.Thread], grace_seconds: float) -> None:
        until = time.monotonic() + grace_seconds
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        with self._guard:
            left = list(self._works.values())
        for work in left:
            work.stop(LeaseLostError)
            release(work)
        for thread in threads:
            thread.join(5)

    def run_until_empty(self) -> int:
        """Perform what is ready, in this thread, and return how many jobs that were; for tests and one-off commands."""
        count = 0
        while self._perform_one():
            count += 1
        return count

    def _slot(self) -> None:
        try:
            while not self._stopping.is_set():
                try:
                    if self._perform_one(Heart):
                        continue
                except OperationalError as error:
                    LOG.warning("the database is busy or away: %s", error)
                    connection.close()
                self._stopping.wait(self.idle_seconds)
        finally:
            connections.close_all()

    def _perform_one(self, kept: Callable[[Work], AbstractContextManager[object]] = nullcontext) -> bool:
        """Claim a job and perform it while `kept` keeps its lease; False where none is ready."""
        job = claim(self.name, self.kinds)
        if job is None:
            return False
        work = Work(job, kind_of(job.kind))
        with self._guard:
            self._works[id(work)] = work
        try:
            with kept(work):
                perform(work)
        finally:
            with self._guard:
                del self._works[id(work)]
        return True

    def _look_out(self, ended: threading.Event) -> None:
        """Say that this worker lives, and ask for what is due; a database that is away for a moment is asked again."""
        seen = ticked = -1e9
        try:
            while not ended.wait(1.0):
                try:
                    if time.monotonic() - seen > _SEEN_EVERY_SECONDS:
                        seen = time.monotonic()
                        self._sign()
                    if time.monotonic() - ticked > _TICK_EVERY_SECONDS and not self._stopping.is_set():
                        ticked = time.monotonic()
                        for ask in self.asking:
                            ask()
                except OperationalError as error:
                    LOG.warning("the database is busy or away: %s", error)
                    connection.close()
        finally:
            connections.close_all()

    def _sign(self) -> None:
        Worker.objects.update_or_create(
            name=self.name, defaults={"seen_at": Now(), "slots": self.slots}, create_defaults={
                "seen_at": Now(), "started_at": Now(), "slots": self.slots},
        )  # fmt: skip


def release(work: Work) -> None:
    """Give a job back so that another worker may take it at once."""
    settle(work.job, Status.QUEUED, run_after=Now())
