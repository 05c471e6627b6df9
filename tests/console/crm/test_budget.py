"""The budget: split by the rule that the page states, to the cent; kept, audited, and told beside what it may bring."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from tests.console.test_guards import rows_of

from tierwise.config.document import Document
from tierwise.errors import TierwiseError
from tierwise.pipeline import Job, Source, run
from tierwise.registry import build_models
from tierwise.snapshots.workspace import Workspace
from tierwise_console.access.permissions import Role
from tierwise_console.audit.models import AuditEntry
from tierwise_console.runs.reading import current_run
from tierwise_console.runs.tier_values import tier_values
from tierwise_console.strategy.allocation import Claim, split
from tierwise_console.strategy.budget_form import amount_of, wish_of
from tierwise_console.strategy.budget_lines import budget_lines
from tierwise_console.strategy.budgeting import keep_budget, would_differ
from tierwise_console.strategy.kept_budgets import kept_budget, per_action
from tierwise_console.strategy.services import add_action, change_action

NAMES = {"gold": "Gold", "silver": "Silver", "bronze": "Bronze"}


def claim(tier: str, weight: int, fixed: int | None = None, customers: int = 1) -> Claim:
    return Claim(tier, customers, Fraction(weight), fixed)


def test_by_hand_a_thousand_over_three_tiers() -> None:
    """600 : 300 : 100 with 150.00 at least. The last share, 100.00, is raised to 150.00; 850.00 are left for 2 : 1,
    that is 566.666… and 283.333…; the cent that is left over goes to the larger remainder."""
    claims = [claim("gold", 600), claim("silver", 300), claim("bronze", 100)]
    assert split(100_000, claims, 15_000) == {"gold": 56_667, "silver": 28_333, "bronze": 15_000}
    assert split(100_000, claims) == {"gold": 60_000, "silver": 30_000, "bronze": 10_000}


def test_what_is_set_by_hand_goes_first_and_level_remainders_to_the_better_tier() -> None:
    """1,000.00 less 250.00 by hand leaves 750.00 for 1 : 1 : 1 of which 250.00 each; of 100 cents 34, 33, 33."""
    claims = [claim("gold", 1), claim("silver", 1), claim("bronze", 1), claim("rest", 9, fixed=25_000)]
    assert split(100_000, claims) == {"gold": 25_000, "silver": 25_000, "bronze": 25_000, "rest": 25_000}
    assert split(100, claims[:3]) == {"gold": 34, "silver": 33, "bronze": 33}


def test_without_any_weight_customers_decide_and_empty_tiers_get_nothing() -> None:
    claims = [claim("gold", 0, customers=1), claim("silver", -5, customers=3), claim("empty", 9, customers=0)]
    assert split(1_000, claims) == {"gold": 250, "silver": 750, "empty": 0}


@pytest.mark.parametrize(
    ("claims", "least", "code"),
    [
        ([claim("gold", 1, fixed=1_001)], 0, "strategy.budget_overspent"),
        ([claim("gold", 1, fixed=900)], 0, "strategy.budget_unspent"),
        ([claim("gold", 1), claim("silver", 1)], 501, "strategy.budget_below_minimum"),
        ([claim("gold", 1, customers=0)], 0, "strategy.budget_unspent"),
    ],
)
def test_what_cannot_add_up_is_told(claims: list[Claim], least: int, code: str) -> None:
    with pytest.raises(TierwiseError) as found:
        split(1_000, claims, least)
    assert found.value.code == code


@given(
    st.integers(0, 10**9), st.lists(st.integers(-100, 10**6), min_size=1, max_size=12), st.integers(0, 10**7)
)  # fmt: skip
def test_it_always_adds_up_and_nobody_falls_below_the_minimum(total: int, weights: list[int], least: int) -> None:
    claims = [claim(str(place), weight, customers=place + 1) for place, weight in enumerate(weights)]
    if total < least * len(claims):
        with pytest.raises(TierwiseError):
            split(total, claims, least)
        return
    amounts = split(total, claims, least)
    assert sum(amounts.values()) == total
    assert min(amounts.values()) >= least
    above = [each for each in claims if amounts[each.tier] > least + 1]
    for one in above:
        assert all(amounts[one.tier] + 1 >= amounts[other.tier] for other in claims if other.weight <= one.weight)


@pytest.mark.parametrize("written", ["", "-1", "1.234", "1e30", "NaN", "ten", "Infinity", "1" * 20])
def test_what_is_no_amount_is_refused(written: str) -> None:
    with pytest.raises(TierwiseError, match="bad_amount"):
        amount_of(written)


def test_amounts_as_people_write_them() -> None:
    assert [amount_of(each) for each in ("1,500.5", " 2 000 ", "１００", "0")] == [150_050, 200_000, 10_000, 0]


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"low.gold": "5"}, "strategy.bad_range"),
        ({"low.gold": "5", "high.gold": "4"}, "strategy.bad_range"),
        ({"low.gold": "x", "high.gold": "4"}, "strategy.bad_percent"),
        ({"margin": "101"}, "strategy.bad_percent"),
        ({"fixed.gold": "much"}, "strategy.bad_amount"),
    ],
)
def test_a_mistake_in_the_form_is_told(form: dict[str, str], code: str) -> None:
    with pytest.raises(TierwiseError) as found:
        wish_of({"total": "100", **form}, NAMES)
    assert found.value.code == code


MODEL = {"rfm": {"a": "gold", "b": "gold", "c": "silver", "d": "bronze"}}
SPENT = {"a": 400, "b": 200, "c": 300, "d": 100}
MONEY = {"ltv_value_365d": {"a": 500, "b": 300, "c": 100, "d": 100}, "profit": {"a": 200, "b": 100, "c": 60, "d": 10}}


@pytest.mark.django_db
def test_a_budget_is_kept_by_revenue_and_audited(publish, make_user):
    """Revenue 600 : 300 : 100; margins so far .5, .2, .1; expected 800, 100, 100, so 400, 20, 10 to be earned."""
    publish(1, MODEL, spent=SPENT, money=MONEY)
    now = current_run()
    form = {"total": "1000", "least": "150", "low.gold": "5", "high.gold": "10"}
    keep_budget(make_user(Role.MARKETING), now, "rfm", wish_of(form, NAMES))
    kept = kept_budget("rfm")
    assert dict(kept.amounts) == {"gold": 56_667, "silver": 28_333, "bronze": 15_000}
    gold, silver, _ = budget_lines(now, "rfm", kept)
    assert (gold.amount, gold.per_customer) == (Decimal("566.67"), Decimal("283.335"))
    assert (gold.margin, silver.margin) == (400, 20)
    assert round(gold.margin_ratio_percent, 4) == Decimal("141.6675")
    assert gold.gain == (20, 40) and silver.gain is None
    entry = AuditEntry.objects.get(action="strategy.budget_kept")
    assert (entry.subject_id, entry.detail["amounts"], entry.detail["run"]) == ("rfm", dict(kept.amounts), now.name)
    client = Client()
    client.force_login(make_user(Role.OWNER))
    assert "&quot;gold&quot;: 56667" in client.get("/settings/audit").content.decode()


@pytest.mark.django_db
def test_by_expected_value_and_by_response(publish, make_user):
    """Expected 800 : 100 : 100. By response: 400 × 7.5 : 20 × 10 : 10 × 0, that is 3,000 : 200 : 0 of 800.00."""
    publish(1, MODEL, spent=SPENT, money=MONEY)
    now, owner = current_run(), make_user(Role.OWNER)
    by_value = keep_budget(owner, now, "rfm", wish_of({"total": "1000", "basis": "expected"}, NAMES))
    assert by_value.amounts == {"gold": 80_000, "silver": 10_000, "bronze": 10_000}
    ranges = {"low.gold": "5", "high.gold": "10", "low.silver": "10", "high.silver": "10"}
    by_response = keep_budget(owner, now, "rfm", wish_of({"total": "800", "basis": "response", **ranges}, NAMES))
    assert by_response.amounts == {"gold": 75_000, "silver": 5_000, "bronze": 0}
    with pytest.raises(TierwiseError, match="no_response"):
        keep_budget(owner, now, "rfm", wish_of({"total": "800", "basis": "response"}, NAMES))


def test_profit_of_tiers_comes_from_the_costs_of_the_orders(tmp_path, settings):
    """a spent 100 at a cost of 60, b 50 at 45: a margin of .4 and .1, though no indicator of the run says so."""
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, workspace=tmp_path)
    rows = "order_id,customer_id,date,amount,cost\n1,a,2026-09-01,100,60\n2,b,2026-09-02,50,45\n"
    (tmp_path / "orders.csv").write_text(rows, encoding="utf-8")
    models = build_models(Document({"models": {"pyramid": {"top_percents": ["50"]}}}, "test"))
    run(Job(Workspace(tmp_path), [Source("orders", str(tmp_path / "orders.csv"))], models, timezone="UTC"))
    found = [
        (value.revenue, value.profit) for value in tier_values(current_run(), "pyramid").values() if value.customers
    ]
    assert found == [(100, 40), (50, 5)]


@pytest.mark.django_db
def test_without_a_forecast_only_revenue_decides_and_the_margin_is_unknown(publish, make_user):
    publish(1, MODEL, spent=SPENT)
    now, owner = current_run(), make_user(Role.OWNER)
    with pytest.raises(TierwiseError, match="no_forecast"):
        keep_budget(owner, now, "rfm", wish_of({"total": "10", "basis": "expected"}, NAMES))
    keep_budget(owner, now, "rfm", wish_of({"total": "10", "margin": "40"}, NAMES))
    line = budget_lines(now, "rfm", kept_budget("rfm"))[0]
    assert (line.amount, line.margin, line.margin_ratio_percent, line.gain) == (6, None, None, None)


@pytest.mark.django_db
def test_a_decision_stays_until_it_is_split_anew(publish, make_user):
    publish(1, MODEL, spent=SPENT)
    keep_budget(make_user(Role.OWNER), current_run(), "rfm", wish_of({"total": "1000"}, NAMES))
    publish(2, MODEL, spent=SPENT)
    assert not would_differ(current_run(), "rfm", kept_budget("rfm"))
    publish(3, MODEL, spent={**SPENT, "d": 1000})
    assert would_differ(current_run(), "rfm", kept_budget("rfm"))
    assert kept_budget("rfm").amounts["gold"] == 60_000


@pytest.mark.django_db
def test_sales_may_not_split(publish, make_user):
    publish(1, MODEL)
    with pytest.raises(PermissionDenied):
        keep_budget(make_user(Role.SALES), current_run(), "rfm", wish_of({"total": "1"}, NAMES))


@pytest.mark.django_db
def test_on_screen(publish, signed_in):
    publish(1, MODEL, spent=SPENT, money=MONEY)
    client = signed_in(Role.OWNER)
    client.cookies["django_language"] = "en"
    wrong = client.post("/strategy/budget/keep", {"model": "rfm", "total": "ten", "fixed.gold": "7"})
    text = wrong.content.decode()
    assert wrong.status_code == 422 and "is no amount" in text and 'value="ten"' in text and 'value="7"' in text
    form = {"model": "rfm", "total": "1,000", "least": "150", "low.gold": "5", "high.gold": "10"}
    text = client.post("/strategy/budget/keep", form, follow=True).content.decode()
    assert "566.67" in text and "283.33" in text and "141.7%" in text and "20 – 40" in text
    rows = rows_of(client.get("/strategy/budget/export?model=rfm"))
    assert [row[5] for row in rows] == ["Budget", "566.67", "283.33", "150.00", "1000.00"]
    client.cookies["django_language"] = "zh-hans"
    chinese = client.get("/strategy/budget?model=rfm").content.decode()
    assert "预算分配" in chinese and "人均预算" in chinese
    assert "¥" not in chinese, "the currency of this run is not known"
    client.post("/strategy/budget/drop", {"model": "rfm"})
    assert kept_budget("rfm") is None and client.get("/strategy/budget/export?model=rfm").status_code == 404


@pytest.mark.django_db
def test_actions_that_are_on_share_the_budget_of_their_tier(publish, make_user, signed_in):
    publish(1, MODEL, spent=SPENT)
    owner = make_user(Role.OWNER)
    for words in ("call", "write", "invite"):
        action = add_action(owner, "rfm", "gold", words)
        change_action(owner, action.pk, words, str(owner.pk), "2026-12-01", words != "invite")
    keep_budget(owner, current_run(), "rfm", wish_of({"total": "100.01", "fixed.gold": "50.01"}, NAMES))
    assert per_action(5_001, 2) == [2_501, 2_500]
    text = signed_in(Role.VIEWER).get("/strategy/budget?model=rfm").content.decode()
    assert "25.01" in text and "25.00" in text and "invite" not in text
    listed = rows_of(signed_in(Role.MARKETING).get("/strategy/export"))
    assert {row[2]: row[7] for row in listed[1:]} == {"call": "25.01", "write": "25.00", "invite": ""}
    assert "50.01" in signed_in(Role.SALES).get("/strategy/?model=rfm").content.decode()
