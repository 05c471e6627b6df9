"""What became of tiers between two runs, worked out by hand; and that no page of figures names a customer one may not see."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.console.test_guards import rows_of

from tierwise_console.access.permissions import Role
from tierwise_console.crm.models import Customer
from tierwise_console.crm.selectors.seeing import seen_by
from tierwise_console.runs.effects import effects
from tierwise_console.strategy.services import add_action, finish_action

pytestmark = pytest.mark.django_db
BEFORE = {"rfm": {"a": "gold", "b": "gold", "c": "silver", "d": "bronze"}}
AFTER = {"rfm": {"a": "gold", "b": "silver", "c": "gold", "e": "bronze"}}


@pytest.fixture
def period(publish):
    """a, b spent 400 and 200 and now 500 and 200; c 300 and now 350; d 100 and is gone; e came with 80."""
    first = publish(1, BEFORE, spent={"a": 400, "b": 200, "c": 300, "d": 100}, orders={"a": 4})
    last = publish(31, AFTER, spent={"a": 500, "b": 200, "c": 350, "e": 80}, orders={"a": 6, "c": 3})
    return first, last


def test_by_hand(period):
    found = effects(*period, "rfm")
    gold, silver, bronze = found.tiers
    assert (gold.customers, gold.buyers, gold.purchases, gold.revenue) == (2, 1, 2, Decimal(100))
    assert (gold.up, gold.down, gold.gone, gold.per_customer) == (0, 1, 0, Decimal(50))
    assert (silver.buyers, silver.revenue, silver.up) == (1, Decimal(50), 1)
    assert (bronze.customers, bronze.buyers, bronze.revenue, bronze.gone) == (1, 0, 0, 1)
    assert (found.new_customers, found.new_revenue) == (1, Decimal(80))
    assert (found.together.customers, found.together.buyers, found.together.revenue) == (4, 2, Decimal(150))
    low, high = gold.interval
    assert (round(low, 1), round(high, 1)) == (9.5, 90.5)  # Wilson for 1 of 2


def test_on_screen_with_what_was_done(period, signed_in, make_user):
    owner = make_user(Role.OWNER)
    action = finish_action(owner, add_action(owner, "rfm", "gold", "invite them").pk)
    type(action).objects.update(done_at="2026-10-20T08:00Z")
    client = signed_in(Role.MARKETING)
    client.cookies["django_language"] = "en"
    text = client.get("/reports/effects?model=rfm").content.decode()
    assert "invite them" in text and "[9.5%, 90.5%]" in text and "not what the actions have caused" in text
    rows = rows_of(client.get("/reports/effects.csv?model=rfm"))
    assert rows[0][0] == "Tier on 2026-10-01" and rows[1][1:4] == ["2", "1", "50.00"] and rows[-1][7] == "150.00"
    client.cookies["django_language"] = "zh-hans"
    assert "效果评估报告" in client.get("/reports/effects").content.decode()
    same = f"/reports/effects?before={period[1].name}&after={period[1].name}"
    assert "需要两个日期的结果" in client.get(same).content.decode()
    assert client.get(same.replace("effects?", "effects.csv?")).status_code == 404


def test_pages_of_figures_name_no_customer_that_one_may_not_see(period, signed_in, make_user):
    sales = make_user(Role.SALES, "seller")
    for name in "abcde":
        Customer.objects.create(customer_id=name, owner=sales if name == "b" else None)
    assert [seen_by(sales)(name) for name in "ab"] == [False, True]
    text = signed_in(Role.VIEWER).get("/migration/?model=rfm").content.decode()
    assert "/customers/card/" not in text and '<th scope="row">b</th>' not in text
    text = signed_in(Role.ANALYST).get("/migration/?model=rfm").content.decode()
    assert "/customers/card/b" in text and "/customers/card/c" in text
    client = signed_in(Role.SALES)
    Customer.objects.filter(pk="b").update(owner=client.session["_auth_user_id"])
    text = client.get("/migration/?model=rfm").content.decode()
    assert "/customers/card/b" in text and "/customers/card/c" not in text
