"""The proof itself: two rules that can both hold, and customers for whom none does, found by z3 or shown impossible.

Rules are taken without any order. `unsat` is a proof over all customers whose values lie in the domains, seen or
not; what is satisfiable comes back as a customer with round values, evaluated again before it is reported.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import Any

import z3

from tierwise.contracts.mece import Claim, Domain
from tierwise.contracts.rule_forms import Alternative, holds, simplified
from tierwise.contracts.scheme import Value
from tierwise.proof.cells import Axis, Rulebook, axes_of, axis_of_cuts, region_of, telling
from tierwise.proof.encoding import Encoding
from tierwise.proof.soundness import check_claim

MOST_GAPS = 50


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two rules, by place, that both hold for the customer `example`; `region` says where, for its alternatives."""

    first: int
    second: int
    example: Mapping[str, Value]
    region: Alternative


@dataclass(frozen=True, slots=True)
class Gap:
    """No rule holds for the customer `example`, nor for anybody in `region`."""

    example: Mapping[str, Value]
    region: Alternative


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found. All overlapping pairs are named; the regions of `gaps` together are the whole gap.

    `empty` are the places of rules that nobody can meet. `all_gaps` is False where there are more than MOST_GAPS.
    """

    overlaps: tuple[Overlap, ...]
    gaps: tuple[Gap, ...]
    empty: tuple[int, ...]
    all_gaps: bool
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether every customer meets exactly one rule."""
        return not self.overlaps and not self.gaps


def prove(claim: Claim, domains: Mapping[str, Domain]) -> Proof:
    """Prove that each customer of the domains meets exactly one rule, or say who does not.

    `domains` has one domain for each of `claim.columns`. Raises `proof.misfit` where rules and domains disagree.
    """
    started = time.perf_counter()
    check_claim(claim, domains)
    search = _Search(claim, domains)
    overlaps, gaps = search.overlaps(), search.gaps()
    complete = len(gaps) <= MOST_GAPS
    return Proof(overlaps, gaps[:MOST_GAPS], search.empty(), complete, time.perf_counter() - started)


class _Search:
    """One solver that knows the customers and a Boolean per rule."""

    def __init__(self, claim: Claim, domains: Mapping[str, Domain]) -> None:
        self.claim = claim
        self.encoding = Encoding(claim, domains)
        self.axes = axes_of(claim, self.encoding.domains, self.encoding.words)
        self._plain: dict[str, list[Value]] = {}
        self.solver = z3.Solver(ctx=self.encoding.context)
        self.solver.add(*self.encoding.customers)
        self.rules = [z3.Bool(f"rule {place}", self.encoding.context) for place in range(len(claim.rules))]
        for place, rule in enumerate(self.rules):
            self.solver.add(rule == self.encoding.rule(place))

    def empty(self) -> tuple[int, ...]:
        """The rules that nobody can meet."""
        return tuple(place for place, rule in enumerate(self.rules) if self.solver.check(rule) == z3.unsat)

    def overlaps(self) -> tuple[Overlap, ...]:
        """Every pair of rules that both hold for somebody."""
        found = []
        for first, second in combinations(range(len(self.rules)), 2):
            values = self._customer(self.rules[first], self.rules[second])
            if values is not None:
                found.append(self._overlap(first, second, values))
        return tuple(found)

    def gaps(self) -> tuple[Gap, ...]:
        """Regions in which no rule holds, until nothing of the gap is left, or one more than MOST_GAPS."""
        found: list[Gap] = []
        rulebook = Rulebook(self.claim, self.axes)
        self.solver.push()
        self.solver.add(*(z3.Not(rule) for rule in self.rules))
        while len(found) <= MOST_GAPS:
            values = self._customer()
            if values is None:
                break
            region = region_of(self.axes, rulebook.grown(self.claim.known(values)))
            example = self._readable(values, partial(self._inside, region))
            assert not self.claim.held(example), f"the evaluator finds a rule for {example}"
            found.append(Gap(example, region))
            self.solver.add(z3.Not(self.encoding.all_of([self.encoding.condition(c) for c in region])))
        self.solver.pop()
        return tuple(found)

    def _customer(self, *assumed: Any) -> dict[str, Value] | None:
        """A customer who meets what is assumed, or None where there is a proof that nobody does."""
        answer = self.solver.check(*assumed)
        if answer == z3.unknown:
            raise ArithmeticError(f"z3 gave up: {self.solver.reason_unknown()}")
        return self.encoding.values(self.solver.model()) if answer == z3.sat else None

    def _overlap(self, first: int, second: int, values: dict[str, Value]) -> Overlap:
        example = self._readable(values, partial(self._both, first, second))
        known = self.claim.known(example)
        one, other = (
            next(when for when in self.claim.rules[place].form if all(c.holds(known[c.column]) for c in when))
            for place in (first, second)
        )
        region = simplified((*one, *other))
        assert region is not None, "two alternatives that both hold for somebody do not exclude each other"
        return Overlap(first, second, example, telling(self.axes, region))

    def _both(self, first: int, second: int, values: Mapping[str, Value]) -> bool:
        """Both rules hold."""
        known = self.claim.known(values)
        return all(holds(self.claim.rules[place].form, known) for place in (first, second))

    def _inside(self, region: Alternative, values: Mapping[str, Value]) -> bool:
        """The customer lies in a region."""
        known = self.claim.known(values)
        return all(condition.holds(known[condition.column]) for condition in region)

    def _readable(self, values: dict[str, Value], wanted: Callable[[dict[str, Value]], bool]) -> dict[str, Value]:
        """The same kind of customer with known and round values; raises where the evaluator disagrees with z3."""
        assert wanted(values), f"the evaluator and the proof disagree on {values}"
        for column, value in list(values.items()):
            for candidate in self._candidates(column, value):
                changed = {**values, column: candidate}
                if wanted(changed):
                    values = changed
                    break
        return values

    def _candidates(self, column: str, value: Value) -> list[Value]:
        """Values to show instead of what z3 chose, the best first; at the end what it chose."""
        if column not in self._plain:
            domain = self.encoding.domains[column]
            axis = self.axes.get(column) or _untested(column, domain, self.claim)
            self._plain[column] = sorted((axis.example(cell) for cell in axis.cells), key=_plainness)
        return [*self._plain[column], value]


def _untested(column: str, domain: Domain, claim: Claim) -> Axis:
    """The axis of a column that rules see through scores only: it is cut where the scores are."""
    cuts = [cut for score in claim.scores if score.column == column for own in score.cuts.values() for cut in own]
    return axis_of_cuts(column, domain, cuts)


def _plainness(value: Value) -> tuple[int, int, int, str]:
    """Known before unknown, round before odd, small before large."""
    if value is None:
        return 3, 0, 0, ""
    if isinstance(value, str):
        return 0, 0, 0, ""
    digits = len(f"{abs(value):f}".replace(".", "").strip("0"))
    return (1 if value < 0 else 0), digits, len(f"{abs(value):f}"), f"{abs(value):f}"
