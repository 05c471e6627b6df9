"""Compile the indicators that are asked for into a few named steps: one pass over each table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from tierwise.contracts.indicators import IndicatorRef
from tierwise.contracts.tables import OrderStatus
from tierwise.errors import ErrorKind, Family, TierwiseError
from tierwise.indicators.catalogue import CATALOGUE, Span
from tierwise.language import Text
from tierwise.sql.expressions import literal
from tierwise.sql.steps import Plan, Step

UNKNOWN = ErrorKind(
    "indicator.unknown",
    Family.CONFIG,
    what=Text("there is no indicator {name}", "没有名为 {name} 的指标"),
    cause=Text("a setting names it", "配置中引用了它"),
    cure=Text("use one of: {known}", "可用的指标：{known}"),
)
MISSING_DATA = ErrorKind(
    "indicator.missing_data",
    Family.DATA,
    what=Text("{name} cannot be computed: {table}.{column} is missing", "无法计算 {name}：缺少 {table}.{column}"),
    cause=Text("a model or setting asks for this indicator", "有模型或配置用到该指标"),
    cure=Text(
        "map a column to {table}.{column}, or choose another indicator", "请映射 {table}.{column}，或换用其他指标"
    ),
)

Available = Mapping[str, frozenset[str]]


def check_available(refs: Sequence[IndicatorRef], available: Available) -> None:
    """Raise one error that lists every indicator the data cannot carry."""
    problems = []
    for ref in refs:
        indicator = CATALOGUE.get(ref.name)
        if indicator is None:
            problems.append(UNKNOWN.problem(name=ref.name, known=", ".join(CATALOGUE)))
            continue
        have = available.get(indicator.table, frozenset())
        lacking = [column for column in indicator.needs if column not in have]
        problems += [MISSING_DATA.problem(name=ref.name, table=indicator.table, column=c) for c in lacking]
    if problems:
        raise TierwiseError(problems)


def indicator_steps(refs: Sequence[IndicatorRef], as_of: date, available: Available) -> Plan:
    """Steps ending in `indicators`: customer_id and a column per ref, one row per customer.

    Customers are everyone with an order up to as_of and, where there is a table of customers, everyone in it
    who had registered by then.
    """
    check_available(refs, available)
    aggregates: dict[str, str] = {}
    profile = available.get("customers", frozenset())
    values = {ref.column: _value(ref, as_of, profile, aggregates) for ref in sorted(set(refs))}
    sums = "".join(f", {sql} AS {name}" for sql, name in aggregates.items())
    steps = [
        Step("order_facts", _facts(as_of, available["orders"])),
        Step("customer_orders", f"SELECT customer_id{sums} FROM order_facts GROUP BY customer_id"),
    ]
    source = "customer_orders"
    if "customers" in available:
        steps += _with_everyone(as_of, profile & {"registered_at"}, list(aggregates.values()))
        source = "everyone_orders"
    columns = "".join(f", {sql} AS {column}" for column, sql in values.items())
    return (*steps, Step("indicators", f"SELECT customer_id{columns} FROM {source}"))


def _facts(as_of: date, have: frozenset[str]) -> str:
    """What an order is to the indicators: its money, and whether it is a sale or a refund."""
    void, sale, refund = (literal(str(status)) for status in (OrderStatus.VOID, OrderStatus.SALE, OrderStatus.REFUND))
    cost = f", CASE WHEN status = {void} THEN 0.00 ELSE cost END AS cost" if "cost" in have else ""
    return (
        f"SELECT customer_id, order_date, CASE WHEN status = {void} THEN 0.00 ELSE amount END AS money{cost}, "
        f"CASE WHEN status = {sale} THEN 1 ELSE 0 END AS is_sale, "
        f"CASE WHEN status = {refund} THEN 1 ELSE 0 END AS is_refund "
        f"FROM orders WHERE order_date <= {literal(as_of)}"
    )


def _value(ref: IndicatorRef, as_of: date, profile: frozenset[str], aggregates: dict[str, str]) -> str:
    """The indicator's value over aggregate columns; equal aggregates of several indicators are computed once."""
    indicator, span = CATALOGUE[ref.name], Span.of(as_of, ref.window_days)
    names = {
        placeholder: aggregates.setdefault(sql, f"a{len(aggregates) + 1}")
        for placeholder, sql in indicator.aggregates(span).items()
    }
    refined = indicator.refined if indicator.refined and profile.issuperset(indicator.refines) else None
    value = (refined or indicator.value)(span).format(**names)
    if indicator.absent != "NULL":
        value = f"COALESCE({value}, {indicator.absent})"
    return f"CAST({value} AS {indicator.kind})"


def _with_everyone(as_of: date, profile: frozenset[str], aggregates: Sequence[str]) -> list[Step]:
    known = f" WHERE registered_at IS NULL OR registered_at <= {literal(as_of)}" if "registered_at" in profile else ""
    everyone = f"SELECT customer_id FROM customers{known} UNION SELECT customer_id FROM customer_orders"
    columns = "".join(f", o.{name}" for name in aggregates) + "".join(f", c.{name}" for name in sorted(profile))
    joined = (
        f"SELECT e.customer_id{columns} FROM everyone AS e "
        "LEFT JOIN customer_orders AS o ON e.customer_id = o.customer_id "
        "LEFT JOIN customers AS c ON e.customer_id = c.customer_id"
    )
    return [Step("everyone", everyone), Step("everyone_orders", joined)]
