"""The loop of a watch: wait until something has arrived and has settled, run, and see what arrived meanwhile.

One run at a time; whatever arrives during a run is taken together by the next one, however much it is. What a run had
before it is written down after the run: a watch that is killed and started again repeats that run, and loses nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from tierwise.contracts.imports import Version
from tierwise.errors import Family, TierwiseError
from tierwise.job import Job
from tierwise.snapshots.runs import Run
from tierwise.watch.arrivals import Seen, computed_version, ledger_version, remember, remembered, seen_files
from tierwise.watch.timetable import Timetable

LONGEST_WAIT_SECONDS = 600.0


class Listener(Protocol):
    """Told of each run that a watch makes, and of each that fails."""

    def done(self, run: Run, why: str, seconds: float) -> None:
        """A run was published; `why` is arrival, schedule or start."""
        ...

    def failed(self, error: TierwiseError, wait_seconds: float | None) -> None:
        """A run failed. It is tried again after `wait_seconds`; None: when the data are others."""
        ...


@dataclass(frozen=True)
class Pace:
    """How often a watch looks, and for how long files must stay as they are before they count as arrived."""

    every_seconds: float = 5.0
    settle_seconds: float = 2.0


@dataclass(frozen=True)
class _Failure:
    """A run that failed: what it had before it, and when to try again with the same; None: never."""

    seen: Seen
    ledger: Version
    again_at: datetime | None


@dataclass
class Watch:
    """A watch over one project.

    `load` reads the project anew each time, so that edits count; `run` carries it out. `also` are files that are no
    sources and count like them, as the project file is.
    """

    load: Callable[[], Job]
    run: Callable[[Job], Run]
    listener: Listener
    also: Sequence[Path] = ()
    pace: Pace = Pace()
    timetable: Timetable | None = None
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _failure: _Failure | None = field(default=None, init=False)
    _wait_seconds: float = field(default=0.0, init=False)
    _due: datetime | None = field(default=None, init=False)
    _told: str = field(default="", init=False)

    def forever(self) -> None:
        """Look, run, wait, until interrupted; what fails is told, and waited for to get better."""
        while True:
            try:
                self.look()
            except TierwiseError as error:
                self._tell_once(error)
            self.sleep(self.pace.every_seconds)

    def look(self) -> Run | None:
        """Run if there is a reason to, and return the run; what fails is raised, and not tried again too soon."""
        job = self.load()
        why = self._why(job)
        if why is None:
            return None
        seen = self._settled(job)
        begun = time.monotonic()
        try:
            published = self.run(self.load())
        except TierwiseError as error:
            self._postpone(error, seen, ledger_version(job))
            raise
        self._failure, self._wait_seconds, self._told = None, 0.0, ""
        remember(job.workspace, seen)
        self.listener.done(published, why, time.monotonic() - begun)
        return published

    def _tell_once(self, error: TierwiseError) -> None:
        """Tell of an error, unless it is the one told last: a project file that cannot be read is looked at each time."""
        again_at = self._failure.again_at if self._failure else None
        if again_at or str(error) != self._told:
            self.listener.failed(error, self._wait_seconds if again_at else None)
        self._told = str(error)

    def _why(self, job: Job) -> str | None:
        """The reason to run now."""
        moment = self.now()
        if self._is_due(moment):
            return "schedule"
        seen, ledger = seen_files(job, self.also), ledger_version(job)
        failure = self._failure
        if failure and (seen, ledger) == (failure.seen, failure.ledger):
            return "again" if failure.again_at and moment >= failure.again_at else None
        computed = computed_version(job.workspace)
        if computed is None:
            return "start"
        return "arrival" if seen != remembered(job.workspace) or ledger != computed else None

    def _is_due(self, moment: datetime) -> bool:
        """Whether the timetable asks for a run; times that passed during a run or a pause are one time."""
        if self.timetable is None:
            return False
        due = self._due or self.timetable.after(moment)
        self._due = self.timetable.after(moment) if moment >= due else due
        return moment >= due

    def _settled(self, job: Job) -> Seen:
        """Wait until no file changes any more, for whoever writes one is not done while it grows."""
        seen = seen_files(job, self.also)
        while True:
            self.sleep(self.pace.settle_seconds)
            later = seen_files(job, self.also)
            if later == seen:
                return seen
            seen = later

    def _postpone(self, error: TierwiseError, seen: Seen, ledger: Version) -> None:
        """Wrong data wait for other data; what a machine lacks is tried again, each time after twice as long."""
        passing = error.problems[0].kind.family is Family.RESOURCE
        self._wait_seconds = min(max(2 * self._wait_seconds, self.pace.every_seconds), LONGEST_WAIT_SECONDS)
        again_at = self.now() + timedelta(seconds=self._wait_seconds) if passing else None
        self._failure = _Failure(seen, ledger, again_at)
