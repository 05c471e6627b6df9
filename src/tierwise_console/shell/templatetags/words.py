"""`{% t "English" "中文" %}`: both languages stand where they are used; `{fields}` are filled, escaped."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tierwise.language import Text
from tierwise_console.shell import language

register = template.Library()


@register.simple_tag
def t(en: str, zh: str, **fields: Any) -> str | SafeString:
    """The wording in the language of the request; `{% t "{n} rows" "{n} 行" n=count %}` fills fields."""
    said = language.say(en, zh)
    return format_html(said, **fields) if fields else said


@register.filter
def words(value: Any) -> str:
    """A text of the core, or of a manifest, in the language of the request; anything else as it is."""
    if isinstance(value, Text):
        return language.words(value)
    if isinstance(value, dict):
        return language.words_of(value)
    return str(value)
