"""The console in demo mode, all of it in one process without a network: what `test_closed_network` starts.

Prints as JSON which pages answered how, what each refers to outside, and every connection or name that was asked for.
"""

from __future__ import annotations

import array
import fcntl
import json
import os
import re
import socket
import struct
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

ASKED: list[str] = []
OWN = ("127.", "::1", "localhost")
REFERENCE = re.compile(
    r"""(?:\b(?:src|href|action|poster|data|hx-(?:get|post))\s*=\s*["']|url\(\s*["']?|@import\s+["'])((?:https?:)?//[^"')\s>]+)"""
)
SIOCGIFCONF, SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8912, 0x8913, 0x8914, 1


def raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sh", b"lo", 0)
        flags = struct.unpack("16sh", fcntl.ioctl(control, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh", b"lo", flags | IFF_UP))


def interfaces() -> list[str]:
    """The network interfaces that are up and have an address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        room = array.array("B", bytes(4096))
        used = struct.unpack("iL", fcntl.ioctl(control, SIOCGIFCONF, struct.pack("iL", 4096, room.buffer_info()[0])))[0]
        return [room.tobytes()[place : place + 16].split(b"\0")[0].decode() for place in range(0, used, 40)]


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and isinstance(arguments[1], tuple) and not str(arguments[1][0]).startswith(OWN):
        ASKED.append(str(arguments[1]))
    if event == "socket.getaddrinfo" and not str(arguments[0]).startswith(OWN):
        ASKED.append(str(arguments[0]))


def make_shop(folder: Path) -> None:
    """A run of a small shop, in the way the worker makes one."""
    from tierwise.engine.progress import Silent
    from tierwise_console.crm.services.take_over import take_over
    from tierwise_console.runs.tasks import TASKS

    day = date(2026, 5, 31)
    rows = [f"o{n},c{n % 40},{day - timedelta(days=n * 7 % 400)},{10 + n % 90}" for n in range(600)]
    file = folder / "orders.csv"
    file.write_text("order_id,customer_id,order_date,amount\n" + "\n".join(rows) + "\n", encoding="utf-8")
    source = {"table": "orders", "file": str(file), "name": "shop", "mode": "append"}
    request = {"workspace": str(folder), "today": "2026-06-01"}
    TASKS["import"]({**request, "sources": [source]}, Silent())
    (folder / "tierwise.yaml").write_text("version: 1\nmodels: {rfm: {bins: 3}, lifecycle: {}, pyramid: {}}\n")
    TASKS["run"]({**request, "as_of": None}, Silent())
    TASKS["sort"](dict(request), Silent())
    take_over()


def addresses() -> list[str]:
    """Every page of the menu, and what a card loads."""
    from django.urls import reverse

    from tierwise_console.shell.menu import entries_for

    card = "/customers/card/c1"
    return [*(reverse(entry.route) for entry in entries_for(lambda _: True)), card, f"{card}/why", f"{card}/story"]


def main() -> None:
    sys.addaudithook(watch)
    raise_loopback()
    from tierwise_console.command.prepare import prepare

    prepare()
    from django.conf import settings
    from django.test import Client

    from tierwise_console.access.demo import make_demo_users
    from tierwise_console.access.models import User

    make_shop(Path(os.environ["TIERWISE_WORKSPACE"]))
    make_demo_users()
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(User.objects.filter(role="owner").first())
    answers = {address: client.get(address) for address in addresses()}
    told = {
        "demo": settings.DEMO, "interfaces": interfaces(), "asked": ASKED,
        "pages": {address: answer.status_code for address, answer in answers.items()},
        "outside": {
            address: found for address, answer in answers.items() if (found := REFERENCE.findall(answer.content.decode()))
        },
    }  # fmt: skip
    print(json.dumps(told))


if __name__ == "__main__":
    main()
