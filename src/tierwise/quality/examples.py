"""Examples of rows that fail a rule: which columns are shown, in which order, and what is left of personal values."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from tierwise.contracts.personal import data_class, mask
from tierwise.contracts.quality import Rule
from tierwise.contracts.tables import TABLES

EXAMPLES = 3
IDENTIFYING = ("order_id", "product_id", "message_id", "customer_id")
"""Columns by which a person finds a row again in the source, beside the key."""
QUANTITY_PLACES = -4
_SHOWN = 60


def shown_columns(table: str, have: Collection[str], rule: Rule) -> list[str]:
    """The columns of an example, by which the first failing rows are found too: the table's key comes first."""
    identifying = [name for name in IDENTIFYING if name in have]
    return list(dict.fromkeys((*key_columns(table, have), *identifying, *rule.columns)))


def key_columns(table: str, have: Collection[str]) -> list[str]:
    """The columns of a table's key that it has."""
    return [name for name in TABLES[table].key if name in have]


def shown_row(table: str, row: Mapping[str, Any]) -> dict[str, str]:
    """A row as an example shows it: personal values masked, long ones cut."""
    return {name: _shown(table, name, value) for name, value in row.items() if value is not None}


def _shown(table: str, name: str, value: Any) -> str:
    if isinstance(value, Decimal) and value.as_tuple().exponent == QUANTITY_PLACES:
        value = f"{value:f}".rstrip("0").rstrip(".")
    text = value.isoformat(" ") if hasattr(value, "hour") else str(value)
    return mask(text, data_class(table, name))[:_SHOWN]
