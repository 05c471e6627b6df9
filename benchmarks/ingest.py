"""`python -m benchmarks.ingest [sqlite|postgresql]…`: events a second, durable, and none lost when processes are killed.

A real web process takes batches over loopback from several senders. In the second round its workers are killed with
`kill -9` at random moments; senders repeat what was not answered. At the end every acknowledged event must be there, once.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from benchmarks.databases import on_each
from benchmarks.jobs import confirmations_per_second, count

SENDERS, EVENTS_A_BATCH, SECONDS, KILLS = 3, 1000, 15.0, 12


def batch(sender: int, number: int) -> bytes:
    calls = [
        {
            "type": "track", "event": "Product Viewed", "userId": f"u{(number * 31 + n) % 5000}",
            "messageId": f"{sender}-{number}-{n}", "timestamp": "2026-05-01T10:00:00Z",
            "properties": {"product_id": f"p{n % 97}", "price": 12.5, "category": "tea/green"},
        }
        for n in range(EVENTS_A_BATCH)
    ]  # fmt: skip
    return json.dumps({"batch": calls, "sentAt": "2026-05-01T10:00:01Z"}).encode()


def send(port: int, key: str, body: bytes) -> bool:
    """Send a batch; whether it was acknowledged."""
    basic = base64.b64encode(f"{key}:".encode()).decode()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/json"}
        connection.request("POST", "/v1/batch", body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


class SenderThread(threading.Thread):
    """Sends batch after batch until told to stop; repeats one until it is answered."""

    def __init__(self, number: int, port: int, key: str, until: float) -> None:
        super().__init__()
        self.number, self.port, self.key, self.until = number, port, key, until
        self.acknowledged = self.repeats = 0

    def run(self) -> None:
        while time.monotonic() < self.until:
            body = batch(self.number, self.acknowledged)
            while not send(self.port, self.key, body):
                self.repeats += 1
                time.sleep(0.05)
            self.acknowledged += 1


def workers_of(web: subprocess.Popen[bytes]) -> list[int]:
    """The worker processes of gunicorn: the children of the process that we started."""
    found = Path(f"/proc/{web.pid}/task/{web.pid}/children").read_text(encoding="ascii")
    return [int(number) for number in found.split()]


def round_of(port: int, key: str, first: int, web: subprocess.Popen[bytes], kills: int) -> dict[str, Any]:
    dice, until = random.Random(5), time.monotonic() + SECONDS
    senders = [SenderThread(first + n, port, key, until) for n in range(SENDERS)]
    started = time.perf_counter()
    for sender in senders:
        sender.start()
    for _ in range(kills):
        time.sleep(SECONDS / (kills + 1) * (0.5 + dice.random()))
        if alive := workers_of(web):
            os.kill(dice.choice(alive), signal.SIGKILL)
    for sender in senders:
        sender.join()
    sent = sum(sender.acknowledged for sender in senders) * EVENTS_A_BATCH
    return {"sent": sent, "rate": sent / (time.perf_counter() - started), "repeats": sum(s.repeats for s in senders)}


def run(vendor: str, folder: Path) -> None:
    from tierwise_console.access.models import User
    from tierwise_console.access.permissions import Role
    from tierwise_console.command.start import free_port, wait_for
    from tierwise_console.events.services import make_sender

    _, key = make_sender(User.objects.create_user("bench", role=Role.OWNER), "bench")
    port = free_port()
    web = subprocess.Popen([sys.executable, "-m", "tierwise_console", "web", "--bind", f"127.0.0.1:{port}"])
    print(
        f"{vendor}, load {os.getloadavg()[0]:.1f}; this disk confirms {confirmations_per_second(folder):.0f} writes a second",
        flush=True,
    )
    total = 0
    try:
        wait_for(f"http://127.0.0.1:{port}/", web)
        for name, first, kills in (("undisturbed", 0, 0), (f"{KILLS} kill -9 of web workers", SENDERS, KILLS)):
            found = round_of(port, key, first, web, kills)
            total += found["sent"]
            kept = count("SELECT count(*) FROM events_event")
            print(
                f"  {name:28} {found['rate']:,.0f} events/s, {found['sent']:,} acknowledged, {found['repeats']} repeated; "
                f"kept in all {kept:,}, {total - kept} lost or doubled",
                flush=True,
            )
    finally:
        web.terminate()
        web.wait()


if __name__ == "__main__":
    on_each("benchmarks.ingest", "tierwise_console.command.prepare.prepare", sys.argv[1:])
