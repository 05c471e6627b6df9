"""Who of the workspace's customers may be the one being typed: the core's check, without waiting for an index."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tierwise.entry import NOTHING_GIVEN, check_entry
from tierwise.errors import TierwiseError
from tierwise.identity.entry_index import EntryCandidate
from tierwise_console.runs.published import workspace


def known_customers(values: Mapping[str, Any]) -> list[EntryCandidate]:
    """Return who may be the same, certain ones first; nobody where nothing is typed yet or there is no index yet."""
    try:
        return check_entry(workspace(), values, refresh=False)
    except TierwiseError as error:
        if error.code == NOTHING_GIVEN.code:
            return []
        raise
