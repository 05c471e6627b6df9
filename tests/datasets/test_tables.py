"""What the tables say fits together: lines and orders, refunds and sales, ids, dates, personas."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow.compute as pc
import pytest

from tierwise.contracts.tables import TABLES
from tierwise.datasets.population import SOURCES
from tierwise.datasets.seasons import MID_AUTUMNS, SPRING_FESTIVALS, day_of, festivals, is_promotion


def _cents(column, scale: int = 2) -> np.ndarray:
    return np.array([int(value.scaleb(scale)) for value in column.to_pylist()])


def _texts(table, name: str) -> np.ndarray:
    return np.array(table.column(name).to_pylist())


def _days(column) -> np.ndarray:
    return column.to_numpy().astype("datetime64[D]").astype(np.int64)


def test_lines_sum_to_their_orders_to_the_cent(clean_shop, read):
    lines, orders = read(clean_shop, "order_lines"), read(clean_shop, "orders")
    sold = _texts(orders, "status") == "sale"
    ids = _texts(orders, "order_id")[sold]
    of = np.searchsorted(ids, _texts(lines, "order_id"))  # sales are numbered in their order
    assert (np.sort(ids) == ids).all()
    assert (ids[of] == _texts(lines, "order_id")).all()
    quantity = _cents(lines.column("quantity"), 4) // 10_000
    gross = quantity * _cents(lines.column("unit_price"), 4)  # ten-thousandths
    assert (gross % 100 == 0).all()
    discount = _cents(lines.column("discount"))
    assert (quantity >= 1).all()
    assert (gross > 0).all()
    assert (discount >= 0).all()
    summed = np.zeros(len(ids), np.int64)
    np.add.at(summed, of, gross // 100 - discount)
    assert (summed == _cents(orders.column("amount"))[sold]).all()
    discounts = np.zeros(len(ids), np.int64)
    np.add.at(discounts, of, discount)
    assert (discounts == _cents(orders.column("discount"))[sold]).all()


def test_refunds_refer_to_a_sale_come_after_it_and_never_exceed_it(clean_shop, read):
    orders = read(clean_shop, "orders")
    rows = {
        order: (customer, moment, amount, cost)
        for order, customer, moment, amount, cost in zip(
            *(orders.column(c).to_pylist() for c in ("order_id", "customer_id", "ordered_at", "amount", "cost")),
            strict=True,
        )
    }
    refunds = [order for order in rows if order.startswith("R")]
    assert len(refunds) > 4000
    for order in refunds:
        customer, moment, amount, cost = rows[order]
        sale = rows["D" + order[1:]]
        assert sale[0] == customer
        assert sale[1] < moment
        assert Decimal(0) < -amount <= sale[2]
        assert Decimal(0) <= -cost <= sale[3]


def test_statuses_are_stated_and_a_sale_is_positive(clean_shop, read):
    orders = read(clean_shop, "orders")
    status, amount = _texts(orders, "status"), _cents(orders.column("amount"))
    first = np.array([order[0] for order in orders.column("order_id").to_pylist()])
    for letter, name, sign in (("D", "sale", 1), ("R", "refund", -1), ("V", "void", 1)):
        assert (status[first == letter] == name).all()
        assert (np.sign(amount[status == name]) == sign).all()
    when = dict(zip(orders.column("order_id").to_pylist(), orders.column("ordered_at").to_pylist(), strict=True))
    assert all(when[order] < when["D" + order[1:]] for order in when if order.startswith("V"))
    sales = (status == "sale").sum()
    assert abs((status == "void").sum() / sales - 0.01) < 0.002
    assert abs((status == "refund").sum() / sales - 0.05) < 0.004


def test_without_dirt_every_reference_holds_and_nothing_required_is_missing(clean_shop, read):
    known = set(read(clean_shop, "customers").column("customer_id").to_pylist())
    for name in clean_shop.rows.keys() & TABLES.keys():
        table, rows = TABLES[name], read(clean_shop, name)
        assert set(rows.column("customer_id").to_pylist()) <= known if name != "order_lines" else True
        for column in table.given:
            if column.required:
                assert rows.column(column.name).null_count == 0, (name, column.name)
        if table.key:
            keys = list(zip(*(rows.column(key).to_pylist() for key in table.key), strict=True))
            assert len(set(keys)) == len(keys), name


def test_everything_happens_between_the_first_and_the_last_day(dirty_shop, read):
    first, last = day_of(date(2023, 11, 1)), day_of(date(2026, 10, 31))
    moments = {
        "customers": "registered_at", "orders": "ordered_at", "events": "occurred_at", "feedback": "given_at",
        "tickets": "opened_at", "touches": "sent_at", "balances": "as_of_date", "referrals": "referred_at",
    }  # fmt: skip
    assert {*moments, "order_lines"} == dirty_shop.rows.keys() & TABLES.keys()
    for name, column in moments.items():
        days = _days(read(dirty_shop, name).column(column))
        assert first <= days.min() <= days.max() <= last, name
    # (order_date, ordered_at) are the same day
    orders = read(dirty_shop, "orders")
    assert (_days(orders.column("order_date")) == _days(orders.column("ordered_at"))).all()


def test_seasons_show_in_the_sales(clean_chunk):
    day = clean_chunk.sales.at // 86400
    daily = np.bincount(day - clean_chunk.clock.start_day, minlength=clean_chunk.clock.days)
    days = clean_chunk.clock.start_day + np.arange(len(daily))
    trend = np.convolve(daily, np.ones(57) / 57, mode="same")
    relative = daily / np.maximum(trend, 1)
    assert relative[is_promotion(days)].mean() > 1.5
    for year in (2024, 2025, 2026):
        festival = day_of(SPRING_FESTIVALS[year])
        assert relative[(days >= festival - 2) & (days <= festival + 6)].mean() < 0.6
    weekday = (days + 3) % 7
    ordinary = ~is_promotion(days)
    assert relative[ordinary & (weekday == 5)].mean() > 1.12 * relative[ordinary & (weekday == 1)].mean()
    hour = clean_chunk.sales.at % 86400 // 3600
    assert np.bincount(hour).argmax() in (20, 21)


def test_lunar_festivals_fall_in_their_seasons():
    for year in SPRING_FESTIVALS:
        assert date(year, 1, 21) <= SPRING_FESTIVALS[year] <= date(year, 2, 20)
        assert date(year, 9, 7) <= MID_AUTUMNS[year] <= date(year, 10, 8)
        # both are fixed in the lunar calendar: 7 or, with a leap month between, 8 months apart
        between = (MID_AUTUMNS[year] - SPRING_FESTIVALS[year]).days
        assert min(abs(between - 221), abs(between - 250)) <= 2


def test_personas_differ_as_they_are_said_to(clean_chunk, clean_shop, read):
    who, sales = clean_chunk.population, clean_chunk.sales
    persona = who.persona[sales.customer]
    trend, bargain, basics, gift = (persona == p for p in range(4))
    discounted = sales.discount_cents > 0
    assert discounted[bargain].mean() > discounted[basics].mean() + 0.2 > discounted[trend].mean() + 0.3
    paid = sales.paid_cents
    assert paid[gift].mean() > 1.2 * paid[basics].mean()
    ahead = [day_of(f) for year in range(2023, 2028) for f in festivals(year)]
    day = sales.at // 86400
    before = np.zeros(len(day), bool)
    for festival in ahead:
        before |= (festival - day >= 3) & (festival - day <= 12)
    assert before[gift].mean() > 1.8 * before[basics].mean()
    lines = read(clean_shop, "order_lines")
    style = np.array([category.rsplit("/")[-1] for category in lines.column("category").to_pylist()])
    number = np.array([int(order[5:]) for order in lines.column("order_id").to_pylist()])
    for style_name, which, least in (("当季新品", trend, 0.5), ("基础款", basics, 0.57), ("礼盒装", gift, 0.36)):
        shares = [(style[rows[number]] == style_name).mean() for rows in (trend, bargain, basics, gift)]
        own = (style[which[number]] == style_name).mean()
        assert own == max(shares) > least
        assert sorted(shares)[-2] < 0.6 * own


def test_new_items_are_only_sold_in_the_quarter_they_are_launched_in(clean_shop, read):
    lines, orders = read(clean_shop, "order_lines"), read(clean_shop, "orders")
    when = dict(zip(orders.column("order_id").to_pylist(), orders.column("order_date").to_pylist(), strict=True))
    rows = zip(*(lines.column(c).to_pylist() for c in ("order_id", "product_id", "category")), strict=True)
    quarters: dict[str, set[tuple[int, int]]] = {}
    for order, product, category in rows:
        if category.endswith("当季新品"):
            day = when[order]
            quarters.setdefault(product, set()).add((day.year, (day.month - 1) // 3))
    assert len(quarters) > 500
    assert all(len(found) == 1 for found in quarters.values())


def test_behaviour_fades_after_the_drop_out(clean_chunk, clean_shop, read):
    events = read(clean_shop, "events")
    who = np.array([int(c[1:]) for c in events.column("customer_id").to_pylist()])
    at = events.column("occurred_at").to_numpy().astype("datetime64[s]").astype(np.int64)
    login = _texts(events, "event") == "login"
    dropped = clean_chunk.sales.dropped_out_at
    gone = (dropped[who] >= 0) & (at >= (dropped[who] // 86400 + 1) * 86400)
    days_gone = np.where(dropped >= 0, clean_chunk.end_day - dropped // 86400, 0)
    days_there = np.where(dropped >= 0, dropped // 86400 + 1 - clean_chunk.population.registered_day, 0)
    left = dropped[who] >= 0
    rate_gone = (login & gone).sum() / days_gone.sum()
    rate_there = (login & left & ~gone).sum() / days_there.sum()
    assert 0.04 < rate_gone / rate_there < 0.09
    assert set(_texts(events, "event")) == {
        "login", "Product Viewed", "Product Added", "search", "comment", "share", "invite",
    }  # fmt: skip


def test_referrers_registered_before_those_they_brought(clean_chunk, clean_shop, read):
    referrals = read(clean_shop, "referrals")
    referrer, referred = (
        np.array([int(c[1:]) for c in referrals.column(name).to_pylist()])
        for name in ("customer_id", "referred_customer_id")
    )
    who = clean_chunk.population
    assert (who.registered_at[referrer] < who.registered_at[referred]).all()
    assert len(referrer) >= (who.source == 4).sum() - 1
    assert who.engagement[referrer].mean() > 1.3  # engagement of a random customer averages 1


def test_customers_are_fictional_and_complete(clean_shop, read):
    customers = read(clean_shop, "customers")
    assert pc.all(pc.match_substring_regex(customers.column("phone"), r"^154\d{8}$")).as_py()
    assert len(customers.column("phone").unique()) == 20_000
    assert pc.all(pc.ends_with(customers.column("email"), "@example.com")).as_py()
    company = _texts(customers, "kind") == "company"
    for name in ("industry", "employees", "annual_revenue", "owner"):
        assert (np.array([v is not None for v in customers.column(name).to_pylist()]) == company).all()
    assert 0.03 < company.mean() < 0.05
    costs = _cents(customers.column("acquisition_cost")) / 100
    source = _texts(customers, "source_channel")
    for each in SOURCES:
        assert costs[source == each.name].mean() == pytest.approx(each.cost_yuan, rel=0.05)


def test_tickets_are_answered_in_order_and_rated_lower_the_later(clean_shop, read):
    tickets = read(clean_shop, "tickets")
    opened, answered, closed = (
        tickets.column(c).to_numpy().astype("datetime64[s]") for c in ("opened_at", "first_response_at", "closed_at")
    )
    known = ~np.isnat(closed)
    assert (opened[known] < answered[known]).all()
    assert (answered[known] < closed[known]).all()
    rating = np.array([np.nan if v is None else float(v) for v in tickets.column("satisfaction").to_pylist()])
    hours = (answered - opened).astype(float) / 3600
    rated = ~np.isnan(rating)
    assert set(rating[rated]) == {1, 2, 3, 4, 5}
    late = hours > np.median(hours[rated])
    assert rating[rated & ~late].mean() > rating[rated & late].mean() + 0.3


def test_touches_are_opened_and_clicked_by_the_engaged(clean_chunk, clean_shop, read):
    touches = read(clean_shop, "touches")
    sms = _texts(touches, "channel") == "短信"
    opened = np.array([np.nan if v is None else v for v in touches.column("opened").to_pylist()])
    clicked = touches.column("clicked").to_numpy()
    assert np.isnan(opened[sms]).all()
    assert (clicked[~sms] <= opened[~sms]).all()
    who = np.array([int(c[1:]) for c in touches.column("customer_id").to_pylist()])
    keen = clean_chunk.population.engagement[who] > 1.5
    assert np.nanmean(opened[keen]) > 1.5 * np.nanmean(opened[~keen])
    assert len(touches.column("campaign").unique()) > 40


def test_balances_are_positive_and_of_a_few(clean_shop, read):
    balances = read(clean_shop, "balances")
    assert min(_cents(balances.column("assets"))) > 0
    assert 450 < len(balances.column("customer_id").unique()) < 700
