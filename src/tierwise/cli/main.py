"""The entry point: language first, then commands; every error has an exit code and a cure.

Exit codes: 0 done, 2 wrong usage, 3 wrong settings, 4 wrong data, 5 a resource is missing (disk, memory, driver),
6 a step failed in the engine, 70 a defect of ours, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import click

from tierwise import __version__
from tierwise.cli.commands import LazyGroup
from tierwise.cli.speech import lang, say, take_language
from tierwise.errors import TierwiseError, TierwiseWarning

INTERRUPTED = 130
DEFECT = 70


def build() -> click.Group:
    """The command group. A command is imported when it is used, after the language is known."""
    group = LazyGroup(
        name="tierwise",
        help=say("Customer value tiers, explained.", "分层有道：讲得清楚的客户价值分层。")
        + "\n\n"
        + say("--lang zh-CN|en may stand anywhere.", "任何位置均可加 --lang zh-CN|en 切换语言。"),
        no_args_is_help=True,
    )
    return click.version_option(__version__, prog_name="tierwise")(group)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit."""
    sys.exit(execute(list(sys.argv[1:] if arguments is None else arguments)))


def execute(arguments: list[str]) -> int:
    """Run the command line and return its exit code."""
    with warnings.catch_warnings():
        warnings.showwarning = _telling(warnings.showwarning)
        return _execute(arguments)


def _telling(otherwise: Callable[..., None]) -> Callable[..., None]:
    """How warnings are shown: ours in the reader's language, those of libraries as Python shows them."""

    def show(message: Warning | str, *details: Any, **more: Any) -> None:
        if isinstance(message, TierwiseWarning):
            click.echo(message.problem.to(lang()), err=True)
        else:
            otherwise(message, *details, **more)

    return show


def _execute(arguments: list[str]) -> int:
    try:
        spoken = take_language(arguments)  # before `build`: its texts are in the language of the process
        ended = build().main(spoken, prog_name="tierwise", standalone_mode=False)
        sys.stdout.flush()  # a reader who has gone is noticed here, and not when Python ends
    except TierwiseError as error:
        click.echo(error.to(lang()), err=True)
        return error.exit_code
    except click.ClickException as error:
        from tierwise.cli.wrong_usage import shown

        click.echo(shown(error), err=True)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo(say("Interrupted. The published run is unchanged.", "已中断。已发布的结果没有改变。"), err=True)
        return INTERRUPTED
    except BrokenPipeError:
        return _quiet_end()
    except OSError as error:
        from tierwise.cli.denied import as_denied

        denied = as_denied(error)
        if denied is None:
            raise
        click.echo(denied.to(lang()), err=True)
        return denied.exit_code
    return (
        ended if isinstance(ended, int) else 0
    )  # click hands back the code of an Exit, else what the command returned


def _quiet_end() -> int:
    """End without a trace when whoever read our output has gone (`| head`): what is left to be written goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    return 0
