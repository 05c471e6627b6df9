"""`tierwise console web`: the web process, for production behind a reverse proxy or alone on one's machine."""

from __future__ import annotations

import os

import click

from tierwise_console.command.group import say
from tierwise_console.command.start import choose


@click.command("web", help=say("Serve the pages and the API.", "提供网页与接口服务。"))
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help=say("address and port", "地址与端口"))
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help=say("processes", "进程数"))
@click.option(
    "--threads", type=click.IntRange(1, 64), default=4, show_default=True, help=say("threads each", "每进程线程数")
)
def web(bind: str, workers: int, threads: int) -> None:
    """Become gunicorn."""
    choose(None, demo=False)
    import sys

    os.execv(sys.executable, [
        sys.executable, "-m", "gunicorn", "tierwise_console.wsgi:application", "--bind", bind,
        "--workers", str(workers), "--threads", str(threads), "--worker-class", "gthread",
        "--timeout", "60", "--graceful-timeout", "20", "--log-level", "warning",
        "--no-control-socket",
    ])  # fmt: skip
