"""Privacy requests from asking to tombstone: in the workspace, in every table of the console, after a kill, and by the command line."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone
from tests.privacy.conftest import EMAIL, NAME, PHONE, fill

from tierwise.cli.main import execute
from tierwise.errors import TierwiseError
from tierwise.language import Text
from tierwise.snapshots.workspace import Workspace
from tierwise_console.access.models import User
from tierwise_console.access.permissions import Role
from tierwise_console.audit.models import AuditEntry
from tierwise_console.crm.models import Customer, Note, SavedView
from tierwise_console.crm.services.customers import create_customer, update_customer
from tierwise_console.crm.services.tags import put_tag
from tierwise_console.crm.services.take_over import take_over
from tierwise_console.crm.services.work import add_note, add_task
from tierwise_console.events import services as events
from tierwise_console.events.incoming import Incoming, Reading, Refusal
from tierwise_console.events.models import Event, Rejected
from tierwise_console.jobs.models import Job, Status
from tierwise_console.jobs.queueing import enqueue
from tierwise_console.jobs.worker import Loop
from tierwise_console.privacy import performing, services
from tierwise_console.privacy.following import notice_erasures
from tierwise_console.privacy.models import PrivacyRequest, State
from tierwise_console.runs import published

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse battery"
TRACES = ("c007", "old-007", NAME, PHONE, EMAIL)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that holds the person everywhere, made once and copied for each test."""
    return fill(tmp_path_factory.mktemp("filled")).root


@pytest.fixture
def owner(filled: Path, make_user: Callable[..., User], settings: Any, tmp_path: Path) -> User:
    """A workspace and a console that hold one person wherever they can."""
    owner = make_user(Role.OWNER)
    settings.MEDIA_ROOT = tmp_path / "uploads"
    settings.ENVIRONMENT = SimpleNamespace(workspace=shutil.copytree(filled, tmp_path / "w"), home=tmp_path / "console")
    published._open.cache_clear()
    take_over(published.named_run().name)
    update_customer(owner, "c007", {"phone": "021 5555 6666"})
    put_tag(owner, "c007", "VIP")
    add_note(owner, "c007", "likes tea")
    add_note(owner, "c001", f"sister of {NAME}")
    add_task(owner, "call back", "c007")
    SavedView.objects.create(name="her", owner=owner, query=[["q", EMAIL]])
    sender, _ = events.make_sender(owner, "shop")
    now = timezone.now()
    taken = [Incoming(f"m-{each}", "track", "Seen", each, now, "web", {}) for each in ("c007", "c001")]
    bodies = (f'{{"userId": "c007", "at": "{PHONE}"}}', '{"userId": "c001"}')
    refused = [Refusal("bad_time", Text("no time", "没有时间"), body) for body in bodies]
    events.take(sender, Reading(taken, refused), now)
    enqueue("look", {"task": "look", "file": "x", "note": f"sample of {EMAIL}"}, delay_seconds=-1)
    Job.objects.update(status=Status.CANCELLED)
    dropped = tmp_path / "uploads" / "dropped"
    dropped.mkdir(parents=True)
    (dropped / "a.csv").write_text(f"c007,{NAME}")
    return owner


def traces() -> list[str]:
    """Every row of every table of the console that still speaks of the person; the audit log keeps ids alone."""
    found = []
    for model in apps.get_models():
        for row in model._default_manager.values():
            theirs = [each for each in TRACES if each in json.dumps(row, default=str, ensure_ascii=False)]
            if theirs and not (model is AuditEntry and set(theirs) <= {"c007", "old-007"}):
                found.append(f"{model.__name__}: {row}")
    return found


def ask_and_look(owner: User, customer: str = "c007") -> PrivacyRequest:
    request = services.ask(owner, "erasure", customer, "letter of May")
    Loop().run_until_empty()
    request.refresh_from_db()
    return request


def test_an_erasure_reaches_workspace_and_console(owner: User, tmp_path: Path) -> None:
    assert len(traces()) > 8
    request = ask_and_look(owner)
    assert request.state == State.WAITING
    assert request.found["ids"] == 2  # old-007 was merged into c007
    assert request.found["workspace"]["by_area"]["imports"] > 0
    assert request.found["console"] == {
        **request.found["console"],
        "notes": 1,
        "tasks": 1,
        "events": 1,
        "rejected_events": 1,
    }
    for typed, password, code in (("c007", "wrong", "access.not_confirmed"), ("c008", PASSWORD, "privacy.not_the_id")):
        with pytest.raises(TierwiseError) as told:
            services.confirm(owner, request.pk, typed, password)
        assert told.value.code == code
    services.confirm(owner, request.pk, "c007", PASSWORD)
    Loop().run_until_empty()
    request.refresh_from_db()
    assert (request.state, request.customer_sealed, request.person_sealed) == (State.DONE, "", "")
    assert (published.workspace().root / "erasures" / f"{request.tombstone}.json").is_file()
    assert traces() == []
    assert Note.objects.get(customer_id="c001").text == "sister of [erased]"
    assert Event.objects.get().customer_id == "c001"
    assert sorted(Rejected.objects.values_list("body", flat=True)) == ["[erased]", '{"userId": "c001"}']
    assert Customer.objects.filter(pk="c008").exists()
    assert not (tmp_path / "uploads" / "dropped" / "a.csv").exists()
    entries = AuditEntry.objects.filter(subject_type="privacy_request").values_list("action", flat=True)
    assert list(entries) == ["privacy.erasure_asked", "privacy.erasure_confirmed", "privacy.erased"]
    with pytest.raises(TierwiseError, match=r"privacy\.unknown"):
        services.confirm(owner, request.pk, "c007", PASSWORD)
    notice_erasures()
    Loop().run_until_empty()
    assert PrivacyRequest.objects.count() == 1  # a request's own tombstone is not followed


def test_an_erasure_goes_on_where_it_was_killed(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    request = ask_and_look(owner)
    services.confirm(owner, request.pk, "c007", PASSWORD)
    core = performing.core

    def killed(work: Any, task: str, **asked: Any) -> Any:
        done = core(work, task, **asked)
        if task == "erasure":
            raise KeyboardInterrupt  # the worker dies when the core has erased and nobody has heard of it
        return done

    monkeypatch.setattr(performing, "core", killed)
    with pytest.raises(KeyboardInterrupt):
        Loop().run_until_empty()
    monkeypatch.setattr(performing, "core", core)
    notice_erasures()  # the tombstone stands; it is left to the request
    Job.objects.filter(status=Status.RUNNING).update(status=Status.QUEUED, owner="")
    Loop().run_until_empty()
    request.refresh_from_db()
    assert request.state == State.DONE
    assert len(list((published.workspace().root / "erasures").glob("[0-9]*.json"))) == 1
    assert request.tombstone and traces() == []


def test_an_erasure_of_the_command_line_is_followed(owner: User) -> None:
    root = str(published.workspace().root)
    assert execute(["erase", "c007", "--yes", "--by", "ann", "--workspace", root]) == 0
    notice_erasures()
    notice_erasures()
    Loop().run_until_empty()
    request = PrivacyRequest.objects.get()
    assert (request.state, request.by_command) == (State.DONE, "ann")
    assert Workspace(Path(root)).root.joinpath("erasures", f"{request.tombstone}.json").is_file()
    assert traces() == []


def test_an_export_holds_both_parts_and_goes_with_an_erasure(owner: User, client: Client) -> None:
    request = services.ask(owner, "export", "c007")
    Loop().run_until_empty()
    client.force_login(owner)
    address = f"/privacy/{request.pk}"
    shown = client.get(address).content.decode()
    assert (
        "Download the archive" in shown and "<code>orders.csv</code>" in shown and "<code>console.json</code>" in shown
    )
    answer = client.post(f"{address}/archive")
    with zipfile.ZipFile(BytesIO(b"".join(answer.streaming_content))) as archive:  # type: ignore[attr-defined]
        assert {"subject.json", "orders.csv", "console.json"} <= set(archive.namelist())
        here = json.loads(archive.read("console.json"))
    assert here["notes"][0]["text"] == "likes tea"
    assert here["customers"][0]["phone"] == "021 5555 6666"
    assert "phone_index" not in here["customers"][0]
    erasure = ask_and_look(owner)
    services.confirm(owner, erasure.pk, "c007", PASSWORD)
    Loop().run_until_empty()
    request.refresh_from_db()
    assert (request.file, request.customer_sealed) == ("", "")
    assert not list((performing.settings.ENVIRONMENT.home / "results").rglob("*.zip"))
    assert client.post(f"{address}/archive").status_code == 302


def test_a_customer_of_the_console_alone_and_one_of_nobody(owner: User) -> None:
    customer = create_customer(owner, {"name": "Zoe Quine", "phone": "13700137000"})
    request = ask_and_look(owner, customer)
    assert request.found["console"] == {"customers": 1}
    services.confirm(owner, request.pk, customer, PASSWORD)
    Loop().run_until_empty()
    request.refresh_from_db()
    assert (request.state, request.tombstone) == (State.DONE, "")
    assert not Customer.objects.filter(pk=customer).exists()
    nobody = ask_and_look(owner, "nobody at all")
    assert nobody.state == State.LOOKING
    assert Job.objects.get(pk=nobody.job).error["code"] == "erasure.unknown_customer"
    services.withdraw(owner, nobody.pk)
    nobody.refresh_from_db()
    assert (nobody.state, nobody.customer_sealed) == (State.WITHDRAWN, "")
    with pytest.raises(TierwiseError, match=r"privacy\.nobody"):
        services.ask(owner, "erasure", "  ")


def test_the_pages_lead_through_an_erasure(owner: User, signed_in: Callable[..., Client], client: Client) -> None:
    client.force_login(owner)
    page = client.get("/privacy/", headers={"accept-language": "zh-CN"}).content.decode()
    assert "暂无请求" in page
    address = client.post("/privacy/", {"kind": "erasure", "customer": "c007"})["Location"]
    assert "hx-get" in client.get(address).content.decode()
    Loop().run_until_empty()
    page = client.get(address, headers={"accept-language": "zh-CN"}).content.decode()
    assert "永久删除" in page and "被拒事件原文" in page
    client.post(f"{address}/confirm", {"typed": "c00", "password": PASSWORD})
    assert "letter by letter" in client.get(address).content.decode()
    client.post(f"{address}/confirm", {"typed": "c007", "password": PASSWORD})
    Loop().run_until_empty()
    page = client.get(address).content.decode()
    assert "Tombstone" in page and "c007" not in page
    assert client.get("/privacy/999").status_code == 404
    for role in set(Role) - {Role.OWNER}:
        other = signed_in(role)
        assert other.get("/privacy/").status_code == 403
        assert other.post("/privacy/", {"kind": "export", "customer": "c001"}).status_code == 403
    with pytest.raises(PermissionDenied):
        services.ask(User.objects.get(username="analyst"), "erasure", "c001")
