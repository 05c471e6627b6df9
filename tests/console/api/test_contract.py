"""schemathesis over the OpenAPI: whatever is sent, no 5xx, and every answer is as declared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tierwise_console.access.permissions import Role
from tierwise_console.api import guard
from tierwise_console.api.endpoints import api
from tierwise_console.tokens.services import SCOPES, make_token

pytestmark = pytest.mark.slow
SCHEMA = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
OPERATIONS = [f"{method.upper()} {path}" for path, item in api.get_openapi_schema()["paths"].items() for method in item]


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """The application would close the connection, and with it the test's transaction, at the end of each request."""
    signals = (request_started, request_finished)
    for each in signals:
        each.disconnect(close_old_connections)
    yield
    for each in signals:
        each.connect(close_old_connections)


@pytest.fixture
def key(make_user: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(guard, "REQUESTS_A_WINDOW", 1_000_000)
    user = make_user(Role.OWNER)
    return make_token(user, user, "test", tuple(SCOPES))[1]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_answers_are_as_declared(operation: str, key: str) -> None:
    method, path = operation.split(" ")
    found = SCHEMA[path][method]

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
    @given(case=found.as_strategy())
    def every(case: Any) -> None:
        response = case.call(headers={"Authorization": f"Bearer {key}"})
        case.validate_response(response, checks=CHECKS)

    every()
