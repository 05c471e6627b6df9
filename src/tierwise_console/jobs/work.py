"""What a job's code holds while it works: its cursor, and the one way to change anything."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from tierwise.language import Lang, Text
from tierwise_console.jobs.claiming import held, renew
from tierwise_console.jobs.clock import after
from tierwise_console.jobs.kinds import JobKind
from tierwise_console.jobs.models import Job
from tierwise_console.jobs.queueing import say

_TELL_EVERY_SECONDS = 0.5


class LeaseLostError(Exception):
    """The job was given to another worker: whatever this one still does must not count."""


class CancelledError(Exception):
    """Somebody asked for the job to stop."""


class Work:
    """One claim of one job. Used by the thread that performs it; `beat` by the heart."""

    def __init__(self, job: Job, kind: JobKind) -> None:
        self.job = job
        self.kind = kind
        self.arguments: dict[str, Any] = job.arguments
        self.cursor: dict[str, Any] = dict(job.cursor)
        self.stopped = threading.Event()
        self.moved = False
        self._why: type[Exception] = LeaseLostError
        self._told = 0.0

    @contextmanager
    def effect(self, **cursor: Any) -> Iterator[dict[str, Any]]:
        """Commit the body together with the cursor's new values, or neither; the body may set further ones.

        Raises `LeaseLostError` or `CancelledError` before the body is entered, where this claim no longer stands.
        """
        self.check()
        ahead = {**self.cursor, **cursor}
        with transaction.atomic():
            self._advance(ahead)
            written = dict(ahead)
            yield ahead
            if ahead != written:
                held(self.job).update(cursor=ahead)
        self.cursor, self.moved = ahead, True

    def _advance(self, ahead: dict[str, Any]) -> None:
        """Write the cursor first: it locks the job's row, so that two claims can never be in a body at once."""
        standing = held(self.job).filter(cancel_requested=False)
        if not standing.update(cursor=ahead, tries=0, crashes=0, lease_until=after(self.kind.lease_seconds)):
            self.stop(CancelledError if held(self.job).exists() else LeaseLostError)
            self.check()

    def check(self) -> None:
        """Raise where the work must stop."""
        if self.stopped.is_set():
            raise self._why(str(self.job.pk))

    def stop(self, why: type[Exception]) -> None:
        """Make the work stop at its next check."""
        self._why = why
        self.stopped.set()

    def beat(self) -> None:
        """Renew the lease, and hear whether the job was lost or is to be cancelled."""
        if not renew(self.job, self.kind.lease_seconds):
            self.stop(LeaseLostError)
        elif held(self.job).filter(cancel_requested=True).exists():
            self.stop(CancelledError)

    def progress(self, done: int, total: int | None = None, doing: Text | None = None) -> None:
        """Say how far the work has come; written at most twice a second."""
        if time.monotonic() - self._told < _TELL_EVERY_SECONDS:
            return
        self._told = time.monotonic()
        words = {} if doing is None else {"doing": {"en": doing.en, "zh-CN": doing.zh}}
        held(self.job).update(done=done, **({} if total is None else {"total": total}), **words)

    def doing(self, text: Text) -> None:
        """Say what begins now, and log it."""
        held(self.job).update(doing={str(Lang.EN): text.en, str(Lang.ZH): text.zh})
        self.log(text)

    def log(self, text: Text, level: str = "info") -> None:
        """Write a line into the job's log."""
        say(self.job, text, level)
