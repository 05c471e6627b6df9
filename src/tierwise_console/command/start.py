"""Starting the processes of the console, and stopping all when one ends."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import click

from tierwise.config.environment import can_open_browser, language
from tierwise_console.command.group import say
from tierwise_console.command.prepare import prepare
from tierwise_console.environment import Mode, inherited, read_environment, set_environment

WAIT_SECONDS = 120


def choose(workspace: Path | None, demo: bool) -> None:
    """Tell this process and its children which workspace and mode was asked for."""
    values = {"DJANGO_SETTINGS_MODULE": "tierwise_console.settings"}
    if workspace is not None:
        values["TIERWISE_WORKSPACE"] = str(workspace.resolve())
    if demo:
        values["TIERWISE_CONSOLE_MODE"] = str(Mode.DEMO)
    set_environment(values)


def start_all(port: int | None) -> None:
    """Start web and worker, say the address, open it, and wait; the end of one ends the other."""
    prepare()
    _show_demo_users()
    chosen = port or free_port()
    address = f"http://127.0.0.1:{chosen}/"
    running = [_start("web", "--bind", f"127.0.0.1:{chosen}"), _start("worker")]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        wait_for(address, running[0])
        address += _way_in()
        click.echo(say(f"The console: {address}  (Ctrl-C ends it)", f"控制台：{address}（按 Ctrl-C 结束）"))
        if can_open_browser():
            click.launch(address)
        _wait_for_first(running)
    except KeyboardInterrupt:
        click.echo()
    finally:
        stop(running)


def _show_demo_users() -> None:
    """In the demo: make the demo's people and print whom one may sign in as."""
    if read_environment().mode is not Mode.DEMO:
        return
    from tierwise_console.access.demo import PASSWORD, make_demo_users
    from tierwise_console.access.permissions import ROLE_NAMES

    click.echo(say(f"People of the demo, password {PASSWORD}:", f"演示用户（密码均为 {PASSWORD}）："))
    for username, person, role in make_demo_users():
        click.echo(f"  {username:<6} {person} · {ROLE_NAMES[role].to(language())}")


def _way_in() -> str:
    """Where the first owner is made, while nobody can sign in yet; else nothing."""
    from tierwise_console.access.first_owner import make_key, nobody_yet

    return f"account/first/{make_key()}" if nobody_yet() else ""


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _start(*command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tierwise_console", *command], env=inherited())


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until the web process answers."""
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(address + "health", timeout=1):  # nosec B310: our own address on this machine
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.1)
    raise click.ClickException(say("the web process did not start; see above", "网页进程未能启动，原因见上文"))


def _wait_for_first(running: list[subprocess.Popen[bytes]]) -> None:
    while all(process.poll() is None for process in running):
        time.sleep(0.3)


def stop(running: list[subprocess.Popen[bytes]]) -> None:
    """Ask every process to end, and make it end if it does not."""
    for process in running:
        if process.poll() is None:
            process.terminate()
    for process in running:
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
