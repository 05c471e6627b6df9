"""The two repairs of rules that are not exclusive or not exhaustive, and what each would change in the data.

Order of precedence: where rules overlap the earlier one wins and the later gives way. Rest group: who meets no rule
gets a group of his own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tierwise.contracts.mece import Claim
from tierwise.proof.customers import CustomerCheck
from tierwise.proof.prover import Proof


class Kind(StrEnum):
    """Which repair."""

    AS_WRITTEN = "as_written"
    SMALLEST_FIRST = "smallest_first"
    REST = "rest"


@dataclass(frozen=True, slots=True)
class GivesWay:
    """`customers` meet the rule `loser` but go to the rule `winner`, which comes earlier."""

    loser: int
    winner: int
    customers: int


@dataclass(frozen=True, slots=True)
class Repair:
    """One repair: the `order` of the rules by place, who gives way to whom, and how many customers it settles.

    `sizes` has the customers of each rule afterwards, by place; for the rest group, `customers` is its size.
    """

    kind: Kind
    customers: int
    order: tuple[int, ...] = ()
    gives_way: tuple[GivesWay, ...] = ()
    sizes: tuple[int, ...] = ()


def repairs(claim: Claim, proof: Proof, check: CustomerCheck) -> tuple[Repair, ...]:
    """The repairs that a claim needs: two orders of precedence for overlaps, a rest group for gaps.

    Both orders settle the same customers, differently: as written, and the rule that fewest meet first, which
    keeps special cases from vanishing in broad ones. Where they are the same, one is given.
    """
    found: list[Repair] = []
    places = tuple(range(len(claim.rules)))
    if proof.overlaps:
        pairs = [(overlap.first, overlap.second) for overlap in proof.overlaps]
        found.append(_precedence(Kind.AS_WRITTEN, places, pairs, check))
        smallest = tuple(sorted(places, key=lambda place: (check.with_rules(place), place)))
        if any(smallest.index(first) > smallest.index(second) for first, second in pairs):
            found.append(_precedence(Kind.SMALLEST_FIRST, smallest, pairs, check))
    if proof.gaps:
        found.append(Repair(Kind.REST, check.in_none))
    return tuple(found)


def _precedence(kind: Kind, order: tuple[int, ...], pairs: Sequence[tuple[int, int]], check: CustomerCheck) -> Repair:
    """Who gives way to whom in an order. A customer in three rules gives way twice, both times to the first."""
    lost = dict.fromkeys((_ordered(order, pair) for pair in pairs), 0)
    sizes = dict.fromkeys(order, 0)
    for pattern in check.patterns:
        met = sorted(pattern.rules, key=order.index)
        for place in met[:1]:
            sizes[place] += pattern.customers
        for loser in met[1:]:
            lost[met[0], loser] = lost.get((met[0], loser), 0) + pattern.customers
    ways = tuple(GivesWay(loser, winner, customers) for (winner, loser), customers in lost.items())
    return Repair(kind, check.in_two, order, ways, tuple(sizes[place] for place in sorted(order)))


def _ordered(order: tuple[int, ...], pair: tuple[int, int]) -> tuple[int, int]:
    first, second = sorted(pair, key=order.index)
    return first, second
