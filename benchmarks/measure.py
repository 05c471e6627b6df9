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
from dataclasses import dataclass
from pathlib import Path

OUT = Path(__file__).parent / "out"


@dataclass(frozen=True)
class Figure:
    """What one task took. `peak_mb` is resident memory of the whole process, imports included."""

    name: str
    seconds: float
    cpu_seconds: float
    peak_mb: float
    result: str


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


def show(title: str, figures: list[Figure], base: Figure) -> None:
    """Print figures as a table, each beside the base it is measured against."""
    print(f"\n{title}\n{machine()}")
    print(f"{'task':<44}{'seconds':>9}{'ratio':>8}{'CPU s':>8}{'ratio':>8}{'peak MB':>9}  result")
    for figure in figures:
        ratio, cpu = figure.seconds / base.seconds, figure.cpu_seconds / base.cpu_seconds
        print(
            f"{figure.name:<44}{figure.seconds:>9.2f}{ratio:>8.2f}{figure.cpu_seconds:>8.2f}{cpu:>8.2f}"
            f"{figure.peak_mb:>9.0f}  {figure.result}"
        )
    sys.stdout.flush()


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
