"""`python -m benchmarks.startup`: how long commands take before they work, beside a bare interpreter.

Each command runs as a process of its own, as a shell starts it: the list of commands, and the help of the commands
whose imports are the largest, which is all that `simulate` and `run` load before they begin.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from benchmarks.measure import Figure, Goal, Table, show_table

BARE = "a bare interpreter"
HELP = "tierwise --help"
BEGIN = "tierwise simulate, until it begins"
COMMANDS = {
    BARE: ["-c", ""],
    HELP: ["-m", "tierwise", "--help"],
    BEGIN: ["-m", "tierwise", "simulate", "--help"],
    "tierwise run, until it begins": ["-m", "tierwise", "run", "--help"],
}
GOALS = {HELP: (Goal("cpu_seconds", 0.3),), BEGIN: (Goal("cpu_seconds", 0.5),)}


def main() -> None:
    """Measure and print."""
    for table in tables(quick=False):
        show_table(table)


def tables(quick: bool) -> list[Table]:
    """What `benchmarks.every` asks."""
    figures = {name: _fastest(name, arguments, 1 if quick else 5) for name, arguments in COMMANDS.items()}
    return [Table("Starting", list(figures.values()), figures[BARE], {} if quick else GOALS)]


def _fastest(name: str, arguments: list[str], repeat: int) -> Figure:
    return min((_once(name, arguments) for _ in range(repeat)), key=lambda figure: figure.cpu_seconds)


def _once(name: str, arguments: list[str]) -> Figure:
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{name} ended with {process.returncode}")
    wall = time.perf_counter() - start
    return Figure(name, wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, "starts")


if __name__ == "__main__":
    main()
