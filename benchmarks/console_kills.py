"""`python -m benchmarks.console_kills [KILLS] [--moments | --stopped]`: what web and worker lose when they are killed.

Files are imported, events sent over HTTP, runs computed and taken over, while a web process or a worker is killed KILLS
times with `kill -9` (or as often as twelve minutes allow): the kind of work is drawn first, so that each gets its share,
then the moment, within the time that such work usually takes. With `--moments` each kill strikes at a moment that the
worker itself announces, once each, whatever the machine's pace. With `--stopped` a worker is stopped (SIGSTOP) at each of
these moments until another has its job, and then goes on (SIGCONT).
At the end the ledger must hold every row and every acknowledged event once, the published run must be whole and of all
rows, and the console must hold the label of every customer in every model once.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from benchmarks.console_kills_worker import MOMENTS, STOP
from benchmarks.databases import empty_database
from benchmarks.ingest import send, workers_of
from benchmarks.measure import machine

ROWS, EVENTS, BATCHES = 200, 40, 4
OPEN = ("queued", "running")
USUAL_SECONDS = {"web": 0.1, "import": 2.0, "events.import": 2.5, "run": 4.0, "take_over": 0.4}
"""The kinds of work that are struck, and how long each usually takes."""
MOST_STRIKES = 4
"""Work that lost so many workers is left to end, or nothing ever would."""
MOST_SECONDS, LONGEST_SECONDS = 720.0, 600.0
INSIDE = "take_over: changes written, not committed"
"""A worker that is stopped here holds its transaction: on SQLite nobody else can write until it goes on."""


class Crew:
    """A process that has everything loaded and forks workers; a worker is then there in hundredths of a second."""

    def __init__(self) -> None:
        self.nursery = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.console_kills_worker"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.workers: list[int] = []

    def start(self, moment: str = "") -> int:
        assert self.nursery.stdin is not None
        self.nursery.stdin.write(f"{moment}\n")
        self.nursery.stdin.flush()
        worker = int(self.heard())
        self.workers.append(worker)
        return worker

    def heard(self) -> str:
        """The next line of the nursery or of a worker; an announced moment is one."""
        assert self.nursery.stdout is not None
        line = self.nursery.stdout.readline()
        if not line:
            raise SystemExit("the workers' parent has ended")
        return line.strip()

    def kill(self, worker: int) -> None:
        os.kill(worker, signal.SIGKILL)
        self.workers.remove(worker)

    def end(self) -> None:
        for worker in list(self.workers):
            self.kill(worker)
        self.nursery.kill()
        self.nursery.wait()


class Shop:
    """What is asked of the console: rounds of a file, events and a run."""

    def __init__(self, folder: Path, port: int, key: str) -> None:
        self.folder, self.port, self.key = folder, port, key
        self.rounds = self.sent = self.acknowledged = 0
        self.sending: threading.Thread | None = None

    def ask(self) -> None:
        """One file to import, and a run; the events are sent beside, batch by batch, each until it is answered."""
        from tierwise_console.jobs.queueing import enqueue

        self.ask_import()
        self.send()
        enqueue("events.import", delay_seconds=0.2)
        enqueue("run", {"as_of": None}, delay_seconds=0.5)

    def ask_import(self) -> None:
        """One file to import, in which every row is new."""
        from tierwise_console.jobs.queueing import enqueue

        self.rounds += 1
        file = self.folder / f"orders-{self.rounds}.csv"
        write_orders(file, self.rounds)
        source = {"table": "orders", "file": str(file), "name": "shop", "mode": "append"}
        enqueue("import", {"task": "import", "sources": [source]})

    def ask_for(self, kind: str) -> None:
        """Work of one kind."""
        from tierwise_console.jobs.queueing import enqueue
        from tierwise_console.runs.published import workspace

        if kind == "import":
            self.ask_import()
        elif kind == "events.import":
            self.send()
            self.wait()
            enqueue(kind)
        elif kind == "run":
            enqueue(kind, {"as_of": None})
        elif kind == "take_over":
            for run in workspace().names()[-2:]:
                enqueue(kind, {"run": run})

    def send(self) -> None:
        """Begin to send the next events; the ones before are acknowledged first."""
        self.wait()
        self.sent += 1
        self.sending = threading.Thread(target=self._send, args=(self.sent,))
        self.sending.start()

    def _send(self, number: int) -> None:
        for batch in range(BATCHES):
            body = events(number, batch)
            while not send(self.port, self.key, body):
                time.sleep(0.02)
            self.acknowledged += EVENTS

    def wait(self) -> None:
        """Wait until all events of the round are acknowledged."""
        if self.sending is not None:
            self.sending.join()

    def finish(self) -> None:
        """Have what was sent last taken to the core and into a run, and wait until nothing is left to do."""
        from tierwise_console.jobs.queueing import enqueue

        self.wait()
        settle()
        enqueue("events.import")
        settle()
        enqueue("run", {"as_of": None})
        settle()


def events(number: int, batch: int) -> bytes:
    calls = [
        {"type": "track", "userId": f"c{n % 97}", "event": "Order Completed", "messageId": f"{number}-{batch}-{n}",
         "timestamp": "2026-05-01T10:00:00Z", "properties": {"order_id": f"e{number}-{batch}-{n}", "total": 5}}
        for n in range(EVENTS)
    ]  # fmt: skip
    return json.dumps({"batch": calls}).encode()


def write_orders(file: Path, number: int) -> None:
    day = date(2026, 5, 31)
    rows = [
        f"f{number}-{n},c{(number * 7 + n) % 97},{day - timedelta(days=n % 300)},{10 + n % 50}.50" for n in range(ROWS)
    ]
    file.write_text("order_id,customer_id,order_date,amount\n" + "\n".join(rows) + "\n", encoding="utf-8")


def is_open(kind: str = "", status: tuple[str, ...] = OPEN) -> bool:
    from tierwise_console.jobs.models import Job

    found = Job.objects.filter(status__in=status)
    return (found.filter(kind=kind) if kind else found).exists()


def settle() -> None:
    """Wait until no job is open."""
    until = time.monotonic() + LONGEST_SECONDS
    while is_open():
        if time.monotonic() > until:
            raise SystemExit("work does not come to an end")
        time.sleep(0.05)


def at_random(kills: int, shop: Shop, crew: Crew, web: subprocess.Popen[bytes]) -> Counter[str]:
    """Draw a kind of work, have it done, and strike while it is done, until there were enough kills or time is up."""
    dice, struck = random.Random(3), Counter[str]()
    until = time.monotonic() + MOST_SECONDS
    crew.start()
    crew.start()
    for _ in range(2):  # two runs, between which take-overs have something to do
        shop.ask()
        settle()
    while struck.total() < kills and time.monotonic() < until:
        fewest = min(struck[kind] for kind in USUAL_SECONDS)
        kind = dice.choice([each for each in USUAL_SECONDS if struck[each] == fewest])
        struck[kind] += strike_web(dice, shop, web) if kind == "web" else strike(kind, dice, shop, crew)
    shop.finish()
    return struck


def strike_web(dice: random.Random, shop: Shop, web: subprocess.Popen[bytes]) -> int:
    """Kill a web process while events are sent; 1 where that was done."""
    shop.send()
    time.sleep(dice.random() * USUAL_SECONDS["web"])
    alive = workers_of(web)
    if alive:
        os.kill(dice.choice(alive), signal.SIGKILL)
    return int(bool(alive))


def strike(kind: str, dice: random.Random, shop: Shop, crew: Crew) -> int:
    """Kill the worker that has work of a kind, at a random moment of it; 0 where the work ended before."""
    if not is_open(kind):
        shop.ask_for(kind)
    found = None
    while found is None and is_open(kind):
        found = running(kind)
        time.sleep(0.005)
    if found is None:
        return 0
    job, worker = found
    time.sleep(dice.random() * USUAL_SECONDS[kind])
    if running(kind) != (job, worker) or worker not in crew.workers:
        return 0
    crew.kill(worker)
    crew.start()
    return 1


def running(kind: str) -> tuple[int, int] | None:
    """Work of a kind that is in hand, and the worker that has it; what was struck often enough is left to end."""
    from tierwise_console.jobs.models import Job

    found = Job.objects.filter(status="running", kind=kind, attempt__lte=MOST_STRIKES)
    job = found.values_list("pk", "owner").first()
    return (job[0], int(job[1].split(":")[-2])) if job else None


def at_moments(shop: Shop, crew: Crew, moments: list[str]) -> Counter[str]:
    """Strike once at each of the moments that a worker announces."""
    struck = Counter[str]()
    for moment in moments:
        worker = crew.start(moment)
        shop.ask()
        said = crew.heard()
        assert said == moment, said
        crew.kill(worker)
        shop.wait()
        struck[moment] += 1
    crew.start()
    shop.finish()
    return struck


def stopped(shop: Shop, crew: Crew, moments: list[str]) -> Counter[str]:
    """Stop a worker at each moment until another has its job, or its lease has run out, and have it go on then."""
    from tierwise_console.jobs.models import Job

    given_away = Counter[str]()
    for moment in moments:
        sleeper = crew.start(f"{STOP}{moment}")
        shop.ask()
        said = crew.heard()
        assert said == moment, said
        job = Job.objects.get(status="running", owner__contains=f":{sleeper}:")
        crew.start()
        if moment == INSIDE:
            wait_until(lambda job=job: lease_ran_out(job.pk))
        else:
            wait_until(lambda job=job: Job.objects.filter(pk=job.pk, attempt__gt=job.attempt).exists())
        os.kill(sleeper, signal.SIGCONT)
        shop.wait()
        settle()
        print(f"{moment}: went on", flush=True)
        given_away[moment] += Job.objects.filter(pk=job.pk, attempt__gt=job.attempt).count()
        for worker in list(crew.workers):
            crew.kill(worker)
    crew.start()
    shop.finish()
    return given_away


def lease_ran_out(number: int) -> bool:
    from tierwise_console.jobs.clock import now
    from tierwise_console.jobs.models import Job

    return Job.objects.filter(pk=number, lease_until__lt=now()).exists()


def wait_until(ready: Callable[[], bool]) -> None:
    until = time.monotonic() + LONGEST_SECONDS
    while not ready():
        if time.monotonic() > until:
            raise SystemExit("nobody takes the job of the stopped worker")
        time.sleep(0.02)


def run(kills: int, how: str, moments: list[str], folder: Path) -> dict[str, Any]:
    from tierwise_console.access.models import User
    from tierwise_console.access.permissions import Role
    from tierwise_console.command.start import free_port, wait_for
    from tierwise_console.events.services import make_sender
    from tierwise_console.jobs.models import Job

    _, key = make_sender(User.objects.create_user("bench", role=Role.OWNER), "bench")
    port = free_port()
    command = [sys.executable, "-m", "tierwise_console", "web", "--bind", f"127.0.0.1:{port}"]
    web = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    crew = Crew()
    begun = time.monotonic()
    try:
        wait_for(f"http://127.0.0.1:{port}/", web)
        shop = Shop(folder, port, key)
        if how == "random":
            struck = at_random(kills, shop, crew, web)
        else:
            struck = (at_moments if how == "moments" else stopped)(shop, crew, moments)
    finally:
        crew.end()
        web.terminate()
        web.wait()
    not_done = list(Job.objects.exclude(status="done").values_list("kind", "status", "error"))
    found = {
        "kills": struck.total(), "struck": dict(struck), "rounds": shop.rounds, "seconds": time.monotonic() - begun,
        "acknowledged": shop.acknowledged, "jobs_not_done": [str(each) for each in not_done],
    }  # fmt: skip
    return found | compare(shop)


def compare(shop: Shop) -> dict[str, Any]:
    """What there is, and what there must be."""
    from tierwise.engine.duckdb import DuckDBEngine
    from tierwise.snapshots.imports import holding, records, version_of
    from tierwise.snapshots.visible import Visible
    from tierwise_console.crm.models import Label, TierChange
    from tierwise_console.events.models import Event
    from tierwise_console.runs.published import named_run, workspace

    place = workspace()
    with DuckDBEngine() as engine:
        Visible(place, version_of(place, holding(records(place)))).attach(engine)
        orders = engine.native("orders", "SELECT count(*), count(DISTINCT order_id) FROM orders")[0]
        taken = engine.native("events", "SELECT count(*), count(DISTINCT message_id) FROM events")[0]
    published = named_run()
    published.verify()
    customers = published.manifest.totals["customers"]
    positions = list(TierChange.objects.order_by("position").values_list("position", flat=True))
    return {
        "orders": list(orders), "orders_must": shop.rounds * ROWS + shop.acknowledged,
        "events": list(taken), "events_must": shop.acknowledged,
        "events_waiting": Event.objects.filter(batch=None).count(),
        "run_orders": published.manifest.totals["orders"],
        "labels": Label.objects.count(), "labels_must": len(published.manifest.models) * customers,
        "changes": len(positions), "changes_in_order": positions == list(range(1, len(positions) + 1)),
    }  # fmt: skip


@contextmanager
def scratch() -> Iterator[Path]:
    """A console of its own in a temporary folder, with a database of its own where DATABASE_URL names a server."""
    with ExitStack() as held:
        place = tempfile.TemporaryDirectory(prefix="bench-kills-", ignore_cleanup_errors=True)
        folder = held.enter_context(place)
        if url := os.environ.get("DATABASE_URL"):
            os.environ["DATABASE_URL"] = held.enter_context(empty_database(url))
        os.environ.update(
            TIERWISE_WORKSPACE=folder, TIERWISE_CONSOLE_HOME=f"{folder}/console",
            DJANGO_SETTINGS_MODULE="tierwise_console.settings",
        )  # fmt: skip
        from tierwise_console.command.prepare import prepare

        prepare()
        yield Path(folder)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("kills", type=int, nargs="?", default=100)
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument("--moments", dest="how", action="store_const", const="moments", default="random")
    ways.add_argument("--stopped", dest="how", action="store_const", const="stopped")
    parser.add_argument("--only", action="append", choices=MOMENTS, help="this moment, or these")
    chosen = parser.parse_args()
    print(machine(), flush=True)
    with scratch() as folder:
        for name, figure in run(chosen.kills, chosen.how, chosen.only or list(MOMENTS), folder).items():
            print(f"  {name}: {json.dumps(figure)}")


if __name__ == "__main__":
    main()
