"""The jobs of privacy requests. Each may be killed at any moment and begin again.

An erasure is two jobs. The first works in the workspace, in the lane of imports and runs; the second in the console's
database, in the lane of take-overs: none can bring back a customer from files that it had read before.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.utils import timezone

from tierwise.language import Text
from tierwise.privacy.person import UNKNOWN, Person
from tierwise_console.audit.services import record
from tierwise_console.crm.sealing import seal, unseal
from tierwise_console.crm.services import forgetting as crm
from tierwise_console.events import forgetting as events
from tierwise_console.jobs import forgetting as jobs
from tierwise_console.jobs.kinds import JobKind, register
from tierwise_console.jobs.queueing import enqueue
from tierwise_console.jobs.work import Work
from tierwise_console.privacy.models import Kind, PrivacyRequest, State
from tierwise_console.privacy.recognising import cleaner, in_bodies
from tierwise_console.runs.forgetting import dropped_files, forget_dropped_files
from tierwise_console.runs.performing import LANE, TAKE_OVER, core

LOOK, EXPORT, ERASE, FORGET = "privacy.look", "privacy.export", "privacy.erase", "privacy.forget"


def asked(work: Work) -> PrivacyRequest:
    """The request that a job is for."""
    return PrivacyRequest.objects.get(pk=work.arguments["request"])


def mark_of(request: PrivacyRequest) -> str:
    """What a tombstone's reason ends with when it was asked for here."""
    return f"[console request {request.pk}]"


def person_of(request: PrivacyRequest) -> Person:
    """Whom a request is about, as it was found."""
    data = json.loads(unseal(request.person_sealed))
    return Person(**{name: tuple(values) for name, values in data.items()})


def _find(work: Work, request: PrivacyRequest) -> tuple[Person, bool]:
    """The person by the workspace and by what people wrote here; and whether the workspace knows it."""
    found = core(work, "person", customer=unseal(request.customer_sealed))
    ids = tuple(found["ids"])
    naming = tuple(sorted({*found["naming"], *crm.naming(ids)}))
    return Person(ids, tuple(found["orders"]), naming), bool(found["known"])


def _sealed(person: Person) -> str:
    return seal(json.dumps(person.to_json(), ensure_ascii=False))


def look(work: Work) -> None:
    """Find the person and count what an erasure would take; raises `erasure.unknown_customer` where nothing is known."""
    request = asked(work)
    if request.state != State.LOOKING:  # withdrawn since
        return
    person, known = _find(work, request)
    told = core(work, "erasure.look", customer=person.ids[0]) if known else {}
    here = {**crm.held(person.ids), **events.held(person.ids, in_bodies(person))}
    if not known and not here:
        raise UNKNOWN.error(customer=unseal(request.customer_sealed))
    found = {"workspace": told, "console": here, "ids": len(person.ids), "dropped_files": len(dropped_files())}
    with work.effect():
        standing = PrivacyRequest.objects.filter(pk=request.pk, state=State.LOOKING)
        standing.update(person_sealed=_sealed(person), found=found, state=State.WAITING)


def export(work: Work) -> None:
    """Write all that is known into one archive: the workspace's part as the core writes it, and the console's."""
    request = asked(work)
    person, known = _find(work, request)
    folder = settings.ENVIRONMENT.home / "results" / f"subject-{request.pk}-{uuid4().hex}"
    files = core(work, "subject", customer=person.ids[0], folder=str(folder / "files"))["files"] if known else []
    here = {**crm.told(person.ids), **events.told(person.ids, in_bodies(person))}
    if not known and not here:
        raise UNKNOWN.error(customer=unseal(request.customer_sealed))
    (folder / "files").mkdir(parents=True, exist_ok=True)
    text = json.dumps(here, ensure_ascii=False, indent=1, default=str)
    (folder / "files" / "console.json").write_text(text, encoding="utf-8")
    archive = Path(shutil.make_archive(str(folder / "subject"), "zip", folder / "files"))
    shutil.rmtree(folder / "files")
    found = {
        "files": len(files) + 1,
        "archive": [*files, "console.json"],
        "console": {name: len(rows) for name, rows in here.items()},
        "ids": len(person.ids),
    }
    with work.effect():
        _change(
            request, found=found, state=State.DONE, done_at=timezone.now(), person_sealed=_sealed(person),
            file=str(archive.relative_to(settings.ENVIRONMENT.home)),
        )  # fmt: skip


def erase(work: Work) -> None:
    """Erase in the workspace; then have the console forget."""
    request = asked(work)
    if request.state != State.WORKING:  # another request has erased the same person since
        return
    if "found" not in work.cursor:
        person, _ = _find(work, request)
        with work.effect(found=True):
            _change(request, person_sealed=_sealed(person))
    request.refresh_from_db()
    by = request.confirmed_by.username if request.confirmed_by else ""
    first = person_of(request).ids[0]
    done = core(work, "erasure", customer=first, reason=request.reason, mark=mark_of(request), by=by)
    with work.effect():
        _change(request, gone={"workspace": done}, tombstone=done["erasure"] or "")
        job = enqueue(FORGET, {"request": request.pk}, unique_key=f"{FORGET}:{request.pk}")
        _change(request, job=job.pk)
        enqueue("index", {"task": "index"}, unique_key=f"index:{FORGET}:{request.pk}")


def forget(work: Work) -> None:
    """Take the person out of the console's database, and forget whom the request was about."""
    request = asked(work)
    if request.state != State.WORKING:
        return
    work.doing(Text("erasing in the console's database", "在控制台数据库中删除"))
    files = forget_dropped_files()
    with work.effect():
        person = person_of(request)
        gone = forgotten(person, request.pk)
        told = {**request.gone, "console": {**gone, **({"dropped_files": files} if files else {})}}
        _change(request, gone=told, state=State.DONE, done_at=timezone.now(), person_sealed="", customer_sealed="")
        record(
            "privacy.erased", actor=request.confirmed_by or request.by_command or None, subject_type="privacy_request",
            subject_id=request.pk, detail={"tombstone": request.tombstone, "rows": sum(gone.values())},
        )  # fmt: skip


def forgotten(person: Person, number: int) -> dict[str, int]:
    """Take a person out of every table; returns how many rows went or changed. Call it inside a transaction."""
    clean = cleaner(person)
    gone = {**crm.forget_customers(person.ids, clean), **events.forget(person.ids, in_bodies(person), clean)}
    if changed := jobs.forget(clean):
        gone["jobs"] = changed
    for other in PrivacyRequest.objects.exclude(pk=number).exclude(customer_sealed=""):
        if unseal(other.customer_sealed) in person.ids:
            forget_request(other)
    return gone


def forget_request(request: PrivacyRequest) -> None:
    """Forget whom another request was about; an archive that was written for it goes."""
    if request.file:
        shutil.rmtree((settings.ENVIRONMENT.home / request.file).parent, ignore_errors=True)
    state = request.state if request.state == State.DONE else State.WITHDRAWN
    _change(request, customer_sealed="", person_sealed="", file="", state=state)


def _change(request: PrivacyRequest, **values: Any) -> None:
    """Change some fields of a request; the others may be changed at the same time."""
    for name, value in values.items():
        setattr(request, name, value)
    request.save(update_fields=list(values))


KINDS: Sequence[JobKind] = (
    JobKind(LOOK, Text("look what is known of a customer", "查看客户数据"), look, priority=20),
    JobKind(EXPORT, Text("export what is known of a customer", "导出客户个人数据"), export, priority=30),
    JobKind(ERASE, Text("erase a customer", "删除客户个人数据"), erase, lane=LANE, priority=30),
    JobKind(FORGET, Text("erase a customer in the console", "在控制台中删除客户"), forget, lane=TAKE_OVER, priority=30),
)
KIND_OF_FIRST_JOB = {Kind.EXPORT: EXPORT, Kind.ERASURE: LOOK}


def register_all() -> None:
    """Make the kinds known."""
    for kind in KINDS:
        register(kind)
