"""Pairs of customers that may be one, as the core queued them, and what was decided; decisions are jobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tierwise.deduplication import decisions, open_pairs
from tierwise.errors import ErrorKind, Family
from tierwise.identity.certain import WHY
from tierwise.identity.decisions import Decision, Verdict
from tierwise.identity.explanation import BEFORE
from tierwise.identity.queue import QUEUE
from tierwise.language import Text
from tierwise_console.access.permissions import Permission
from tierwise_console.jobs import selectors
from tierwise_console.jobs import services as jobs
from tierwise_console.jobs.models import Job
from tierwise_console.runs.published import workspace

SEARCH, DECIDE = "dedupe", "decide"
WORDS = {
    Verdict.MERGED: Text("merged", "已合并"),
    Verdict.APART: Text("not the same", "不是同一客户"),
    Verdict.LATER: Text("put off", "以后再定"),
    Verdict.UNDONE: Text("taken back", "撤销"),
}
NOT_A_WORD = ErrorKind(
    "duplicates.not_a_word",
    Family.USAGE,
    what=Text("this cannot be said of a pair", "无法识别对该配对的决定"),
    cause=Text("a pair is merged, kept apart or put off", "只能选择合并、不是同一客户或以后再定"),
    cure=Text("use the buttons of the page", "请使用页面上的按钮"),
)

LEAST_SHOWN = 0.05
"""What adds less to the odds, above all what is unknown on one side, is not told."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair to decide on: ids, how likely they are one in per cent, and what each field adds to the odds.

    `held` tells why it was not merged although a rule holds; empty where none does.
    """

    left: str
    right: str
    percent: float
    held: tuple[Text, ...]
    later: bool
    why: tuple[tuple[Text, Text, float], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A decision of the log; `holds` where nobody took it back."""

    id: str
    word: Text
    members: tuple[str, ...]
    by: str
    at: datetime
    reason: Text
    holds: bool
    can_be_undone: bool


def searched() -> bool:
    """Whether a search left a queue."""
    return (workspace().identity / QUEUE).exists()


def queue(most: int = 10) -> tuple[list[Pair], int]:
    """The pairs to decide on, the likeliest first, and how many there are; those being decided now are left out."""
    asked = {(job.arguments.get("left"), job.arguments.get("right")) for job in open_jobs()}
    found, count = open_pairs(workspace(), most + len(asked))
    pairs = [
        Pair(
            each.left, each.right, 100 * each.probability, each.held, each.later,
            tuple((a.field, a.level, a.weight) for a in each.addends if a.field != BEFORE and abs(a.weight) >= LEAST_SHOWN),
        )
        for each in found
        if (each.left, each.right) not in asked
    ]  # fmt: skip
    return pairs[:most], count


def log(customer: str = "", most: int = 50) -> list[Entry]:
    """What was decided, of one customer where one is named, the newest first."""
    every, now = decisions(workspace())
    taken = [decision for decision in every if not customer or customer in decision.members]
    held = {decision.id for decision in (*now.merges, *now.apart, *now.later)}
    return [entry_of(each, each.id in held) for each in reversed(taken[-most:])]


def entry_of(found: Decision, holds: bool) -> Entry:
    """A decision in words; `holds` where nobody took it back."""
    rules = [WHY[rule] for rule in str(found.rule or "").split() if rule in WHY]
    reason = Text("; ".join(r.en for r in rules), "；".join(r.zh for r in rules)) if rules else Text.same(found.reason)
    undone = found.verdict is Verdict.UNDONE
    word = WORDS[found.verdict]
    return Entry(found.id, word, found.members, found.by, found.at, reason, holds or undone, holds and not undone)


def open_jobs() -> list[Job]:
    """Searches and decisions that wait or are at work."""
    return selectors.open_jobs((SEARCH, DECIDE))


def ask_search(actor: Any) -> Job:
    """Search, and take the certain merges; while one search is open, asking again is asking for that one."""
    waiting = selectors.open_jobs((SEARCH,))
    return waiting[0] if waiting else jobs.ask(actor, SEARCH, {"task": SEARCH}, Permission.CUSTOMERS_MERGE)


def ask_decision(actor: Any, verdict: str, left: str, right: str) -> Job:
    """Take a person's word on a pair; raises `duplicates.not_a_word`."""
    if verdict not in (Verdict.MERGED, Verdict.APART, Verdict.LATER) or not (left and right):
        raise NOT_A_WORD.error()
    request = {"task": DECIDE, "verdict": verdict, "left": left, "right": right, "by": actor.username}
    return jobs.ask(actor, DECIDE, request, Permission.CUSTOMERS_MERGE)


def ask_undo(actor: Any, decision: str) -> Job:
    """Take a decision back; all it moved is where it was."""
    request = {"task": DECIDE, "undoes": decision, "by": actor.username}
    return jobs.ask(actor, DECIDE, request, Permission.CUSTOMERS_MERGE)
