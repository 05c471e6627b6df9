"""The language of this process: `--lang` anywhere on the line, else the environment's."""

from __future__ import annotations

import sys

from tierwise.config.environment import language
from tierwise.language import Lang, Text


class _Voice:
    """Holds the language; help texts are written when commands are imported, so it is set before that."""

    lang: Lang = language()


def take_language(arguments: list[str]) -> list[str]:
    """Set the language from `--lang X` or `--lang=X` and return the arguments without it."""
    kept: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        if argument == "--lang":
            _Voice.lang = Lang.parse(next(waiting, ""))
        elif argument.startswith("--lang="):
            _Voice.lang = Lang.parse(argument.partition("=")[2])
        else:
            kept.append(argument)
    return kept


def lang() -> Lang:
    """The language of this process."""
    return _Voice.lang


def say(en: str, zh: str) -> str:
    """The wording for this process."""
    return Text(en, zh).to(_Voice.lang)


def tell(text: Text) -> str:
    """A text in the language of this process."""
    return text.to(_Voice.lang)


def interactive() -> bool:
    """Whether a person watches: progress is shown on a terminal and nowhere else."""
    return sys.stderr.isatty()
