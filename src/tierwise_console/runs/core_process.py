"""Long work of the core runs in a process of its own: killing it is clean, and its memory goes with it.

The request goes to the child's standard input as one line of JSON; the child tells stages, details and at last its
result or its problems, each as a line of JSON. The input stays open while we live: when we are killed, the child
reads its end and ends itself, so that no orphan goes on writing.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tierwise.errors import ErrorKind, Family, Place, Problem, TierwiseError, all_kinds
from tierwise.language import Text

CHILD_DIED = ErrorKind(
    "job.child_died",
    Family.RESOURCE,
    what=Text("the computing process ended by itself ({how})", "计算进程意外结束（{how}）"),
    cause=Text(
        "most often the machine ran out of memory; its last words: {words}",
        "最常见的原因是内存不足；最后的输出：{words}",
    ),
    cure=Text(
        "give the engine a limit (engine: memory: 2GB in tierwise.yaml), or the machine more memory",
        "请在 tierwise.yaml 中设置 engine: memory: 2GB，或为机器增加内存",
    ),
)
_LISTEN_SECONDS = 0.5
_END_SECONDS = 10.0
_KEPT_WORDS = 2000

Listener = Callable[[str, Text], None]
"""Told what the child says: `stage` or `detail`, and the words."""


def call_core(
    task: str, request: dict[str, Any], tell: Listener, check: Callable[[], None], log: Path | None = None
) -> dict[str, Any]:
    """Have the child do a task and return its result; `check` is called twice a second and may raise to stop it.

    Raises what the core raised, and `job.child_died` where the child ended without a word.
    """
    with _child() as child:
        assert child.stdin is not None
        child.stdin.write(json.dumps({"task": task, **request}).encode() + b"\n")
        child.stdin.flush()
        last = None
        for line in _lines(child, check):
            said = json.loads(line)
            if "result" in said or "problems" in said:
                last = said
            else:
                tell(said["kind"], Text(said["en"], said["zh"]))
        return _ending(child, last)


@contextmanager
def _child() -> Iterator[subprocess.Popen[bytes]]:
    """A child that is gone when the block is left, however that is left."""
    command = [sys.executable, "-m", "tierwise_console.runs.child"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as child:
        try:
            yield child
        finally:
            if child.poll() is None:
                child.kill()


def _lines(child: subprocess.Popen[bytes], check: Callable[[], None]) -> Iterator[bytes]:
    """The lines of the child's output as they come; checks in between whether to go on."""
    assert child.stdout is not None
    checked, waiting = time.monotonic(), b""
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while True:
            if time.monotonic() - checked >= _LISTEN_SECONDS:
                check()
                checked = time.monotonic()
            if not selector.select(_LISTEN_SECONDS):
                continue
            block = os.read(child.stdout.fileno(), 1 << 16)
            if not block:
                return
            *whole, waiting = (waiting + block).split(b"\n")
            yield from whole


def _ending(child: subprocess.Popen[bytes], last: dict[str, Any] | None) -> dict[str, Any]:
    assert child.stdin is not None and child.stderr is not None
    child.stdin.close()
    words = child.stderr.read().decode(errors="replace").strip()[-_KEPT_WORDS:]
    child.wait(_END_SECONDS)
    if last is None:
        raise CHILD_DIED.error(how=child.returncode, words=words or "-")
    if "problems" in last:
        raise TierwiseError([_problem(each) for each in last["problems"]])
    result: dict[str, Any] = last["result"]
    return result


def _problem(data: dict[str, Any]) -> Problem:
    """A problem of the core as it was raised in the child; kinds are the same in both processes once imported."""
    text = {name: Text(*data[name]) for name in ("what", "cause", "cure")}
    known = {kind.code: kind for kind in all_kinds()}
    kind = known.get(data["code"]) or ErrorKind(data["code"], Family(data["family"]), **text)
    return Problem(kind, Place(**data["place"]), **text)
