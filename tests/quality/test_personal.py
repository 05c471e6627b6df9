"""Data classes and masks: no personal column is forgotten, and no masked value gives one back."""

from __future__ import annotations

import pytest

from tierwise.contracts.personal import MASKED, DataClass, data_class, declared, mask
from tierwise.contracts.tables import TABLES, Kind

NEUTRAL = {
    "customers": {"kind", "industry", "source_channel", "owner"},
    "orders": {"currency", "order_id", "coupon", "status", "channel", "store"},
    "order_lines": {"order_id", "product_id", "category", "category_root", "category_leaf"},
    "events": {"message_id", "event", "channel"},
    "feedback": {"kind"},
    "tickets": {"priority"},
    "touches": {"channel", "campaign"},
    "balances": set(),
    "referrals": set(),
    "points": {"entry_id", "reason"},
    "consents": {"purpose", "channel", "source", "text_version"},
    "holdouts": {"experiment"},
}
"""The texts that say nothing of a person by themselves: whoever adds a column decides here or in `personal`."""


def test_every_text_column_is_classed():
    undecided = [
        (table.name, column.name)
        for table in TABLES.values()
        for column in table.columns
        if column.kind is Kind.TEXT
        and data_class(table.name, column.name) is DataClass.NONE
        and column.name not in NEUTRAL[table.name]
    ]
    assert undecided == []
    assert data_class("customers", "birth_date") is DataClass.BIRTH_DATE
    assert declared()["events", "customer_id"] is DataClass.KEY


@pytest.mark.parametrize(
    ("value", "found", "masked"),
    [
        ("13812345678", DataClass.PHONE, "138****5678"),
        ("+8613812345678", DataClass.PHONE, "+86*******5678"),
        ("8123456", DataClass.PHONE, "8****56"),
        ("12345", DataClass.PHONE, "*****"),
        ("zhang.wei@example.com", DataClass.EMAIL, "z***@example.com"),
        ("no address", DataClass.EMAIL, "***"),
        ("张小明", DataClass.NAME, "张**"),
        ("张", DataClass.NAME, "*"),
        ("Ann Marie Lee", DataClass.NAME, "A*** M*** L***"),
        ("110105199003078515", DataClass.ID_NUMBER, "110*************15"),
        ("1234567", DataClass.ID_NUMBER, "*******"),
        ("北京市朝阳区建国路88号", DataClass.ADDRESS, "北京市朝阳区***"),
        ("幸福路8号", DataClass.ADDRESS, "***"),
        ("1990-03-07", DataClass.BIRTH_DATE, "1990-**-**"),
        ("very slow delivery", DataClass.FREE_TEXT, "[18]"),
        ("女", DataClass.TRAIT, "女"),
        ("", DataClass.PHONE, ""),
    ],
)
def test_masks(value, found, masked):
    assert mask(value, found) == masked


def test_what_is_masked_is_shown_in_part_only():
    for found in MASKED:
        assert mask("abcdefghijklmnop", found) != "abcdefghijklmnop"
