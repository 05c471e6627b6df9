"""Roles and permissions in templates."""

from __future__ import annotations

from typing import Any

from django import template

from tierwise_console.access.permissions import ROLE_NAMES, Role
from tierwise_console.shell.language import words

register = template.Library()


@register.simple_tag
def role_name(role: str) -> str:
    """A role in words."""
    return words(ROLE_NAMES[Role(role)])


@register.filter
def may(user: Any, permission: str) -> bool:
    """`{% if user|may:"customers.edit" %}`: whether somebody may do a thing."""
    return bool(getattr(user, "may", lambda _: False)(permission))
