"""The language of this process: `--lang` anywhere on the line, else the environment's."""

from __future__ import annotations

import sys

from tierwise.config.environment import language
from tierwise.errors import ErrorKind, Family
from tierwise.language import Lang, Text

UNKNOWN_LANGUAGE = ErrorKind(
    "usage.unknown_language",
    Family.USAGE,
    what=Text("no language {tag!r} is spoken here", "不支持语言 {tag!r}"),
    cause=Text("--lang takes zh-CN or en", "--lang 只能是 zh-CN 或 en"),
    cure=Text("write --lang zh-CN or --lang en", "请写 --lang zh-CN 或 --lang en"),
)


class _Voice:
    """Holds the language; help texts are written when commands are imported, so it is set before that."""

    lang: Lang = language()


def take_language(arguments: list[str]) -> list[str]:
    """Set the language from `--lang X` or `--lang=X` and return the arguments without it.

    Raises `usage.unknown_language`.
    """
    kept: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        if argument == "--lang":
            _Voice.lang = _named(next(waiting, ""))
        elif argument.startswith("--lang="):
            _Voice.lang = _named(argument.partition("=")[2])
        else:
            kept.append(argument)
    return kept


def _named(tag: str) -> Lang:
    """The language of a tag such as zh, zh_CN or en-GB; raises `usage.unknown_language` for others."""
    if tag.strip().lower()[:2] not in ("zh", "en"):
        raise UNKNOWN_LANGUAGE.error(tag=tag)
    return Lang.parse(tag)


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
