"""The menu: each page adds its own entry where it is written, and a person sees those that their role may open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tierwise.language import Text


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `route` names the page's address, `order` its place, `permission` what a person needs to see it."""

    title: Text
    icon: str
    route: str
    order: int
    permission: str | None = None


_ENTRIES: dict[str, Entry] = {}


def add(*entries: Entry) -> None:
    """Add entries; one that is added twice stands once."""
    for entry in entries:
        _ENTRIES[entry.route] = entry


def entries_for(may: Callable[[str], bool]) -> list[Entry]:
    """The entries in their order, for a person of whom `may` says what they may do."""
    seen = [entry for entry in _ENTRIES.values() if entry.permission is None or may(entry.permission)]
    return sorted(seen, key=lambda entry: (entry.order, entry.route))


APART_FROM = (50, 190)
"""Where a new group of the menu begins: customers and what is done for them, and the settings."""


def grouped(entries: list[Entry]) -> list[tuple[Entry, bool]]:
    """The entries, each with whether a new group begins with it."""
    groups = [sum(entry.order >= start for start in APART_FROM) for entry in entries]
    return [(entry, at > 0 and groups[at] != groups[at - 1]) for at, entry in enumerate(entries)]
