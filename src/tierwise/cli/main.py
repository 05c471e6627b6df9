"""The entry point: language first, then commands; every error has an exit code and a cure.

Exit codes: 0 done, 2 wrong usage, 3 wrong settings, 4 wrong data, 5 a resource is missing (disk, memory, driver),
6 a step failed in the engine, 70 a defect of ours, 130 interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from tierwise import __version__
from tierwise.cli.speech import lang, say, take_language
from tierwise.errors import TierwiseError

INTERRUPTED = 130
DEFECT = 70


def build() -> click.Group:
    """The command group. Commands are imported here, after the language is known, and none before it is used."""
    group = LazyGroup(
        name="tierwise",
        help=say("Customer value tiers, explained.", "分层有道：讲得清楚的客户价值分层。")
        + "\n\n"
        + say("--lang zh-CN|en may stand anywhere.", "任何位置均可加 --lang zh-CN|en 切换语言。"),
        no_args_is_help=True,
    )
    return click.version_option(__version__, prog_name="tierwise")(group)


COMMANDS = {
    "init": "tierwise.cli.init",
    "run": "tierwise.cli.run",
    "tier": "tierwise.cli.tier",
    "explain": "tierwise.cli.explain",
    "simulate": "tierwise.cli.simulate",
    "compare": "tierwise.cli.compare",
    "disagree": "tierwise.cli.disagree",
    "clv": "tierwise.cli.clv",
    "models": "tierwise.cli.models",
    "advise": "tierwise.cli.advise",
    "templates": "tierwise.cli.templates",
    "indicators": "tierwise.cli.indicators",
    "report": "tierwise.cli.report",
    "export": "tierwise.cli.export",
    "prove": "tierwise.cli.prove",
    "check": "tierwise.cli.check",
    "demo": "tierwise.cli.demo",
}


class LazyGroup(click.Group):
    """Imports a command's module when the command is used, so that `--help` is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, in the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        import importlib

        module = importlib.import_module(COMMANDS[cmd_name])
        command: click.Command = getattr(module, cmd_name)
        return command


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit."""
    sys.exit(execute(list(sys.argv[1:] if arguments is None else arguments)))


def execute(arguments: list[str]) -> int:
    """Run the command line and return its exit code."""
    try:
        ended = build().main(take_language(arguments), prog_name="tierwise", standalone_mode=False)
    except TierwiseError as error:
        click.echo(error.to(lang()), err=True)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo(say("Interrupted. The published run is unchanged.", "已中断。已发布的结果没有改变。"), err=True)
        return INTERRUPTED
    except BrokenPipeError:
        return _quiet_end()
    return (
        ended if isinstance(ended, int) else 0
    )  # click hands back the code of an Exit, else what the command returned


def _quiet_end() -> int:
    """End without a trace when whoever read our output has gone (`| head`)."""
    sys.stderr.close()
    return 0
