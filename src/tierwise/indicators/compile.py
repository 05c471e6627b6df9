"""Compile the indicators that are asked for into a few named steps: one pass over each table of facts.

A customer is whoever has an order up to as_of or, where there is a table of customers, had registered by then.
Ids that only other tables mention are nobody's: `unknown_steps` counts them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from tierwise.contracts.indicators import IndicatorRef
from tierwise.errors import raise_all
from tierwise.indicators.catalogue import CATALOGUE
from tierwise.indicators.catalogue.customers import CUSTOMERS
from tierwise.indicators.catalogue.order_facts import ORDERS
from tierwise.indicators.checks import problems_of
from tierwise.indicators.declaration import Available, Grain, Indicator, Span
from tierwise.sql.expressions import literal
from tierwise.sql.steps import Plan, Step


def check_available(refs: Sequence[IndicatorRef], available: Available) -> None:
    """Raise one error that lists every indicator that is unknown, misused, or not carried by the data."""
    raise_all(problems_of(refs, available))


_BYTES = {"BIGINT": 8, "INT": 4, "DATE": 4, "BOOLEAN": 1, "VARCHAR": 24}


def row_bytes(refs: Sequence[IndicatorRef]) -> int:
    """About how many bytes a row of the indicator table takes in memory: the id and each column."""
    return 24 + sum(_BYTES.get(str(CATALOGUE[ref.name].kind), 8) for ref in refs)


def tables_of(refs: Sequence[IndicatorRef]) -> set[str]:
    """The canonical tables that the indicators read."""
    return {table for ref in refs for grain, _ in CATALOGUE[ref.name].grains for table in grain.tables}


@dataclass
class CustomerFacts:
    """One table of facts: its grain and steps, and the aggregates wanted of it under the names they get.

    `asked` has every aggregate in the order it was asked for, repeats included: the same indicators compiled for
    another day ask in the same order, so that two days can be compared aggregate by aggregate.
    """

    name: str
    grain: Grain
    steps: Plan
    aggregates: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def table(self) -> str:
        """The name of the table of its aggregates by customer."""
        return f"customer_{self.name}"

    def alias(self, sql: str) -> str:
        """The column of an aggregate; equal aggregates of several indicators are computed once."""
        self.asked.append(sql)
        return self.aggregates.setdefault(sql, f"{self.name}_{len(self.aggregates) + 1}")

    def step(self) -> Step:
        """All aggregates in one pass."""
        sums = "".join(f", {sql} AS {alias}" for sql, alias in self.aggregates.items())
        return Step(self.table, f"SELECT customer_id{sums} FROM {self.name} GROUP BY customer_id")


@dataclass(frozen=True)
class Compiled:
    """Indicators as steps: the facts with their aggregates per customer, then `everyone` and the table `indicators`."""

    facts: tuple[CustomerFacts, ...]
    everyone: Step
    indicators: Step

    @property
    def plan(self) -> Plan:
        """All steps in order."""
        steps: dict[str, Step] = {}
        for facts in self.facts:
            steps |= {step.name: step for step in (*facts.steps, facts.step())}
        return *steps.values(), self.everyone, self.indicators


class _Compiler:
    """Collects facts and aggregates while the values of indicators are written."""

    def __init__(self, as_of: date, available: Available) -> None:
        self.as_of = as_of
        self.available = available
        self.facts: dict[str, CustomerFacts] = {}
        self.profile = available.get("customers", frozenset())

    def fact(self, grain: Grain, ref: IndicatorRef, span: Span) -> CustomerFacts:
        """The table of facts of a grain for an indicator."""
        name = grain.facts(ref)
        if name not in self.facts:
            self.facts[name] = CustomerFacts(name, grain, grain.steps(name, span, self.available))
        return self.facts[name]

    def value(self, ref: IndicatorRef) -> str:
        """The indicator's value over aggregate columns."""
        indicator = CATALOGUE[ref.name]
        span = span_of(ref, self.as_of)
        names: dict[str, str] = {}
        for grain, aggregates in indicator.grains:
            found = self.fact(grain, ref, span)
            names |= {placeholder: found.alias(sql) for placeholder, sql in aggregates(span).items()}
        value = indicator.value(span)
        if indicator.refined and self.profile.issuperset(indicator.refines):
            people = self.fact(CUSTOMERS, ref, span)
            names |= {column: people.alias(f"MIN({column})") for column in indicator.refines}
            value = indicator.refined(span)
        return _typed(indicator, value.format(**names))

    def base(self) -> Step:
        """The step `everyone`: customers with what orders and the table of customers say of them."""
        sales = self.fact(ORDERS, IndicatorRef("frequency"), Span(self.as_of))
        if "customers" not in self.available:
            return Step("everyone", f"SELECT * FROM {sales.table}")
        people = self.fact(CUSTOMERS, IndicatorRef("gender"), Span(self.as_of))
        registered = people.alias("MIN(registered_at)") if "registered_at" in self.profile else None
        columns = "".join(f", o.{alias}" for alias in sales.aggregates.values())
        columns += "".join(f", c.{alias}" for alias in people.aggregates.values())
        known = (
            f" WHERE o.customer_id IS NOT NULL OR c.{registered} IS NULL OR c.{registered} <= {literal(self.as_of)}"
            if registered
            else ""
        )
        joined = (
            f"SELECT COALESCE(o.customer_id, c.customer_id) AS customer_id{columns} FROM {sales.table} AS o "
            f"FULL JOIN {people.table} AS c ON o.customer_id = c.customer_id{known}"
        )
        return Step("everyone", joined)

    def compiled(self, values: Mapping[str, str]) -> Compiled:
        """The facts, everyone, and the indicator table."""
        everyone = self.base()
        own = {ORDERS.facts(IndicatorRef("frequency")), CUSTOMERS.facts(IndicatorRef("gender"))}
        joins = "".join(
            f" LEFT JOIN {facts.table} ON everyone.customer_id = {facts.table}.customer_id"
            for name, facts in self.facts.items()
            if name not in own
        )
        columns = "".join(f", {sql} AS {column}" for column, sql in values.items())
        last = Step("indicators", f"SELECT everyone.customer_id{columns} FROM everyone{joins}")
        return Compiled(tuple(self.facts.values()), everyone, last)


def compile_indicators(refs: Sequence[IndicatorRef], as_of: date, available: Available) -> Compiled:
    """Compile indicators to a table with customer_id and a column per ref, one row per customer.

    `available` has the columns of each canonical table; only the tables that the refs need are read. Raises
    `indicator.*` errors, all that apply together.
    """
    check_available(refs, available)
    compiler = _Compiler(as_of, available)
    values = {ref.column: compiler.value(ref) for ref in sorted(set(refs))}
    return compiler.compiled(values)


def indicator_steps(refs: Sequence[IndicatorRef], as_of: date, available: Available) -> Plan:
    """The steps of `compile_indicators`, ending in `indicators`."""
    return compile_indicators(refs, as_of, available).plan


def span_of(ref: IndicatorRef, as_of: date) -> Span:
    """The window and the parameters of a ref, defaults filled in."""
    defaults = {p.name: p.default for p in CATALOGUE[ref.name].parameters if p.default is not None}
    return Span(as_of, ref.window_days, {**defaults, **dict(ref.parameters)})


def _typed(indicator: Indicator, value: str) -> str:
    filled = value if indicator.absent == "NULL" else f"COALESCE({value}, {indicator.absent})"
    return f"CAST({filled} AS {indicator.kind})"


def unknown_steps(available: Available) -> tuple[Plan, tuple[str, ...]]:
    """Steps that count ids that are no customer's, per table other than orders and customers; and their names.

    Each named table has one row: `table_name`, `ids` and `rows`. They read `indicators`.
    """
    tables = sorted(
        t for t, columns in available.items() if t not in ("orders", "customers") and "customer_id" in columns
    )
    steps = [
        Step(
            f"unknown_{table}",
            f"SELECT {literal(table)} AS table_name, COUNT(DISTINCT t.customer_id) AS ids, COUNT(*) AS rows_unknown "
            f"FROM {table} AS t LEFT JOIN indicators AS i ON t.customer_id = i.customer_id WHERE i.customer_id IS NULL",
        )
        for table in tables
    ]
    return tuple(steps), tuple(step.name for step in steps)
