"""`python -m benchmarks.console_kills [KILLS]`: imports, events, runs and take-overs while workers are killed with `kill -9`.

At the end the ledger must hold every row and every event once, the published run must be whole and of all rows, and the
console must hold the label of every customer in every model once.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.measure import machine

KILLS, ROWS, EVENTS = 100, 400, 150
OPEN = ("queued", "running")
WORKER = """
import dataclasses, sys, threading, os
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(1)), daemon=True).start()
import django
from tierwise_console.runs import performing
performing.KINDS = tuple(dataclasses.replace(kind, lease_seconds=2.0, most_crashes=1000) for kind in performing.KINDS)
django.setup()
from tierwise_console.jobs.worker import Loop
Loop(slots=2, idle_seconds=0.05).run()
"""


def start() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WORKER], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)


def write_orders(file: Path, number: int) -> None:
    day = date(2026, 5, 31)
    rows = [
        f"f{number}-{n},c{(number * 7 + n) % 97},{day - timedelta(days=n % 300)},{10 + n % 50}.50" for n in range(ROWS)
    ]
    file.write_text("order_id,customer_id,order_date,amount\n" + "\n".join(rows) + "\n", encoding="utf-8")


def ask_round(number: int, folder: Path, sender: Any) -> None:
    """One file to import, events to take, and a run of all of it."""
    from tierwise_console.events.formats import segment
    from tierwise_console.events.services import take
    from tierwise_console.jobs.queueing import enqueue

    file = folder / f"orders-{number}.csv"
    write_orders(file, number)
    source = {"table": "orders", "file": str(file), "name": "shop", "mode": "append"}
    enqueue("import", {"task": "import", "sources": [source]})
    now = datetime.now(UTC)
    calls = [
        {"type": "track", "userId": f"c{n % 97}", "event": "Order Completed", "messageId": f"{number}-{n}",
         "timestamp": "2026-05-01T10:00:00Z", "properties": {"order_id": f"e{number}-{n}", "total": 5}}
        for n in range(EVENTS)
    ]  # fmt: skip
    take(sender, segment.read_batch({"batch": calls}, now), now)
    enqueue("events.import")
    enqueue("run", {"as_of": None}, delay_seconds=1.0)


def run(kills: int, folder: Path) -> None:
    from tierwise_console.events.models import Sender
    from tierwise_console.jobs.models import Job

    sender = Sender.objects.create(name="bench", key_hash="x", key_hint="x")
    dice, killed, rounds, during = random.Random(3), 0, 0, {}
    worker = start()
    while killed < kills:
        rounds += 1
        ask_round(rounds, folder, sender)
        while Job.objects.filter(status__in=OPEN).exists():
            time.sleep(4 + dice.random() * 12)
            for kind in Job.objects.filter(status="running").values_list("kind", flat=True):
                during[kind] = during.get(kind, 0) + 1
            if killed < kills:
                os.kill(worker.pid, signal.SIGKILL)
                worker.wait()
                worker, killed = start(), killed + 1
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    print(f"{killed} kill -9 of the worker in {rounds} rounds; jobs in hand when it fell: {during}")
    badly = list(Job.objects.exclude(status="done").values_list("kind", "status", "error"))
    print(f"  jobs not done: {len(badly)} {badly[:2]}")
    compare(rounds)


def compare(rounds: int) -> None:
    """What there is beside what there must be."""
    from tierwise.engine.duckdb import DuckDBEngine
    from tierwise.snapshots.imports import holding, records, version_of
    from tierwise.snapshots.visible import Visible
    from tierwise_console.crm.models import Label
    from tierwise_console.events.models import Event
    from tierwise_console.runs.published import named_run, workspace

    place = workspace()
    with DuckDBEngine() as engine:
        Visible(place, version_of(place, holding(records(place)))).attach(engine)
        orders = engine.native("orders", "SELECT count(*), count(DISTINCT order_id) FROM orders")[0]
        events = engine.native("events", "SELECT count(*), count(DISTINCT message_id) FROM events")[0]
    published = named_run()
    published.verify()
    must = rounds * (ROWS + EVENTS)
    print(f"  orders in the ledger: {orders[0]:,}, different {orders[1]:,}, sent {must:,}")
    print(f"  events in the ledger: {events[0]:,}, different {events[1]:,}, acknowledged {rounds * EVENTS:,}")
    print(f"  events left behind: {Event.objects.filter(batch=None).count()}")
    totals = published.manifest.totals
    print(f"  published run: whole, of {totals['orders']:,} orders, {totals['customers']} customers")
    labels, models = Label.objects.count(), len(published.manifest.models)
    print(f"  labels taken over: {labels}, of the published run: {models * totals['customers']}")


def main() -> None:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else KILLS
    print(machine())
    with tempfile.TemporaryDirectory(prefix="bench-kills-") as scratch:
        os.environ.update(
            TIERWISE_WORKSPACE=scratch, TIERWISE_CONSOLE_HOME=f"{scratch}/console",
            DJANGO_SETTINGS_MODULE="tierwise_console.settings",
        )  # fmt: skip
        from tierwise_console.command.prepare import prepare

        prepare()
        run(kills, Path(scratch))


if __name__ == "__main__":
    main()
