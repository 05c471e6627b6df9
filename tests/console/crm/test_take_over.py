"""The take-over: only what changed, once, whatever is killed when."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.console.runs_on_disk import TIERS

from tierwise.errors import TierwiseError
from tierwise_console.audit.models import AuditEntry
from tierwise_console.crm.models import Customer, Label, TakeOver, TierChange, TierCount, TierSpell
from tierwise_console.crm.services.changes import consume_changes, start_reader
from tierwise_console.crm.services.take_over import take_over
from tierwise_console.jobs.claiming import claim
from tierwise_console.jobs.clock import now
from tierwise_console.jobs.kinds import kind_of
from tierwise_console.jobs.models import Job
from tierwise_console.jobs.performing import perform
from tierwise_console.jobs.queueing import enqueue
from tierwise_console.jobs.work import LeaseLostError, Work

pytestmark = pytest.mark.django_db

FIRST = {"rfm": {"a": "gold", "b": "silver", "c": "bronze"}}


class Killed(BaseException):
    """Stands for kill -9: nothing that was not committed survives it."""


def _labels() -> dict[tuple[str, str], str]:
    return {(label.model, label.customer_id): label.tier for label in Label.objects.all()}


def test_the_first_run_is_a_baseline_without_changes(publish):
    run = publish(1, FIRST, spent={"a": 900})
    done = take_over()
    assert (done.run, done.done, done.customers, done.labels, done.changes) == (run.name, True, 3, 3, 0)
    assert _labels() == {("rfm", "a"): "gold", ("rfm", "b"): "silver", ("rfm", "c"): "bronze"}
    assert not TierChange.objects.exists()
    label = Label.objects.get(customer="a")
    assert (label.since, label.monetary, label.last_order_on) == (date(2026, 10, 1), Decimal(900), date(2026, 9, 28))
    assert {c.tier: c.customers for c in TierCount.objects.all()} == {"gold": 1, "silver": 1, "bronze": 1}
    assert AuditEntry.objects.filter(action="labels.taken_over", subject_id=run.name).count() == 1


def test_a_later_run_writes_what_changed_and_nothing_else(publish):
    publish(1, FIRST)
    take_over()
    untouched = Label.objects.get(customer="c").run
    run = publish(8, {"rfm": {"a": "gold", "b": "gold", "c": "bronze", "d": "silver"}}, spent={"b": 500})
    done = take_over()
    assert (done.customers, done.labels, done.changes) == (2, 2, 2)
    assert Label.objects.get(customer="c").run == untouched
    moved = Label.objects.get(customer="b")
    assert (moved.tier, moved.since, moved.monetary, moved.run) == ("gold", date(2026, 10, 8), Decimal(500), run.name)
    spell = TierSpell.objects.get()
    assert (spell.customer_id, spell.tier, spell.since, spell.until) == (
        "b",
        "silver",
        date(2026, 10, 1),
        date(2026, 10, 8),
    )
    assert [(c.position, c.customer_id, c.before, c.after) for c in TierChange.objects.order_by("position")] == [
        (1, "b", "silver", "gold"),
        (2, "d", "", "silver"),
    ]


def test_taking_over_again_writes_nothing(publish):
    publish(1, FIRST)
    take_over()
    publish(2, {"rfm": {"a": "silver", "b": "silver", "c": "bronze"}})
    take_over()
    before = (TierChange.objects.count(), TierSpell.objects.count(), TakeOver.objects.count())
    assert take_over().done
    assert (TierChange.objects.count(), TierSpell.objects.count(), TakeOver.objects.count()) == before


def test_who_is_gone_loses_the_label_and_stays_a_customer(publish):
    publish(1, FIRST)
    take_over()
    publish(2, {"rfm": {"a": "gold", "b": "silver"}})
    take_over()
    assert ("rfm", "c") not in _labels()
    assert not Customer.objects.get(pk="c").in_data
    change = TierChange.objects.get()
    assert (change.customer_id, change.before, change.after) == ("c", "bronze", "")


def test_a_model_that_is_gone_takes_its_labels_with_it(publish):
    publish(1, {"rfm": {"a": "gold"}, "vip": {"a": "silver"}})
    take_over()
    publish(2, {"rfm": {"a": "gold"}})
    take_over()
    assert _labels() == {("rfm", "a"): "gold"}
    assert TierChange.objects.get().model == "vip"


def test_without_the_former_run_everything_is_compared(publish):
    former = publish(1, {"rfm": {"a": "gold", "b": "silver", "c": "bronze"}, "vip": {"a": "gold"}})
    take_over()
    publish(2, {"rfm": {"a": "gold", "b": "bronze"}})
    shutil.rmtree(former.folder)
    take_over()
    assert _labels() == {("rfm", "a"): "gold", ("rfm", "b"): "bronze"}
    assert [(c.customer_id, c.model, c.after) for c in TierChange.objects.order_by("position")] == [
        ("b", "rfm", "bronze"),
        ("c", "rfm", ""),
        ("a", "vip", ""),
    ]
    assert not Customer.objects.get(pk="c").in_data


def test_what_a_person_edited_stays(publish):
    profile = "SELECT 'a' AS customer_id, '{name}' AS name, '{phone}' AS phone"
    publish(1, {"rfm": {"a": "gold"}}, profiles=profile.format(name="何志远", phone="13800138000"))
    take_over()
    Customer.objects.filter(pk="a").update(name="Mr He", edited="name")
    publish(2, {"rfm": {"a": "gold"}}, profiles=profile.format(name="何志", phone="13900139000"), spent={"a": 7})
    take_over()
    customer = Customer.objects.get(pk="a")
    assert (customer.name, customer.monetary) == ("Mr He", Decimal(7))
    from tierwise_console.crm.sealing import phone_index, unseal

    assert unseal(customer.phone_sealed) == "13900139000"
    assert customer.phone_index == phone_index("+86 139-0013-9000")
    assert "13900139000" not in customer.phone_sealed


def test_figures_that_move_leave_the_profile_of_the_same_customer_table(publish):
    profiles = "SELECT * FROM (VALUES ('a', '何志远'), ('b', '王芳'), ('z', '无单')) AS t(customer_id, name)"
    first = publish(1, {"rfm": {"a": "gold", "b": "gold"}}, profiles=profiles)
    take_over()
    publish(2, {"rfm": {"a": "gold", "c": "gold"}}, spent={"a": 7, "c": 8}, same_facts_as=first)
    done = take_over()
    assert done.customers == 3, "a has spent, b has no orders any more, c is new; z is as it was"
    found = {c.customer_id: (c.name, c.monetary, c.in_data) for c in Customer.objects.all()}
    assert found == {
        "a": ("何志远", 7, True), "b": ("王芳", 0, True), "c": ("", 8, True), "z": ("无单", 0, True),
    }  # fmt: skip


def test_two_at_once_do_not_both_move_it(publish):
    publish(1, FIRST)

    def meddle(progress: object) -> None:
        TakeOver.objects.update(steps=99)

    with pytest.raises(TierwiseError, match="take_over_overtaken"):
        take_over(told=meddle)


def test_a_worker_whose_claim_is_gone_takes_nothing_over(publish):
    run = publish(1, FIRST)
    enqueue("take_over", {"run": run.name})
    sleeper = claim("sleeper")
    Job.objects.filter(pk=sleeper.pk).update(lease_until=now() - timedelta(seconds=1))
    other = claim("other")
    work = Work(sleeper, kind_of(sleeper.kind))
    assert perform(work) == "lost"
    assert not TakeOver.objects.exists() and not Label.objects.exists()
    assert perform(Work(other, kind_of(other.kind))) == "done"
    assert _labels() == {("rfm", "a"): "gold", ("rfm", "b"): "silver", ("rfm", "c"): "bronze"}


def test_a_claim_lost_between_two_batches_ends_there(publish):
    run = publish(1, FIRST)
    enqueue("take_over", {"run": run.name})
    job = claim("sleeper")
    work = Work(job, kind_of(job.kind))

    def lose(progress: object) -> None:
        Job.objects.filter(pk=job.pk).update(attempt=9)

    with pytest.raises(LeaseLostError):
        take_over(run.name, lose, rows=1, within=work.effect)
    assert Customer.objects.count() == 1


def test_a_newer_run_supersedes_one_half_taken_over(publish):
    publish(1, FIRST)
    take_over()
    publish(2, {"rfm": {"a": "bronze", "b": "bronze", "c": "gold"}})
    _killed_after(2)
    publish(3, {"rfm": {"a": "gold", "b": "silver", "c": "bronze", "d": "gold"}})
    take_over()
    assert _labels() == {("rfm", "a"): "gold", ("rfm", "b"): "silver", ("rfm", "c"): "bronze", ("rfm", "d"): "gold"}
    assert _replayed(FIRST) == _labels()
    assert [take.state for take in TakeOver.objects.order_by("pk")] == ["done", "superseded", "done"]


def _killed_after(batches: int) -> None:
    left = [batches]

    def kill(progress: object) -> None:
        left[0] -= 1
        if left[0] <= 0:
            raise Killed

    with pytest.raises(Killed):
        take_over(told=kill, rows=1)


def _replayed(first: dict[str, dict[str, str]]) -> dict[tuple[str, str], str]:
    """The labels that the changes lead to, from the first run on; each change must start where the last one ended."""
    tiers = {(model, customer): tier for model, labels in first.items() for customer, tier in labels.items()}
    for change in TierChange.objects.order_by("position"):
        key = (change.model, change.customer_id)
        assert tiers.get(key, "") == change.before != change.after
        tiers[key] = change.after
    return {key: tier for key, tier in tiers.items() if tier}


_customers = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(TIERS), min_size=1)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=_customers, second=_customers, kills=st.lists(st.integers(1, 4), max_size=6))
def test_killed_anywhere_and_called_again_it_ends_the_same(publish, first, second, kills):
    from django.db import transaction

    with transaction.atomic():
        publish(1, {"rfm": first})
        take_over()
        publish(2, {"rfm": second})
        for batches in kills:
            try:
                _killed_after(batches)
            except pytest.fail.Exception:
                break  # it was done before its time came
        take_over(rows=2)
        assert _labels() == {("rfm", customer): tier for customer, tier in second.items()}
        assert _replayed({"rfm": first}) == _labels()
        positions = list(TierChange.objects.order_by("position").values_list("position", flat=True))
        assert positions == list(range(positions[0], positions[0] + len(positions))) if positions else True
        ended = sum(1 for customer, tier in first.items() if second.get(customer) != tier)
        assert TierSpell.objects.count() == ended
        transaction.set_rollback(True)


def test_readers_consume_each_change_once(publish):
    publish(1, FIRST)
    take_over()
    start_reader("mail")
    publish(2, {"rfm": {"a": "bronze", "b": "gold", "c": "gold"}})
    take_over()
    seen: list[int] = []

    def fails(changes: object) -> None:
        raise Killed

    with pytest.raises(Killed):
        consume_changes("mail", fails)
    while consume_changes("mail", lambda changes: seen.extend(c.position for c in changes), most=2):
        pass
    assert seen == [1, 2, 3]
    assert consume_changes("late", lambda changes: seen.append(0)) == 0
    assert consume_changes("late", lambda changes: seen.append(0)) == 0
