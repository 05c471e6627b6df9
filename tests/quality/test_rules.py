"""Every shipped rule, against rows of which one is known to fail it; scores against figures worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.quality.conftest import DAY

from tierwise.contracts.quality import Dimension, FarOut, Present, Rule
from tierwise.contracts.tables import TABLES
from tierwise.language import Text
from tierwise.quality.assessment import Examination, fence
from tierwise.quality.scores import scores_of
from tierwise.quality.shipped import shipped_rules

CUSTOMERS = (
    "customers", "customer_id name phone email gender birth_date region employees registered_at",
    [
        ("a", "张伟", "13812345678", "zhang@example.com", "男", "1990-05-01", "北京", 5, "2025-01-01"),
        ("b", "Ann Lee", "+86 138-1234-5679", "ann.lee@example", "F", "1970-01-01", "上海", -1, "2025-01-02"),
        ("c", "测试", "1381234", "ann@@example.com", "??", "2027-01-01", None, 3, "2027-01-02"),
        ("d", "13912345678", None, None, None, "1890-01-01", None, None, "2025-01-04"),
        ("e", None, "13812345678", "zhang@example.com", None, None, None, None, None),
        ("f", None, "12", "bo@gamil.com", None, None, None, None, None),
    ],
)  # fmt: skip
ORDERS = (
    "orders", "order_id customer_id order_date ordered_at amount discount status channel",
    [
        ("1", "a", "2025-12-01", "2025-12-01 10:00", "10", "0", "sale", "web"),
        ("2", "a", "2025-12-01", "2025-12-01 10:00", "10", "1", "sale", "web"),
        ("3", "b", "2025-12-02", "2025-12-02 11:00", "12", "-1", "sale", None),
        ("3", "c", "2025-12-02", "2025-12-02 12:00", "9", None, "sale", None),
        ("4", "c", "2025-12-03", "2025-12-03 12:00", "0", None, "sale", None),
        ("5", "guest", "1980-12-03", "1980-12-03 12:00", "11", None, "sale", None),
        ("6", "z", "2025-12-04", "2025-12-04 12:00", "-10", None, "refund", None),
        ("7", "b", "2025-12-05", "2025-12-05 12:00", "5000", None, "sale", None),
        ("8", "b", "2025-12-05", "2025-12-05 12:00", "9000", None, "void", None),
    ],
)  # fmt: skip
LINES = (
    "order_lines", "order_id product_id category quantity unit_price",
    [
        ("1", "p", "x/y", "1", "10"), ("1", "p", "x/y", "1", "10"), ("2", "q", None, "0", "10"), ("99", "q", "x", "1", "0"),
        ("3", "r", "x", "1", "-2"),
    ],
)  # fmt: skip
OTHERS = (
    ("events", "message_id customer_id event event_date", [("m", "a", "view", "2025-12-01"), ("m", "q", "view", "2026-12-01")]),
    ("feedback", "customer_id given_date kind score text",
     [("a", "2025-01-01", "nps", "11", None), ("a", "2025-01-01", "review", None, None), ("q", "2026-02-01", "shout", "1", "x")]),
    ("tickets", "customer_id opened_date first_response_minutes resolution_minutes",
     [("a", "2025-12-01", 10, 5), ("a", "2025-12-01", -3, 5)]),
    ("touches", "customer_id sent_date opened clicked", [("a", "2025-12-01", 0, 1), ("a", "2025-12-01", 2, 1)]),
    ("balances", "customer_id as_of_date assets", [("a", "2025-12-01", "-5"), ("b", "2025-12-01", "7")]),
    ("referrals", "customer_id referred_customer_id referred_at", [("a", "a", "2025-12-01"), ("a", "q", "2025-12-01")]),
)  # fmt: skip

FAILED = {
    "customers.phone.phone": 1, "customers.phone.own": 1, "customers.email.email": 2, "customers.email.own": 1,
    "customers.email.likely_domain": 1,
    "customers.name.no_placeholder": 1, "customers.name.not_swapped": 1, "customers.gender.known_word": 1,
    "customers.birth_date.no_placeholder": 1, "customers.birth_date.not_too_old": 1, "customers.birth_date.not_future": 1,
    "customers.registered_at.not_future": 1, "customers.employees.not_negative": 1, "customers.phone.reachable": 1,
    "customers.phone.present": 1, "customers.email.present": 1, "customers.name.present": 2, "customers.region.present": 4,
    "customers.gender.present": 3, "customers.birth_date.present": 2, "customers.registered_at.present": 2,
    "orders.customer_id.somebody": 1, "orders.amount.far_out": 1, "orders.amount.not_zero": 1,
    "orders.customer_id.entered_once": 1, "orders.order_id.one_customer": 2, "orders.customer_id.refunds_have_sales": 1,
    "orders.discount.not_negative": 1, "orders.order_date.not_too_old": 1, "orders.customer_id.known": 2,
    "orders.channel.present": 7,
    "order_lines.quantity.not_zero": 1, "order_lines.unit_price.not_zero": 1, "order_lines.unit_price.not_negative": 1,
    "order_lines.order_id.entered_once": 1, "order_lines.order_id.known": 1, "order_lines.category.present": 1,
    "events.message_id.own": 1, "events.event_date.not_future": 1, "events.customer_id.known": 1,
    "feedback.kind.known_word": 1, "feedback.score.nps_range": 1, "feedback.text.present": 1, "feedback.score.present": 1,
    "feedback.given_date.not_future": 1, "feedback.customer_id.known": 1, "feedback.given_date.fresh": 1,
    "tickets.first_response_minutes.not_negative": 1, "tickets.resolution_minutes.after_response": 1,
    "touches.opened.zero_or_one": 1, "touches.clicked.opened_first": 1, "balances.assets.not_negative": 1,
    "referrals.referred_customer_id.somebody_else": 1, "referrals.referred_customer_id.known": 1,
}  # fmt: skip


@pytest.fixture
def available(attach):
    return {table: attach(table, columns, rows) for table, columns, rows in (CUSTOMERS, ORDERS, LINES, *OTHERS)}


def test_each_rule_finds_the_rows_made_for_it(duck, available):
    found = Examination(duck, available).assess(shipped_rules(DAY))
    failed = {result.name: result.failed for result in found.results if result.failed}
    # the newest event lies in 2026, so the other tables are stale beside it, and the line's quantity has one size
    fresh = {name for name in failed if name.endswith(".fresh")}
    assert {name: rows for name, rows in failed.items() if name not in fresh - set(FAILED)} == FAILED
    assert fresh == {f"{table}.{TABLES[table].date}.fresh" for table in available if TABLES[table].date} - {
        "events.event_date.fresh"
    }


def test_no_rule_is_left_without_a_row_that_fails_it():
    names = {rule.name for rule in shipped_rules(DAY)}
    needs_more = {
        name for name in names if name.endswith((".present", ".fresh", ".not_negative", ".not_future", ".known"))
    }
    untested = names - set(FAILED) - needs_more
    assert untested == {"order_lines.quantity.far_out", "order_lines.unit_price.far_out", "balances.assets.far_out",
                        "touches.clicked.zero_or_one"}  # fmt: skip


def test_examples_show_keys_and_mask_what_is_personal(duck, available):
    found = Examination(duck, available).assess(shipped_rules(DAY))
    by_name = {result.name: result for result in found.results}
    assert by_name["customers.phone.own"].examples == ({"customer_id": "e", "phone": "138****5678"},)
    assert by_name["customers.email.email"].examples[0] == {"customer_id": "b", "email": "a***@example"}
    assert by_name["orders.customer_id.entered_once"].examples == (
        {"order_id": "2", "customer_id": "a", "ordered_at": "2025-12-01 10:00:00", "amount": "10.00"},
    )
    assert len(by_name["orders.channel.present"].examples) == 3


def test_rules_without_their_columns_are_not_asked(duck, attach):
    available = {
        "orders": attach(
            "orders", "order_id customer_id order_date amount status", [("1", "a", "2025-01-01", "1", "sale")]
        )
    }
    asked = {result.name for result in Examination(duck, available).assess(shipped_rules(DAY)).results}
    assert "orders.customer_id.known" not in asked and "orders.channel.present" not in asked
    assert "orders.customer_id.entered_once" not in asked and "orders.amount.far_out" in asked


def test_large_tables_are_looked_at_row_by_row_and_it_is_said(duck, available):
    found = Examination(duck, available, frozenset({"orders"})).assess(shipped_rules(DAY))
    assert "orders.order_id.one_customer" in found.skipped and "orders.amount.far_out" not in found.skipped


def test_an_empty_table_has_no_score(duck, attach):
    available = {"orders": attach("orders", "order_id customer_id order_date amount status", [])}
    found = Examination(duck, available).assess(shipped_rules(DAY))
    assert found.scores.overall is None and all(result.score is None for result in found.results)


def test_the_fence_by_hand():
    assert fence(FarOut(), Decimal(10), Decimal(30)) == Decimal("810.00")  # 30 · 3³
    assert fence(FarOut(), Decimal(20), Decimal(30)) == Decimal("300.00")  # 30 · 1.5³ is less than ten times Q3
    assert fence(FarOut(), Decimal(0), Decimal(30)) == Decimal("300.00")
    assert fence(FarOut(), None, None) is None


def test_scores_are_weighted_means(duck, attach):
    available = {
        "feedback": attach("feedback", "customer_id kind score text", [("a", "nps", "1", "x"), ("b", "nps", None, "x")])
    }
    words = Text.same("x")
    rules = [
        Rule("one", "feedback", ("score",), Dimension.COMPLETE, Present(), words, words, weight=3),
        Rule("two", "feedback", ("text",), Dimension.COMPLETE, Present(), words, words, weight=1),
    ]
    found = Examination(duck, available).assess(rules)
    assert found.scores.fields == {("feedback", "score"): 0.5, ("feedback", "text"): 1.0}
    assert found.scores.tables == {"feedback": (3 * 0.5 + 1 * 1.0) / 4}
    assert found.scores.overall == found.scores.dimensions[Dimension.COMPLETE] == 0.625
    assert scores_of([]).overall is None


@pytest.mark.spark
@pytest.mark.slow
def test_both_engines_find_the_same(duck, available, attach, make_spark):
    spark = make_spark()
    for table, columns, rows in (CUSTOMERS, ORDERS, LINES, *OTHERS):
        attach(table, columns, rows, spark)
    rules = shipped_rules(DAY)
    assert Examination(spark, available).assess(rules).to_json() == Examination(duck, available).assess(rules).to_json()


def test_a_refund_takes_its_cost_back_and_a_sale_does_not(duck, attach):
    orders = [
        ("1", "a", "2025-01-01", "10", "sale", "4"),
        ("2", "a", "2025-01-02", "-10", "refund", "-4"),
        ("3", "a", "2025-01-03", "10", "sale", "-4"),
    ]
    available = {"orders": attach("orders", "order_id customer_id order_date amount status cost", orders)}
    found = Examination(duck, available).assess(shipped_rules(DAY))
    (cost,) = [each for each in found.results if each.name == "orders.cost.not_negative"]
    assert (cost.checked, cost.failed) == (2, 1)
