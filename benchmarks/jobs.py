"""`python -m benchmarks.jobs [sqlite|postgresql]…`: is durable work exactly once in effect, and how fast is it?

10,000 steps, each an effect and a move of the cursor, while workers are killed with `kill -9` at random moments;
then each thing that can go wrong beside that, one by one. Figures stand beside how often this disk confirms a write.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import jobs_worker
from benchmarks.databases import on_each

STEPS, JOBS, KILLS, WORKERS = 10_000, 40, 30, 3


def confirmations_per_second(folder: Path) -> float:
    """How many small writes a second the disk confirms, one after the other."""
    with (folder / "probe").open("wb") as file:
        started = time.perf_counter()
        for _ in range(200):
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
        return 200 / (time.perf_counter() - started)


class Crew:
    """Workers in processes of their own, on the database that the environment names."""

    def __init__(self) -> None:
        self.workers: list[subprocess.Popen[str]] = []

    def start(self, slots: int = 1, skew_seconds: float = 0.0) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "benchmarks.jobs_worker", str(slots), str(skew_seconds)]
        worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert worker.stdout is not None
        worker.stdout.readline()
        self.workers.append(worker)
        return worker

    def kill(self, worker: subprocess.Popen[str]) -> None:
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        self.workers.remove(worker)

    def end(self) -> None:
        for worker in list(self.workers):
            os.kill(worker.pid, signal.SIGCONT)
            self.kill(worker)


@contextmanager
def crew() -> Iterator[Crew]:
    """Workers that are gone at the end."""
    found = Crew()
    try:
        yield found
    finally:
        found.end()


def count(sql: str, *values: Any) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, list(values))
        return int(cursor.fetchone()[0])


def wait_for(holds: Callable[[], bool], seconds: float = 120.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.05)
    return False


def all_ended(numbers: list[int]) -> bool:
    from tierwise_console.jobs.models import OPEN, Job

    return not Job.objects.filter(pk__in=numbers, status__in=OPEN).exists()


def lost_and_doubled(numbers: list[int], steps: int) -> tuple[int, int]:
    """How many effects miss, and how many are there more than once."""
    marks = ", ".join(["%s"] * len(numbers))
    every = f"FROM bench_effect WHERE step >= 0 AND job IN ({marks})"
    different = count(f"SELECT count(*) FROM (SELECT DISTINCT job, step {every}) AS found", *numbers)
    return steps * len(numbers) - different, count(f"SELECT count(*) {every}", *numbers) - different


def ask(kind: str, times: int = 1, **arguments: Any) -> list[int]:
    from tierwise_console.jobs.queueing import enqueue

    return [enqueue(kind, arguments).pk for _ in range(times)]


def undisturbed(found: Crew) -> str:
    found.start()
    numbers, started = ask("bench.steps", steps=2000), time.perf_counter()
    wait_for(lambda: all_ended(numbers))
    lost, doubled = lost_and_doubled(numbers, 2000)
    return f"{2000 / (time.perf_counter() - started):.0f} steps/s with one worker, {lost} lost, {doubled} doubled"


def killed(found: Crew) -> str:
    dice = random.Random(7)
    for _ in range(WORKERS):
        found.start()
    numbers, started, kills = ask("bench.steps", JOBS, steps=STEPS // JOBS), time.perf_counter(), 0
    while not all_ended(numbers):
        time.sleep(dice.random() * 0.8)
        if kills < KILLS:
            found.kill(dice.choice(found.workers))
            found.start()
            kills += 1
    seconds = time.perf_counter() - started
    lost, doubled = lost_and_doubled(numbers, STEPS // JOBS)
    return (
        f"{STEPS:,} steps, {kills} kill -9: {lost} lost, {doubled} doubled, {STEPS / seconds:.0f} steps/s with restarts"
    )


def stale(found: Crew) -> str:
    """A worker sleeps through its lease, its job goes to another, and it wakes up in the middle of it."""
    sleeper = found.start()
    numbers = ask("bench.steps", steps=3000)
    wait_for(lambda: count("SELECT count(*) FROM bench_effect WHERE job = %s", numbers[0]) > 50)
    os.kill(sleeper.pid, signal.SIGSTOP)
    found.start()
    before = count("SELECT count(*) FROM bench_effect WHERE job = %s", numbers[0])
    wait_for(lambda: count("SELECT count(*) FROM bench_effect WHERE job = %s", numbers[0]) > before + 50)
    os.kill(sleeper.pid, signal.SIGCONT)
    wait_for(lambda: all_ended(numbers))
    time.sleep(1)
    lost, doubled = lost_and_doubled(numbers, 3000)
    return f"{lost} lost, {doubled} doubled, claims {_attempts(numbers)}"


def _attempts(numbers: list[int]) -> int:
    from tierwise_console.jobs.models import Job

    return max(Job.objects.filter(pk__in=numbers).values_list("attempt", flat=True))


def skewed(found: Crew) -> str:
    """One worker an hour early, one an hour late: leases do not care, for the database compares."""
    found.start(skew_seconds=3600.0)
    found.start(skew_seconds=-3600.0)
    numbers = ask("bench.steps", 10, steps=100)
    wait_for(lambda: all_ended(numbers))
    lost, doubled = lost_and_doubled(numbers, 100)
    return f"{lost} lost, {doubled} doubled, most claims of a job {_attempts(numbers)}"


def long_ones(found: Crew) -> str:
    """Steps of four lease lengths, with another idle worker waiting for leases that run out."""
    found.start()
    found.start()
    numbers = ask("bench.long", 2, seconds=8)
    wait_for(lambda: all_ended(numbers))
    lost, doubled = lost_and_doubled(numbers, 1)
    return f"{lost} lost, {doubled} doubled, most claims of a job {_attempts(numbers)}"


def retried(found: Crew) -> str:
    found.start()
    numbers = ask("bench.fails", 20, failures=2)
    wait_for(lambda: all_ended(numbers))
    lost, doubled = lost_and_doubled(numbers, 1)
    return f"{lost} lost, {doubled} doubled, claims of each {_attempts(numbers)}"


def dead_letters(found: Crew) -> str:
    from tierwise_console.jobs.models import Job, Status
    from tierwise_console.jobs.queueing import replay

    found.start()
    numbers = ask("bench.fails", 10, failures=5)
    wait_for(lambda: all_ended(numbers))
    dead = Job.objects.filter(pk__in=numbers, status=Status.DEAD).count()
    for number in numbers:
        replay(number)
    wait_for(lambda: all_ended(numbers))
    lost, doubled = lost_and_doubled(numbers, 1)
    return f"{dead} of 10 dead after 4 tries; replayed: {lost} lost, {doubled} doubled"


def scheduled(found: Crew) -> str:
    """A schedule of every minute, of which no worker saw the last three days, and four workers that all look at once."""
    from datetime import timedelta

    from tierwise_console.jobs.clock import now
    from tierwise_console.jobs.models import Job, Schedule
    from tierwise_console.jobs.schedules import plan

    plan("bench", "bench.steps", "* * * * *", "Asia/Shanghai", {"steps": 1})
    Schedule.objects.filter(name="bench").update(next_at=now() - timedelta(days=3))
    before = Job.objects.count()
    for _ in range(4):
        found.start()
    wait_for(lambda: Job.objects.count() > before, 20)
    time.sleep(3)
    asked = Job.objects.count() - before
    Schedule.objects.all().delete()
    return f"4,320 missed times made up for by {asked} job{'s' if asked > 1 else ''}"


SCENES: dict[str, Callable[[Crew], str]] = {
    "undisturbed": undisturbed,
    "workers killed": killed,
    "stale worker wakes up": stale,
    "clocks two hours apart": skewed,
    "steps of four leases": long_ones,
    "two failures, then success": retried,
    "failures without end": dead_letters,
    "schedule after an outage": scheduled,
}


def run(vendor: str, folder: Path) -> None:
    """Prepare the database of this process and show every scene on it."""
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(jobs_worker.EFFECTS)
    print(f"{vendor}; this disk confirms {confirmations_per_second(folder):.0f} writes a second")
    for name, scene in SCENES.items():
        with crew() as found:
            print(f"  {name:28} {scene(found)}", flush=True)


if __name__ == "__main__":
    on_each("benchmarks.jobs", "benchmarks.jobs_worker.prepare", sys.argv[1:])
