"""A command line that cannot be understood, said in Chinese where that is the language: click itself speaks English."""

from __future__ import annotations

import click

from tierwise.cli.speech import lang
from tierwise.language import Lang


def shown(error: click.ClickException) -> str:
    """What is wrong with the command line, how the command is used and where its help is."""
    if lang() is not Lang.ZH:
        return _in_english(error)
    told = f"错误：{_in_chinese(error)}"
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is None:
        return told
    usage = context.get_usage().replace("Usage:", "用法：", 1)
    return f"{usage}\n运行 {context.command_path} --help 查看帮助。\n\n{told}"


def _in_english(error: click.ClickException) -> str:
    told = f"Error: {error.format_message()}"
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is None:
        return told
    return f"{context.get_usage()}\nTry '{context.command_path} --help' for help.\n\n{told}"


def _in_chinese(error: click.ClickException) -> str:
    """The sentence for the kinds of mistakes that people make; others as click says them."""
    match error:
        case click.MissingParameter(param=click.Parameter() as param):
            return f"缺少 {_name(param)}"
        case click.exceptions.NoSuchOption():
            return f"没有 {error.option_name} 这个选项{_perhaps(error.possibilities)}"
        case click.exceptions.NoSuchCommand():
            return f"没有 {error.command_name} 这个命令{_perhaps(error.possibilities)}"
        case click.BadParameter(param=click.Parameter(type=click.Choice() as kind) as param):
            choices = "、".join(str(getattr(choice, "value", choice)) for choice in kind.choices)
            return f"{_name(param)} 的值不对，可选：{choices}"
        case click.BadParameter(param=click.Parameter() as param):
            return f"{_name(param)} 的值不对：{error.message}"
    return error.format_message()


def _name(param: click.Parameter) -> str:
    """An option by its longest spelling, an argument as the usage line has it."""
    if isinstance(param, click.Option):
        return max(param.opts, key=len)
    return param.human_readable_name.upper()


def _perhaps(names: list[str] | None) -> str:
    return f"；是否想写 {'、'.join(names)}？" if names else ""
