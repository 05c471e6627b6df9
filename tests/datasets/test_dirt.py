"""The dirt is there at its stated rates, and only where it is said to be."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from tierwise.datasets import ShopSpec

SPEC = ShopSpec()


def _near(found: int, share: float, of: int) -> bool:
    return abs(found - share * of) < 4 * (share * of) ** 0.5


def test_some_people_are_registered_twice_and_truth_knows_who(dirty_shop, clean_shop, read):
    truth, customers = read(dirty_shop, "truth"), read(dirty_shop, "customers")
    same = dict(zip(*(truth.column(c).to_pylist() for c in ("customer_id", "same_as")), strict=True))
    second = {own: first for own, first in same.items() if first}
    # who registered on the last day cannot do it again, hence a little below the share
    assert _near(len(second), SPEC.duplicate_customer_share * 0.997, 20_000)
    assert set(same) == set(customers.column("customer_id").to_pylist())
    rows = {row["customer_id"]: row for row in customers.to_pylist()}
    changed = Counter()
    for own, first in second.items():
        assert rows[own]["registered_at"] > rows[first]["registered_at"]
        for column in ("name", "phone", "email", "birth_date"):
            changed[column] += rows[own][column] != rows[first][column]
        assert rows[own]["gender"] == rows[first]["gender"]
    assert min(changed.values()) > 0.15 * len(second)
    assert not any(read(clean_shop, "truth").column("same_as").to_pylist())


def test_orders_under_a_second_id_are_the_same_persons_and_after_she_registered_it(dirty_shop, read):
    orders, customers = read(dirty_shop, "orders"), read(dirty_shop, "customers")
    registered = dict(zip(*(customers.column(c).to_pylist() for c in ("customer_id", "registered_at")), strict=True))
    under = Counter()
    for customer, day in zip(*(orders.column(c).to_pylist() for c in ("customer_id", "order_date")), strict=True):
        if customer is not None:
            assert day >= registered[customer]
            under[customer >= "C9"] += 1
    assert 0.002 < under[True] / under[False] < 0.02


def test_order_rows_come_twice_ids_are_blank_and_fields_are_missing_at_the_stated_rates(dirty_shop, clean_shop, read):
    orders, clean = read(dirty_shop, "orders"), read(clean_shop, "orders")
    ids = orders.column("order_id").to_pylist()
    again = len(ids) - len(set(ids))
    assert set(ids) == set(clean.column("order_id").to_pylist())
    assert _near(again, SPEC.duplicate_order_row_share, len(clean))
    assert _near(orders.column("customer_id").null_count, SPEC.blank_customer_share_of_orders, len(ids))
    for name in ("channel", "cost"):
        assert _near(orders.column(name).null_count, SPEC.blank_field_share, len(ids))
        assert clean.column(name).null_count == 0
    rows = {}
    for row in orders.to_pylist():
        assert rows.setdefault(row["order_id"], row) == row  # a row that comes twice is the same row


def test_late_rows_are_out_of_time_order(dirty_shop, clean_shop, read):
    for shop, share in ((dirty_shop, SPEC.late_order_row_share), (clean_shop, 0.0)):
        orders = read(shop, "orders")
        ids = np.array(orders.column("order_id").to_pylist())
        _, first_seen = np.unique(ids, return_index=True)
        at = orders.column("ordered_at").to_numpy()[np.sort(first_seen)]
        late = int((at < np.maximum.accumulate(at)).sum())
        assert late == 0 if share == 0 else _near(late, share, len(at))


@pytest.mark.parametrize("column", ["name", "phone", "city", "source_channel"])
def test_customer_fields_are_blank_at_the_stated_rate(dirty_shop, clean_shop, read, column):
    first_entries = read(dirty_shop, "customers").slice(0, 20_000)  # second entries have gaps of their own
    assert _near(first_entries.column(column).null_count, SPEC.blank_field_share, 20_000)
    assert read(clean_shop, "customers").column(column).null_count == 0


def test_dirt_changes_nothing_but_what_it_says(dirty_shop, clean_shop, read):
    for name in ("order_lines", "balances"):
        assert read(dirty_shop, name).equals(read(clean_shop, name)), name
    amounts = [
        dict(zip(*(read(shop, "orders").column(c).to_pylist() for c in ("order_id", "amount")), strict=True))
        for shop in (dirty_shop, clean_shop)
    ]
    assert amounts[0] == amounts[1]
