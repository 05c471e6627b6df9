"""The engine's part: from attached tables to histories, in one pass over the orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from tierwise.contracts.tables import OrderStatus
from tierwise.engine.base import Engine
from tierwise.lifetime.clock import Clock
from tierwise.lifetime.histories import Histories, read_gaps, read_histories
from tierwise.lifetime.parquet import write_table
from tierwise.lifetime.question import TimeUnit
from tierwise.lifetime.split import AS_OF_EARLY
from tierwise.lifetime.steps import (
    CUSTOMERS_TABLE,
    DAILY_TABLE,
    FIRSTS_TABLE,
    GAPS_TABLE,
    Span,
    customers_steps,
    daily_steps,
    days_step,
    gaps_steps,
    history_steps,
)
from tierwise.sql.expressions import literal
from tierwise.sql.steps import Plan, Step

Rows = list[dict[str, Any]]
Available = Mapping[str, frozenset[str]]

FEWEST_OCCASIONS = 3
SHORTEST_OCCASION_DAYS = 6


@dataclass(frozen=True)
class Shop:
    """Canonical tables attached to an engine, and where files may be put for as long as the question takes."""

    engine: Engine
    available: Available
    as_of: date
    scratch: Path

    @property
    def has_cost(self) -> bool:
        """Whether orders carry their cost."""
        return "cost" in self.available["orders"]

    def run(self, steps: Plan) -> None:
        """Run steps in order."""
        for step in steps:
            self.engine.run(step)

    def rows(self, table: str) -> Rows:
        """Return the rows of a small table."""
        return self.engine.records(table, f"SELECT * FROM {table}")

    def first_sale(self) -> date:
        """The day of the first sale by as_of; raises `lifetime.as_of_before_first_order`."""
        sale = f"status = {literal(str(OrderStatus.SALE))} AND amount >= 0"
        self.engine.run(Step("lifetime_first_sale", f"SELECT MIN(order_date) AS first_sale FROM orders WHERE {sale}"))
        found: date | None = self.rows("lifetime_first_sale")[0]["first_sale"]
        if found is None or found > self.as_of:
            raise AS_OF_EARLY.error(as_of=self.as_of, first=found)
        return found


def read_shop(shop: Shop, clock: Clock, calibration_end: date | None, *, gaps: bool) -> Histories:
    """Compute and read all histories on a clock; the tables of the plan stay in the engine."""
    until = clock.seen_until(shop.as_of)
    span = Span(clock, until, clock.seen_until(calibration_end) if calibration_end else None)
    shop.run((days_step(span, cost=shop.has_cost, stored=True), *customers_steps(span, cost=shop.has_cost)))
    files = write_table(shop.engine, CUSTOMERS_TABLE, shop.scratch / "customers", ("customer_id",))
    shop.engine.attach(CUSTOMERS_TABLE, files)
    shop.run(daily_steps())
    histories = read_histories(span, files)
    if gaps:
        shop.run(gaps_steps(span.calibration_until))
        histories = replace(histories, gaps=read_gaps(shop.rows(GAPS_TABLE)))
    return histories


def read_histories_only(shop: Shop, clock: Clock) -> Histories:
    """Read the histories of everyone in one pass that keeps no table: no split, no gaps, nothing for charts."""
    span = Span(clock, clock.seen_until(shop.as_of))
    shop.run(history_steps(span, cost=shop.has_cost))
    return read_histories(span, write_table(shop.engine, CUSTOMERS_TABLE, shop.scratch / "customers"))


def daily_orders(shop: Shop) -> tuple[Rows, Rows]:
    """Return orders per tick and first orders per tick, by tick."""
    both = (sorted(shop.rows(table), key=lambda row: int(row["tick"])) for table in (DAILY_TABLE, FIRSTS_TABLE))
    orders, firsts = both
    return orders, firsts


def occasion_unit(orders: Rows) -> TimeUnit | None:
    """Return the unit between occasions where all orders of the shop fall on a few set days, else None."""
    days = [int(row["tick"]) for row in orders]
    gaps = sorted(later - earlier for earlier, later in pairwise(days))
    if len(days) < FEWEST_OCCASIONS or gaps[0] < SHORTEST_OCCASION_DAYS:
        return None
    middle = gaps[len(gaps) // 2]
    return TimeUnit.WEEKS if middle < 20 else TimeUnit.MONTHS if middle < 200 else TimeUnit.YEARS
