"""Which names are known for which field, and how a header is compared with them."""

from __future__ import annotations

import re
import unicodedata

from tierwise.canonical import order_names, other_names
from tierwise.canonical.order_names import Ranks

_BRACKETS = re.compile(r"[(\[{【（].*?[)\]}】）]")
_NOISE = re.compile(r"[\W_]+")

NAMES: dict[str, dict[str, Ranks]] = {
    "orders": order_names.ORDERS,
    "customers": other_names.CUSTOMERS,
    "order_lines": other_names.ORDER_LINES,
    "events": other_names.EVENTS,
    "feedback": other_names.FEEDBACK,
    "tickets": other_names.TICKETS,
    "touches": other_names.TOUCHES,
    "balances": other_names.BALANCES,
    "referrals": other_names.REFERRALS,
    "points": other_names.POINTS,
    "consents": other_names.CONSENTS,
    "holdouts": other_names.HOLDOUTS,
}
"""Table → field → names. `quantity`, `unit_price`, `currency`, `refunded_amount` of orders are read at ingest only."""


def plain(header: str) -> str:
    """Return a header as the lists of names spell it: `Customer ID` and `customer_id` are `customerid`."""
    folded = unicodedata.normalize("NFKC", header).casefold()
    without = _BRACKETS.sub("", folded)
    return _NOISE.sub("", without) or _NOISE.sub("", folded)
