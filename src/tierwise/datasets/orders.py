"""The order table: sales, refunds that refer to them by number, voids; then its dirt."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tierwise.contracts.tables import OrderStatus
from tierwise.datasets import arrow
from tierwise.datasets.chunk import Chunk, Subject
from tierwise.datasets.places import STORES
from tierwise.datasets.population import CHANNELS
from tierwise.datasets.sales import COUPONS

Ints = NDArray[np.int64]

_STATUSES = tuple(status.value for status in OrderStatus)
_LETTERS = np.frombuffer(b"DRV", np.uint8)  # by status: 订单, return, void
ROWS_PER_CHUNK_MAX = 10**8
_VOID_SECONDS_BEFORE = 300


def sale_numbers(chunk: Chunk) -> Ints:
    """Return the number in the order id of each sale of the chunk."""
    return chunk.number * ROWS_PER_CHUNK_MAX + np.arange(len(chunk.sales.at))


def order_table(chunk: Chunk) -> Any:
    """Return the chunk's orders by time. D… is a sale, R… with the same digits its refund, V… a void."""
    rng = chunk.rng(Subject.ORDERS)
    sales = chunk.sales
    refunded, refund_at, refund_cents = draw_refunds(chunk, rng)
    voided = np.flatnonzero(rng.random(len(sales.at)) < chunk.spec.void_share_of_sales)
    sale = np.concatenate((np.arange(len(sales.at)), refunded, voided))
    status = np.repeat(np.arange(3), (len(sales.at), len(refunded), len(voided)))
    attempted = sales.at[voided] - np.minimum(sales.at[voided] % 86400, _VOID_SECONDS_BEFORE)
    at = np.concatenate((sales.at, refund_at, attempted))
    paid = np.concatenate((sales.paid_cents, -refund_cents, sales.paid_cents[voided]))
    order = np.argsort(at, kind="stable")
    sale, status, at, paid = sale[order], status[order], at[order], paid[order]
    sold = status == 0
    # goods that come back are sold again: the refund takes back its share of the cost
    cost = np.where(status == 1, -(-paid * sales.cost_cents[sale] // sales.paid_cents[sale]), 0)
    customer = sales.customer[sale]
    columns = {
        "order_id": arrow.ids(_LETTERS[status], sale_numbers(chunk)[sale], 12),
        "customer_id": chunk.customer_ids(customer, sales.at[sale], Subject.SALES),
        "order_date": arrow.dates(at // 86400),
        "ordered_at": arrow.moments(at),
        "amount": arrow.money(paid),
        "discount": arrow.money(np.where(sold, sales.discount_cents[sale], 0)),
        "coupon": arrow.words(np.where(sold, sales.coupon[sale], -1), COUPONS),
        "cost": arrow.money(np.where(sold, sales.cost_cents[sale], cost)),
        "status": arrow.words(status, _STATUSES),
        "channel": arrow.words(sales.channel[sale], CHANNELS),
        "store": arrow.words(sales.store[sale], STORES),
    }
    return _soiled(pa.table(columns), chunk)


def draw_refunds(chunk: Chunk, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Draw which sales come back, when, and how many cents; a refund after the end is not seen yet."""
    spec, sales = chunk.spec, chunk.sales
    sale = np.flatnonzero(rng.random(len(sales.at)) < spec.refund_share_of_sales)
    delay = 3600 + (rng.random(len(sale)) * (spec.refund_delay_max_days * 86400 - 3600)).astype(np.int64)
    full = rng.random(len(sale)) < spec.full_refund_share_of_refunds
    part = np.where(full, 1.0, rng.uniform(0.1, 0.9, len(sale)))
    cents = np.maximum(np.rint(sales.paid_cents[sale] * part), 1).astype(np.int64)
    at = sales.at[sale] + delay
    seen = at // 86400 <= chunk.end_day
    return sale[seen], at[seen], cents[seen]


def _soiled(table: Any, chunk: Chunk) -> Any:
    """Return the orders with blanks, late rows at the chunk's end and rows that come twice."""
    spec = chunk.spec
    if spec == spec.clean():
        return table
    rng = chunk.rng(Subject.ORDER_DIRT)
    rows = table.num_rows
    for name, share in (
        ("customer_id", spec.blank_customer_share_of_orders),
        ("channel", spec.blank_field_share),
        ("cost", spec.blank_field_share),
    ):
        at = table.schema.get_field_index(name)
        chunked = table.column(name).combine_chunks()
        table = table.set_column(at, name, arrow.blank(chunked, rng.random(rows) < share))
    late = rng.random(rows) < spec.late_order_row_share
    again = np.flatnonzero(rng.random(rows) < spec.duplicate_order_row_share)
    return table.take(np.concatenate((np.flatnonzero(~late), np.flatnonzero(late), again)))
