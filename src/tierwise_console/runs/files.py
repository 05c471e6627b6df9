"""The files that a run left for people: label table and report, found beside the runs and never written here."""

from __future__ import annotations

from pathlib import Path

from tierwise_console.runs.published import workspace

FILES = ("report.html", "labels.csv", "labels.xlsx", "labels.parquet")


def left_files() -> dict[str, int]:
    """The files that are there, by name, with their size in bytes."""
    folder = workspace().root / "out"
    return {name: (folder / name).stat().st_size for name in FILES if (folder / name).is_file()}


def left_file(name: str) -> Path | None:
    """One of these files; None for any other name."""
    file = workspace().root / "out" / name
    return file if name in FILES and file.is_file() else None
