"""Which indicator moved a customer, by hand, and read from tables on both engines."""

from __future__ import annotations

from decimal import Decimal

from tests.evaluation.conftest import Attach, tier

from tierwise.contracts.scheme import Condition, Op, Rule, Scheme, evaluate
from tierwise.engine.base import Engine
from tierwise.engine.plans import run_plan
from tierwise.evaluation.movers import causes_of, mover_steps, movers_of, tally

SCHEME = Scheme(
    ("days", "spend"),
    (tier("top", 1), tier("rich", 2), tier("rest", 3)),
    (
        Rule("top", (Condition("spend", Op.GE, Decimal(100)), Condition("days", Op.LT, 30))),
        Rule("rich", (Condition("spend", Op.GE, Decimal(100)),)),
    ),
    "rest",
)


def values(days: int, spend: int) -> dict[str, int | Decimal | str | None]:
    return {"days": days, "spend": Decimal(spend)}


def test_one_indicator_alone() -> None:
    assert causes_of(SCHEME, values(10, 120), values(40, 120), "rich") == ((("days",),), False)
    assert causes_of(SCHEME, values(10, 120), values(12, 50), "rest") == ((("spend",),), False)


def test_either_alone_would_have_done() -> None:
    """From rich to rest spend must fall; days change too but explain nothing."""
    assert causes_of(SCHEME, values(40, 120), values(10, 50), "rest") == ((("spend",),), False)


def test_only_both_together() -> None:
    assert causes_of(SCHEME, values(40, 50), values(10, 120), "top") == ((("days", "spend"),), False)


def test_the_lines_moved() -> None:
    """Spend of 120 is rich by today's lines already: whatever the tier before, no indicator is to blame."""
    assert causes_of(SCHEME, values(40, 120), values(40, 121), "rich") == ((), True)


def test_a_tier_that_the_rules_do_not_give_is_unexplained() -> None:
    assert causes_of(SCHEME, values(10, 120), values(40, 120), "rest") == ((), False)


def test_from_tables(engine: Engine, attach: Attach) -> None:
    old = {"ann": values(10, 120), "bob": values(40, 50), "cy": values(1, 1), "dee": values(5, 500)}
    new = {"ann": values(40, 120), "bob": values(10, 150), "cy": values(2, 1), "dee": values(9, 20)}
    for name, people in (("inputs_before", old), ("inputs_after", new)):
        attach(engine, name, [{"customer_id": c, **v} for c, v in people.items()])
    attach(engine, "worth", [{"customer_id": c, "monetary": v["spend"]} for c, v in new.items()])
    moves = [
        {"customer_id": c, "tier_before": evaluate(SCHEME, old[c]).tier.key, "tier_after": evaluate(SCHEME, new[c]).tier.key}
        for c in old
    ]  # fmt: skip
    attach(engine, "moves", moves)
    run_plan(engine, mover_steps(SCHEME.inputs, "worth"))
    rows = engine.records("movers", "SELECT * FROM movers ORDER BY worth DESC, customer_id")
    found = movers_of(rows, SCHEME, SCHEME.inputs)
    assert [(m.customer, m.before, m.after, m.causes) for m in found] == [
        ("bob", "rest", "top", (("days", "spend"),)),
        ("ann", "top", "rich", (("days",),)),
        ("dee", "top", "rest", (("spend",),)),
    ]
    assert tally(found) == {"days": 1, "days+spend": 1, "spend": 1}
