"""What is taken, what is refused and why, and that nothing is kept twice."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.console.events.conftest import Sending

from tierwise_console.api import taking
from tierwise_console.events.formats import segment
from tierwise_console.events.models import Event, Rejected
from tierwise_console.events.services import make_sender, revoke_sender

TRACK = {"userId": "u1", "event": "Product Viewed", "messageId": "m1", "timestamp": "2026-05-01T10:00:00Z"}
NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def test_a_call_is_kept(sending: Sending) -> None:
    answer = sending.post("/v1/track", {**TRACK, "properties": {"price": 3}, "context": {"channel": "Web"}})
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    event = Event.objects.get()
    assert (event.event, event.customer_id, event.channel) == ("Product Viewed", "u1", "web")
    assert event.occurred_at == datetime(2026, 5, 1, 10, tzinfo=UTC)
    assert json.loads(event.properties) == {"price": 3}


@pytest.mark.parametrize(
    ("call", "body", "name"),
    [
        ("identify", {"userId": "u", "traits": {"city": "上海"}}, "Identify"),
        ("page", {"anonymousId": "a", "name": "Home"}, "Page Viewed: Home"),
        ("screen", {"anonymousId": "a"}, "Screen Viewed"),
        ("group", {"userId": "u", "groupId": "g"}, "Group"),
        ("alias", {"previousId": "a", "userId": "u"}, "Alias"),
    ],
)
def test_each_call_has_its_event(sending: Sending, call: str, body: dict[str, Any], name: str) -> None:
    assert sending.post(f"/v1/{call}", body).status_code == 200
    assert Event.objects.get().event == name


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"event": "E"}, "no_customer"),
        ({"userId": "u"}, "no_event"),
        ({"userId": ["u"], "event": "E"}, "not_text"),
        ({"userId": "\ud800", "event": "E"}, "not_text"),
        ({"userId": "u\x00", "event": "E"}, "not_text"),
        ({"userId": "u" * 201, "event": "E"}, "too_long"),
        ({"userId": "u", "event": "E", "timestamp": "yesterday"}, "bad_time"),
        ({"userId": "u", "event": "E", "properties": []}, "not_object"),
        ({"userId": "u", "event": "Order Completed", "properties": {"total": 3}}, "no_order_id"),
        ({"userId": "u", "event": "Order Refunded", "properties": {"order_id": 3}}, "no_amount"),
        ([1], "not_object"),
    ],
)
def test_a_bad_event_is_refused_with_its_reason_and_kept_on_the_page(sending: Sending, body: Any, code: str) -> None:
    answer = sending.post("/v1/track", body)
    assert answer.status_code == 400
    assert answer.json()["reasons"][0]["code"] == code
    assert Rejected.objects.get().code == code
    assert not Event.objects.exists()


def test_what_is_good_in_a_batch_is_kept_beside_what_is_bad(sending: Sending) -> None:
    calls = [{**TRACK, "type": "track"}, {"type": "track", "userId": "u"}, {"type": "nothing", "userId": "u"}]
    answer = sending.post("/v1/batch", {"batch": calls})
    assert (answer.status_code, answer.json()["accepted"], answer.json()["rejected"]) == (400, 1, 2)
    assert [each["code"] for each in answer.json()["reasons"]] == ["no_event", "unknown_type"]
    assert sending.post("/v1/batch", {"batch": []}).status_code == 400


def test_a_message_is_kept_once_and_each_sender_has_its_own(sending: Sending, make_user: Any) -> None:
    for _ in range(3):
        assert sending.post("/v1/track", TRACK).status_code == 200
    _, other = make_sender(make_user(username="second"), "app")
    assert sending.post("/v1/track", TRACK, key=other).status_code == 200
    assert Event.objects.count() == 2


def test_a_dated_message_without_id_is_known_again(sending: Sending) -> None:
    bare = {name: value for name, value in TRACK.items() if name != "messageId"}
    for _ in range(2):
        sending.post("/v1/track", bare)
    assert Event.objects.count() == 1
    for _ in range(2):
        sending.post("/v1/track", {"userId": "u", "event": "E"})
    assert Event.objects.count() == 3


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, NOW),
        ({"timestamp": "2020-01-01T00:00:00Z"}, datetime(2020, 1, 1, tzinfo=UTC)),
        ({"timestamp": "2026-05-01T10:59:00Z", "sentAt": "2026-05-01T11:00:00Z"}, NOW - timedelta(minutes=1)),
        ({"originalTimestamp": "2026-05-01T21:00:00+08:00", "sentAt": "2026-05-01T21:00:10+08:00"},
         NOW - timedelta(seconds=10)),
    ],
)  # fmt: skip
def test_a_senders_wrong_clock_is_corrected(body: dict[str, str], expected: datetime) -> None:
    assert segment.occurred_at(body, NOW) == expected


def test_keys_are_asked_for_in_each_place(sending: Sending, make_user: Any) -> None:
    assert sending.post("/v1/track", TRACK, key="wrong").status_code == 401
    assert sending.post("/v1/track", {**TRACK, "writeKey": sending.key}, authorization="").status_code == 200
    assert sending.post("/v1/track", TRACK, authorization="Basic ???").status_code == 401
    revoke_sender(make_user(username="second"), Event.objects.get().sender_id)
    assert sending.post("/v1/track", TRACK).status_code == 401


def test_limits_of_length_hold_packed_and_unpacked(sending: Sending) -> None:
    large = {**TRACK, "properties": {"text": "x" * 33_000}}
    assert sending.post("/v1/track", large).status_code == 413
    packed = gzip.compress(json.dumps(TRACK).encode())
    assert sending.post("/v1/track", packed, **{"content-encoding": "gzip"}).status_code == 200
    bomb = gzip.compress(b" " * 50_000_000)
    assert len(bomb) > 32 * 1024
    assert sending.post("/v1/batch", bomb, **{"content-encoding": "gzip"}).status_code == 413
    assert sending.post("/v1/track", b"no gzip", **{"content-encoding": "gzip"}).status_code == 400
    answer = sending.post("/v1/batch", {"batch": [{**large, "type": "track"}]})
    assert answer.json()["reasons"][0]["code"] == "too_large"


@pytest.mark.parametrize("body", [b"", b"{", b'{"a": NaN}', b"\xff\xfe", b"[" * 30_000])
def test_what_is_no_json_is_refused(sending: Sending, body: bytes) -> None:
    assert sending.post("/v1/track", body).status_code == 400


def test_what_cannot_be_read_is_among_the_rejected_without_its_body(sending: Sending) -> None:
    sending.post("/v1/track", b"{")
    sending.post("/v1/track", {**TRACK, "properties": {"text": "x" * 33_000}})
    sending.post("/v1/track", b"no gzip", **{"content-encoding": "gzip"})
    sending.post("/v1/track", b"{", key="wrong")
    sending.post("/mp/collect", b"{")
    rows = Rejected.objects.order_by("pk").values_list("code", "body")
    assert list(rows) == [("no_json", ""), ("too_long", ""), ("no_gzip", "")]


def test_too_many_events_are_put_off(sending: Sending, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "EVENTS_A_WINDOW", 2)
    monkeypatch.setattr("time.time", lambda: 1_777_000_003.0)
    codes = [sending.post("/v1/track", {**TRACK, "messageId": str(n)}).status_code for n in range(3)]
    assert codes == [200, 200, 429]
    answer = sending.post("/v1/track", {**TRACK, "messageId": "last"})
    assert answer["Retry-After"] == "7"
    assert Event.objects.count() == 2


def test_ga4_bodies_are_taken(sending: Sending) -> None:
    body = {
        "client_id": "c1", "timestamp_micros": 1_777_000_000_000_000,
        "events": [{"name": "purchase", "params": {"transaction_id": "T1", "value": 30.5}}, {"name": "search"}],
    }  # fmt: skip
    for _ in range(2):
        assert sending.post(f"/mp/collect?api_secret={sending.key}", body).status_code == 200
    assert sorted(Event.objects.values_list("event", flat=True)) == ["Order Completed", "search"]
    assert sending.post(f"/mp/collect?api_secret={sending.key}", {"client_id": "c", "events": []}).status_code == 400
    assert sending.post("/mp/collect", body).status_code == 401


def test_cloudevents_are_taken_in_all_three_modes(sending: Sending) -> None:
    one = {
        "specversion": "1.0",
        "id": "1",
        "source": "/shop",
        "type": "com.shop.viewed",
        "subject": "u1",
        "data": {"a": 1},
    }
    kinds = {"structured": "application/cloudevents+json", "batch": "application/cloudevents-batch+json"}
    assert sending.post("/v1/cloudevents", one, content_type=kinds["structured"]).status_code == 200
    many = [{**one, "id": "2"}, {**one, "id": "3", "specversion": "0.3"}, {"id": "4"}]
    answer = sending.post("/v1/cloudevents", many, content_type=kinds["batch"])
    assert [each["code"] for each in answer.json()["reasons"]] == ["bad_version", "no_attribute"]
    attributes = {"ce-specversion": "1.0", "ce-id": "5", "ce-source": "/shop", "ce-type": "t", "ce-subject": "u2"}
    bearer = {"authorization": f"Bearer {sending.key}"}
    assert sending.post("/v1/cloudevents", {"b": 2}, **attributes, **bearer).status_code == 200
    found = list(Event.objects.order_by("id").values_list("message_id", "customer_id", "properties"))
    assert found == [("/shop 1", "u1", '{"a":1}'), ("/shop 2", "u1", '{"a":1}'), ("/shop 5", "u2", '{"b":2}')]
