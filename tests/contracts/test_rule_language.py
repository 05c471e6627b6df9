"""Rules as people write them: what each spelling means, what null does, and where a mistake stands."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tierwise.contracts.rule_forms import form_of, holds
from tierwise.contracts.rule_language import RuleTextError, parse_rule

NAMES = ("discount_share", "recency_days", "channel", "amount")
SOMEBODY = {"discount_share": Decimal("0.60"), "recency_days": 30, "channel": "App", "amount": Decimal("120.50")}
UNKNOWN = dict.fromkeys(NAMES)


def met(text: str, values: dict[str, Any]) -> bool:
    return holds(form_of(parse_rule(text, NAMES)), values)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("discount_share >= 0.5 and recency_days < 90 and not (channel = '门店')", True),
        ("discount_share ≥ 0.5 且 recency_days < 90 且 非（channel = ‘门店’）", True),
        ("discount_share >= 0.61 or amount > 120.49", True),
        ("discount_share >= 0.61 或 amount > 120.50", False),
        ("29 < recency_days <= 30", True),
        ("30 < recency_days <= 31", False),
        ("30 = recency_days", True),
        ("31 > recency_days", True),
        ("recency_days between 30 and 31", True),
        ("recency_days not between 30 and 31", False),
        ("channel in ('门店', 'App')", True),
        ("channel not in ('门店', 'App')", False),
        ('channel <> "App"', False),
        ("channel != 'O''Brien'", True),
        ("recency_days in (1, 30)", True),
        ("amount is not null and not channel is null", True),
        ("NOT (recency_days == 30 AND channel = 'App')", False),
        ("not not recency_days = 30", True),
        ("amount >= -5", True),
        ("recency_days = 1 or recency_days = 2 and amount > 0", False),
        ("(recency_days = 30 or recency_days = 2) and amount > 0", True),
    ],
)
def test_of_a_known_customer(text: str, expected: bool) -> None:
    assert met(text, SOMEBODY) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("recency_days >= 5", False),
        ("recency_days < 5", False),
        ("not (recency_days >= 5)", True),
        ("not (recency_days < 5)", True),
        ("recency_days <> 5", False),
        ("not (recency_days = 5)", True),
        ("channel in ('App')", False),
        ("channel not in ('App', '门店')", False),
        ("not (channel in ('App', '门店'))", True),
        ("not (channel not in ('App', '门店'))", True),
        ("recency_days between 1 and 9", False),
        ("recency_days not between 1 and 9", False),
        ("not (recency_days between 1 and 9)", True),
        ("channel is null", True),
        ("channel is not null", False),
        ("channel is 未知", True),
        ("not (recency_days >= 5) and not (recency_days < 5)", True),
        ("recency_days >= 5 or recency_days < 5", False),
        ("not (recency_days >= 5) and recency_days is not null", False),
    ],
)
def test_of_an_unknown_value_only_null_and_negations_hold(text: str, expected: bool) -> None:
    assert met(text, UNKNOWN) is expected


def test_a_term_stands_for_the_rule_it_names() -> None:
    saver = parse_rule("discount_share >= 0.5", NAMES)
    rule = parse_rule("recency_days < 90 and not saver", NAMES, {"saver": saver})
    assert holds(form_of(rule), {**SOMEBODY, "discount_share": None})
    assert not holds(form_of(rule), SOMEBODY)


@pytest.mark.parametrize(
    ("text", "line", "column", "said"),
    [
        ("recency_dys < 90", 1, 1, "did you mean recency_days?"),
        ("amount > 1 and recency < 90", 1, 16, "did you mean recency_days?"),
        ("zzz < 90", 1, 1, "known are: amount, channel, discount_share, recency_days"),
        ("recency_days 90", 1, 14, "a comparison is expected"),
        ("recency_days <", 1, 15, "ends too early"),
        ("recency_days < 90 and", 1, 22, "ends too early"),
        ("(recency_days < 90", 1, 19, "')' is expected"),
        ("recency_days < 90)", 1, 18, "one too many"),
        ("recency_days < 90 channel = 'App'", 1, 19, "one too many"),
        ("recency_days\n  < 90\n and chanel = 'App'", 3, 6, "did you mean channel?"),
        ("channel < 'App'", 1, 11, "no order"),
        ("'App' < channel", 1, 1, "no order"),
        ("channel = App", 1, 11, "a word in quotes"),
        ("recency_days = 90d", 1, 16, "has no meaning"),
        ("recency_days ; 90", 1, 14, "has no meaning"),
        ("channel not 'App'", 1, 13, "in or between"),
        ("recency_days < 1e3", 1, 16, "has no meaning"),
        ("", 1, 1, "ends too early"),
        ("channel = 'App", 1, 11, "has no meaning"),
    ],
)
def test_a_mistake_is_shown_where_it_stands(text: str, line: int, column: int, said: str) -> None:
    with pytest.raises(RuleTextError) as caught:
        parse_rule(text, NAMES)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert said in caught.value.problem.en
    assert f"第 {column} 列" in caught.value.problem.zh
