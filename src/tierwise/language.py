"""Every sentence a person reads exists in both languages, side by side, where it is written.

A `Text` cannot be made with one language missing, so a translation cannot be forgotten and cannot drift
in a file nobody opens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Lang(StrEnum):
    """A language of the interface; the values are BCP 47 tags."""

    EN = "en"
    ZH = "zh-CN"

    @classmethod
    def parse(cls, tag: str) -> Lang:
        """Return the language for a locale or BCP 47 tag: anything Chinese is zh-CN, the rest English."""
        return cls.ZH if tag.strip().lower().startswith("zh") else cls.EN


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence or name in both languages. `{fields}` are filled by `fill`."""

    en: str
    zh: str

    def to(self, lang: Lang) -> str:
        """Return the wording in `lang`."""
        return self.zh if lang is Lang.ZH else self.en

    def fill(self, **values: Any) -> Text:
        """Return the text with its `{fields}` filled; a value that is itself a Text keeps its language."""
        return Text(
            self.en.format(**{k: v.en if isinstance(v, Text) else v for k, v in values.items()}),
            self.zh.format(**{k: v.zh if isinstance(v, Text) else v for k, v in values.items()}),
        )

    @classmethod
    def of(cls, words: Mapping[str, str]) -> Text:
        """Return the text that JSON keeps by language tag: `{"en": …, "zh-CN": …}`."""
        return cls(words["en"], words["zh-CN"])

    @classmethod
    def same(cls, words: str) -> Text:
        """Return a text that reads the same in both languages (a user's own name, a code)."""
        return cls(words, words)
