"""Drift: the index against figures worked out by hand, and words for what went beyond the limits."""

from __future__ import annotations

from math import isclose, log

import pytest
from tests.quality.conftest import write_table

from tierwise.contracts.drift import DriftLimits
from tierwise.quality.drift import drift, psi

COLUMNS = "order_id customer_id order_date amount channel coupon status"


def rows(count, amount=lambda n: 10 + n % 100, channel=lambda n: "web" if n % 2 else "shop", coupon=lambda n: None):
    return [(f"o{n}", f"c{n}", "2025-01-01", str(amount(n)), channel(n), coupon(n), "sale") for n in range(count)]


@pytest.fixture
def compare(tmp_path, duck):
    def compared(before, after, columns=(COLUMNS, COLUMNS), limits=DriftLimits()):
        for name, given, names in zip(("earlier", "later"), (before, after), columns, strict=True):
            file = write_table(tmp_path / name, "orders", names, [row[: len(names.split())] for row in given])
            duck.attach(name, [file])
        return drift(duck, "orders", ("earlier", "later"), limits=limits)

    return compared


def test_the_index_by_hand():
    assert psi([50, 50], [50, 50]) == 0
    by_hand = (0.8 - 0.5) * log(0.8 / 0.5) + (0.2 - 0.5) * log(0.2 / 0.5)
    assert isclose(psi([500, 500], [800, 200]), by_hand)
    assert isclose(psi([1, 1], [2, 0]), 0.5 * log(2) + (0.0001 - 0.5) * log(0.0001 / 0.5))


def test_the_same_rows_do_not_drift(compare):
    found = compare(rows(1000), rows(1000))
    assert found.warnings == () and found.notes == ()
    by_field = {each.field: each for each in found.fields}
    assert by_field["amount"].psi == 0 and by_field["amount"].bins == 10
    assert by_field["channel"].psi == 0 and by_field["channel"].bins == 3
    assert by_field["order_id"].psi is None and by_field["order_date"].psi is None


def test_a_shift_of_categories_has_the_index_of_its_shares(compare):
    found = compare(rows(1000), rows(1000, channel=lambda n: "web" if n % 5 else "shop"))
    shifted = next(each for each in found.fields if each.field == "channel")
    by_hand = (0.8 - 0.5) * log(0.8 / 0.5) + (0.2 - 0.5) * log(0.2 / 0.5)
    assert shifted.psi is not None and isclose(shifted.psi, by_hand)
    assert [text.en for text in found.warnings] == ["Orders: channel is distributed differently, PSI 0.42"]


def test_amounts_times_ten_are_another_population(compare):
    found = compare(rows(1000), rows(1000, amount=lambda n: 10 * (10 + n % 100)))
    assert next(text.en for text in found.warnings).startswith("Orders: amount is distributed differently, PSI")


def test_volume_blanks_columns_and_categories_are_named(compare):
    more = f"{COLUMNS[:-7]} discount status"
    before = rows(1000, coupon=lambda n: "A" if n % 10 else None)
    after = [
        (*row[:6], "1", "sale")
        for row in rows(400, channel=lambda n: "app" if n % 2 else "web", coupon=lambda n: "A" if n % 2 else None)
    ]
    found = compare(before, after, (COLUMNS, more))
    assert found.warnings[0].en == "Orders: 400 rows, -60 % against 1,000 in the import before"
    assert "Orders: coupon is blank in 50.0 % of the rows, before in 10.0 %" in [text.en for text in found.warnings]
    noted = [text.en for text in found.notes]
    assert "Orders: the column discount is new" in noted
    assert "Orders: new in channel: app" in noted and "Orders: no longer in channel: shop" in noted
    back = compare(after, before, (more, COLUMNS))
    assert "Orders: the column discount is gone" in [text.en for text in back.warnings]


def test_few_rows_prove_nothing(compare):
    found = compare(rows(199), rows(1000, amount=lambda n: 9999), limits=DriftLimits(volume_change_percent=1000))
    assert all(each.psi is None for each in found.fields) and found.warnings == ()


def test_limits_can_be_set(compare):
    found = compare(
        rows(1000), rows(1000, channel=lambda n: "web" if n % 5 else "shop"), limits=DriftLimits(psi_warn=0.5)
    )
    assert found.warnings == () and [text.en for text in found.notes] == [
        "Orders: channel is distributed differently, PSI 0.42"
    ]


def test_personal_words_are_never_listed(tmp_path, duck):
    for name, person in (("earlier", "张伟"), ("later", "李娜")):
        duck.attach(
            name,
            [write_table(tmp_path / name, "customers", "customer_id name", [(str(n), person) for n in range(300)])],
        )
    found = drift(duck, "customers", ("earlier", "later"))
    assert not any("李娜" in text.en or "张伟" in text.en for text in (*found.warnings, *found.notes))
