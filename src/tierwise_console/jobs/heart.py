"""The heart of one claim: a thread that renews its lease and does nothing else, so that nothing else can hold it up."""

from __future__ import annotations

import logging
import threading
from types import TracebackType

from django.db import OperationalError, connection, connections

from tierwise_console.jobs.work import Work

LOG = logging.getLogger("tierwise.jobs")
_FAREWELL_SECONDS = 1.0


class Heart:
    """Beats three times in the length of a lease, over a connection of its own, while the block lasts.

    A database that is away or busy for a moment is asked again at the next beat.
    """

    def __init__(self, work: Work) -> None:
        self.work = work
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True, name=f"heart of job {work.job.pk}")

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join(_FAREWELL_SECONDS)

    def _beat(self) -> None:
        try:
            while not self._ended.wait(self.work.kind.lease_seconds / 3) and not self.work.stopped.is_set():
                try:
                    self.work.beat()
                except OperationalError as error:
                    LOG.warning("the database is busy or away: %s", error)
                    connection.close()
        finally:
            connections.close_all()
