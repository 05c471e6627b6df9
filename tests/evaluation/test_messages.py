"""Messages that a change of tiers brings, by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tierwise.contracts.scheme import Tier
from tierwise.errors import TierwiseError
from tierwise.evaluation.messages import messages_of, messages_per_tier
from tierwise.evaluation.migration import Flow, Migration
from tierwise.language import Text

TIERS = tuple(
    Tier(key, Text(key.title(), zh), rank, Text.same(""), Text.same(""))
    for rank, (key, zh) in enumerate((("gold", "金牌"), ("plain", "普通"), ("lost", "流失")), start=1)
)
NONE = Decimal(0)
FLOWS = (
    Flow("gold", "gold", 10, NONE),
    Flow("gold", "plain", 3, NONE),
    Flow("plain", "gold", 2, NONE),
    Flow("plain", "plain", 50, NONE),
    Flow("plain", "lost", 4, NONE),
    Flow("lost", None, 1, NONE),
    Flow(None, "gold", 5, NONE),
)
MOVES = Migration(TIERS, TIERS, FLOWS)


def test_counted_by_hand() -> None:
    found = messages_of(MOVES, {"gold": 2, "plain": 1, "lost": 0})
    assert found.round_before == 13 * 2 + 56 * 1 + 1 * 0
    assert found.round_after == 17 * 2 + 53 * 1 + 4 * 0
    assert found.on_entry == 3 * 1 + (2 + 5) * 2 + 4 * 0
    assert found.more == 87 - 82


def test_a_tier_sends_one_message_where_it_has_an_action() -> None:
    assert messages_per_tier(MOVES) == {"gold": 1, "plain": 1, "lost": 1}
    assert messages_per_tier(MOVES, acting=["gold", "lost"]) == {"gold": 1, "plain": 0, "lost": 1}
    assert messages_per_tier(MOVES, acting=[]) == {"gold": 0, "plain": 0, "lost": 0}


def test_what_is_told_wins_by_key_or_by_name_in_either_language() -> None:
    told = {"Gold": 3, "流失": 2, "plain": 0}
    assert messages_per_tier(MOVES, ["gold"], told) == {"gold": 3, "plain": 0, "lost": 2}


def test_unknown_tiers_are_named_all_at_once() -> None:
    with pytest.raises(TierwiseError) as refused:
        messages_per_tier(MOVES, told={"golden": 1, "silver": 1, "gold": 1})
    assert [problem.kind.code for problem in refused.value.problems] == ["simulate.unknown_tier"] * 2
    assert "gold, plain, lost" in str(refused.value)
