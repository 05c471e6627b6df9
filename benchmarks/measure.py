"""Run one measured task in a process of its own: wall seconds, CPU seconds, peak resident memory.

A process of its own, so that one task's memory is not counted for the next, and so that imports are paid for
by whoever needs them. Times are taken inside, around the task; memory is the operating system's peak.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

OUT = Path(__file__).parent / "out"


@dataclass(frozen=True)
class Figure:
    """What one task took. `peak_mb` is resident memory of the whole process, imports included.

    `more` are figures of its own that a goal may name.
    """

    name: str
    seconds: float
    cpu_seconds: float
    peak_mb: float
    result: str
    more: Mapping[str, float] = field(default_factory=dict)


def run_task(name: str, python: str, module: str, *arguments: str, repeat: int = 3) -> Figure:
    """Run `python -m module arguments…` `repeat` times and keep the fastest; peak memory is the highest.

    The module prints one JSON object as its last line: seconds, cpu_seconds, result.
    """
    runs = [_once(name, [python, "-m", module, *arguments]) for _ in range(repeat)]
    best = min(runs, key=lambda figure: figure.seconds)
    return Figure(name, best.seconds, best.cpu_seconds, max(figure.peak_mb for figure in runs), best.result)


def _once(name: str, command: list[str]) -> Figure:
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        printed = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{name}: {' '.join(command)} ended with {process.returncode}")
    found = json.loads(printed.strip().splitlines()[-1])
    return Figure(name, found["seconds"], found["cpu_seconds"], usage.ru_maxrss / 1024, str(found["result"]))


def machine() -> str:
    """The facts of this machine that a reader of figures needs."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return f"{platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}, load {load:.1f}"


@dataclass(frozen=True)
class Goal:
    """What a figure may be at most: its ratio to the base by the clock or by CPU, seconds, memory, or one of its own."""

    of: str
    at_most: float


@dataclass(frozen=True)
class Table:
    """Figures of one bench, each beside the base it is measured against; `goals` by the name of a figure."""

    title: str
    figures: Sequence[Figure]
    base: Figure
    goals: Mapping[str, Sequence[Goal]] = field(default_factory=dict)

    def rows(self) -> list[dict[str, Any]]:
        """The figures with their ratios, and of each goal what it is, what was found and whether it is kept."""
        return [self._row(figure) for figure in self.figures]

    def _row(self, figure: Figure) -> dict[str, Any]:
        row = asdict(figure) | {
            "ratio": figure.seconds / self.base.seconds,
            "cpu_ratio": figure.cpu_seconds / max(self.base.cpu_seconds, 1e-9),
        }
        row |= row.pop("more")
        goals = [
            {"of": goal.of, "at_most": goal.at_most, "kept": row[goal.of] <= goal.at_most}
            for goal in self.goals.get(figure.name, ())
        ]
        return row | {"goals": goals}

    def to_json(self) -> dict[str, Any]:
        """The table as JSON."""
        return {"title": self.title, "base": self.base.name, "rows": self.rows()}


def show(
    title: str, figures: Sequence[Figure], base: Figure, goals: Mapping[str, Sequence[Goal]] | None = None
) -> None:
    """Print figures as a table, each beside the base it is measured against."""
    show_table(Table(title, figures, base, goals or {}))


def show_table(table: Table) -> None:
    """Print a table."""
    print(f"\n{table.title}\n{machine()}")
    print(f"{'task':<46}{'seconds':>9}{'ratio':>8}{'CPU s':>8}{'ratio':>8}{'peak MB':>9}  result")
    for row in table.rows():
        print(
            f"{row['name']:<46}{row['seconds']:>9.2f}{row['ratio']:>8.2f}{row['cpu_seconds']:>8.2f}"
            f"{row['cpu_ratio']:>8.2f}{row['peak_mb']:>9.0f}  {row['result']}{_kept(row['goals'])}"
        )
    sys.stdout.flush()


def _kept(goals: Sequence[Mapping[str, Any]]) -> str:
    return "".join(f"  [{'kept' if g['kept'] else 'MISSED'}: {g['of']} ≤ {g['at_most']:g}]" for g in goals)


def peers(name: str, *requirements: str) -> str:
    """The Python of an environment of peers, made on first use: they are never dependencies of ours."""
    folder = Path(__file__).parent.parent / "build" / f"peers-{name}"
    python = folder / "bin" / "python"
    done = folder / ".done"
    if not done.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *requirements], check=True)
        done.write_text(" ".join(requirements))
    return str(python)
