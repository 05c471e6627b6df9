"""A kind of job whose code each test brings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tierwise.language import Text
from tierwise_console.jobs.kinds import JobKind, register, unregister


@pytest.fixture
def make_kind(db: None) -> Iterator[Callable[..., JobKind]]:
    """Register a kind for one test."""
    made: list[str] = []

    def make(perform: Callable[[Any], Any], name: str = "test.kind", **settings: Any) -> JobKind:
        made.append(name)
        return register(JobKind(name, Text.same(name), perform, **settings))

    yield make
    for name in made:
        unregister(name)
