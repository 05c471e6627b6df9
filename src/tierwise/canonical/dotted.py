"""What dotted names of columns may mean, `order.total.amount`: the last part, with what stands before it as a hint.

Names are written as `tierwise.canonical.headers.plain` leaves them.
"""

from __future__ import annotations

from itertools import dropwhile

from tierwise.canonical.headers import NAMES, plain
from tierwise.canonical.order_names import CUSTOMER_ID, ORDERS, words

_ENVELOPES = words("data attributes node record item row payload body fields properties object details source")
_SUBJECTS = {
    "orders": words("order orders transaction purchase payment sale invoice receipt 订单 交易"),
    "customers": words("customer client member user account profile contact address 客户 会员 用户 地址"),
}
"""Table → what a part may be called that says no more than whose field comes after it."""
_PEOPLE = words("customer client member user buyer account shopper contact billing 客户 会员 用户 买家 顾客")
_SUMS = words("amount value")
_MONEY = frozenset().union(*ORDERS["amount"], ["price", "money"])
_PERSON_FIELDS = frozenset().union(*CUSTOMER_ID)
_CURRENCY = frozenset().union(*ORDERS["currency"])


def further_readings(name: str, table: str) -> tuple[str, ...]:
    """Return how a dotted name may be read besides as a whole, best first; none for a name without dots."""
    parts = [plain(part) for part in name.split(".") if part.strip()]
    if len(parts) < 2 or table not in NAMES:
        return ()
    idle = _ENVELOPES | _SUBJECTS.get(table, frozenset())
    own = list(dropwhile(lambda part: part in idle, parts[:-1])) + parts[-1:]
    found = ["".join(own)]
    if table == "orders":
        found += _of_orders(own)
    return tuple(dict.fromkeys(found))


def _of_orders(own: list[str]) -> list[str]:
    """`buyer.phone` is a customer's, `grand_total.value` is the total, `total.currency` is the order's."""
    last, before = own[-1], own[-2] if len(own) > 1 else ""
    readings = []
    if before in _PEOPLE and last in _PERSON_FIELDS:
        readings.append(last)
    if before in _MONEY and last in _SUMS:
        readings.append(before)
    if before in _MONEY and last in _CURRENCY:
        readings.append(last)
    return readings
