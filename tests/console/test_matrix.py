"""Role × endpoint × own, other's and nobody's record: all of it, and no address of the console is missing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tierwise_console.access.models import User
from tierwise_console.access.permissions import Role
from tierwise_console.crm.models import Customer, Tag, Tagging, Task

PAGES = """
                      owner analyst marketing sales service viewer
 get   account            x       x         x     x       x      x
 post  second_factor      x       x         x     x       x      x
 post  second_factor_off  x       x         x     x       x      x
 post  end_session        x       x         x     x       x      x
 post  sign_out           x       x         x     x       x      x
 get   sign_in            x       x         x     x       x      x
 get   first_owner        x       x         x     x       x      x
 get   health             x       x         x     x       x      x
 post  language           x       x         x     x       x      x
 post  theme              x       x         x     x       x      x
 get   overview           x       x         x     x       x      x
 get   tiers              x       x         x     x       x      x
 post  tiers_lines        x       x         x     x       x      x
 post  tiers_lines_keep   x       x         .     .       .      .
 get   migration          x       x         x     x       x      x
 get   indicators         x       x         x     x       x      x
 get   quality            x       x         x     x       x      x
 post  quality_rules      x       x         .     .       .      .
 get   duplicates         x       x         .     .       .      .
 post  duplicates_search  x       x         .     .       .      .
 post  duplicates_decide  x       x         .     .       .      .
 get   advisor            x       x         x     x       x      x
 post  advisor_test       x       x         .     .       .      .
 get   value              x       x         x     x       x      x
 post  value_forecast     x       x         .     .       .      .
 get   models             x       x         x     x       x      x
 post  models_simulate    x       x         x     x       x      x
 post  models_draft       x       x         .     .       .      .
 get   models_export      x       x         x     x       x      x
 post  models_template    x       x         .     .       .      .
 post  models_import      x       x         .     .       .      .
 get   models_version     x       x         x     x       x      x
 post  models_decide      x       x         x     x       x      x
 get   customers          x       x         x     x       x      .
 get   customers_count    x       x         x     x       x      .
 get   customer_new       x       .         x     x       x      .
 get   customer_check     x       .         x     x       x      .
 post  view_save          x       x         x     x       x      .
 post  view_remove        x       x         x     x       x      .
 post  tag_rule           x       .         x     .       x      .
 post  customers_bulk     x       .         x     x       x      .
 post  customers_bulk_undo x      .         x     x       x      .
 get   customers_export   x       x         x     .       .      .
 post  customer_act       x       x         x     x       x      .
 get   customer_why       x       x         x     x       x      .
 get   customer_story     x       x         x     x       x      .
 get   customer           x       x         x     x       x      .
 get   tasks              x       .         x     x       x      .
 post  task_done          x       .         x     x       x      .
 get   strategy           x       x         x     x       x      x
 get   strategy_export    x       x         x     .       .      .
 post  strategy_act       x       .         x     .       .      .
 get   budget             x       x         x     x       x      x
 post  budget_keep        x       .         x     .       .      .
 post  budget_drop        x       .         x     .       .      .
 get   budget_export      x       x         x     .       .      .
 get   data               x       x         x     .       .      .
 post  data_drop          x       x         .     .       .      .
 post  data_run           x       x         .     .       .      .
 get   data_template      x       x         x     .       .      .
 post  data_take_back     x       x         .     .       .      .
 get   data_rejected      x       x         .     .       .      .
 get   data_rejects       x       x         .     .       .      .
 get   data_upload        x       x         .     .       .      .
 post  data_look          x       x         .     .       .      .
 post  data_try           x       x         .     .       .      .
 post  data_import        x       x         .     .       .      .
 get   data_upload_rejects x      x         .     .       .      .
 get   data_events        x       x         x     .       .      .
 post  data_sender        x       .         .     .       .      .
 post  data_revoke        x       .         .     .       .      .
 get   data_job           x       x         x     .       .      .
 post  data_job_change    x       x         .     .       .      .
 get   reports            x       x         x     x       x      x
 post  report_make        x       x         x     x       x      x
 get   effects            x       x         x     x       x      x
 get   effects_export     x       x         x     .       .      .
 post  report_schedule    x       x         x     .       .      .
 get   report_made        x       x         x     x       x      x
 get   report_file        x       x         x     .       .      .
 get   fields             x       .         .     .       .      .
 post  change_field       x       .         .     .       .      .
 get   privacy            x       .         .     .       .      .
 get   privacy_request    x       .         .     .       .      .
 post  privacy_confirm    x       .         .     .       .      .
 post  privacy_withdraw   x       .         .     .       .      .
 post  privacy_archive    x       .         .     .       .      .
 get   settings           x       .         .     .       .      .
 post  change_user        x       .         .     .       .      .
 post  rescue_user        x       .         .     .       .      .
 post  end_any_session    x       .         .     .       .      .
 get   audit              x       .         .     .       .      .
 get   tokens             x       .         .     .       .      .
 post  token_make         x       .         .     .       .      .
 post  token_revoke       x       .         .     .       .      .
"""
"""Which role each address lets in. What a form may then do is asked of whoever sends it: a decision about a model of
`models_decide`, an action of `customer_act`, a kind of file of `report_make`."""
ARGUMENTS = {
    "int": "1", "slug": "x", "uuid": "00000000-0000-4000-8000-000000000000", "str": "x", "path": "c1",
}  # fmt: skip
OTHER_ARGUMENTS = {"strategy_act": "/strategy/do/add"}
KEYED = ("api/", "^v1/", "v1/", "mp/")
"""Addresses that ask for a key and know no role: the API has a table of its own in `api/test_api.py`."""


def _table() -> dict[str, tuple[str, set[Role]]]:
    header, *rows = [line.split() for line in PAGES.strip().splitlines()]
    roles = [Role(name) for name in header]
    return {
        name: (method, {role for role, mark in zip(roles, marks, strict=True) if mark == "x"})
        for method, name, *marks in rows
    }


def _addresses(patterns: list[Any] | None = None, before: str = "") -> Iterator[tuple[str, str]]:
    """Every address of the console but those that ask for a key: name and address."""
    for each in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _addresses(each.url_patterns, route)
        elif isinstance(each, URLPattern) and not route.startswith(KEYED):
            address = "/" + re.sub(r"<(\w+):\w+>", lambda found: ARGUMENTS[found[1]], route)
            yield each.name or "", OTHER_ARGUMENTS.get(each.name or "", address)


@pytest.fixture(autouse=True)
def place(settings: Any, tmp_path: Path) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, workspace=tmp_path)


def test_no_address_is_missing_from_the_table() -> None:
    assert {name for name, _ in _addresses()} == set(_table())


@pytest.mark.parametrize("role", list(Role))
def test_role_by_endpoint(make_user: Callable[..., User], role: Role) -> None:
    table, user, wrong = _table(), make_user(role), []
    for name, address in _addresses():
        method, roles = table[name]
        client = Client()  # a fresh one: some addresses end the session
        client.force_login(user)
        status = getattr(client, method)(address).status_code
        if status >= 500 or status == 405 or (status == 403) != (role not in roles):
            wrong.append((name, address, status))
    assert wrong == []


def test_without_signing_in_there_is_nothing_but_the_door(db: None) -> None:
    open_to_all = {
        name for name, address in _addresses() if Client().get(address).status_code not in (302, 403, 404, 405)
    }
    assert open_to_all == {"sign_in", "health"}


OWN, OTHER, NOBODYS = "own", "other", "nobodys"
SEES = {
    Role.OWNER: {OWN, OTHER, NOBODYS}, Role.ANALYST: {OWN, OTHER, NOBODYS}, Role.MARKETING: {OWN, OTHER, NOBODYS},
    Role.SALES: {OWN}, Role.SERVICE: {OWN, OTHER, NOBODYS}, Role.VIEWER: set(),
}  # fmt: skip
"""Whose customers each role sees at all."""
NEITHER = {Role.ANALYST, Role.VIEWER}
RECORDS: dict[str, tuple[str, dict[str, str], set[Role]]] = {
    "card": ("get /customers/card/{customer}", {}, {Role.VIEWER}),
    "why": ("get /customers/card/{customer}/why", {}, {Role.VIEWER}),
    "story": ("get /customers/card/{customer}/story", {}, {Role.VIEWER}),
    "edit": ("post /customers/do/edit", {"region": "华东"}, NEITHER),
    "unmask": ("post /customers/do/unmask", {}, {*NEITHER, Role.MARKETING}),
    "note": ("post /customers/do/note", {"text": "called"}, NEITHER),
    "tag": ("post /customers/do/tag", {"name": "vip"}, NEITHER),
    "untag": ("post /customers/do/untag", {"tag": "{tag}"}, NEITHER),
    "task": ("post /customers/do/task", {"title": "call"}, NEITHER),
    "done": ("post /customers/do/done", {"task": "{task}"}, NEITHER),
}
"""What is done with one customer, and which roles may not, whosever customer it is."""
NOT_THERE = ("there is no customer", "there is no task")


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("what", list(RECORDS))
def test_role_by_record(make_user: Callable[..., User], what: str, role: Role) -> None:
    user, colleague = make_user(role), make_user(Role.SALES, "colleague")
    tag = Tag.objects.create(name="loyal")
    address, form, never = RECORDS[what]
    method, path = address.split()
    reached = set()
    for customer, owner in ((OWN, user), (OTHER, colleague), (NOBODYS, None)):
        Customer.objects.create(customer_id=customer, owner=owner, phone_sealed="")
        Tagging.objects.create(tag=tag, customer_id=customer)
        task = Task.objects.create(title="call", customer_id=customer, owner=colleague)
        given = {name: value.format(tag=tag.pk, task=task.pk) for name, value in form.items()}
        client = Client(HTTP_ACCEPT_LANGUAGE="en")
        client.force_login(user)
        answer = getattr(client, method)(
            path.format(customer=customer), {"customer_id": customer, **given}, follow=method == "post"
        )
        text = answer.content.decode().lower()
        assert answer.status_code in (200, 403, 404), text[:500]
        if answer.status_code == 200 and not any(words in text for words in NOT_THERE):
            reached.add(customer)
    assert reached == (set() if role in never else SEES[role])


@pytest.mark.parametrize("role", [role for role in Role if SEES[role]])
def test_lists_and_exports_hold_no_others(make_user: Callable[..., User], role: Role) -> None:
    user, colleague = make_user(role), make_user(Role.SALES, "colleague")
    for customer, owner in ((OWN, user), (OTHER, colleague), (NOBODYS, None)):
        Customer.objects.create(customer_id=f"id-of-{customer}", owner=owner)
    client = Client()
    client.force_login(user)
    pages = [client.get("/customers/").content.decode()]
    exported = client.get("/customers/export")
    if exported.status_code == 200:
        pages.append(b"".join(exported.streaming_content).decode())
    for text in pages:
        assert {each for each in (OWN, OTHER, NOBODYS) if f"id-of-{each}" in text} == SEES[role]
