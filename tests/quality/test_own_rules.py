"""Rules of one's own: every form finds its rows, and every mistake is named with its line, all at once."""

from __future__ import annotations

import pytest
from tests.quality.conftest import DAY

from tierwise.config.project import read_project
from tierwise.errors import TierwiseError
from tierwise.quality.assessment import Examination
from tierwise.quality.own import project_rules
from tierwise.quality.shipped import shipped_rules

LINES = [
    ("1", "22423A", "cakes", "1", "2"), ("1", "POST", "fees", "3", "4"), ("2", "84077", "toys", "2", "9"),
    ("3", "84077", "games", "500", "9"),
]  # fmt: skip


def rules_of(tmp_path, text):
    file = tmp_path / "tierwise.yaml"
    file.write_text(text, encoding="utf-8")
    project, document = read_project(file)
    return project_rules(project.quality, document, DAY)


@pytest.mark.parametrize(
    ("check", "failed"),
    [
        ("column: product_id, matches: '[0-9]{5}[A-Z]?'", 1),
        ("column: category, one_of: [cakes, toys]", 2),
        ("column: quantity, at_least: 2", 1),
        ("column: quantity, at_most: 2.5", 2),
        ("column: quantity, present: true", 0),
        ("holds: \"quantity < 100 or category = 'toys'\"", 1),
        ("compare: unit_price >= quantity", 1),
        ("unique: [order_id]", 1),
        ("column: product_id, same: category", 2),
        ("column: order_id, in_column: orders.order_id", 1),
        ("column: quantity, far_out: 3", 1),
        ("column: quantity, at_least: 2, when: \"category = 'toys'\"", 0),
    ],
)
def test_every_form_finds_its_rows(check, failed, tmp_path, duck, attach):
    own = [rule for rule in rules_of(tmp_path, f"quality:\n  rules:\n    - {{table: order_lines, name: own, {check}}}\n")
           if rule.name == "own"]  # fmt: skip
    available = {
        "order_lines": attach("order_lines", "order_id product_id category quantity unit_price", LINES),
        "orders": attach(
            "orders", "order_id customer_id order_date", [("1", "a", "2025-01-01"), ("2", "a", "2025-01-01")]
        ),
    }
    found = Examination(duck, available).assess(own)
    assert [(result.name, result.failed) for result in found.results] == [("own", failed)]
    assert bool(found.results[0].examples) == bool(failed)


@pytest.mark.parametrize(("days", "failed"), [(30, 1), (31, 0)])
def test_freshness_of_ones_own_is_measured_from_today(days, failed, tmp_path, duck, attach):
    text = f"quality:\n  rules:\n    - {{table: orders, name: own, column: order_date, newest_within_days: {days}}}\n"
    own = [rule for rule in rules_of(tmp_path, text) if rule.name == "own"]
    available = {"orders": attach("orders", "order_id order_date", [("1", "2025-12-31"), ("2", "2025-01-01")])}
    assert Examination(duck, available).assess(own).results[0].failed == failed


def test_shipped_rules_can_be_put_off(tmp_path):
    names = {rule.name for rule in rules_of(tmp_path, "quality:\n  without: [orders.amount.not_zero]\n")}
    assert names == {rule.name for rule in shipped_rules(DAY)} - {"orders.amount.not_zero"}


WRONG = """quality:
  without: [orders.amount.not_zeros]
  rules:
    - {table: order_line, column: quantity, present: true}
    - {table: orders, column: amont, at_least: 0}
    - {table: orders, column: amount, at_least: much}
    - {table: orders, column: channel, matches: '\\d+'}
    - {table: orders, column: channel, matches: '[a-z'}
    - {table: orders, column: amount, matches: '[0-9]+'}
    - {table: orders, column: channel}
    - {table: orders, column: channel, present: true, one_of: [web]}
    - {table: orders, present: true}
    - {table: orders, holds: "amount >> 3"}
    - {table: orders, holds: "amount > 3", when: "chanel = 'web'"}
    - {table: orders, compare: amount discount}
    - {table: orders, unique: []}
    - {table: orders, column: customer_id, in_column: customer.customer_id}
    - {table: orders, column: channel, one_of: []}
    - {table: orders, column: amount, at_least: 0, name: orders.amount.far_out}
"""


def test_all_mistakes_are_named_at_once_with_their_lines(tmp_path):
    with pytest.raises(TierwiseError) as caught:
        rules_of(tmp_path, WRONG)
    problems = [(problem.kind.code, problem.place.line) for problem in caught.value.problems]
    unknown, bad = "quality.unknown_name", "quality.bad_rule"
    assert problems == [
        (unknown, 2), (unknown, 4), (unknown, 5), (bad, 6), (bad, 7), (bad, 8), (bad, 9), (bad, 10), (bad, 11), (bad, 12),
        (bad, 13), (bad, 14), (bad, 15), (bad, 16), (unknown, 17), (bad, 18), (bad, 19),
    ]  # fmt: skip
    shown = str(caught.value)
    assert "did you mean order_lines?" in shown and "did you mean amount?" in shown
    assert "did you mean orders.amount.not_zero?" in shown and "did you mean channel?" in shown


def test_unknown_settings_are_named_too(tmp_path):
    with pytest.raises(TierwiseError) as caught:
        rules_of(tmp_path, "quality:\n  rules:\n    - {table: orders, colum: amount, present: true}\n  wight: 3\n")
    assert {problem.kind.code for problem in caught.value.problems} == {"config.unknown_setting"}
    assert "did you mean column?" in str(caught.value)
