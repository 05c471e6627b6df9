"""Numbers, money, dates and moments as the reader's language writes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from django import template
from django.utils import timezone

from tierwise_console.shell.language import say

register = template.Library()
DASH = "–"
_SYMBOLS = {
    "CNY": ("CN¥", "¥"), "USD": ("$", "US$"), "EUR": ("€", "€"), "GBP": ("£", "£"), "JPY": ("¥", "JP¥"),
    "HKD": ("HK$", "HK$"), "TWD": ("NT$", "NT$"), "KRW": ("₩", "₩"), "INR": ("₹", "₹"), "AUD": ("A$", "AU$"),
}  # fmt: skip
"""What stands before an amount, in English and in Chinese; any other currency is named behind it."""


def as_decimal(value: Any) -> Decimal | None:
    """A figure, exact strings of a manifest included; None where there is none."""
    if value is None or value == "":
        return None
    try:
        return value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        return None


def _rounded(value: Decimal, places: int) -> str:
    return f"{value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) + 0:,f}"


@register.filter
def count(value: Any) -> str:
    """A whole number with grouped thousands."""
    found = as_decimal(value)
    return DASH if found is None else _rounded(found, 0)


@register.filter
def number(value: Any) -> str:
    """A number with at most two decimals."""
    found = as_decimal(value)
    if found is None:
        return DASH
    text = _rounded(found, 2)
    return text.rstrip("0").rstrip(".")


@register.filter
def percent(value: Any) -> str:
    """Per cent (12.4) with one decimal; a little is more than nothing."""
    found = as_decimal(value)
    if found is None:
        return DASH
    return "<0.1%" if 0 < found < Decimal("0.05") else f"{_rounded(found, 1)}%"


@register.filter
def sure(value: Any) -> str:
    """A probability in per cent: never as if it were certain."""
    found = as_decimal(value)
    return ">99.9%" if found is not None and found >= Decimal("99.95") else percent(value)


@register.filter
def share(value: Any) -> str:
    """A share (0.124) as per cent."""
    found = as_decimal(value)
    return DASH if found is None else percent(found * 100)


@register.filter
def score(value: Any) -> str:
    """A score (0.99996) as per cent, cut and never rounded up: 100.0% means without a fault."""
    found = as_decimal(value)
    return DASH if found is None else f"{(found * 100).quantize(Decimal('0.1'), ROUND_DOWN):f}%"


@register.filter
def points(value: Any) -> str:
    """A difference in percentage points with its sign: +0.4, -1.2."""
    found = as_decimal(value)
    if found is None:
        return DASH
    text = _rounded(found, 1)
    return f"+{text}" if found > 0 and text != "0.0" else text


@register.filter
def at(values: Mapping[str, Any], name: str) -> Any:
    """The value of a mapping under a name that a template holds; None where it has none."""
    return values.get(name)


@register.filter
def money(value: Any, currency: str | None = None) -> str:
    """An amount to the cent, with its currency where that is known."""
    return _money(value, currency, 2)


@register.filter
def round_money(value: Any, currency: str | None = None) -> str:
    """An amount without cents."""
    return _money(value, currency, 0)


def _money(value: Any, currency: str | None, places: int) -> str:
    found = as_decimal(value)
    if found is None:
        return DASH
    text = _rounded(abs(found), places)
    sign = "-" if found < 0 and text.strip("0.,") else ""
    if not currency:
        return f"{sign}{text}"
    return f"{sign}{say(*_SYMBOLS[currency])}{text}" if currency in _SYMBOLS else f"{sign}{text} {currency}"


@register.filter
def day(value: Any) -> str:
    """A day in words: 31 Oct 2026, 2026年10月31日."""
    found = date.fromisoformat(value[:10]) if isinstance(value, str) and value else value
    if not isinstance(found, date):
        return DASH
    return say(f"{found.day} {found:%b} {found.year}", f"{found.year}年{found.month}月{found.day}日")


@register.filter
def moment(value: Any) -> str:
    """A moment in the console's time zone: 31 Oct 2026, 14:05."""
    found = datetime.fromisoformat(value) if isinstance(value, str) and value else value
    if not isinstance(found, datetime):
        return DASH
    local = timezone.localtime(found) if timezone.is_aware(found) else found
    return f"{day(local.date())} {local:%H:%M}"
