"""The rules that every canonical table is held against, as data. Rules whose columns a table lacks are left out.

A rule without a table of its own is called `TABLE.FIELD.WHAT`. Weights: 3 where tiers depend on the field, 2 where
indicators do, 1 for the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from tierwise.contracts.quality import Check, Dimension, FarOut, Fresh, Holds, Present, Refers, Rule, Together, Unique
from tierwise.contracts.tables import TABLES
from tierwise.language import Text
from tierwise.quality.mailboxes import slip_pattern
from tierwise.quality.wording import CURES, DEMANDS
from tierwise.sql.expressions import literal, matches

EMAIL = "[A-Za-z0-9!#%&'/=?_.{}~+-]+@([A-Za-z0-9-]+[.])+[A-Za-z]{2,24}"
PHONE = "([+]|00)?[ (]?[0-9][0-9 ().-]{5,18}[0-9]"
NOBODY = ("0", "-1", "00000", "99999", "999999", "unknown", "UNKNOWN", "Unknown", "guest", "Guest", "GUEST", "anonymous",
          "N/A", "n/a", "NA", "null", "NULL", "None", "none", "散客", "游客", "匿名", "未知", "无", "非会员", "零售客户")  # fmt: skip
"""Ids that stand for "no customer": whoever bought under one is not one person."""
PLACEHOLDER_NAMES = (
    "test",
    "Test",
    "TEST",
    "测试",
    "xxx",
    "XXX",
    "aaa",
    "abc",
    "无名",
    "匿名",
    "用户",
    "客户",
    "admin",
)
PLACEHOLDER_DAYS = (date(1900, 1, 1), date(1970, 1, 1))
GENDERS = ("m", "f", "M", "F", "male", "female", "Male", "Female", "男", "女", "other", "Other", "其他", "u", "U", "保密",
           "unknown", "Unknown", "未知", "diverse", "d", "x", "X")  # fmt: skip
FRESH_DAYS = 30
EARLIEST = date(1990, 1, 1)

EXPECTED = {
    "customers": {"name": 1, "phone": 2, "email": 2, "region": 1, "city": 1, "registered_at": 1, "gender": 1, "birth_date": 1,
                  "industry": 1, "source_channel": 1},
    "orders": {"channel": 1, "store": 1, "cost": 1},
    "order_lines": {"category": 2, "quantity": 2, "unit_price": 2},
    "events": {"message_id": 1, "channel": 1},
    "feedback": {"score": 2},
    "tickets": {"priority": 1, "topic": 1},
    "touches": {"channel": 1, "campaign": 1, "opened": 1},
}  # fmt: skip
"""Optional fields that should be filled once a source has them, with their weights; a blank coupon is no defect."""
NEVER_NEGATIVE = {
    "customers": ("employees", "annual_revenue", "acquisition_cost"),
    "orders": ("discount", "cost"),
    "order_lines": ("unit_price", "discount"),
    "tickets": ("first_response_minutes", "resolution_minutes"),
    "touches": ("cost",),
    "balances": ("assets",),
}
_AMOUNTS_TURN = {"orders": "status <> 'refund'"}
"""Where signs may turn: what a refund takes back is below zero, its cost and discount with it."""
ONE_OR_ZERO = {"touches": ("opened", "clicked")}


def rule(
    table: str,
    columns: str,
    what: str,
    dimension: Dimension,
    check: Check,
    weight: int = 1,
    severity: str = "warning",
    when: str | None = None,
    doubtful: bool = False,
    needs: tuple[str, ...] = (),
    **shown: object,
) -> Rule:
    """A shipped rule; `what` names its words in `tierwise.quality.wording`, which `shown` fills."""
    names = tuple(columns.split())
    label = TABLES[table].column(names[0]).label
    values = {"field": label, **shown}
    return Rule(
        f"{table}.{names[0]}.{what}", table, names, dimension, check, DEMANDS[what].fill(**values),
        CURES[what].fill(**values), when, weight, severity, doubtful, needs,
    )  # fmt: skip


def shipped_rules(day: date) -> tuple[Rule, ...]:
    """All shipped rules; `day` is the one that nothing may lie behind."""
    every = (
        *_complete(), *_not_negative(), *_dates(day), *_customers(), *_orders(), *_order_lines(), *_feedback(),
        *_other(), *_references(), *_fresh(),
    )  # fmt: skip
    order = list(TABLES)
    return tuple(sorted(every, key=lambda r: order.index(r.table)))


def _complete() -> list[Rule]:
    return [
        rule(table, name, "present", Dimension.COMPLETE, Present(), weight, "info")
        for table, fields in EXPECTED.items()
        for name, weight in fields.items()
    ]


def _not_negative() -> list[Rule]:
    signed = [
        rule(table, name, "not_negative", Dimension.VALID, Holds(f"{name} >= 0"), 2, when=_AMOUNTS_TURN.get(table))
        for table, fields in NEVER_NEGATIVE.items()
        for name in fields
    ]
    flags = [
        rule(table, name, "zero_or_one", Dimension.VALID, Holds(f"{name} IN (0, 1)"))
        for table, fields in ONE_OR_ZERO.items()
        for name in fields
    ]
    return [*signed, *flags]


def _dates(day: date) -> list[Rule]:
    """Dates lie neither in the future nor before any such business; birth dates are no placeholders."""
    behind = [
        (table, name)
        for table, names in {"customers": ("registered_at", "birth_date"), "events": ("event_date",),
                             "feedback": ("given_date",), "tickets": ("opened_date",), "touches": ("sent_date",),
                             "balances": ("as_of_date",), "referrals": ("referred_at",)}.items()
        for name in names
    ]  # fmt: skip
    past = [
        rule(table, name, "not_future", Dimension.VALID, Holds(f"{name} <= {literal(day)}"), 2)
        for table, name in behind
    ]
    placeholders = ", ".join(literal(found) for found in PLACEHOLDER_DAYS)
    return [
        *past,
        rule("customers", "birth_date", "no_placeholder", Dimension.VALID, Holds(f"birth_date NOT IN ({placeholders})")),
        rule("customers", "birth_date", "not_too_old", Dimension.VALID, Holds(f"birth_date >= {literal(date(1900, 1, 1))}")),
        rule("orders", "order_date", "not_too_old", Dimension.VALID, Holds(f"order_date >= {literal(EARLIEST)}"), 3,
             doubtful=True),
    ]  # fmt: skip


def _customers() -> list[Rule]:
    table = "customers"
    names, genders = (", ".join(literal(word) for word in words) for words in (PLACEHOLDER_NAMES, GENDERS))
    return [
        rule(table, "name", "no_placeholder", Dimension.VALID, Holds(f"name NOT IN ({names})")),
        rule(table, "phone", "phone", Dimension.VALID, Holds(matches("phone", PHONE)), 2),
        rule(table, "email", "email", Dimension.VALID, Holds(matches("email", EMAIL)), 2),
        rule(table, "email", "likely_domain", Dimension.VALID, Holds(f"NOT {matches('email', slip_pattern())}")),
        rule(table, "gender", "known_word", Dimension.VALID, Holds(f"gender IN ({genders})")),
        rule(table, "phone", "own", Dimension.UNIQUE, Unique(), 2),
        rule(table, "email", "own", Dimension.UNIQUE, Unique(), 2),
        rule(table, "phone", "reachable", Dimension.COMPLETE, Holds("phone IS NOT NULL OR email IS NOT NULL", True), 2,
             needs=("email",)),
        rule(table, "name", "not_swapped", Dimension.CONSISTENT, Holds(f"NOT {matches('name', PHONE)}")),
    ]  # fmt: skip


def _orders() -> list[Rule]:
    table = "orders"
    net = "SUM(CASE WHEN status <> 'void' THEN amount ELSE 0 END)"
    nobody = ", ".join(literal(word) for word in NOBODY)
    return [
        rule(table, "customer_id", "somebody", Dimension.VALID, Holds(f"customer_id NOT IN ({nobody})"), 3, doubtful=True),
        rule(table, "amount", "far_out", Dimension.VALID, FarOut(), 3, when="status <> 'void'", doubtful=True),
        rule(table, "amount", "not_zero", Dimension.VALID, Holds("amount <> 0"), 2, when="status = 'sale'", doubtful=True),
        rule(table, "customer_id ordered_at amount", "entered_once", Dimension.UNIQUE, Unique(), 3,
             when="status <> 'void' AND amount <> 0", doubtful=True),
        rule(table, "order_id customer_id", "one_customer", Dimension.CONSISTENT,
             Together("COUNT(DISTINCT customer_id) = 1"), 3),
        rule(table, "customer_id amount", "refunds_have_sales", Dimension.CONSISTENT, Together(f"{net} >= 0"), 2,
             doubtful=True),
    ]  # fmt: skip


def _order_lines() -> list[Rule]:
    table = "order_lines"
    return [
        rule(table, "quantity", "not_zero", Dimension.VALID, Holds("quantity <> 0"), 2),
        rule(table, "quantity", "far_out", Dimension.VALID, FarOut(), 2),
        rule(table, "unit_price", "not_zero", Dimension.VALID, Holds("unit_price <> 0"), 2),
        rule(table, "unit_price", "far_out", Dimension.VALID, FarOut(), 2),
        rule(table, "order_id product_id quantity unit_price", "entered_once", Dimension.UNIQUE, Unique(), 1, "info"),
    ]


def _feedback() -> list[Rule]:
    kinds = "'nps', 'rating', 'review', 'complaint'"
    return [
        rule("feedback", "kind", "known_word", Dimension.VALID, Holds(f"kind IN ({kinds})"), 2),
        rule(
            "feedback",
            "score",
            "nps_range",
            Dimension.VALID,
            Holds("score >= 0 AND score <= 10"),
            2,
            when="kind = 'nps'",
        ),
        rule("feedback", "text", "present", Dimension.COMPLETE, Present(), 1, "info", when="kind = 'review'"),
    ]


def _other() -> list[Rule]:
    return [
        rule("events", "message_id", "own", Dimension.UNIQUE, Unique(), 2),
        rule("tickets", "resolution_minutes first_response_minutes", "after_response", Dimension.CONSISTENT,
             Holds("resolution_minutes >= first_response_minutes")),
        rule("touches", "clicked opened", "opened_first", Dimension.CONSISTENT, Holds("clicked <= opened")),
        rule("balances", "assets", "far_out", Dimension.VALID, FarOut(), 3),
        rule("referrals", "referred_customer_id customer_id", "somebody_else", Dimension.CONSISTENT,
             Holds("referred_customer_id <> customer_id"), 2),
    ]  # fmt: skip


def _references() -> list[Rule]:
    """Every customer is in the customer table, and every line has its order."""
    owned: Sequence[str] = [name for name in TABLES if name not in ("customers", "order_lines")]
    to_customers = [
        rule(table, "customer_id", "known", Dimension.REFERENTIAL, Refers("customers", "customer_id"), 2,
             other=TABLES["customers"].label)
        for table in owned
    ]  # fmt: skip
    return [
        *to_customers,
        rule("order_lines", "order_id", "known", Dimension.REFERENTIAL, Refers("orders", "order_id"), 2,
             other=TABLES["orders"].label),
        rule("referrals", "referred_customer_id", "known", Dimension.REFERENTIAL, Refers("customers", "customer_id"), 2,
             other=TABLES["customers"].label),
    ]  # fmt: skip


def _fresh() -> list[Rule]:
    return [
        rule(table.name, table.date, "fresh", Dimension.TIMELY, Fresh(FRESH_DAYS), 2, days=FRESH_DAYS)
        for table in TABLES.values()
        if table.date
    ]


def label_of_field(table: str, name: str) -> Text:
    """The label of a field, its own name where it is none of the canonical ones."""
    known = {column.name: column.label for column in TABLES[table].columns} if table in TABLES else {}
    return known.get(name, Text.same(name))
