"""The kinds of job there are: each app declares its own, once, beside the code that performs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tierwise.errors import ErrorKind, Family
from tierwise.language import Text

UNKNOWN_KIND = ErrorKind(
    "job.unknown_kind",
    Family.USAGE,
    what=Text("there is no kind of job called {name}", "没有名为 {name} 的任务类型"),
    cause=Text("the kinds are: {known}", "现有类型：{known}"),
    cure=Text(
        "start a worker of the version that made the job, or cancel it",
        "请用创建该任务的版本启动任务进程，或取消该任务",
    ),
)


@dataclass(frozen=True)
class JobKind:
    """How jobs of one kind are performed.

    `perform` may be stopped at any moment and called again: it continues from `work.cursor`. It returns the result to
    keep. `most_tries` bounds failures without progress; `lease_seconds` how long a silent worker keeps a job.
    """

    name: str
    title: Text
    perform: Callable[[Any], dict[str, Any] | None]
    lane: str = ""
    priority: int = 100
    most_tries: int = 5
    most_crashes: int = 20
    first_delay_seconds: float = 5.0
    longest_delay_seconds: float = 3600.0
    lease_seconds: float = 30.0


_KINDS: dict[str, JobKind] = {}


def register(kind: JobKind) -> JobKind:
    """Make a kind known; the same name twice is a defect."""
    known = _KINDS.setdefault(kind.name, kind)
    if known is not kind:
        raise ValueError(f"two kinds of job share the name {kind.name}")
    return kind


def unregister(name: str) -> None:
    """Forget a kind; for tests and benchmarks that bring their own."""
    _KINDS.pop(name, None)


def kind_of(name: str) -> JobKind:
    """Return a kind by name; raises `job.unknown_kind`."""
    if name not in _KINDS:
        raise UNKNOWN_KIND.error(name=name, known=", ".join(sorted(_KINDS)) or "-")
    return _KINDS[name]


def all_kinds() -> tuple[JobKind, ...]:
    """Every kind, by name."""
    return tuple(kind for _, kind in sorted(_KINDS.items()))
