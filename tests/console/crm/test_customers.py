"""Customers: who sees whom, filters, order, editing, tags, bulk, tasks, fields; each write leaves an audit entry."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tierwise.entry import refresh_index
from tierwise.errors import TierwiseError
from tierwise.snapshots.workspace import Workspace
from tierwise_console.access.permissions import Role
from tierwise_console.audit.models import AuditEntry
from tierwise_console.crm.filters import CustomerFilter, filter_from
from tierwise_console.crm.models import Customer, Label, Tag, Tagging, Task
from tierwise_console.crm.selectors import listing
from tierwise_console.crm.selectors.card import customer_card
from tierwise_console.crm.selectors.duplicates import possible_duplicates
from tierwise_console.crm.selectors.exporting import guarded, listed_customers
from tierwise_console.crm.selectors.listing import count_all, count_matches, list_page
from tierwise_console.crm.services.bulk_actions import apply_bulk, preview_bulk, undo_bulk
from tierwise_console.crm.services.customers import create_customer, unmask_customer, update_customer
from tierwise_console.crm.services.fields import FieldDefinition, make_field, set_values
from tierwise_console.crm.services.forgetting import forget_customers
from tierwise_console.crm.services.tags import make_rule_tag, put_tag, refresh_rule_tags, take_tag_off
from tierwise_console.crm.services.take_over import take_over
from tierwise_console.crm.services.views import save_view
from tierwise_console.crm.services.work import add_note, add_task, finish_task

pytestmark = pytest.mark.django_db

LABELS = {"rfm": {"a": "gold", "b": "silver", "c": "gold", "d": "bronze"}}
SPENT = {"a": 100, "b": 900, "c": 500, "d": 100}
PROFILES = """SELECT * FROM (VALUES ('a', '何志远', '13800138000', 'he@example.com', '华东', 'P1'),
('b', 'Henry Zhu', '13900139001', NULL, '华北', 'P2'), ('c', '何佳', NULL, NULL, '华东', NULL))
t(customer_id, name, phone, email, region, owner)"""


@pytest.fixture
def shop(publish, make_user):
    users = {
        "owner": make_user(Role.OWNER),
        "sales": make_user(Role.SALES, person_id="P1"),
        "viewer": make_user(Role.VIEWER),
        "analyst": make_user(Role.ANALYST),
    }
    publish(1, LABELS, spent=SPENT, profiles=PROFILES)
    take_over()
    return users


def _ids(wanted, actor, rows=50):
    return [each.customer_id for each in list_page(wanted, actor, ["rfm"], rows=rows).customers]


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([], ["b", "c", "d", "a"]),
        ([("tier", "rfm:gold")], ["c", "a"]),
        ([("tier", "rfm:gold"), ("tier", "rfm:bronze")], ["c", "d", "a"]),
        ([("monetary_min", "101")], ["b", "c"]),
        ([("region", "华东"), ("tier", "rfm:gold"), ("monetary_max", "200")], ["a"]),
        ([("q", "何")], ["c", "a"]),
        ([("q", "志远")], ["a"]),
        ([("q", "zhu")], ["b"]),
        ([("q", "8000")], ["a"]),
        ([("q", "+86 138 0013 8000")], ["a"]),
        ([("q", "HE@example.com")], ["a"]),
        ([("owner", "none")], ["b", "c", "d"]),
        ([("sort", "customer_id")], ["a", "b", "c", "d"]),
        ([("recency_days_min", "30")], []),
    ],
)
def test_filters(shop, pairs, expected):
    wanted = filter_from(pairs)
    assert _ids(wanted, shop["owner"]) == expected
    assert count_matches(wanted, shop["owner"]).customers == len(expected)
    assert filter_from(wanted.pairs()) == wanted


@pytest.mark.parametrize(
    ("pairs", "more", "exact"),
    [
        ([], False, True), ([("tier", "rfm:gold")], False, True), ([("cell", "rfm:55")], False, True), ([("cell", "rfm:5")], True, False),
        ([("region", "上海")], False, True), ([("region", "上海"), ("in_data", "yes")], True, False),
        ([("tier", "rfm:gold"), ("region", "上海")], True, False),
    ],
)  # fmt: skip
def test_one_condition_is_counted_exactly_however_many_match(shop, monkeypatch, pairs, more, exact):
    monkeypatch.setattr(listing, "COUNTED", 1)
    monkeypatch.setattr(listing, "COUNTED_TOGETHER", 1)
    Customer.objects.update(region="上海")
    Label.objects.filter(model="rfm").update(cell="555")
    wanted = filter_from(pairs)
    found = count_matches(wanted, shop["owner"])
    assert found.more is more
    assert (found.customers == len(_ids(wanted, shop["owner"]))) is exact
    assert count_all(wanted, shop["owner"]) == len(_ids(wanted, shop["owner"])), "whoever asks is told"
    assert count_all(wanted, shop["sales"]) <= 1, "of their own customers"


def test_a_cell_counts_whoever_scores_begin_with_it(shop):
    for customer, cell in (("a", "545"), ("b", "551"), ("c", "5"), ("d", "45")):
        Label.objects.filter(model="rfm", customer=customer).update(cell=cell)
    for cell in ("5", "54", "55", "4", "9", "545", "x"):
        wanted = filter_from([("cell", f"rfm:{cell}")])
        assert count_matches(wanted, shop["owner"]).customers == len(_ids(wanted, shop["owner"])), cell


def test_bad_filters_are_told_together():
    with pytest.raises(TierwiseError) as told:
        filter_from([("monetary_min", "much"), ("tier", "rfm"), ("sort", "colour"), ("tag", "x")])
    assert [problem.place.column for problem in told.value.problems] == ["monetary_min", "tier", "sort", "tag"]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    money=st.lists(st.integers(0, 3), min_size=1, max_size=12),
    rows=st.integers(1, 4),
    sort=st.sampled_from(["monetary", "last_order_on", "customer_id"]),
)
def test_pages_meet_every_customer_once_in_order(make_user, money, rows, sort):
    from django.db import transaction

    with transaction.atomic():
        owner = make_user(Role.OWNER, username="pager")
        Customer.objects.bulk_create(
            Customer(customer_id=f"{n:02}", monetary=m, last_order_on=date(2026, 1, 1 + m)) for n, m in enumerate(money)
        )
        found, after = [], ""
        while True:
            page = list_page(CustomerFilter(sort=sort), owner, [], after, rows)
            found += [each.customer_id for each in page.customers]
            after = page.following
            if not after:
                break
        everyone = [f"{n:02}" for n in range(len(money))]
        keys = {each: (0 if sort == "customer_id" else money[int(each)], each) for each in everyone}
        assert found == sorted(everyone, key=lambda each: keys[each], reverse=sort != "customer_id")
        transaction.set_rollback(True)


def test_a_salesperson_sees_their_own_customers_alone(shop):
    sales = shop["sales"]
    assert _ids(CustomerFilter(), sales) == ["a"]
    assert _ids(filter_from([("tier", "rfm:silver")]), sales) == []
    assert count_matches(filter_from([("tier", "rfm:gold")]), sales).customers == 1
    assert customer_card(sales, "a").person.name == "何志远"
    for action in (
        lambda: customer_card(sales, "b"),
        lambda: update_customer(sales, "b", {"name": "x"}),
        lambda: unmask_customer(sales, "b"),
        lambda: put_tag(sales, "b", "VIP"),
        lambda: add_note(sales, "b", "hello"),
        lambda: add_task(sales, "call", "b"),
    ):
        with pytest.raises(TierwiseError, match="no_customer"):
            action()


def test_who_may_not_is_refused_and_nothing_is_written(shop):
    viewer, before = shop["viewer"], AuditEntry.objects.count()
    for action in (
        lambda: customer_card(viewer, "a"),
        lambda: update_customer(viewer, "a", {"name": "x"}),
        lambda: create_customer(viewer, {"name": "x"}),
        lambda: unmask_customer(viewer, "a"),
        lambda: put_tag(viewer, "a", "VIP"),
        lambda: apply_bulk(viewer, "tag", "VIP", CustomerFilter()),
        lambda: add_task(viewer, "call"),
        lambda: list(listed_customers(CustomerFilter(), viewer, [])),
        lambda: make_field(viewer, FieldDefinition("k", "K", "K", "text")),
        lambda: save_view(viewer, "mine", CustomerFilter()),
    ):
        with pytest.raises(PermissionDenied):
            action()
    assert AuditEntry.objects.count() == before


def test_contact_data_are_masked_until_asked_for_and_that_is_recorded(shop):
    owner = shop["owner"]
    card = customer_card(owner, "a")
    assert (card.person.phone, card.person.email, card.person.masked) == ("138****8000", "h***@example.com", True)
    assert customer_card(shop["analyst"], "a").person.name == "何***"
    seen = unmask_customer(owner, "a", "127.0.0.1")
    assert (seen.phone, seen.email) == ("13800138000", "he@example.com")
    entry = AuditEntry.objects.filter(action="customer.unmasked").get()
    assert (entry.actor, entry.subject_id, entry.address) == ("owner", "a", "127.0.0.1")
    assert "13800138000" not in str(entry.detail)


def test_editing_is_kept_checked_and_recorded(shop):
    owner = shop["owner"]
    assert update_customer(owner, "a", {"name": "何志远 (VIP)", "phone": "13700137000", "region": "华东"}) == [
        "name",
        "phone",
    ]
    assert _ids(filter_from([("q", "13700137000")]), owner) == ["a"]
    entry = AuditEntry.objects.filter(action="customer.changed").get()
    assert entry.detail == {"fields": ["name", "phone"]}
    with pytest.raises(TierwiseError) as told:
        update_customer(owner, "a", {"email": "nobody", "phone": "12", "birth_date": "2999-01-01", "kind": "robot"})
    assert sorted(problem.place.column for problem in told.value.problems) == ["birth_date", "email", "kind", "phone"]
    assert Customer.objects.get(pk="a").edited_fields == {"name", "phone"}


def test_a_new_customer_is_checked_against_all_others(shop):
    sales = shop["sales"]
    found = possible_duplicates(sales, {"name": "Henry Zhu", "phone": "139-0013-9001"})
    assert [(each.certain, each.may_open, each.name, each.owner) for each in found] == [(True, False, "H***", "P2")]
    assert possible_duplicates(sales, {"name": "", "phone": "", "email": ""}) == []
    new = create_customer(sales, {"name": "王小明", "phone": "13600136000"})
    assert Customer.objects.get(pk=new).owner_id == sales.pk
    with pytest.raises(TierwiseError, match="nameless"):
        create_customer(sales, {"region": "华东"})
    with pytest.raises(TierwiseError, match="id_taken"):
        create_customer(sales, {"customer_id": "a", "name": "x"})


def test_a_new_customer_who_is_written_otherwise_is_found_by_the_index(shop, tmp_path):
    typed = {"name": "Zhu, Henry", "phone": "13900139002"}
    assert possible_duplicates(shop["owner"], typed) == []
    refresh_index(Workspace(tmp_path))
    found = possible_duplicates(shop["owner"], typed)
    assert [(each.customer_id, each.certain) for each in found] == [("b", False)]
    assert "one digit differs" in found[0].why.en and "电话" in found[0].why.zh
    sure = possible_duplicates(shop["owner"], typed | {"phone": "+86 139 0013 9001"})
    assert [(each.customer_id, each.certain) for each in sure] == [("b", True)]


def test_tags_by_hand_and_by_rule(shop, publish):
    owner = shop["owner"]
    tag = put_tag(owner, "a", " 老  客 ")
    assert tag.name == "老 客" and _ids(filter_from([("tag", str(tag.pk))]), owner) == ["a"]
    take_tag_off(owner, "a", tag.pk)
    assert not Tagging.objects.exists()
    rule = make_rule_tag(owner, "gold now", filter_from([("tier", "rfm:gold")]))
    assert set(Tagging.objects.filter(tag=rule).values_list("customer_id", flat=True)) == {"a", "c"}
    publish(2, {"rfm": {"a": "bronze", "b": "gold", "c": "gold", "d": "bronze"}}, spent=SPENT, profiles=PROFILES)
    take_over()
    assert refresh_rule_tags() == 1
    assert set(Tagging.objects.filter(tag=rule).values_list("customer_id", flat=True)) == {"b", "c"}
    assert Tag.objects.get(pk=rule.pk).customers == 2
    with pytest.raises(TierwiseError, match="kept_by_rule"):
        put_tag(owner, "a", "gold now")
    with pytest.raises(TierwiseError, match="rule_empty"):
        make_rule_tag(owner, "all", CustomerFilter())


def test_bulk_changes_are_previewed_applied_and_undone(shop):
    owner, sales = shop["owner"], shop["sales"]
    wanted = filter_from([("tier", "rfm:gold")])
    put_tag(owner, "a", "VIP")
    assert preview_bulk(owner, "tag", "VIP", wanted) == (1, ["c"])
    action = apply_bulk(owner, "tag", "VIP", wanted)
    assert set(Tagging.objects.values_list("customer_id", flat=True)) == {"a", "c"}
    undo_bulk(owner, action.pk)
    assert set(Tagging.objects.values_list("customer_id", flat=True)) == {"a"}
    given = apply_bulk(owner, "owner", str(sales.pk), CustomerFilter())
    assert given.customers == 3 and Customer.objects.filter(owner=sales).count() == 4
    update_customer(owner, "d", {"owner": str(owner.pk)})
    undo_bulk(owner, given.pk)
    assert dict(Customer.objects.values_list("pk", "owner")) == {"a": sales.pk, "b": None, "c": None, "d": owner.pk}
    assert Customer.objects.get(pk="b").edited == ""
    for twice in (
        lambda: undo_bulk(owner, given.pk),
        lambda: apply_bulk(owner, "tag", "VIP", filter_from([("q", "?")])),
    ):
        with pytest.raises(TierwiseError):
            twice()


def test_an_owner_given_by_hand_survives_new_data(shop, publish):
    apply_bulk(shop["owner"], "owner", str(shop["owner"].pk), filter_from([("q", "a")]))
    publish(2, LABELS, spent={**SPENT, "a": 200}, profiles=PROFILES)
    take_over()
    found = Customer.objects.get(pk="a")
    assert (found.owner_id, found.monetary) == (shop["owner"].pk, Decimal(200))


def test_tasks_belong_to_those_concerned(shop, make_user):
    owner, sales = shop["owner"], shop["sales"]
    task = add_task(owner, "call back", "b", due_on="2026-01-05")
    assert customer_card(owner, "b").tasks[0].late
    with pytest.raises(TierwiseError, match="no_task"):
        finish_task(sales, task.pk)
    own = add_task(sales, "visit", "a")
    assert finish_task(sales, own.pk, outcome="ordered").outcome == "ordered"
    assert Task.objects.get(pk=own.pk).done_at is not None
    with pytest.raises(TierwiseError, match="bad_day"):
        add_task(owner, "x", due_on="tomorrow")


def test_custom_fields_are_typed_and_filterable(shop):
    owner = shop["owner"]
    make_field(owner, FieldDefinition("level", "Level", "等级", "choice", ["A", "B"]))
    make_field(owner, FieldDefinition("budget", "Budget", "预算", "number"))
    assert set_values(owner, "a", {"level": "A", "budget": "1200.5"}) == ["level", "budget"]
    assert set_values(owner, "a", {"level": "A"}) == []
    assert _ids(filter_from([("field.budget", "1000..2000")]), owner) == ["a"]
    assert _ids(filter_from([("field.level", "B")]), owner) == []
    with pytest.raises(TierwiseError) as told:
        set_values(owner, "b", {"level": "C", "budget": "many"})
    assert len(told.value.problems) == 2
    with pytest.raises(TierwiseError, match="bad_custom_field"):
        make_field(owner, FieldDefinition("Level!", "x", "x", "text"))
    with pytest.raises(TierwiseError, match="bad_custom_field"):
        make_field(owner, FieldDefinition("level", "x", "x", "text"))


def test_forgetting_leaves_nothing_of_a_customer(shop):
    from django.apps import apps

    owner = shop["owner"]
    put_tag(owner, "a", "VIP")
    add_note(owner, "a", "likes tea")
    add_task(owner, "call", "a")
    forget_customers(["a"], lambda value: value)
    for model in apps.get_app_config("crm").get_models():
        for field in model._meta.get_fields():
            if field.concrete and field.name in ("customer", "customer_id"):
                assert not model.objects.filter(**{field.name: "a"}).exists(), model


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@x", "\t=1"])
def test_formulas_are_guarded(value):
    assert guarded(value) == f"'{value}"
    assert guarded(Decimal(-1)) == Decimal(-1)
