"""The prover against rule sets whose verdict is known, and by hand on small ones."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from tests.proof.generator import DOMAINS, KINDS_OF_BREAKING, RuleSet, broken, sound

from tierwise.contracts.mece import Claim, Domain, Grid, NamedRule
from tierwise.contracts.rule_forms import form_of, holds
from tierwise.contracts.rule_language import parse_rule
from tierwise.errors import TierwiseError
from tierwise.language import Text
from tierwise.proof import prove, require_mece
from tierwise.proof.prover import MOST_GAPS

DAYS = Domain(Grid.WHOLE, True, 0)
MONEY = Domain(Grid.CENTS, False)
SHOPS = Domain(Grid.WORDS, True)


def claim(domains: Mapping[str, Domain], *texts: str, **settled: bool) -> Claim:
    rules = tuple(
        NamedRule(f"r{place}", Text(f"rule {place}", f"规则{place}"), form_of(parse_rule(text, domains)))
        for place, text in enumerate(texts)
    )
    return Claim(tuple(domains), rules, **settled)


def inside(region: Any, values: Mapping[str, Any]) -> bool:
    return all(condition.holds(values[condition.column]) for condition in region)


def check_examples(rules: Claim, proof: Any, domains: Mapping[str, Domain]) -> None:
    """Every counter-example lies in its domain, in its region, and really falls in two rules or in none."""
    for finding in (*proof.overlaps, *proof.gaps):
        assert all(domains[column].contains(value) for column, value in finding.example.items())
        assert inside(finding.region, rules.known(finding.example))
    for overlap in proof.overlaps:
        assert all(holds(rules.rules[place].form, overlap.example) for place in (overlap.first, overlap.second))
    for gap in proof.gaps:
        assert not any(holds(rule.form, gap.example) for rule in rules.rules)


@pytest.mark.parametrize("seed", range(200))
def test_200_generated_rule_sets(seed: int) -> None:
    made: RuleSet = sound(seed) if seed % 2 else broken(seed // 2)
    proof = prove(made.claim, DOMAINS)
    assert (bool(proof.overlaps), bool(proof.gaps)) == (made.overlaps, made.gaps), (made.kind, made.texts)
    assert proof.holds is (made.kind == "sound")
    check_examples(made.claim, proof, DOMAINS)


def test_every_way_of_breaking_is_among_the_200() -> None:
    kinds = [broken(seed // 2).kind for seed in range(0, 200, 2)]
    assert {kind: kinds.count(kind) for kind in KINDS_OF_BREAKING} == dict.fromkeys(KINDS_OF_BREAKING, 25)


@pytest.mark.parametrize("seed", range(0, 40, 4))
def test_what_fills_a_gap_is_what_was_removed(seed: int) -> None:
    """The gap of a set that lost a rule, given back as a rule of its own, makes the set sound again."""
    made = broken(seed)
    assert made.kind == "removed"
    found = prove(made.claim, DOMAINS)
    assert found.all_gaps
    filled = NamedRule("gap", Text.same("gap"), tuple(gap.region for gap in found.gaps))
    assert prove(Claim(made.claim.columns, (*made.claim.rules, filled)), DOMAINS).holds


def test_null_is_a_gap_of_two_comparisons() -> None:
    domains = {"days": DAYS}
    proof = prove(claim(domains, "days >= 90", "days < 90"), domains)
    assert [dict(gap.example) for gap in proof.gaps] == [{"days": None}]
    assert not proof.overlaps
    assert prove(claim(domains, "days >= 90", "not (days >= 90)"), domains).holds
    assert prove(claim({"days": Domain(Grid.WHOLE, False, 0)}, "days >= 90", "days < 90"), {
        "days": Domain(Grid.WHOLE, False, 0)
    }).holds  # fmt: skip


def test_whole_numbers_have_nothing_between_them_and_money_has_cents() -> None:
    whole, cents = {"x": Domain(Grid.WHOLE, False, 0)}, {"x": Domain(Grid.CENTS, False, 0)}
    assert prove(claim(whole, "x <= 5", "x >= 6"), whole).holds
    proof = prove(claim(cents, "x <= 5", "x >= 6"), cents)
    assert [gap.example["x"] for gap in proof.gaps] == [Decimal("5.5")]
    assert prove(claim(cents, "x < 5.005", "x > 5.005"), cents).holds
    assert prove(claim(cents, "x <= 5", "x >= 5.01"), cents).holds


def test_bounds_of_the_domain_count() -> None:
    domains = {"x": Domain(Grid.WHOLE, False, 0, 100)}
    assert prove(claim(domains, "x <= 50", "x between 51 and 100"), domains).holds
    assert not prove(claim(domains, "x <= 50", "x between 51 and 99"), domains).holds
    assert prove(claim(domains, "x <= 50", "x > 50", "x > 100"), domains).empty == (2,)


def test_words_that_no_rule_names_exist_unless_the_domain_is_closed() -> None:
    open_domain = {"channel": Domain(Grid.WORDS, False, words=("App",))}
    closed = {"channel": Domain(Grid.WORDS, False, words=("App", "门店"), closed=True)}
    rules = ("channel = 'App'", "channel = '门店'")
    proof = prove(claim(open_domain, *rules), open_domain)
    assert [str(gap.example["channel"]) not in ("App", "门店") for gap in proof.gaps] == [True]
    assert prove(claim(closed, *rules), closed).holds
    assert prove(claim(open_domain, "channel = 'App'", "channel <> 'App'"), open_domain).holds


def test_all_pairs_that_overlap_are_named_with_plain_examples() -> None:
    domains = {"days": DAYS, "spend": MONEY}
    proof = prove(claim(domains, "days > 91", "spend >= 1000", "not (days > 91) and spend < 1000"), domains)
    assert [(o.first, o.second) for o in proof.overlaps] == [(0, 1)]
    assert dict(proof.overlaps[0].example) == {"days": 100, "spend": 1000}
    everybody = prove(claim(domains, "days >= 0 or days is null", "spend >= 0", "spend < 9"), domains)
    assert [(o.first, o.second) for o in everybody.overlaps] == [(0, 1), (0, 2), (1, 2)]


def test_gaps_together_are_the_whole_gap() -> None:
    """By brute force over a small domain: whoever meets no rule lies in a region, and nobody else does."""
    domains = {
        "x": Domain(Grid.WHOLE, True, 0, 6),
        "y": Domain(Grid.WHOLE, False, 0, 6),
        "w": Domain(Grid.WORDS, True, words=("a", "b"), closed=True),
    }
    rules = claim(domains, "x >= 4 and y < 3", "w = 'a' and y >= 5", "x = 1 or x = 2 and w <> 'b'")
    proof = prove(rules, domains)
    for x, y, w in product((None, *range(7)), range(7), (None, "a", "b")):
        values = {"x": x, "y": y, "w": w}
        assert any(inside(gap.region, values) for gap in proof.gaps) is (not rules.held(values))
    check_examples(rules, proof, domains)


def test_more_gaps_than_anyone_reads_are_cut_off() -> None:
    domains = {"x": Domain(Grid.WHOLE, False)}
    odd = claim(domains, *(f"x = {2 * number}" for number in range(MOST_GAPS + 3)))
    proof = prove(odd, domains)
    assert len(proof.gaps) == MOST_GAPS
    assert not proof.all_gaps


def test_no_rule_at_all_leaves_everybody() -> None:
    proof = prove(claim({"days": DAYS}), {"days": DAYS})
    assert [gap.region for gap in proof.gaps] == [()]


def test_rules_that_do_not_fit_their_domains_are_refused_together() -> None:
    domains = {"days": DAYS, "channel": SHOPS}
    with pytest.raises(TierwiseError) as caught:
        prove(claim(domains, "days = 'App'", "channel > 5 and channel = 'App'"), domains)
    assert [problem.kind.code for problem in caught.value.problems] == ["proof.misfit"] * 2


def test_the_refusal_names_rules_and_counter_examples_in_words() -> None:
    domains = {"days": DAYS, "channel": SHOPS}
    wrong = claim(domains, "days >= 90", "channel = '门店'", "days < 90 and channel <> '门店'")
    with pytest.raises(TierwiseError) as caught:
        require_mece(wrong, domains, "personas")
    said = [problem.what.zh for problem in caught.value.problems]
    assert caught.value.code == "personas.not_mece"
    assert said[0] == "personas：“规则0”与“规则1”同时包含这样的客户：days = 90、channel = '门店'"
    assert any("没有规则包含这样的客户" in text and "未知" in text for text in said)
    assert caught.value.problems[0].what.en == (
        "personas: rule 0 and rule 1 both take a customer with days = 90, channel = '门店'"
    )


def test_what_the_author_has_settled_is_not_refused() -> None:
    domains = {"days": DAYS}
    overlapping = claim(domains, "not (days > 9)", "not (days < 5)", overlap_settled=True)
    require_mece(overlapping, domains, "personas")
    require_mece(claim(domains, "days > 9", rest_settled=True), domains, "personas")
    with pytest.raises(TierwiseError):
        require_mece(claim(domains, "days > 9", overlap_settled=True), domains, "personas")
    with pytest.raises(TierwiseError):
        require_mece(claim(domains, "not (days > 9)", "not (days < 5)", rest_settled=True), domains, "personas")
