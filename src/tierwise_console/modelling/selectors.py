"""Versions of the settings file as pages show them."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import datetime

from tierwise_console.modelling.models import SettingsVersion, VersionState
from tierwise_console.runs.settings_file import read_settings


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version in the list."""

    number: int
    state: str
    model: str
    comment: str
    author: str
    approver: str
    created_at: datetime
    decided_at: datetime | None
    is_file: bool


@dataclass(frozen=True, slots=True)
class DifferenceLine:
    """One line of a difference: added, removed, or same."""

    kind: str
    text: str


def versions(most: int = 50) -> list[VersionLine]:
    """The newest versions."""
    now = read_settings().sha256
    rows = SettingsVersion.objects.select_related("author", "approver")[:most]
    current = next((row.number for row in rows if row.sha256 == now and row.state in ("published", "found")), None)
    return [
        VersionLine(
            row.number, row.state, row.model, row.comment, row.author.shown_name if row.author else "–",
            row.approver.shown_name if row.approver else "", row.created_at, row.decided_at, row.number == current,
        )
        for row in rows
    ]  # fmt: skip


def waiting_for_approval() -> list[int]:
    """The numbers of the versions that somebody asked to be approved, oldest first."""
    asked = SettingsVersion.objects.filter(state=VersionState.ASKED).order_by("number")
    return list(asked.values_list("number", flat=True))


def version_text(number: int) -> str | None:
    """The text of a version; None where there is none."""
    return SettingsVersion.objects.filter(number=number).values_list("text", flat=True).first()


def version_difference(number: int, other: int | None = None) -> list[DifferenceLine]:
    """What a version would change in the file as it is, or in another version."""
    fresh = version_text(number) or ""
    base = read_settings().text if other is None else version_text(other) or ""
    return difference(base, fresh)


def difference(base: str, fresh: str) -> list[DifferenceLine]:
    """Two texts line by line, with three lines around each change."""
    kinds = {"+": "added", "-": "removed"}
    lines = list(difflib.unified_diff(base.splitlines(), fresh.splitlines(), lineterm="", n=3))[2:]
    return [DifferenceLine(kinds.get(line[:1], "same"), line) for line in lines]
