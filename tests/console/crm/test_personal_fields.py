"""Custom fields that are personal are masked, no filter, told and erased; required ones are asked for."""

from __future__ import annotations

import pytest

from tierwise.errors import TierwiseError
from tierwise_console.access.permissions import Role
from tierwise_console.audit.models import AuditEntry
from tierwise_console.crm.filters import filter_from
from tierwise_console.crm.matching import matching
from tierwise_console.crm.models import Customer, CustomField, CustomValue
from tierwise_console.crm.selectors.card import customer_card
from tierwise_console.crm.services.customers import create_customer
from tierwise_console.crm.services.fields import FieldDefinition, make_field, set_values
from tierwise_console.crm.services.forgetting import forget_customers, naming, told

pytestmark = pytest.mark.django_db

PASSPORT = "E12345678"


@pytest.fixture
def owner(make_user):
    found = make_user(Role.OWNER, "boss")
    make_field(found, FieldDefinition("passport", "Passport", "护照", "text", personal=True))
    Customer.objects.create(customer_id="c1", name="何志远")
    set_values(found, "c1", {"passport": PASSPORT})
    return found


def test_a_personal_value_is_masked_until_somebody_asks_which_is_recorded(owner, signed_in):
    client = signed_in(Role.SERVICE)
    page = client.get("/customers/card/c1").content.decode()
    assert PASSPORT not in page and "***" in page
    shown = client.post("/customers/do/unmask", {"customer_id": "c1"}).content.decode()
    assert PASSPORT in shown
    assert AuditEntry.objects.filter(action="customer.unmasked", subject_id="c1").count() == 1


def test_a_form_that_could_not_show_it_does_not_empty_it(owner, signed_in):
    client = signed_in(Role.SERVICE)
    client.post("/customers/do/edit", {"customer_id": "c1", "region": "华东", "field.passport": ""})
    assert CustomValue.objects.get().text == PASSPORT
    client.post("/customers/do/edit", {"customer_id": "c1", "field.passport": "E87654321"})
    assert CustomValue.objects.get().text == "E87654321"


def test_nobody_finds_customers_by_a_personal_field(owner, signed_in):
    assert "field.passport" not in signed_in(Role.SERVICE).get("/customers/").content.decode()
    guessed = [matching(filter_from([("field.passport", text)]), owner).count() for text in (PASSPORT, "E00000000")]
    assert guessed == [0, 0], "a right guess and a wrong one look the same"


def test_a_subject_is_told_of_it_and_an_erasure_takes_it(owner):
    assert told(["c1"])["fields"][0] | {"key": "passport", "text": PASSPORT} == told(["c1"])["fields"][0]
    assert PASSPORT in naming(["c1"])
    make_field(owner, FieldDefinition("vegan", "Vegan", "素食", "yes_no", personal=True))
    set_values(owner, "c1", {"vegan": "yes"})
    assert "yes" not in naming(["c1"]), "a word that anybody may write is looked for in nobody's notes"
    forget_customers(["c1"], lambda value: value)
    assert not CustomValue.objects.exists()


def test_a_required_field_is_asked_for_where_a_customer_is_entered(owner, signed_in):
    make_field(owner, FieldDefinition("level", "Level", "等级", "choice", ("A", "B"), required=True))
    with pytest.raises(TierwiseError, match=r"bad_custom_value"):
        create_customer(owner, {"name": "王芳"})
    client = signed_in(Role.SERVICE)
    assert 'name="field.level" required' in client.get("/customers/new").content.decode()
    assert client.post("/customers/new", {"name": "王芳"}).status_code == 422
    assert client.post("/customers/new", {"name": "王芳", "field.level": "C"}).status_code == 422
    assert not Customer.objects.filter(name="王芳").exists()
    assert client.post("/customers/new", {"name": "王芳", "field.level": "B"}).status_code == 302
    fresh = Customer.objects.get(name="王芳")
    assert [field.value for field in customer_card(owner, fresh.pk).fields if field.key == "level"] == ["B"]


def test_the_owner_says_on_the_page_what_a_field_is(signed_in):
    client = signed_in(Role.OWNER)
    form = {"key": "passport", "name_en": "Passport", "name_zh": "护照", "kind": "text"}
    client.post("/settings/fields", {**form, "personal": "on", "required": "on"})
    field = CustomField.objects.get()
    assert (field.personal, field.required) == (True, True)
    client.post("/settings/fields/passport/save", {"name_en": "Passport", "name_zh": "护照", "personal": "on"})
    field.refresh_from_db()
    assert (field.personal, field.required) == (True, False)
