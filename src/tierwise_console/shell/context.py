"""What every template knows: language, theme, menu."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from tierwise.language import Lang
from tierwise_console.shell.language import current_language, say
from tierwise_console.shell.menu import entries_for, grouped

THEMES = ("light", "dark", "auto")


def around(request: HttpRequest) -> dict[str, Any]:
    """Return what the layout needs."""
    lang = current_language()
    theme = request.COOKIES.get("theme", "auto")
    may = getattr(request.user, "may", lambda _: False) if hasattr(request, "user") else lambda _: False
    match = request.resolver_match
    return {
        "lang": str(lang),
        "other_lang": "en" if lang is Lang.ZH else "zh-hans",
        "theme": theme if theme in THEMES else "auto",
        "menu": grouped(entries_for(may)),
        "may_find": may("customers.view"),
        "demo_mode": settings.DEMO,
        "shop": say("Demo shop", "演示店铺") if settings.DEMO else settings.ENVIRONMENT.workspace.name,
        "zone": _zone(),
        "here": match.view_name if match else "",
    }


def _zone() -> str:
    """The zone that moments are shown in, with what it is off UTC by now: Asia/Shanghai (UTC+08:00)."""
    name, offset = timezone.get_current_timezone_name(), f"{timezone.localtime():%z}"
    return name if name == "UTC" else f"{name} (UTC{offset[:3]}:{offset[3:]})"
