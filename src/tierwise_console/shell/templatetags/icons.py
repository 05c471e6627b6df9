"""`{% icon "home" %}`: one icon as shapes in the page; it is decoration, and whatever it stands beside says the same in words."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@cache
def _shapes() -> dict[str, str]:
    text = files("tierwise_console.shell").joinpath("icons.json").read_text(encoding="utf-8")
    shapes: dict[str, str] = json.loads(text)
    return shapes


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """The icon called `name`; raises KeyError for one that was not vendored, so that none is missing unseen."""
    return format_html(
        '<svg class="icon {}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
        'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">{}</svg>',
        classes,
        mark_safe(_shapes()[name]),  # shapes of our own vendored file  # nosec B308 B703
    )
