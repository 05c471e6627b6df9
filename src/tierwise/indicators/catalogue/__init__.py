"""The catalogue: each indicator declared once, in the file of the table it is computed from."""

from __future__ import annotations

from tierwise.contracts.indicators import IndicatorRef
from tierwise.indicators.catalogue import (
    balances,
    customers,
    events,
    feedback,
    order_lines,
    orders,
    purchase_habits,
    referrals,
    repeat_orders,
    tickets,
    touches,
)
from tierwise.indicators.declaration import UNIT_NAMES, Indicator, Span, Unit, Windows
from tierwise.language import Text

_FILES = (
    orders, purchase_habits, repeat_orders, order_lines, customers, events, feedback, tickets, touches, referrals, balances,
)  # fmt: skip

CATALOGUE: dict[str, Indicator] = {
    indicator.name: indicator for indicators in _FILES for indicator in indicators.INDICATORS
}
"""Every indicator by name."""


def label_of(ref: IndicatorRef) -> Text:
    """The name of an indicator in words, with its window and the parameters that it cannot do without."""
    indicator = CATALOGUE[ref.name]
    label = indicator.label
    telling = {parameter.name for parameter in indicator.parameters if parameter.default is None}
    shown = ", ".join(value for name, value in ref.parameters if name in telling and len(value) <= _LONGEST_SHOWN)
    if shown:
        label = Text(f"{label.en}: {shown}", f"{label.zh}：{shown}")
    if ref.window_days is None:
        return label
    return Text(f"{label.en}, {ref.window_days} days", f"近 {ref.window_days} 天{label.zh}")


_LONGEST_SHOWN = 60

__all__ = ["CATALOGUE", "UNIT_NAMES", "Indicator", "Span", "Unit", "Windows", "label_of"]
