"""The fence of a workspace: what works for an outdated claim of a job changes nothing in it any more.

A worker that was asleep for longer than its lease may have a child that goes on, or give one its request when it wakes
up, while another worker has the job. The database cannot refuse what happens in files. So each child says for which
claim of which job it works, and keeps the fence while it works: a later claim waits for it, an earlier one is refused.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from tierwise.errors import ErrorKind, Family, Place
from tierwise.language import Text

STALE_CLAIM = ErrorKind(
    "job.stale_claim",
    Family.RESOURCE,
    what=Text("job {job} was given to another worker", "任务 {job} 已交给其他执行进程"),
    cause=Text("this one was stopped or starved for longer than its lease", "该执行进程停顿过久，超过了任务的租约时间"),
    cure=Text("nothing: the other worker does the job", "无需处理：任务由另一执行进程完成"),
)
REMEMBERED_JOBS = 500
WAITING = Text("waiting for the work of an earlier claim to end", "等待先前的执行结束")


@contextmanager
def fenced(workspace: Path, job: int, attempt: int, told: Callable[[Text], None]) -> Iterator[None]:
    """Keep the fence for one claim; raises `job.stale_claim` where a later claim of the job has had it."""
    workspace.mkdir(parents=True, exist_ok=True)
    with (workspace / ".fence").open("w") as handle:
        _wait_for(handle, told)
        file = workspace / ".fence.json"
        claims: dict[str, int] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        if claims.get(str(job), 0) > attempt:
            raise STALE_CLAIM.error(Place(file=str(workspace)), job=job)
        claims[str(job)] = attempt
        newest = sorted(claims, key=int)[-REMEMBERED_JOBS:]
        fresh = file.with_suffix(".writing")
        fresh.write_text(json.dumps({each: claims[each] for each in newest}), encoding="utf-8")
        fresh.replace(file)
        yield


def _wait_for(handle: TextIO, told: Callable[[Text], None]) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        told(WAITING)
        fcntl.flock(handle, fcntl.LOCK_EX)
