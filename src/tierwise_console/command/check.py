"""`tierwise console check`: says what is wrong with an installation."""

from __future__ import annotations

import click

from tierwise_console.command.group import say
from tierwise_console.command.prepare import setup
from tierwise_console.command.start import choose


@click.command("check", help=say("Say what is wrong with this installation.", "检查安装中的问题。"))
def check() -> None:
    """Run Django's checks, those for production included where the mode is production."""
    choose(None, demo=False)
    setup()
    from django.conf import settings
    from django.core.management import call_command

    call_command("check", deploy=settings.PRODUCTION, fail_level="WARNING")
