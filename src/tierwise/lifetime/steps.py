"""From orders to purchase histories: one pass over the orders, at the resolution of a day, in the portable subset.

What counts:

- an *order* is a day (a tick of the clock) with at least one sale of 0 or more; all orders of a customer on one day are
  one order, whatever their number;
- a refund (status refund, negative amount) never makes an order: it lowers the customer's money on its day;
- void orders count for nothing.

`lifetime_customers` has a row for everyone with an order: ticks of the first and the last order, orders, net money, and
the net money of the first order's day, each for all that is seen; `*_cal` the same up to the end of calibration.
Money of repeat orders is net money less that of the first day; a return of the first order lowers it too, for no
source says which order a refund belongs to. Money stays DECIMAL: every sum is exact on every engine.
"""

from __future__ import annotations

from dataclasses import dataclass

from tierwise.contracts.tables import OrderStatus
from tierwise.lifetime.clock import Clock
from tierwise.sql.expressions import literal
from tierwise.sql.first_value import mixed, money_of
from tierwise.sql.steps import Plan, Step

DAYS_TABLE = "lifetime_days"
CUSTOMERS_TABLE = "lifetime_customers"
GAPS_TABLE = "lifetime_gaps"
DAILY_TABLE = "lifetime_daily"
FIRSTS_TABLE = "lifetime_firsts"


@dataclass(frozen=True, slots=True)
class Span:
    """What is seen: ticks up to `until`; models learn up to `calibration_until`, None where all is learnt from."""

    clock: Clock
    until: int
    calibration_until: int | None = None


def days_step(span: Span, *, cost: bool, stored: bool = False) -> Step:
    """The step `lifetime_days`: per customer and tick the money, the profit, and whether there was an order."""
    void, sale = literal(str(OrderStatus.VOID)), literal(str(OrderStatus.SALE))
    tick = span.clock.sql("order_date")
    profit = ", CAST(SUM(amount - COALESCE(cost, 0)) AS DECIMAL(18, 2)) AS profit" if cost else ""
    return Step(
        DAYS_TABLE,
        f"SELECT customer_id, {tick} AS tick, CAST(SUM(amount) AS DECIMAL(18, 2)) AS money{profit}, "
        f"MAX(CASE WHEN status = {sale} AND amount >= 0 THEN 1 ELSE 0 END) AS is_order FROM orders "
        f"WHERE status <> {void} AND {tick} <= {span.until} GROUP BY customer_id, {tick}",
        stored,
    )


def customers_steps(span: Span, *, cost: bool, stored: bool = False) -> Plan:
    """The steps that end in `lifetime_customers`; they read `lifetime_days`.

    The money of the first day needs no sort: see `tierwise.sql.first_value`.
    """
    sums = [
        "MIN(CASE WHEN is_order = 1 THEN tick END) AS first_tick",
        f"MIN(CASE WHEN is_order = 1 THEN {mixed('tick', 'money')} END) AS first_mixed",
        *_sums("", "TRUE"),
    ]
    if cost:
        sums.append("CAST(SUM(profit) AS DECIMAL(18, 2)) AS profit")
    if span.calibration_until is not None:
        sums += _sums("_cal", f"tick <= {span.calibration_until}")
    summed = f"SELECT customer_id, {', '.join(sums)} FROM {DAYS_TABLE} GROUP BY customer_id"
    kept = ["orders", "last_tick", "net"] + (["profit"] if cost else [])
    if span.calibration_until is not None:
        kept += [f"{name}_cal" for name in ("orders", "last_tick", "net")]
    plain = (
        f"SELECT customer_id, first_tick, {money_of('first_mixed', 'first_tick')} AS first_money, {', '.join(kept)} "
        "FROM lifetime_mixed WHERE first_tick IS NOT NULL"
    )
    return Step("lifetime_mixed", summed), Step(CUSTOMERS_TABLE, plain, stored)


def _sums(suffix: str, condition: str) -> list[str]:
    seen = "" if condition == "TRUE" else f" AND {condition}"
    money = "money" if condition == "TRUE" else f"CASE WHEN {condition} THEN money END"
    return [
        f"CAST(SUM(CASE WHEN is_order = 1{seen} THEN 1 ELSE 0 END) AS BIGINT) AS orders{suffix}",
        f"MAX(CASE WHEN is_order = 1{seen} THEN tick END) AS last_tick{suffix}",
        f"CAST(COALESCE(SUM({money}), 0) AS DECIMAL(18, 2)) AS net{suffix}",
    ]


def gaps_steps(calibration_until: int | None) -> Plan:
    """Steps that end in `lifetime_gaps`: how many pairs of consecutive orders are how many ticks apart.

    The subset has no logarithm: the driver takes it of the few different gaps.
    """
    seen = "TRUE" if calibration_until is None else f"tick <= {calibration_until}"
    gap = "tick - LAG(tick) OVER (PARTITION BY customer_id ORDER BY tick) AS gap"
    return (
        Step("lifetime_gapped", f"SELECT tick, {gap} FROM {DAYS_TABLE} WHERE is_order = 1"),
        Step(
            GAPS_TABLE,
            f"SELECT gap, COUNT(*) AS orders, CAST(SUM(CASE WHEN {seen} THEN 1 ELSE 0 END) AS BIGINT) AS orders_cal "
            "FROM lifetime_gapped WHERE gap IS NOT NULL GROUP BY gap",
        ),
    )


def daily_steps() -> Plan:
    """Orders per tick, and first orders per tick: small tables for tracking and for telling occasions."""
    return (
        Step(DAILY_TABLE, f"SELECT tick, COUNT(*) AS orders FROM {DAYS_TABLE} WHERE is_order = 1 GROUP BY tick"),
        Step(
            FIRSTS_TABLE, f"SELECT first_tick AS tick, COUNT(*) AS customers FROM {CUSTOMERS_TABLE} GROUP BY first_tick"
        ),
    )


def history_steps(span: Span, *, cost: bool) -> Plan:
    """All histories and nothing else: the steps from orders to `lifetime_customers`."""
    return days_step(span, cost=cost), *customers_steps(span, cost=cost)
