"""The workers that `benchmarks.console_kills` kills: forked from a process that has everything loaded.

Each line of the input starts a worker and names the moment at which it says so and stands still, waiting to be killed;
an empty line starts one that works on. With `stop ` before the moment the worker stops itself there, as the signal of that
name does, and goes on when it is told to. The process ends with its input, and its workers with it.
"""

from __future__ import annotations

import dataclasses
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

LEASE_SECONDS, IDLE_SECONDS = 1.5, 0.05
MOMENTS = (
    "import: begun", "import: in the ledger, not noted", "events.import: batch fixed", "events.import: in the ledger, not noted",
    "run: the core at work", "run: published, not noted", "take_over: a batch is there", "take_over: changes written, not committed",
)  # fmt: skip


STOP = "stop "


def stand_still(moment: str) -> None:
    """Say that the moment has come, once, and wait for the end, or stop."""
    if moment in told:
        return
    told.add(moment)
    sys.stdout.write(f"{moment.removeprefix(STOP)}\n")
    sys.stdout.flush()
    if moment.startswith(STOP):
        os.kill(os.getpid(), signal.SIGSTOP)
    else:
        threading.Event().wait()


told: set[str] = set()


def after(owner: Any, name: str, moment: str, when: Callable[..., bool] = lambda *_, **__: True) -> None:
    """Have a function stand still after its work, where `when` says so of its arguments."""
    real = getattr(owner, name)

    def wrapped(*given: Any, **named: Any) -> Any:
        found = real(*given, **named)
        if when(*given, **named):
            stand_still(moment)
        return found

    setattr(owner, name, wrapped)


def of_events(task: str, request: dict[str, Any], *_: Any) -> bool:
    """Whether the core is asked to import events."""
    from tierwise_console.runs.performing import EVENTS_SOURCE

    return task == "import" and request["sources"][0]["name"] == EVENTS_SOURCE


def at_work(task: str, moment: str) -> None:
    """Stand still when the core's process has begun with a task."""
    from tierwise_console.runs import performing

    real = performing.call_core

    def wrapped(called: str, request: dict[str, Any], tell: Callable[..., None], check: Callable[[], None]) -> Any:
        def telling(*words: Any) -> None:
            tell(*words)
            stand_still(moment)

        return real(called, request, telling if called == task else tell, check)

    performing.call_core = wrapped


def arm(said: str) -> None:
    """Have the worker stand still at a moment."""
    from tierwise_console.crm import take_over_job
    from tierwise_console.crm.services import taking_labels
    from tierwise_console.events import batches
    from tierwise_console.jobs import worker
    from tierwise_console.runs import performing

    moment = said.removeprefix(STOP)
    if moment == "import: begun":
        after(worker, "kind_of", said, lambda name: name == "import")
    elif moment == "import: in the ledger, not noted":
        after(
            performing, "call_core", said, lambda task, request, *_: task == "import" and not of_events(task, request)
        )
    elif moment == "events.import: batch fixed":
        after(batches, "write", said)
    elif moment == "events.import: in the ledger, not noted":
        after(performing, "call_core", said, of_events)
    elif moment == "run: the core at work":
        at_work("run", said)
    elif moment == "run: published, not noted":
        after(performing, "call_core", said, lambda task, *_: task == "run")
    elif moment == "take_over: a batch is there":
        real = take_over_job.take_over
        take_over_job.take_over = lambda run, told, **how: real(run, lambda progress: stand_still(said), **how)
    elif moment == "take_over: changes written, not committed":
        after(taking_labels, "_do", said)
    elif moment:
        raise SystemExit(f"no such moment: {moment}")


def work(moment: str) -> None:
    """Work until killed. One that will stop has a single thread: another might be stopped while it holds SQLite."""
    from tierwise_console.jobs.worker import Loop

    arm(moment)
    if not moment.startswith(STOP):
        Loop(slots=2, idle_seconds=IDLE_SECONDS).run()
    while True:
        Loop().run_until_empty()
        time.sleep(IDLE_SECONDS)


def main() -> None:
    import django

    django.setup()
    from tierwise_console.jobs import kinds

    for kind in kinds.all_kinds():
        kinds.unregister(kind.name)
        kinds.register(dataclasses.replace(kind, lease_seconds=LEASE_SECONDS, most_crashes=1000))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    watched, held = os.pipe()
    for line in sys.stdin:
        if worker := os.fork():
            sys.stdout.write(f"{worker}\n")
            sys.stdout.flush()
        else:
            os.close(held)
            threading.Thread(target=lambda: (os.read(watched, 1), os._exit(1)), daemon=True).start()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            work(line.strip())
            os._exit(0)


if __name__ == "__main__":
    main()
