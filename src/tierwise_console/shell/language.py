"""Words in the language of the person who looks (ADR 4: both stand where they are used)."""

from __future__ import annotations

from django.utils.translation import get_language

from tierwise.language import Lang, Text


def current_language() -> Lang:
    """The language of the request that is being answered."""
    return Lang.parse(get_language() or "en")


def say(en: str, zh: str) -> str:
    """Return the wording in the language of the request."""
    return zh if current_language() is Lang.ZH else en


def words(text: Text) -> str:
    """Return a text of the core in the language of the request."""
    return text.to(current_language())


def words_of(data: dict[str, str]) -> str:
    """Return a text that a manifest holds by language tag."""
    return data.get(str(current_language())) or data.get("en", "")
