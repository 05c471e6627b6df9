"""Which ids are one customer, and who said so: what the card tells of merges."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from tierwise.deduplication import decisions
from tierwise.identity.decisions import LOG, Decision, Verdict
from tierwise_console.runs.duplicates import Entry, entry_of
from tierwise_console.runs.published import workspace


@dataclass(frozen=True, slots=True)
class MergeHistory:
    """All ids that are this customer, the surviving one first, and the merges that say so, newest first.

    `taken_back` are merges of this customer that somebody undid.
    """

    ids: tuple[str, ...]
    merges: tuple[Entry, ...]
    taken_back: tuple[Entry, ...]


NONE = MergeHistory((), (), ())


def merge_history(customer: str) -> MergeHistory:
    """What was merged into this customer, or this customer into; raises `identity.broken_log`."""
    log = workspace().identity / LOG
    if not log.exists():
        return NONE
    changed = log.stat()
    index = _indexed(changed.st_mtime_ns, changed.st_size, str(log))
    ids = index.groups.get(index.survivors.get(customer, customer), (customer,))
    return MergeHistory(ids, index.of(ids, held=True), index.of(ids, held=False))


@dataclass(frozen=True, slots=True)
class _Index:
    """Merges by customer id, so that a card asks for its own only: `survivors` by id, `groups` by survivor."""

    survivors: dict[str, str]
    groups: dict[str, tuple[str, ...]]
    held: dict[str, list[Decision]]
    undone: dict[str, list[Decision]]

    def of(self, ids: tuple[str, ...], held: bool) -> tuple[Entry, ...]:
        """The merges that name any of these ids, newest first."""
        by_id = self.held if held else self.undone
        found = {each.id: each for one in ids for each in by_id.get(one, ())}
        newest = sorted(found.values(), key=lambda each: (each.at, each.id), reverse=True)
        return tuple(entry_of(each, held) for each in newest)


@lru_cache(maxsize=2)
def _indexed(changed_ns: int, size: int, log: str) -> _Index:
    """The index of a log; made once for each state of it."""
    _, now = decisions(workspace())
    held, undone = _by_id(now.merges), _by_id(now.taken_back)
    groups: dict[str, list[str]] = {}
    for gone, survivor in sorted(now.survivors.items()):
        groups.setdefault(survivor, [survivor]).append(gone)
    return _Index(dict(now.survivors), {kept: tuple(ids) for kept, ids in groups.items()}, held, undone)


def _by_id(merges: tuple[Decision, ...]) -> dict[str, list[Decision]]:
    found: dict[str, list[Decision]] = {}
    for decision in merges:
        if decision.verdict is Verdict.MERGED:
            for member in decision.members:
                found.setdefault(member, []).append(decision)
    return found
