"""`tierwise console migrate`: bring the database to the version of the program."""

from __future__ import annotations

import click

from tierwise_console.command.group import say
from tierwise_console.command.prepare import prepare
from tierwise_console.command.start import choose


@click.command("migrate", help=say("Bring the database to this version.", "升级数据库结构。"))
def migrate() -> None:
    """Make folder, keys and tables; running it again changes nothing."""
    choose(None, demo=False)
    prepare()
    click.echo(say("The database is up to date.", "数据库已是最新。"))
