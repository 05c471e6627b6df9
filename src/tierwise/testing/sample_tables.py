"""What surrounds the orders of the made-up shop: lines, events, feedback, tickets, touches, balances, referrals.

Edge cases here: many events on one day, events the day after as_of, ids that are no customer's, unknown scores, tickets
that nobody answered, snapshots on the same level, somebody who refers herself.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

Row = dict[str, Any]

_EVENTS = ("login", "login", "login", "Product Viewed", "Product Added", "core_feature", "comment", "invite")
_CATEGORIES = ("食品/零食", "服饰/上衣/当季新品", "服饰/裤装/基础款", None)
_TOPICS = ("物流", "使用咨询", "退换货", None)
_STRANGER = "nobody knows"


def further_tables(people: list[Row], orders: list[Row], as_of: date, dice: random.Random) -> dict[str, list[Row]]:
    """Add attributes to people and orders, and return the rows of all other tables."""
    for row in people:
        row.update(_attributes(as_of, dice))
    for row in orders:
        row.update(_habits(dice))
    names = sorted({row["customer_id"] for row in (*people, *orders)})
    return {
        "order_lines": [line for row in orders if row["status"] == "sale" for line in _lines(row, dice)],
        "events": [event for name in (*names, _STRANGER) for event in _events(name, as_of, dice)],
        "feedback": [row for name in (*names, _STRANGER) for row in _feedback(name, as_of, dice)],
        "tickets": [row for name in names for row in _tickets(name, as_of, dice)],
        "touches": [row for name in names for row in _touches(name, as_of, dice)],
        "balances": [row for name in names for row in _balances(name, as_of, dice)],
        "referrals": _referrals(names, as_of, dice),
    }


def _attributes(as_of: date, dice: random.Random) -> Row:
    company = dice.random() < 0.2
    return {
        "kind": "company" if company else "person",
        "gender": dice.choice(("女", "男", None)),
        "region": dice.choice(("华东", "华南", "华北")),
        "city": dice.choice(("上海", "广州", None)),
        "occupation": dice.choice(("教师", None)),
        "industry": "零售" if company else None,
        "employees": dice.randrange(1, 900) if company else None,
        "annual_revenue": Decimal(dice.randrange(10**5, 10**8)) if company else None,
        "birth_date": as_of - timedelta(days=dice.randrange(6000, 30000)) if dice.random() < 0.8 else None,
        "source_channel": dice.choice(("门店", "搜索广告")),
        "acquisition_cost": Decimal(dice.choice(("0.00", "15.50", "46.00"))),
    }


def _habits(dice: random.Random) -> Row:
    discount = Decimal(dice.choice(("0.00", "0.00", "5.00", "30.10")))
    return {
        "discount": discount,
        "coupon": "NEW10" if discount and dice.random() < 0.5 else None,
        "channel": dice.choice(("App", "门店", None)),
        "store": dice.choice(("上海一店", None)),
        "order_hour": dice.randrange(24),
    }


def _lines(order: Row, dice: random.Random) -> list[Row]:
    lines = []
    for number in range(dice.choice((0, 1, 1, 2))):
        category = dice.choice(_CATEGORIES)
        lines.append(
            {
                "order_id": order["order_id"],
                "product_id": f"P{dice.randrange(30)}",
                "category": category,
                "category_root": category.split("/")[0] if category else None,
                "category_leaf": category.split("/")[-1] if category else None,
                "quantity": Decimal(dice.choice(("1", "2", "0.5"))),
                "unit_price": Decimal(dice.choice(("9.99", "120", "0"))),
                "discount": Decimal(number),
            }
        )
    return lines


def _days(most: int, as_of: date, dice: random.Random) -> list[date]:
    ages = (-1, 0, 0, 0, 29, 30, 31, 89, 364, 365, dice.randrange(700))
    return [as_of - timedelta(days=dice.choice(ages)) for _ in range(int(dice.paretovariate(0.8)) % most)]


def _events(name: str, as_of: date, dice: random.Random) -> list[Row]:
    return [
        {"customer_id": name, "event": dice.choice(_EVENTS), "event_date": day, "channel": "App"}
        for day in _days(25, as_of, dice)
    ]


def _feedback(name: str, as_of: date, dice: random.Random) -> list[Row]:
    rows: list[Row] = []
    for day in _days(4, as_of, dice):
        kind = dice.choice(("nps", "rating", "review", "complaint"))
        score = {"nps": dice.randrange(11), "complaint": None}.get(kind, dice.randrange(1, 6))
        known = None if score is None or dice.random() < 0.1 else Decimal(score)
        rows.append({"customer_id": name, "given_date": day, "kind": kind, "score": known})
    return rows


def _tickets(name: str, as_of: date, dice: random.Random) -> list[Row]:
    return [
        {
            "customer_id": name,
            "opened_date": day,
            "priority": dice.choice(("low", "normal", "high")),
            "topic": dice.choice(_TOPICS),
            "satisfaction": dice.choice((None, Decimal(1), Decimal(4), Decimal(5))),
            "first_response_minutes": dice.choice((None, 1, 90, 1441)),
            "resolution_minutes": dice.choice((None, 100, 2879, 2880, 9999)),
        }
        for day in _days(5, as_of, dice)
    ]


def _touches(name: str, as_of: date, dice: random.Random) -> list[Row]:
    return [
        {
            "customer_id": name,
            "sent_date": day,
            "opened": dice.choice((None, 0, 1)),
            "clicked": dice.choice((0, 1)),
            "cost": Decimal("0.05"),
        }
        for day in _days(6, as_of, dice)
    ]


def _balances(name: str, as_of: date, dice: random.Random) -> list[Row]:
    if dice.random() < 0.5:
        return []
    amounts = ("0.00", "499999.99", "500000.00", "6000000.00", "12345678.90")
    days = sorted({as_of - timedelta(days=days) for days in (dice.choice((-5, 0, 30)), 90, 400)})
    return [{"customer_id": name, "as_of_date": day, "assets": Decimal(dice.choice(amounts))} for day in days]


def _referrals(names: list[str], as_of: date, dice: random.Random) -> list[Row]:
    referred = [name for name in names if dice.random() < 0.2]
    return [
        {"customer_id": dice.choice(names), "referred_customer_id": name, "referred_at": as_of - timedelta(days=age)}
        for name, age in zip(referred, (dice.randrange(800) for _ in referred), strict=True)
    ]
