"""`tierwise console worker`: does the jobs that are due; any number may run, on any number of machines."""

from __future__ import annotations

import signal

import click

from tierwise_console.command.group import say
from tierwise_console.command.prepare import setup
from tierwise_console.command.start import choose


@click.command("worker", help=say("Do the jobs that are due.", "执行到期的任务。"))
@click.option(
    "--slots", type=click.IntRange(1, 16), default=2, show_default=True, help=say("jobs at a time", "同时执行的任务数")
)
def worker(slots: int) -> None:
    """Work until told to stop; a job in hand then goes to the next worker, from where it stands."""
    choose(None, demo=False)
    setup()
    from tierwise_console.jobs.worker import Loop
    from tierwise_console.privacy.following import notice_erasures
    from tierwise_console.runs.evidence import notice_missing_evidence
    from tierwise_console.runs.performing import notice_published_run
    from tierwise_console.strategy.demo_work import notice_demo_shop

    loop = Loop(slots, lookouts=(notice_published_run, notice_erasures, notice_missing_evidence, notice_demo_shop))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: loop.stop())
    loop.run()
