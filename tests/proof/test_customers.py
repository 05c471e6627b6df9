"""Customers who are there: counted by the rules they meet; and what each repair would change, by hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.proof.test_prover import claim

from tierwise.contracts.mece import Domain, Grid
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.plans import read_tables, run_plan
from tierwise.proof import CustomerCheck, check_customers, customer_check, find_words, prove, repairs, with_words
from tierwise.proof.repairs import GivesWay, Kind

DOMAINS = {
    "days": Domain(Grid.WHOLE, True, 0),
    "spend": Domain(Grid.CENTS, False),
    "shop": Domain(Grid.WORDS, True, words=("App", "门店"), closed=True),
}
RULES = claim(DOMAINS, "days < 90", "spend >= 100", "shop = '门店' and days < 30")
PEOPLE = [
    (10, "50.00", "App"),  # 0
    (10, "150.00", "App"),  # 0 1
    (10, "150.00", "门店"),  # 0 1 2
    (10, "5.00", "门店"),  # 0 2
    (100, "150.00", "门店"),  # 1
    (None, "150.00", None),  # 1
    (100, "99.99", "App"),  # none
    (None, "0.00", "Oslo"),  # none; a shop that should not be
    (-3, "0.00", None),  # 0; days that should not be
]


@pytest.fixture
def checked(duck: DuckDBEngine, tmp_path: Path) -> CustomerCheck:
    schema = pa.schema([
        ("customer_id", pa.string()), ("days", pa.int64()), ("spend", pa.decimal128(18, 2)), ("shop", pa.string()),
    ])  # fmt: skip
    rows = [
        {"customer_id": f"c{place}", "days": days, "spend": Decimal(spend), "shop": shop}
        for place, (days, spend, shop) in enumerate(PEOPLE)
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), tmp_path / "people.parquet")
    duck.attach("indicators", [tmp_path / "people.parquet"])
    asked = check_customers(RULES, DOMAINS, "indicators")
    run_plan(duck, asked.steps)
    return customer_check(RULES, read_tables(duck, asked.reads))


def test_customers_by_the_rules_they_meet(checked: CustomerCheck) -> None:
    assert {(p.rules, p.customers, p.example) for p in checked.patterns} == {
        ((0,), 2, "c0"), ((1,), 2, "c4"), ((), 2, "c6"), ((0, 1), 1, "c1"), ((0, 1, 2), 1, "c2"), ((0, 2), 1, "c3"),
    }  # fmt: skip
    assert (checked.customers, checked.in_two, checked.in_none) == (9, 3, 2)
    assert (checked.with_rules(0, 1), checked.with_rules(2), checked.with_rules()) == (2, 2, 9)
    assert checked.outside == {"days": 1, "shop": 1}


def test_repairs_say_who_gives_way_and_who_is_left(checked: CustomerCheck) -> None:
    proof = prove(RULES, DOMAINS)
    written, smallest, rest = repairs(RULES, proof, checked)
    assert (written.kind, written.order, written.customers) == (Kind.AS_WRITTEN, (0, 1, 2), 3)
    assert set(written.gives_way) == {GivesWay(1, 0, 2), GivesWay(2, 0, 2), GivesWay(2, 1, 0)}
    assert written.sizes == (5, 2, 0)
    assert (smallest.kind, smallest.order) == (Kind.SMALLEST_FIRST, (2, 1, 0))
    assert set(smallest.gives_way) == {GivesWay(0, 1, 1), GivesWay(0, 2, 2), GivesWay(1, 2, 1)}
    assert smallest.sizes == (2, 3, 2)
    assert (rest.kind, rest.customers) == (Kind.REST, 2)


def test_sound_rules_need_no_repair(checked: CustomerCheck) -> None:
    domains = {"days": DOMAINS["days"]}
    rules = claim(domains, "days < 90", "not (days < 90)")
    assert repairs(rules, prove(rules, domains), checked) == ()


def test_a_gap_alone_asks_for_a_rest_alone(checked: CustomerCheck) -> None:
    domains = {"days": DOMAINS["days"]}
    rules = claim(domains, "days < 90")
    assert [repair.kind for repair in repairs(rules, prove(rules, domains), checked)] == [Kind.REST]


def test_examples_use_words_of_the_data(checked: CustomerCheck, duck: DuckDBEngine) -> None:
    domains = {"shop": Domain(Grid.WORDS, False)}
    words = find_words(domains, "indicators")
    run_plan(duck, words.steps)
    known = with_words(domains, read_tables(duck, words.reads))
    assert known["shop"].words == ("App", "门店", "Oslo")
    rules = claim(domains, "shop = '门店'")
    assert [dict(gap.example) for gap in prove(rules, known).gaps] == [{"shop": "App"}]
    assert prove(claim(domains, "shop in ('App', '门店', 'Oslo')"), known).gaps
