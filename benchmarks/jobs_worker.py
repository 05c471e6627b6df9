"""What `benchmarks.jobs` runs in processes of their own: kinds of job that can be lost or doubled, and their workers.

Effects go into a table without any unique index, so that a doubled effect is seen and not swallowed.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from datetime import datetime, timedelta
from typing import Any

import django

EFFECTS = "CREATE TABLE IF NOT EXISTS bench_effect (job BIGINT NOT NULL, step BIGINT NOT NULL)"


def prepare() -> None:
    """Set Django up on the database that the environment names."""
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tierwise_console.settings")
    django.setup()
    register()


def leave_trace(job: int, step: int) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_effect (job, step) VALUES (%s, %s)", [job, step])


def many_steps(work: Any) -> dict[str, Any]:
    """So many short steps, each an effect and a move of the cursor in one transaction."""
    for step in range(work.cursor.get("next", 0), work.arguments["steps"]):
        with work.effect(next=step + 1):
            leave_trace(work.job.pk, step)
    return {"steps": work.arguments["steps"]}


def long_step(work: Any) -> dict[str, Any]:
    """One step that takes several times the length of a lease, then one effect."""
    time.sleep(work.arguments["seconds"])
    with work.effect(next=1):
        leave_trace(work.job.pk, 0)
    return {}


def fails_at_first(work: Any) -> dict[str, Any]:
    """Fail so many times, then go through."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_effect (job, step) VALUES (%s, %s)", [work.job.pk, -1])
        cursor.execute("SELECT count(*) FROM bench_effect WHERE job = %s AND step = -1", [work.job.pk])
        (failures,) = cursor.fetchone()
    if failures <= work.arguments["failures"]:
        raise OSError(f"failure {failures}")
    with work.effect(next=1):
        leave_trace(work.job.pk, 0)
    return {}


def register() -> None:
    from tierwise.language import Text
    from tierwise_console.jobs.kinds import JobKind, register

    quick = {"most_crashes": 1000, "first_delay_seconds": 0.2, "longest_delay_seconds": 2.0, "lease_seconds": 2.0}
    register(JobKind("bench.steps", Text.same("steps"), many_steps, **quick))
    register(JobKind("bench.long", Text.same("long"), long_step, **quick))
    register(JobKind("bench.fails", Text.same("fails"), fails_at_first, most_tries=4, **quick))


def skew(seconds: float) -> None:
    """Let this process's own clock be wrong, for `time.time` and for all that Django calls now."""
    import django.utils.timezone

    real_time, real_now = time.time, django.utils.timezone.now
    time.time = lambda: real_time() + seconds

    def wrong() -> datetime:
        return real_now() + timedelta(seconds=seconds)

    django.utils.timezone.now = wrong


def main() -> None:
    """`jobs_worker SLOTS SKEW_SECONDS`: work until told to stop."""
    prepare()
    skew(float(sys.argv[2]))
    from tierwise_console.jobs.worker import Loop

    loop = Loop(slots=int(sys.argv[1]), idle_seconds=0.05)
    signal.signal(signal.SIGTERM, lambda *_: loop.stop())
    print("ready", flush=True)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    loop.run(grace_seconds=2)


def _end_with_parent() -> None:
    """The parent holds our standard input: when it ends, so do we."""
    import os

    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    main()
