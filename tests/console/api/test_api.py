"""Who may ask what; repeated requests; limits; errors in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tierwise_console.access.permissions import Role
from tierwise_console.api import guard
from tierwise_console.audit.models import AuditEntry
from tierwise_console.crm.models import Customer
from tierwise_console.jobs.models import Job
from tierwise_console.jobs.queueing import enqueue
from tierwise_console.tokens.models import Token
from tierwise_console.tokens.services import revoke_token

AsRole = Callable[..., Any]
OWN, OTHER, NONE = "own", "other", "none"

# role:          owner analyst marketing sales service viewer
MATRIX = {
    ("get", "/customers"): (200, 200, 200, 200, 200, 403),
    ("get", "/customers/nobody"): (404, 404, 404, 404, 404, 403),
    ("get", "/customers/nobody/labels"): (404, 404, 404, 404, 404, 403),
    ("get", "/customers/nobody/holdings"): (404, 404, 404, 404, 404, 403),
    ("get", "/tasks"): (200, 403, 200, 200, 200, 403),
    ("post", "/tasks"): (201, 403, 201, 201, 201, 403),
    ("post", "/tasks/1/done"): (404, 403, 404, 404, 404, 403),
    ("get", "/tiers"): (404, 404, 404, 404, 404, 404),
    ("get", "/runs"): (200, 200, 200, 200, 200, 200),
    ("post", "/runs"): (202, 202, 403, 403, 403, 403),
    ("get", "/jobs/{job}"): (200, 200, 200, 403, 403, 403),
    ("post", "/jobs/{job}/cancel"): (200, 200, 403, 403, 403, 403),
    ("post", "/exports"): (404, 404, 404, 403, 403, 403),
    ("get", "/exports/{job}/file"): (404, 404, 404, 403, 403, 403),
}
"""What each role is answered; 404 where it may ask and there is no run or no export yet."""


def test_no_operation_is_missing_from_the_table(client: Any, db: None) -> None:
    described = client.get("/api/v1/openapi.json").json()["paths"]
    known = {(method, re.sub(r"\{\w+\}|nobody|\b1\b", "*", path)) for method, path in MATRIX}
    found = {
        (method, re.sub(r"\{\w+\}", "*", path.removeprefix("/api/v1")))
        for path, methods in described.items() for method in methods
    }  # fmt: skip
    assert found == known


# which customers a role sees: its own, another's, nobody's
RECORDS = {
    Role.OWNER: {OWN, OTHER, NONE}, Role.ANALYST: {OWN, OTHER, NONE}, Role.MARKETING: {OWN, OTHER, NONE},
    Role.SALES: {OWN}, Role.SERVICE: {OWN, OTHER, NONE},
}  # fmt: skip


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(("method", "path"), list(MATRIX))
def test_role_by_operation(asking: AsRole, method: str, path: str, role: Role) -> None:
    ask = asking(role)
    number = enqueue("run", {"as_of": None}).pk
    body = {"title": "call"} if path == "/tasks" else {}
    answer = ask(method, path.format(job=number), body if method == "post" else None)
    assert answer.status_code == MATRIX[method, path][list(Role).index(role)], answer.content
    if answer.status_code >= 400:
        assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("role", list(RECORDS))
def test_role_by_record(asking: AsRole, make_user: Callable[..., Any], role: Role) -> None:
    ask = asking(role)
    other = make_user(Role.SALES, "another")
    for name, owner in ((OWN, ask.user), (OTHER, other), (NONE, None)):
        Customer.objects.create(customer_id=name, owner=owner)
    seen = {each["customer_id"] for each in ask("get", "/customers").json()["items"]}
    assert seen == RECORDS[role]
    one_by_one = {name for name in (OWN, OTHER, NONE) if ask("get", f"/customers/{name}").status_code == 200}
    assert one_by_one == RECORDS[role]
    if role is not Role.ANALYST:  # analysts have no tasks
        tasks = {name: ask("post", "/tasks", {"title": "call", "customer_id": name}) for name in (OWN, OTHER, NONE)}
        assert {name for name, answer in tasks.items() if answer.status_code == 201} == RECORDS[role]


@pytest.mark.parametrize(("method", "path"), list(MATRIX))
def test_without_a_token_nothing(client: Any, db: None, method: str, path: str) -> None:
    answer = getattr(client, method)(f"/api/v1{path.format(job=1)}")
    assert (answer.status_code, answer.json()["code"]) == (401, "api.no_token")


def test_a_scope_lets_through_no_more_than_it_names(asking: AsRole) -> None:
    ask = asking(Role.OWNER, ("results.read",))
    assert ask("get", "/runs").status_code == 200
    assert ask("post", "/runs", {}).status_code == 403
    assert ask("get", "/customers").status_code == 403


def test_a_revoked_token_opens_nothing_and_its_key_is_kept_nowhere(asking: AsRole, make_user: Any) -> None:
    ask = asking(Role.ANALYST)
    assert ask("get", "/runs").status_code == 200
    token = Token.objects.get()
    assert token.used_at is not None
    assert len(token.key_hash) == 64
    revoke_token(make_user(Role.OWNER, "second"), token.pk)
    assert ask("get", "/runs").status_code == 401
    assert AuditEntry.objects.filter(action="token.revoked").exists()


def test_customers_come_page_by_page(asking: AsRole) -> None:
    for number in range(5):
        Customer.objects.create(customer_id=f"c{number}", monetary=number)
    ask, seen, cursor = asking(), [], ""
    for expected in (2, 2, 1):
        page = ask("get", f"/customers?limit=2&cursor={cursor}").json()
        assert len(page["items"]) == expected
        seen += [each["customer_id"] for each in page["items"]]
        cursor = page["next"]
    assert (seen, cursor) == (["c4", "c3", "c2", "c1", "c0"], "")


def test_a_repeated_request_has_one_effect(asking: AsRole) -> None:
    ask = asking()
    first = ask("post", "/runs", {}, idempotency_key="k")
    Job.objects.update(status="done")
    second = ask("post", "/runs", {}, idempotency_key="k")
    assert (first.status_code, second.status_code, first.json()) == (202, 202, second.json())
    assert Job.objects.count() == 1
    other = ask("post", "/runs", {"as_of": "2026-01-01"}, idempotency_key="k")
    assert (other.status_code, other.json()["code"]) == (422, "api.key_of_another_request")
    assert ask("post", "/runs", {}, idempotency_key="another").status_code == 202
    assert Job.objects.count() == 2


def test_too_many_requests_are_put_off(asking: AsRole, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "REQUESTS_A_WINDOW", 2)
    monkeypatch.setattr("time.time", lambda: 1_777_000_010.0)
    ask = asking()
    answers = [ask("get", "/runs") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1]["Retry-After"]) > 0
    assert answers[-1]["RateLimit-Remaining"] == "0"


def test_errors_speak_both_languages(asking: AsRole) -> None:
    ask = asking()
    assert ask("get", "/tiers", accept_language="zh-CN").json()["title"] == "未找到"
    assert ask("get", "/tiers", accept_language="en").json()["title"] == "Not found"
    wrong = ask("get", "/customers?limit=0")
    assert (wrong.status_code, wrong.json()["errors"][0]["where"]) == (422, "query.limit")
