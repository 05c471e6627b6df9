"""Schemes with scores, nested scores and totals: against brute force over small domains, and the shipped models."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from tierwise.contracts.mece import Claim, Domain, Grid
from tierwise.contracts.scheme import SCORE, Condition, Op, Rule, Scheme, Score, Tier
from tierwise.errors import TierwiseError
from tierwise.indicators.domains import domains_of
from tierwise.language import Text
from tierwise.models.lifecycle import Lifecycle, LifecycleSpec
from tierwise.models.vip import Vip, VipSpec
from tierwise.proof import claim_of, prove

WORD = Text("word", "词")
DOMAINS = {"r": Domain(Grid.WHOLE, True, 0, 6), "m": Domain(Grid.WHOLE, False, -2, 6)}
EVERYBODY = [{"r": r, "m": m} for r, m in product((None, *range(7)), range(-2, 7))]
SCORES = (
    Score("rs", "r", WORD, 3, {(): (2, 5)}, ascending=False),
    Score("ms", "m", WORD, 3, {(1,): (0, 1), (2,): (3,), (3,): (Decimal("2.5"), 5)}, within=("rs",)),
)


def tiers(count: int) -> tuple[Tier, ...]:
    return tuple(Tier(f"t{number}", WORD, number + 1, WORD, WORD) for number in range(count))


def scheme(*rules: tuple[Condition, ...], total: dict[str, Decimal] | None = None) -> Scheme:
    made = tuple(Rule(f"t{place}", when) for place, when in enumerate(rules))
    return Scheme(("r", "m"), tiers(len(rules) + 1), made, f"t{len(rules)}", SCORES, total or {})


def brute(claim: Claim) -> tuple[set[tuple[int, int]], bool]:
    held = [claim.held(values) for values in EVERYBODY]
    pairs = {(a, b) for places in held for a in places for b in places if a < b}
    return pairs, any(not places for places in held)


def random_condition(dice: random.Random, columns: tuple[str, ...]) -> Condition:
    column = dice.choice(columns)
    op = dice.choice((Op.GE, Op.GT, Op.LE, Op.LT, Op.EQ, Op.NE))
    value = dice.choice((Decimal("0.75"), Decimal(2), Decimal("2.5"))) if column == SCORE else dice.randint(1, 4)
    return Condition(column, op, value)


@pytest.mark.parametrize("seed", range(60))
def test_verdicts_equal_brute_force(seed: int) -> None:
    dice = random.Random(seed)
    total = {"rs": Decimal("0.75"), "m": Decimal("0.5")} if seed % 2 else {}
    columns = ("rs", "ms", "r", "m", *((SCORE,) if total else ()))
    rules = [tuple(random_condition(dice, columns) for _ in range(dice.randint(1, 3))) for _ in range(4)]
    claim = claim_of(scheme(*rules, total=total), "made up")
    pairs, gap = brute(claim)
    proof = prove(claim, DOMAINS)
    assert {(o.first, o.second) for o in proof.overlaps} == pairs
    assert bool(proof.gaps) is gap
    for overlap in proof.overlaps:
        assert {overlap.first, overlap.second} <= set(claim.held(overlap.example))
    for values in EVERYBODY:
        known = claim.known(values)
        in_region = any(all(c.holds(known[c.column]) for c in gap.region) for gap in proof.gaps)
        assert in_region is (not claim.held(values))


def test_a_total_is_compared_as_it_is_rounded() -> None:
    """Half a millionth up goes up above zero, and down below it, as in `Scheme.score_of`."""
    domains = {"r": DOMAINS["r"], "m": Domain(Grid.WHOLE, False, -1, 1)}
    total = {"m": Decimal("0.0000005")}
    rules = ((Condition(SCORE, Op.GE, Decimal("0.000001")),), (Condition(SCORE, Op.LE, Decimal("-0.000001")),))
    claim = claim_of(scheme(*rules, total=total), "made up")
    assert claim.held({"r": None, "m": 1}) == (0,)
    assert claim.held({"r": None, "m": -1}) == (1,)
    proof = prove(claim, domains)
    assert not proof.overlaps
    assert not proof.empty
    assert {gap.example["m"] for gap in proof.gaps} == {0}


def fitted(model: Any) -> Claim:
    return claim_of(model.fit({}).scheme_, model.name)


def test_lifecycle_depends_on_its_order() -> None:
    model = Lifecycle(LifecycleSpec())
    claim = fitted(model)
    proof = prove(claim, domains_of(model.needs()))
    named = {frozenset((claim.rules[o.first].key, claim.rules[o.second].key)) for o in proof.overlaps}
    assert frozenset(("lost", "declining")) in named
    assert frozenset(("new", "mature")) not in named
    assert proof.gaps


def test_vip_and_the_rest_exclude_each_other() -> None:
    model = Vip(VipSpec())
    inputs = tuple(ref.column for ref in model.needs())
    proof = prove(
        claim_of(Scheme(inputs, tiers(1), (replace(model.rule(), tier="t0"),), "t0"), "vip"), domains_of(model.needs())
    )
    assert not proof.overlaps
    assert [dict(gap.example) for gap in proof.gaps][:1] == [{"monetary_30d": 0, "frequency_30d": 0}]


def test_eight_rfm_classes_need_no_order() -> None:
    """Twelve thousand customers would not prove it; eight letters do."""
    scores = tuple(
        Score(name, column, WORD, 2, {(): (cut,)}, ascending)
        for name, column, cut, ascending in (
            ("r", "days", 90, False),
            ("f", "count", 3, True),
            ("m", "spend", 500, True),
        )
    )
    letters = list(product((1, 2), repeat=3))
    rules = tuple(
        Rule(f"t{place}", tuple(Condition(s, Op.EQ, points) for s, points in zip("rfm", chosen, strict=True)))
        for place, chosen in enumerate(letters)
    )
    made = Scheme(("days", "count", "spend"), tiers(8), rules, "t7", scores)
    domains = {
        "days": Domain(Grid.WHOLE, True, 0),
        "count": Domain(Grid.WHOLE, False, 0),
        "spend": Domain(Grid.CENTS, False),
    }
    assert prove(claim_of(made, "rfm"), domains).holds
    without = prove(claim_of(replace(made, rules=rules[1:]), "rfm"), domains)
    assert [dict(gap.example) for gap in without.gaps] == [{"days": 90, "count": 0, "spend": 0}]


def test_nearest_centres_are_no_rules() -> None:
    from tierwise.contracts.nearest import Nearest

    made = replace(scheme(), nearest=Nearest("group", (), ()))
    with pytest.raises(TierwiseError, match="no rules to prove"):
        claim_of(made, "clusters")
