"""From pairs that a rule decides to merges: one for each group of records, where nothing that was decided forbids it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.identity.decisions import Decision, Verdict, new_decision
from tierwise.identity.duplicates import Duplicates
from tierwise.identity.folding import quoted
from tierwise.identity.merges import MOST_PER_CUSTOMER, Standing
from tierwise.language import Text

BY = "tierwise"
WHY: dict[str, Text] = {
    "phone_name": Text("same phone and name", "电话与姓名相同"),
    "phone_sound": Text("same phone, names sound the same", "电话相同，姓名同音"),
    "email_name": Text("same mailbox and name", "邮箱与姓名相同"),
    "phone_halves": Text("same phone, given name and surname", "电话与姓、名都相同"),
    "email_halves": Text("same mailbox, given name and surname", "邮箱与姓、名都相同"),
    "id_name": Text("same identity number and name", "证件号与姓名相同"),
    "id_birth": Text("same identity number and date of birth", "证件号与出生日期相同"),
    "birth_halves_place": Text("same names, date of birth and postcode", "姓名、出生日期与邮编相同"),
    "phone_email": Text("same phone and mailbox", "电话与邮箱相同"),
}


@dataclass(frozen=True)
class CertainMerges:
    """Merges to take, and groups that a decision of a person or the size of the customer forbids.

    A merge that was taken back is such a decision: it would else come back with the next search.
    """

    merges: tuple[Decision, ...]
    held_back: tuple[tuple[str, ...], ...]


def certain_merges(engine: DuckDBEngine, found: Duplicates, now: Standing) -> CertainMerges:
    """Return the merges that rules decide and that are not there yet; the guards against chains were asked before."""
    rows = engine.native(
        "certain",
        f"SELECT record_l, record_r, rule FROM {quoted(found.pairs)} WHERE rule IS NOT NULL AND NOT apart AND NOT refused"
        " ORDER BY record_l, record_r",
    )
    standing, merges, held_back = _Growing(now), [], []
    for members, rules in _groups(rows):
        whole = standing.group(members)
        if standing.are_one(members):
            continue
        if len(whole) > MOST_PER_CUSTOMER or standing.forbidden(whole):
            held_back.append(members)
            continue
        merges.append(
            new_decision(
                Verdict.MERGED, members, BY, rule=" ".join(rules), reason="; ".join(WHY[rule].en for rule in rules)
            )
        )
        standing.join(whole)
    return CertainMerges(tuple(merges), tuple(held_back))


def _groups(rows: Iterable[tuple[str, str, str]]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """The connected records with the rules that connect them."""
    parent: dict[str, str] = {}

    def root(member: str) -> str:
        while parent.setdefault(member, member) != member:
            parent[member] = parent[parent[member]]
            member = parent[member]
        return member

    pairs = list(rows)
    for left, right, _ in pairs:
        smaller, larger = sorted((root(left), root(right)))
        parent[larger] = smaller
    members: dict[str, list[str]] = defaultdict(list)
    for member in sorted(parent):
        members[root(member)].append(member)
    rules: dict[str, set[str]] = defaultdict(set)
    for left, _, rule in pairs:
        rules[root(left)].add(rule)
    return [(tuple(members[first]), tuple(sorted(rules[first]))) for first in sorted(members)]


class _Growing:
    """A standing that grows as merges are added to it, without being computed anew."""

    def __init__(self, now: Standing) -> None:
        self.kept = dict(now.survivors)
        self.gone: dict[str, set[str]] = defaultdict(set)
        for member, survivor in now.survivors.items():
            self.gone[survivor].add(member)
        self.apart: dict[str, set[str]] = defaultdict(set)
        self.taken_back: dict[str, list[set[str]]] = defaultdict(list)
        for decision in now.taken_back:
            for member in decision.members:
                self.taken_back[member].append(set(decision.members))
        for decision in now.apart:
            left, right = decision.members
            self.apart[left].add(right)
            self.apart[right].add(left)

    def are_one(self, members: Iterable[str]) -> bool:
        return len({self.kept.get(member, member) for member in members}) == 1

    def group(self, members: Iterable[str]) -> set[str]:
        """All ids that would be one customer."""
        survivors = {self.kept.get(member, member) for member in members}
        return survivors.union(*(self.gone.get(survivor, ()) for survivor in survivors))

    def forbidden(self, group: set[str]) -> bool:
        """Whether somebody said that these are not one, or took back that they are."""
        if any(group & self.apart[member] for member in group if member in self.apart):
            return True
        parted = [members for member in group for members in self.taken_back.get(member, ())]
        return any(len({self.kept.get(one, one) for one in group & members}) > 1 for members in parted)

    def join(self, group: set[str]) -> None:
        first = min(group)
        for member in group - {first}:
            self.kept[member] = first
            self.gone.pop(member, None)
        self.gone[first] = group - {first}
