"""What a Spark event log says of how work was spread: the largest task of each stage."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Stage:
    """One attempt of a stage: its tasks, and the bytes and rows that the largest of them read from files and shuffles."""

    number: int
    name: str
    tasks: int
    largest_bytes: int
    largest_rows: int
    rows: int


def stages(folder: Path) -> list[Stage]:
    """Every stage attempt of the event logs in a folder that read anything, in order."""
    names: dict[int, str] = {}
    found: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for event in _events(folder):
        if event["Event"] == "SparkListenerStageSubmitted":
            names[event["Stage Info"]["Stage ID"]] = event["Stage Info"]["Stage Name"]
        elif event["Event"] == "SparkListenerTaskEnd" and event.get("Task Metrics"):
            found[event["Stage ID"], event["Stage Attempt ID"]].append(_read(event["Task Metrics"]))
    return [
        Stage(
            number, names.get(number, ""), len(tasks),
            max(size for size, _ in tasks), max(rows for _, rows in tasks), sum(rows for _, rows in tasks),
        )
        for (number, _), tasks in sorted(found.items())
    ]  # fmt: skip


def lost_executors(folder: Path) -> int:
    """How many executors went away while the application ran."""
    return sum(event["Event"] == "SparkListenerExecutorRemoved" for event in _events(folder))


def _events(folder: Path) -> Iterable[dict[str, Any]]:
    for file in sorted(file for file in folder.rglob("*") if file.is_file() and not file.name.startswith(".")):
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                if line.strip():
                    yield json.loads(line)


def _read(metrics: dict[str, Any]) -> tuple[int, int]:
    """Bytes and rows that a task read, from files and from shuffles."""
    files, shuffle = metrics["Input Metrics"], metrics["Shuffle Read Metrics"]
    size = files["Bytes Read"] + shuffle["Remote Bytes Read"] + shuffle["Local Bytes Read"]
    return size, files["Records Read"] + shuffle["Total Records Read"]
