"""Figures in words and in markup: grouping is the same in English and Chinese, currencies and dates are not."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tierwise.language import Text

DASH = "–"


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


def money_unit(currency: str | None) -> Text:
    """How amounts are measured: the run's currency, or that the data names none."""
    if currency:
        return Text(f"in {currency}", f"以 {currency} 计")
    return Text("in the data's own currency", "以数据原币种计")
