"""How long work tells that it goes on: stages call an observer, the command line and the console listen."""

from __future__ import annotations

from typing import Protocol

from tierwise.language import Text


class Observer(Protocol):
    """Told of every stage as it begins and of what it has done so far."""

    def stage(self, name: str, label: Text) -> None:
        """A stage begins; `name` is stable, `label` is for people."""
        ...

    def detail(self, label: Text) -> None:
        """The stage says what it is doing now, or what it found."""
        ...


class Silent:
    """An observer that tells nobody."""

    def stage(self, name: str, label: Text) -> None:
        """Ignore the stage."""

    def detail(self, label: Text) -> None:
        """Ignore the detail."""
