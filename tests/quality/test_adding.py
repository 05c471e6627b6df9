"""A version judged by adding up what is kept of its imports is, field by field, one judged by looking at its rows."""

from __future__ import annotations

import json
import os
import random
from datetime import date, timedelta
from decimal import Decimal

import pytest
from tests.incremental.ledger import COLUMNS, PEOPLE, Ledger, order

from tierwise import import_measures
from tierwise.contracts.quality import Dimension, FarOut, Holds, Present, Rule
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.progress import Silent
from tierwise.import_measures import known_of
from tierwise.language import Text
from tierwise.quality import assess
from tierwise.quality.shipped import shipped_rules
from tierwise.snapshots.imports import holding, records, undo, version_of
from tierwise.snapshots.visible import Visible

SEQUENCES = int(os.environ.get("TIERWISE_SEQUENCES", "3"))
FIRST_DAY = date(2026, 5, 1)
WORD = Text.same("own")


def own(name, table, columns, check, **more):
    return Rule(name, table, tuple(columns.split()), Dimension.VALID, check, WORD, WORD, **more)


OWN = (
    own("own.discounts", "orders", "discount", Present(), when="status = 'sale'"),
    own("own.hours", "orders", "order_hour amount", Holds("order_hour < 20 OR amount > 50")),
    own("own.prices", "order_lines", "unit_price", FarOut(1, 2)),
    own("own.costs", "orders", "cost", FarOut(2, 3), when="status = 'sale'"),
)


def spoiled(table, row, dice):
    """A row as it may come: signs turned, amounts far out, days that cannot be, a collective account."""
    spoils = {
        "orders": {"cost": dice.choice((Decimal("-3.10"), Decimal("77777.00"))), "amount": Decimal("99999999.99"), "customer_id": "散客",
                   "order_date": date(1970, 1, 1), "discount": None},
        "customers": {"birth_date": date(1900, 1, 1), "acquisition_cost": Decimal("-1.00"), "gender": "?",
                      "registered_at": FIRST_DAY + timedelta(days=2)},
        "order_lines": {"quantity": Decimal("0.0000"), "unit_price": dice.choice((Decimal("19.9801"), Decimal("5000.0001")))},
        "events": {"event_date": FIRST_DAY + timedelta(days=1)},
        "balances": {"assets": Decimal("123456789.00")},
    }.get(table, {})  # fmt: skip
    name = dice.choice([*spoils, None])
    return {**row, name: spoils[name]} if name and dice.random() < 0.4 else row


def bring(ledger, dice):
    table = dice.choice(("orders", "orders", "orders", *COLUMNS))
    whom = dice.choices(PEOPLE, k=dice.choice((1, 5, 30)))
    if table == "orders" and dice.random() < 0.3:
        names = dice.sample(sorted(ledger.orders), len(whom))
        rows = [order(name, customer, dice) for name, customer in zip(names, whom, strict=True)]
    else:
        rows = ledger.rows_of(table, whom, dice)
    columns = "order_id customer_id order_date amount status" if table == "orders" and dice.random() < 0.3 else ""
    source = dice.choice(("", "", "till"))
    ledger.bring(table, [spoiled(table, row, dice) for row in rows], columns, source)


def changed(ledger, dice, merged):
    """Something happens to the ledger."""
    what = dice.choice(("bring", "bring", "bring", "undo", "undo", "merge", "part", "erase"))
    if what == "bring":
        bring(ledger, dice)
    elif what == "undo":
        ledger.undo_or_redo(dice)
    elif what == "erase":
        ledger.erase(dice.choice(PEOPLE))
    elif what == "part" and merged:
        merged.clear()
        (ledger.stepwise.identity / "CURRENT").unlink()
    elif what == "merge":
        gone, stays = dice.sample(PEOPLE, 2)
        if gone not in {*merged, *merged.values()} and stays not in merged:
            merged[gone] = stays
            ledger.merge(merged)


def judged(ledger, day, rules, from_scratch):
    """The quality card and all that an assessment says, of the version that holds."""
    visible = Visible(ledger.stepwise, version_of(ledger.stepwise, holding(records(ledger.stepwise))))
    with DuckDBEngine(threads=1) as engine:
        known = None if from_scratch else known_of(engine, visible, rules, day, Silent())
        card = assess(engine, visible.tables, rules, visible.attach(engine), known)
    return card, known


@pytest.fixture
def ledger(tmp_path):
    made = Ledger(tmp_path)
    made.begin(7)
    return made


def compare(ledger, day, without=()):
    rules = [rule for rule in (*shipped_rules(day), *OWN) if rule.name not in without]
    added, known = judged(ledger, day, rules, False)
    whole, _ = judged(ledger, day, rules, True)
    assert added == whole
    return known, whole


def test_one_sequence(ledger):
    play(ledger, random.Random(3), 3)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEQUENCES))
def test_any_sequence(ledger, seed):
    play(ledger, random.Random(seed), 15)


def play(ledger, dice, length):
    day, merged, added_up = FIRST_DAY, {}, set()
    for _ in range(length):
        changed(ledger, dice, merged)
        day += timedelta(days=dice.choice((0, 0, 1)))
        known, _ = compare(ledger, day, dice.choice(((), (), ("own.costs", "orders.cost.not_negative"))))
        added_up |= set(known.parts)
    assert added_up >= {"order_lines", "events"}


def test_sums_are_used_and_find_what_is_wrong(ledger):
    dice = random.Random(1)
    for _ in range(3):
        whom = dice.choices(PEOPLE, k=30)
        ledger.bring("orders", [spoiled("orders", row, dice) for row in ledger.rows_of("orders", whom, dice)])
    known, card = compare(ledger, FIRST_DAY)
    assert len(known.parts["orders"]) == 4 and known.parts["orders"][0].measures.rows == 90
    failed = {found.name: found for found in card.assessment.results if found.failed}
    for name in ("orders.cost.not_negative", "orders.amount.far_out", "orders.customer_id.somebody", "own.costs"):
        assert failed[name].examples


def test_an_import_is_counted_once(ledger, monkeypatch):
    whole, some = [], []
    measured, counted = import_measures.measure, import_measures.count_rules
    monkeypatch.setattr(import_measures, "measure", lambda *a: whole.append(a[1]) or measured(*a))
    monkeypatch.setattr(import_measures, "count_rules", lambda *a: some.append((a[1], len(a[3]))) or counted(*a))
    rules, tomorrow = shipped_rules(FIRST_DAY), FIRST_DAY + timedelta(days=1)
    judged(ledger, FIRST_DAY, rules, False)
    assert len(whole) == len(COLUMNS) and not some
    ledger.bring("orders", ledger.rows_of("orders", PEOPLE, random.Random(2)))
    whole.clear()
    judged(ledger, FIRST_DAY, rules, False)
    assert (whole, some) == (["orders"], [])
    judged(ledger, tomorrow, shipped_rules(tomorrow), False)
    assert whole == ["orders"] and some and all(rules == 1 for table, rules in some)
    some.clear()
    judged(ledger, tomorrow, [*shipped_rules(tomorrow), OWN[0]], False)
    assert (whole, some) == (["orders"], [("orders", 1), ("orders", 1)])
    judged(ledger, tomorrow, [*shipped_rules(tomorrow), OWN[3]], False)
    assert whole == ["orders"] * 3


@pytest.mark.parametrize("damage", ["", "{", '{"basis": "other"}'])
def test_counts_that_are_gone_or_damaged_are_made_anew(ledger, damage):
    compare(ledger, FIRST_DAY)
    for kept in ledger.stepwise.imports.glob("*/measures/counts.json"):
        kept.write_text(damage) if damage else kept.unlink()
    compare(ledger, FIRST_DAY)
    assert all(json.loads(f.read_text())["found"] for f in ledger.stepwise.imports.glob("*/measures/counts.json"))


def heard_of(ledger):
    """What is said of the tables that are looked at whole, and what is known of all others."""
    told = []
    heard = Silent()
    heard.detail = lambda text: told.append(text.en)
    visible = Visible(ledger.stepwise, version_of(ledger.stepwise, holding(records(ledger.stepwise))))
    with DuckDBEngine(threads=1) as engine:
        return told, known_of(engine, visible, shipped_rules(FIRST_DAY), FIRST_DAY, heard)


def test_what_does_not_add_up_says_why(ledger):
    ledger.bring("customers", ledger.rows_of("customers", PEOPLE, random.Random(5)), source="till")
    told, known = heard_of(ledger)
    assert told == ["Customers: looked at whole, for several sources have rows of one customer"]
    ledger.merge({"C01": "C02"})
    told, known = heard_of(ledger)
    assert "Balances: looked at whole, for customers were merged" in told
    assert "orders" in known.parts and "orders" in known.mapped and "order_lines" not in known.mapped


def test_only_imports_of_which_rows_came_again_are_counted_anew(ledger, monkeypatch):
    dice, first = random.Random(5), sorted(ledger.orders)
    ledger.bring("orders", ledger.rows_of("orders", PEOPLE, dice))
    compare(ledger, FIRST_DAY)
    counted = []
    real = import_measures.measure
    monkeypatch.setattr(import_measures, "measure", lambda *a: counted.append(a[5].name) or real(*a))
    again = ledger.bring("orders", [spoiled("orders", order(name, "C01", dice), dice) for name in first[:20]])
    known, _ = compare(ledger, FIRST_DAY)
    assert counted == ["measures", "measures_standing"]
    assert [part.measures.rows for part in known.parts["orders"]] == [70, len(PEOPLE), 20]
    undo(ledger.stepwise, again, "test")
    compare(ledger, FIRST_DAY)
    assert len(counted) == 2
