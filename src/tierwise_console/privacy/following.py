"""Erasures of the command line reach the console too: the worker sees their tombstones and has their customers forgotten.

A tombstone names nobody. The console hashes the ids that it holds with the workspace's salt and forgets those that match.
So it does, too, after a backup was restored that still holds somebody who was erased since.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils import timezone

from tierwise.language import Text
from tierwise.privacy.person import Person
from tierwise_console.audit.services import record
from tierwise_console.crm.services import forgetting as crm
from tierwise_console.events import forgetting as events
from tierwise_console.jobs.kinds import JobKind, register
from tierwise_console.jobs.queueing import asked_for, enqueue
from tierwise_console.jobs.work import Work
from tierwise_console.privacy.models import Kind, PrivacyRequest, State
from tierwise_console.privacy.performing import forgotten
from tierwise_console.privacy.recognising import values_of
from tierwise_console.runs.erasures import Stone, recognised, stone, stone_names
from tierwise_console.runs.forgetting import forget_dropped_files
from tierwise_console.runs.performing import TAKE_OVER

FOLLOW = "privacy.follow"
_MARK = re.compile(r"\[console request (\d+)\]$")


def notice_erasures() -> None:
    """Ask for each tombstone to be followed, once."""
    names = stone_names()
    known = set(PrivacyRequest.objects.exclude(tombstone="").values_list("tombstone", flat=True)) if names else set()
    for name in names:
        key = f"{FOLLOW}:{name}"
        if name not in known and not asked_for(key):
            enqueue(FOLLOW, {"tombstone": name}, unique_key=key)


def follow(work: Work) -> dict[str, int]:
    """Forget whom a tombstone means; that of a request which is at work here is left to it."""
    found = stone(work.arguments["tombstone"])
    if found is None or _is_ours(found):
        return {}
    work.doing(Text("looking for customers who were erased", "查找已删除的客户"))
    ids = tuple(sorted(set(recognised(found, _known_ids()))))
    files = forget_dropped_files()
    with work.effect():
        request = PrivacyRequest.objects.create(
            kind=Kind.ERASURE, state=State.DONE, by_command=found.by[:100], reason=found.reason[:300], tombstone=found.id,
            confirmed_at=found.at, done_at=timezone.now(),
        )  # fmt: skip
        gone = forgotten(Person(ids, (), tuple(crm.naming(ids))), request.pk) if ids else {}
        request.gone = {
            "workspace": {"rows": found.rows},
            "console": {**gone, **({"dropped_files": files} if files else {})},
        }
        request.save(update_fields=["gone"])
        record(
            "privacy.followed", subject_type="privacy_request", subject_id=request.pk,
            detail={"tombstone": found.id, "rows": sum(gone.values())},
        )  # fmt: skip
    return gone


def _is_ours(found: Stone) -> bool:
    mark = _MARK.search(found.reason)
    standing = PrivacyRequest.objects.filter(kind=Kind.ERASURE, state=State.WORKING)
    return mark is not None and standing.filter(pk=int(mark[1])).exists()


def _known_ids() -> Iterator[str]:
    """Every id of a customer that the console holds, wherever."""
    yield from crm.known_customers()
    yield from events.known_customers()
    for body in events.bodies():
        yield from values_of(body)


def register_all() -> None:
    """Make the kind known."""
    register(JobKind(FOLLOW, Text("follow an erasure", "同步删除"), follow, lane=TAKE_OVER, priority=30))
