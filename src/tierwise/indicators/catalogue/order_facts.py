"""The grain of orders: what an order is to the indicators.

A sale counts as a purchase; a refund is negative money and nothing else; a void order counts for nothing.
"""

from __future__ import annotations

from tierwise.contracts.tables import OrderStatus
from tierwise.indicators.declaration import Available, Grain, Span
from tierwise.sql.expressions import literal
from tierwise.sql.steps import Plan, Step

_CARRIED = ("order_id", "discount", "coupon", "channel", "store", "order_hour")
ORDER_FACTS = "order_facts"

FIRST_SALE = "MIN(sale_date)"
LAST_SALE = "MAX(sale_date)"


def order_facts(name: str, span: Span, have: Available) -> Plan:
    """Orders up to as_of with their money and whether they are a sale or a refund."""
    void, sale, refund = (literal(str(status)) for status in (OrderStatus.VOID, OrderStatus.SALE, OrderStatus.REFUND))
    columns = have["orders"]
    cost = f", CASE WHEN status = {void} THEN 0.00 ELSE cost END AS cost" if "cost" in columns else ""
    carried = "".join(f", {column}" for column in _CARRIED if column in columns)
    sql = (
        f"SELECT customer_id, order_date, CASE WHEN status = {void} THEN 0.00 ELSE amount END AS money{cost}{carried}, "
        f"CASE WHEN status = {sale} THEN order_date END AS sale_date, "
        f"CASE WHEN status = {sale} THEN 1 ELSE 0 END AS is_sale, "
        f"CASE WHEN status = {refund} THEN 1 ELSE 0 END AS is_refund "
        f"FROM orders WHERE order_date <= {literal(span.as_of)}"
    )
    return (Step(name, sql),)


ORDERS = Grain(
    "order",
    ("orders",),
    tuple(("orders", column) for column in ("order_id", "customer_id", "order_date", "amount", "status")),
    order_facts,
)
