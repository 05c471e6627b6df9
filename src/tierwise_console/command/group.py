"""The group `tierwise console`, and what it does without a subcommand: everything, on one's own machine."""

from __future__ import annotations

import importlib
from pathlib import Path

import click

from tierwise.config.environment import language
from tierwise.language import Lang

COMMANDS = {
    "web": "tierwise_console.command.web",
    "worker": "tierwise_console.command.worker",
    "user": "tierwise_console.command.user",
    "check": "tierwise_console.command.check",
    "migrate": "tierwise_console.command.migrate",
    "backup": "tierwise_console.command.backup",
    "restore": "tierwise_console.command.backup",
}


def say(en: str, zh: str) -> str:
    """Return the wording in the language of the terminal."""
    return zh if language() is Lang.ZH else en


class LazyGroup(click.Group):
    """Imports a subcommand's module when it is used: Django is needed by some of them alone."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All subcommands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one subcommand."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(COMMANDS[cmd_name]), cmd_name)
        return command


@click.group("console", cls=LazyGroup, invoke_without_command=True, help=say("Open the console.", "打开控制台。"))
@click.option(
    "--workspace",
    type=click.Path(path_type=Path, file_okay=False),
    help=say("folder of the project [default: this one]", "项目目录 [默认当前目录]"),
)
@click.option("--port", type=click.IntRange(1, 65535), help=say("port [default: a free one]", "端口 [默认自动选择]"))
@click.option("--demo", is_flag=True, help=say("demo users, and nothing is ever sent", "演示用户；不发送任何消息"))
@click.pass_context
def console(context: click.Context, workspace: Path | None, port: int | None, demo: bool) -> None:
    """Start web and worker together on a free port of this machine, unless a subcommand is named."""
    from tierwise_console.command.start import choose, start_all

    choose(workspace, demo)
    if context.invoked_subcommand is None:
        start_all(port)
