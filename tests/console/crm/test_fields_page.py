"""The page of custom fields: the owner alone adds, renames, orders and retires them, each with an entry in the audit log."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from tierwise.errors import TierwiseError
from tierwise_console.access.permissions import Role
from tierwise_console.audit.models import AuditEntry
from tierwise_console.crm.models import Customer, CustomField
from tierwise_console.crm.selectors import choices
from tierwise_console.crm.selectors.definitions import definitions
from tierwise_console.crm.services import fields as services
from tierwise_console.crm.services.fields import FieldDefinition, set_values

pytestmark = pytest.mark.django_db

STEPS = ("save", "earlier", "later", "retire", "restore")
LEVEL = {"key": "level", "name_en": "Level", "name_zh": "等级", "kind": "choice", "choices": "A\r\n\r\n B \r\n"}
BUDGET = {"key": "budget", "name_en": "Budget", "name_zh": "预算", "kind": "number"}


@pytest.fixture
def client(signed_in):
    found = signed_in(Role.OWNER)
    found.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return found


@pytest.fixture
def filled(client):
    for form in (LEVEL, BUDGET):
        assert client.post("/settings/fields", form).status_code == 302
    return client


def _keys() -> list[str]:
    """The fields in use, in the order of the cards, which is that of their page."""
    found = [field.key for field in choices.fields()]
    assert [field.key for field in definitions() if not field.archived] == found
    return found


def _done() -> list[str]:
    return list(AuditEntry.objects.filter(subject_type="field").order_by("pk").values_list("action", flat=True))


@pytest.mark.parametrize("step", ("", *(f"/level/{step}" for step in STEPS)))
@pytest.mark.parametrize("role", Role)
def test_the_owner_alone_changes_fields(signed_in, role, step):
    archived = step.endswith("restore")
    CustomField.objects.create(key="level", name_en="Level", name_zh="等级", archived=archived)
    answer = signed_in(role).post(f"/settings/fields{step}", {**BUDGET, "key": "budget"})
    assert answer.status_code == (302 if role == Role.OWNER else 403)
    assert bool(_done()) == (role == Role.OWNER)


@pytest.mark.parametrize(
    "call",
    [
        lambda actor: services.add_field(actor, FieldDefinition("a", "A", "A", "text")),
        lambda actor: services.change_field(actor, FieldDefinition("a", "A", "A")),
        lambda actor: services.move_field(actor, "a", 1),
        lambda actor: services.archive_field(actor, "a"),
        lambda actor: services.restore_field(actor, "a"),
    ],
)
def test_the_services_check_by_themselves(make_user, call):
    with pytest.raises(PermissionDenied):
        call(make_user(Role.ANALYST))


def test_without_a_field_the_page_says_what_to_do(client):
    assert "No custom field yet" in client.get("/settings/fields").content.decode()
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-CN"
    assert "还没有自定义字段" in client.get("/settings/fields").content.decode()


def test_a_field_is_added_renamed_ordered_retired_and_taken_back(filled, make_user):
    assert _keys() == ["level", "budget"]
    assert CustomField.objects.get(key="level").choices == ["A", "B"]
    Customer.objects.create(customer_id="c")
    set_values(make_user(Role.OWNER, "other"), "c", {"level": "A"})
    assert "customers with a value: 1" in filled.get("/settings/fields").content.decode()
    filled.post("/settings/fields/level/later")
    assert _keys() == ["budget", "level"]
    filled.post("/settings/fields/level/later")
    filled.post("/settings/fields/budget/earlier")
    assert _keys() == ["budget", "level"], "the first and the last stay where they are"
    filled.post("/settings/fields/level/save", {"name_en": " Grade ", "name_zh": "级别", "choices": "A\nC"})
    changed = CustomField.objects.get(key="level")
    assert (changed.name_en, changed.name_zh, changed.kind, changed.choices) == ("Grade", "级别", "choice", ["A", "C"])
    filled.post("/settings/fields/budget/retire")
    assert _keys() == ["level"]
    filled.post("/settings/fields/budget/restore")
    assert _keys() == ["level", "budget"], "it comes after those that are in use"
    assert _done() == [
        *["field.defined"] * 2, *["field.moved"] * 3, "field.defined", "field.archived", "field.restored",
    ]  # fmt: skip


def test_values_of_a_retired_field_come_back_with_it(filled, make_user):
    owner = make_user(Role.OWNER, "other")
    Customer.objects.create(customer_id="c")
    set_values(owner, "c", {"level": "A"})
    services.archive_field(owner, "level")
    assert "Values kept" in filled.get("/settings/fields").content.decode()
    services.restore_field(owner, "level")
    assert "customers with a value: 1" in filled.get("/settings/fields").content.decode()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"key": "Level!"}, "a key has small letters"),
        ({"key": "level"}, "a field of this key is there"),
        ({"name_zh": " "}, "in both languages"),
        ({"name_en": "x" * 61}, "in both languages"),
        ({"kind": "colour"}, "its kind is"),
        ({"choices": ""}, "a choice needs choices"),
        ({"choices": "A\nA"}, "each other than the rest"),
        ({"choices": "\n".join(map(str, range(101)))}, "at most 100 choices"),
        ({"choices": "x" * 101}, "at most 100 choices"),
    ],
)
def test_what_is_wrong_is_told_and_the_form_is_kept(filled, wrong, told):
    answer = filled.post("/settings/fields", {**LEVEL, "key": "rank", "name_en": "Kept <b>", **wrong})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert told in text
    assert "name_en" in wrong or 'value="Kept &lt;b&gt;"' in text
    assert _keys() == ["level", "budget"]


def test_a_field_that_is_not_there_is_told(filled):
    for step in STEPS:
        answer = filled.post(f"/settings/fields/nobody/{step}", {"name_en": "a", "name_zh": "a"}, follow=True)
        assert "there is no field nobody" in answer.content.decode()
    assert filled.post("/settings/fields/level/nonsense").status_code == 404
    assert _done() == ["field.defined"] * 2


def test_a_retired_field_is_not_moved_or_renamed(make_user):
    owner = make_user(Role.OWNER)
    services.add_field(owner, FieldDefinition("a", "A", "A", "text"))
    services.archive_field(owner, "a")
    for call in (
        lambda: services.move_field(owner, "a", 1),
        lambda: services.change_field(owner, FieldDefinition("a", "B", "B")),
        lambda: services.archive_field(owner, "a"),
    ):
        with pytest.raises(TierwiseError, match="no_custom_field"):
            call()
