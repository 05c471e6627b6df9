"""From what was sent to the core's ledger: every event once, whatever was killed when, and refunds reduce the money."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.console.events.conftest import Sending

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.snapshots.imports import holding, records, version_of
from tierwise.snapshots.visible import Visible
from tierwise.snapshots.workspace import Workspace
from tierwise_console.events.models import Batch, Event
from tierwise_console.jobs.models import Job, Status
from tierwise_console.jobs.queueing import enqueue
from tierwise_console.jobs.worker import Loop
from tierwise_console.runs import performing

pytestmark = pytest.mark.slow


class KilledError(BaseException):
    """Stands for kill -9: nothing of ours may catch it."""


@pytest.fixture
def place(settings: Any, tmp_path: Path) -> Iterator[Workspace]:
    settings.ENVIRONMENT = SimpleNamespace(workspace=tmp_path / "shop", home=tmp_path / "console")
    yield Workspace(tmp_path / "shop")


def order(number: int, event: str, total: float) -> dict[str, Any]:
    return {
        "type": "track", "userId": f"u{number % 3}", "event": event, "messageId": f"{event} {number}",
        "timestamp": f"2026-05-{number + 1:02}T10:00:00Z", "properties": {"order_id": f"o{number}", "total": total},
    }  # fmt: skip


def send(sending: Sending, *calls: dict[str, Any]) -> None:
    assert sending.post("/v1/batch", {"batch": list(calls)}).status_code == 200


def take_to_core() -> Job:
    job = enqueue("events.import")
    Loop().run_until_empty()
    job.refresh_from_db()
    assert job.status == Status.DONE, job.error
    return job


def facts(place: Workspace, table: str, sql: str) -> list[tuple[Any, ...]]:
    with DuckDBEngine() as engine:
        Visible(place, version_of(place, holding(records(place)))).attach(engine)
        return engine.native(table, sql)


def test_orders_and_refunds_reach_the_ledger(sending: Sending, place: Workspace) -> None:
    send(sending, *(order(n, "Order Completed", 100 + n) for n in range(4)), {"type": "page", "userId": "u0"})
    take_to_core()
    send(sending, order(0, "Order Refunded", 40), order(9, "Order Completed", 7))
    take_to_core()
    assert facts(place, "orders", "SELECT count(*), sum(amount) FROM orders WHERE status <> 'void'") == [(6, 373)]
    assert facts(place, "events", "SELECT count(*), count(DISTINCT message_id) FROM events") == [(7, 7)]
    assert not Event.objects.filter(batch=None).exists()
    assert all(batch.imported_at and batch.imports for batch in Batch.objects.all())


@pytest.mark.parametrize("moment", ["before the core", "after the core"])
def test_a_kill_between_core_and_database_doubles_nothing(
    sending: Sending, place: Workspace, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    send(sending, *(order(n, "Order Completed", 10) for n in range(5)))
    whole = performing.call_core

    def dying(*args: Any, **kwargs: Any) -> Any:
        if moment == "after the core":
            whole(*args, **kwargs)
        raise KilledError

    monkeypatch.setattr(performing, "call_core", dying)
    job = enqueue("events.import")
    with pytest.raises(KilledError):
        Loop().run_until_empty()
    monkeypatch.setattr(performing, "call_core", whole)
    send(sending, order(7, "Order Completed", 10))
    Job.objects.filter(pk=job.pk).update(lease_until="2000-01-01T00:00:00Z")
    Loop().run_until_empty()
    job.refresh_from_db()
    assert job.status == Status.DONE, job.error
    assert facts(place, "orders", "SELECT count(*), sum(amount) FROM orders") == [(6, 60)]
    assert facts(place, "events", "SELECT count(*) FROM events") == [(6,)]
