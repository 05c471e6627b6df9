"""The tables beside orders, by their schemas."""

from __future__ import annotations


def test_customers_last_row_wins(ingest):
    built = ingest.build(
        "会员号,姓名,手机号,性别,生日,城市,注册日期,客户类型,员工数,年营收,标签\n"
        "001,王芳,13800000000,女,1990-05-01,北京,2024-01-02,个人,,,vip\n"
        '002,某某公司,,,,上海,2024-02-03,企业,120,"¥1,200,000",\n'
        "001,王芳,13900000000,女,1990-05-01,天津,2024-01-02,个人,abc,,\n",
        "customers",
    )
    assert built.rows == 2 and built.rows_used == 3
    assert [
        tuple(map(str, row))
        for row in ingest.rows(built, "customer_id, phone, city, kind, employees, annual_revenue, tags")
    ] == [
        ("001", "13900000000", "天津", "person", "None", "None", "None"),
        ("002", "None", "上海", "company", "120", "1200000.00", "None"),
    ]
    assert {finding.code: finding.rows for finding in built.findings} == {"unreadable_value": 1, "repeated_key": 1}
    assert built.first_date is None


def test_customers_without_an_id_are_set_aside(ingest):
    built = ingest.build("customer_id,name\n1,Ann\n,Bob\n", "customers")
    assert [(aside.reason, aside.rows) for aside in built.set_aside] == [("no_customer", 1)]
    assert built.rejects_file.name == "customers.csv"


def test_tickets_with_durations(ingest):
    built = ingest.build(
        "customer_id,opened_at,first_response_at,closed_at,priority,satisfaction\n"
        "a,2025-01-01 10:00:00,2025-01-01 10:05:59,2025-01-02 10:00:00,high,4.5\n"
        "b,2025-01-01 10:00:00,2025-01-01 09:00:00,,low,\n"
        "c,soon,,,low,\n",
        "tickets",
    )
    assert "opened_date" in built.columns
    assert ingest.rows(built, "customer_id, first_response_minutes, resolution_minutes") == [
        ("a", 5, 1440),
        ("b", None, None),
    ]
    assert built.set_aside[0].reason == "bad_date"


def test_order_lines_with_categories(ingest):
    built = ingest.build(
        "order_id,sku,category,quantity,unit_price\n1,A,食品/零食/坚果,2,9.99\n1,B,家居,1,5\n2,,家居,1,5\n",
        "order_lines",
    )
    assert ingest.rows(built, "product_id, category_root, category_leaf") == [
        ("A", "食品", "坚果"),
        ("B", "家居", "家居"),
    ]
    assert [(aside.reason, aside.rows) for aside in built.set_aside] == [("missing_value", 1)]


def test_events_and_touches(ingest):
    events = ingest.build("user_id,event,timestamp\nu1,login,2025-01-01T10:00:00\nu1,,2025-01-01T11:00:00\n", "events")
    assert ingest.rows(events, "customer_id, event, CAST(event_date AS VARCHAR)") == [("u1", "login", "2025-01-01")]
    touches = ingest.build(
        "customer_id,sent_at,opened,clicked,cost\na,2025-01-01,yes,否,0.05\nb,2025-01-01,1,0,\n", "touches"
    )
    assert ingest.rows(touches, "customer_id, opened, clicked") == [("a", 1, 0), ("b", 1, 0)]


def test_feedback_says_what_it_is(ingest):
    nps = ingest.build("customer_id,date,NPS\na,2025-01-01,9\n", "feedback")
    assert ingest.rows(nps, "kind, CAST(score AS VARCHAR)") == [("nps", "9.0000")]
    rating = ingest.build("customer_id,date,rating,comment\na,2025-01-01,4,good\n", "feedback")
    assert ingest.rows(rating, "kind, text") == [("rating", "good")]
    told = ingest.build("客户编号,反馈时间,反馈类型,内容\na,2025-01-01,投诉,太慢\nb,2025-01-01,评论,好\n", "feedback")
    assert ingest.rows(told, "kind, text") == [("complaint", "太慢"), ("review", "好")]


def test_balances_and_referrals_by_key(ingest):
    balances = ingest.build(
        "customer_id,date,assets\na,2025-01-31,100\na,2025-01-31,150\na,2025-02-28,200\n", "balances"
    )
    assert [str(row[0]) for row in ingest.rows(balances, "assets")] == ["150.00", "200.00"]
    assert str(balances.last_date) == "2025-02-28"
    referrals = ingest.build("推荐人,被推荐人,推荐日期\na,b,2025-01-01\na,c,2025-01-02\n", "referrals")
    assert ingest.rows(referrals, "customer_id, referred_customer_id") == [("a", "b"), ("a", "c")]


def test_the_shared_files_map_and_build(ingest, shared_data):
    tickets = ingest.build(shared_data / "engagement/saas_support_tickets.csv", "tickets")
    assert (tickets.rows, str(tickets.first_date)) == (2000, "2023-01-02")
    accounts = ingest.build(shared_data / "engagement/saas_accounts.csv", "customers")
    assert accounts.rows == 500
    lines = ingest.build(shared_data / "baskets/groceries.csv", "order_lines")
    assert lines.rows == 43_367
