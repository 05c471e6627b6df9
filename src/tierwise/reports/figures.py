"""Figures in words and in markup: grouping is the same in English and Chinese, currencies and dates are not."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tierwise.language import Text

DASH = "–"
_LOOSE_PERCENT = re.compile(r"(?<=\d)[ \u00a0\u202f]%")


def said(text: Text) -> Text:
    """A text as the page shows it: whoever wrote it, per cent stand as in 20%."""
    return Text(_LOOSE_PERCENT.sub("%", text.en), _LOOSE_PERCENT.sub("%", text.zh))


def both(text: Text) -> dict[str, str]:
    """A text as the scripts of the page read it."""
    shown = said(text)
    return {"en": shown.en, "zh-CN": shown.zh}


def as_decimal(value: Any) -> Decimal:
    """A figure of a manifest: money and shares come back from JSON as exact strings."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


def share_of(part: Any, whole: Any) -> Decimal | None:
    """A share in per cent with one decimal; None where the whole is not positive and a share says nothing."""
    if as_decimal(whole) <= 0:
        return None
    return (as_decimal(part) * 100 / as_decimal(whole)).quantize(Decimal("0.1"), ROUND_HALF_UP)


def percent_text(value: Any) -> str:
    """Per cent with one decimal, a dash where there is none."""
    if value is None:
        return DASH
    rounded = as_decimal(value).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{rounded + 0:,}%"  # adding nothing turns -0.0 into 0.0


def number_text(value: Any) -> str:
    """A number with grouped thousands and at most two decimals."""
    text = amount_text(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def amount_text(value: Any) -> str:
    """An amount with grouped thousands and two decimals; a dash where there is none."""
    return DASH if value is None else f"{as_decimal(value).quantize(Decimal('0.01'), ROUND_HALF_UP):,f}"


def significant_text(value: Any) -> str:
    """A number with four significant digits, as parameters are stated; from 10,000 on with at most two decimals."""
    if value is None or abs(float(value)) >= 10_000:
        return number_text(value)
    return f"{float(value):#,.4g}".removesuffix(".")


def short_percent_text(share: float) -> str:
    """A share as per cent in a sentence: one decimal, unless it is 0."""
    return percent_text(share * 100).replace(".0%", "%")


def money_unit(currency: str | None) -> Text:
    """How amounts are measured: the run's currency, or that the data names none."""
    if currency:
        return Text(f"in {currency}", f"以 {currency} 计")
    return Text("in the data's own currency", "以数据原币种计")
