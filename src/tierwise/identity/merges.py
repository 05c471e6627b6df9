"""Which customer ids gave way to which: a function of the decisions that hold, and of nothing else.

Because facts keep the ids they came with and only this map changes, taking a merge back puts everything where it was.
The order of decisions does not matter: merging a with b and then b with c is merging all three.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tierwise.errors import ErrorKind, Family
from tierwise.identity.decisions import Decision, Verdict
from tierwise.language import Text

UNKNOWN_DECISION = ErrorKind(
    "identity.unknown_decision",
    Family.DATA,
    what=Text("there is no decision {name}", "没有编号为 {name} 的决定"),
    cause=Text("it was never taken in this workspace, or the id is not whole", "此工作区没有这一决定，或编号不完整"),
    cure=Text("`tierwise merges` lists them", "可用 tierwise merges 查看全部"),
)
UNDONE_ALREADY = ErrorKind(
    "identity.undone_already",
    Family.DATA,
    what=Text("{name} was taken back already", "{name} 已经撤销过"),
    cause=Text("{other} took it back", "由 {other} 撤销"),
    cure=Text("nothing is left to do; a new merge brings it back", "无需再做；如要恢复请重新合并"),
)
TOO_FEW = ErrorKind(
    "identity.too_few",
    Family.USAGE,
    what=Text("one customer alone cannot be decided upon", "只有一位客户，无法做决定"),
    cause=Text("the ids given are one and the same: {members}", "所给编号其实是同一个：{members}"),
    cure=Text("name two different customers", "请给出两位不同的客户"),
)
TOO_LARGE = ErrorKind(
    "identity.merge_too_large",
    Family.DATA,
    what=Text("{count} records would become one customer", "将有 {count} 条记录合并成一位客户"),
    cause=Text(
        "no customer may have more than {most}; chains of merges grow by mistake",
        "上限为 {most} 条；连环合并往往是误合并",
    ),
    cure=Text(
        "look at the merges of {member} and take back what is wrong", "请检查 {member} 的合并记录，撤销有误的合并"
    ),
)
KEPT_APART = ErrorKind(
    "identity.kept_apart",
    Family.DATA,
    what=Text("{left} and {right} were decided not to be the same", "{left} 与 {right} 已被判定为不同客户"),
    cause=Text("decision {name} of {by} says so", "见 {by} 的决定 {name}"),
    cure=Text("take that decision back first: tierwise unmerge {name}", "请先撤销该决定：tierwise unmerge {name}"),
)
MERGED_NOW = ErrorKind(
    "identity.merged_now",
    Family.DATA,
    what=Text("{left} and {right} are merged", "{left} 与 {right} 目前是合并在一起的"),
    cause=Text("merges join them, perhaps through a third customer", "已有合并把二者连在一起，可能经由第三位客户"),
    cure=Text("take the merge back; `tierwise merges --customer {left}` shows it",
              "请先撤销合并；可用 tierwise merges --customer {left} 查看"),
)  # fmt: skip

MOST_PER_CUSTOMER = 50


@dataclass(frozen=True)
class Standing:
    """What holds: `survivors` has a row for each id that gave way; `merges`, `apart` and `later` are entries in force.

    `taken_back` are merges that are not: no rule takes one again.
    """

    survivors: Mapping[str, str]
    merges: tuple[Decision, ...]
    apart: tuple[Decision, ...]
    later: tuple[Decision, ...]
    taken_back: tuple[Decision, ...] = ()

    def survivor(self, customer: str) -> str:
        """The id under which a customer is seen."""
        return self.survivors.get(customer, customer)

    def group(self, customer: str) -> tuple[str, ...]:
        """All ids that are this customer, the surviving one first."""
        kept = self.survivor(customer)
        return (kept, *sorted(gone for gone, survivor in self.survivors.items() if survivor == kept))

    def state_on(self, basis: str = "") -> str | None:
        """The id of this standing: equal maps on one basis have equal ids. None where nobody is merged."""
        if not self.survivors:
            return None
        digest = hashlib.sha256(basis.encode())
        for gone, survivor in sorted(self.survivors.items()):
            digest.update(f"{len(gone)}:{gone}{len(survivor)}:{survivor}".encode())
        return digest.hexdigest()[:16]


def standing(decisions: Iterable[Decision]) -> Standing:
    """Return what holds after all these decisions."""
    taken = list(decisions)
    undone = {decision.undoes for decision in taken if decision.verdict is Verdict.UNDONE}
    held = [decision for decision in taken if decision.id not in undone]
    of = {verdict: tuple(d for d in held if d.verdict is verdict) for verdict in Verdict}
    taken_back = tuple(d for d in taken if d.id in undone and d.verdict is Verdict.MERGED)
    return Standing(
        _survivors(of[Verdict.MERGED]), of[Verdict.MERGED], of[Verdict.APART], of[Verdict.LATER], taken_back
    )


def check_merge(now: Standing, decision: Decision, most: int = MOST_PER_CUSTOMER) -> None:
    """Raise where a merge may not be: too few, too many, or against a decision that holds."""
    if len(decision.members) < 2:
        raise TOO_FEW.error(members=", ".join(decision.members))
    group = {other for member in decision.members for other in now.group(member)}
    if len(group) > most:
        raise TOO_LARGE.error(count=len(group), most=most, member=decision.members[0])
    for kept in now.apart:
        left, right = kept.members[0], kept.members[-1]
        if left in group and right in group:
            raise KEPT_APART.error(left=left, right=right, name=kept.id, by=kept.by)


def check_apart(now: Standing, decision: Decision) -> None:
    """Raise where two customers cannot be told apart because merges hold them together."""
    if len(decision.members) != 2:
        raise TOO_FEW.error(members=", ".join(decision.members))
    left, right = decision.members
    if now.survivor(left) == now.survivor(right):
        raise MERGED_NOW.error(left=left, right=right)


def check_undo(decisions: Iterable[Decision], name: str) -> Decision:
    """Return the decision to take back; raises where there is none, or where it was taken back."""
    taken = {decision.id: decision for decision in decisions}
    found = taken.get(name)
    if found is None or found.verdict is Verdict.UNDONE:
        raise UNKNOWN_DECISION.error(name=name)
    for other in taken.values():
        if other.undoes == name:
            raise UNDONE_ALREADY.error(name=name, other=other.id)
    return found


def _survivors(merges: Iterable[Decision]) -> dict[str, str]:
    """Union-find over the members: the smallest id of a group survives, whatever the order of the merges."""
    parent: dict[str, str] = {}

    def root(member: str) -> str:
        while parent.setdefault(member, member) != member:
            parent[member] = parent[parent[member]]
            member = parent[member]
        return member

    for decision in merges:
        first = decision.members[0]
        for member in decision.members[1:]:
            smaller, larger = sorted((root(first), root(member)))
            parent[larger] = smaller
    return {member: root(member) for member in sorted(parent) if root(member) != member}
