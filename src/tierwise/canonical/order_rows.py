"""How one row of a source of orders is read: who, which order, when, how much, and what its status says."""

from __future__ import annotations

from dataclasses import replace

from tierwise.canonical.amounts import STAGED_MONEY, AmountPlan, plan_amounts
from tierwise.canonical.currency import CurrencyPlan, other_currency, plan_currency, rate_of
from tierwise.canonical.dates import DatePlan, plan_dates
from tierwise.canonical.findings import (
    ADDED_ORDER_ID,
    FLOAT_IDS,
    MONTHS_ALONE,
    REFUND_RECORDS,
    ROUNDED,
    UNDONE_ORDERS,
    UNREADABLE,
    VOID_ORDERS,
    flag,
    masked_finding,
    offset_finding,
    unit_finding,
    unknown_status_finding,
)
from tierwise.canonical.ids import IdPlan, corrected_ids, digits_lost, is_total, named
from tierwise.canonical.readings import as_said, readings_of_amounts, readings_of_currencies, readings_of_dates
from tierwise.canonical.staging import Check, Stage
from tierwise.canonical.status import plan_status
from tierwise.canonical.units import unit_of
from tierwise.canonical.values import text_as_written, text_value
from tierwise.contracts.ingest import Finding, IngestSettings, Mapping, RawColumn, RawKind, RawTable
from tierwise.engine.duckdb import DuckDBEngine, quoted

MONEY = ("discount", "cost")
TEXTS = ("coupon", "channel", "store")
_MOST_LABELS = 4
_LARGEST = "9999999999999999.99"


class OrderRows:
    """The reading of one source; the look through its columns happens as it is made.

    `stage` gives the fields `customer_id, order_id?, ordered_at, amount, state?` and the optional ones.
    """

    def __init__(self, engine: DuckDBEngine, raw: RawTable, mapping: Mapping, settings: IngestSettings) -> None:
        self.engine, self.raw, self.mapping, self.settings = engine, raw, mapping, settings
        self.stage = Stage(raw)
        self.findings: list[Finding] = []
        self.has_state = mapping.match("status") is not None
        self._read_customer()
        self._read_order()
        self._read_moment()
        self.currency = self._read_amount()
        self._read_optional()

    def _column(self, field: str) -> RawColumn | None:
        match = self.mapping.match(field)
        return self.raw.column(match.columns[0]) if match else None

    def _ids(self, column: RawColumn) -> IdPlan:
        plan = corrected_ids(column)
        if plan.was_float:
            self.stage.flags.append(flag(FLOAT_IDS, f"{column.key} IS NOT NULL", column))
        if lost := digits_lost(column):
            self.stage.checks.append(Check("digits_lost", lost, column))
        return plan

    def _read_customer(self) -> None:
        column = self.raw.column(self.mapping.need("customer_id").columns[0])
        plan = self._ids(column)
        self.stage.add("customer_id", named(plan.sql, self.settings), plan.layers)
        if column.kind is RawKind.TEXT:
            self.stage.checks.append(Check("total_row", is_total(column.key), column))
        if totals := " OR ".join(is_total(label.key) for label in self._labels()):
            self.stage.checks.append(Check("total_row", f"customer_id IS NULL AND ({totals})", column))
        self.stage.checks.append(Check("no_customer", "customer_id IS NULL", column))
        self.findings.extend(masked_finding(self.raw, column))

    def _labels(self) -> list[RawColumn]:
        """The first columns of text: a till writes 小计 where the shop or the day would stand."""
        return [column for column in self.raw.columns if column.kind is RawKind.TEXT][:_MOST_LABELS]

    def _read_order(self) -> None:
        column = self._column("order_id")
        if column:
            plan = self._ids(column)
            row = f"{quoted(self.settings.namespace + self.settings.row_ids)} || row_number"
            if column.kind is RawKind.TEXT:
                self.stage.checks.insert(0, Check("total_row", is_total(column.key), column))
            self.stage.add("order_id", f"coalesce({named(plan.sql, self.settings)}, {row})", plan.layers)
            self.stage.flags.append(flag(ADDED_ORDER_ID, f"order_id = {row}", column))

    def _read_moment(self) -> None:
        column = self.raw.column(self.mapping.need("order_date").columns[0])
        plan = plan_dates(self.engine, self.raw, column, self.settings)
        self.stage.add("ordered_at", self._with_time(column, plan), plan.layers)
        self.stage.readings.extend(readings_of_dates("order_date", column, plan))
        tomorrow = f"DATE '{self.settings.today.isoformat()}' + INTERVAL 1 DAY"
        self.stage.checks.append(Check("bad_date", "ordered_at IS NULL", column))
        self.stage.checks.append(Check("future_date", f"ordered_at >= {tomorrow}", column))
        if plan.month_alone:
            self.stage.flags.append(flag(MONTHS_ALONE, plan.month_alone, column))
        self.findings.extend(offset_finding(plan.converted, self.settings.timezone))

    def _with_time(self, column: RawColumn, day: DatePlan) -> str:
        """The day, at the time that a second column gives where it means the same day, or the moment alone."""
        timed = self._column("ordered_at")
        if timed is None or timed == column:
            return day.sql
        plan = plan_dates(self.engine, self.raw, timed, self.settings)
        self.stage.need(plan.layers)
        same = f"({day.sql}) IS NULL OR CAST({plan.sql} AS DATE) = CAST({day.sql} AS DATE)"
        return f"CASE WHEN {same} THEN coalesce({plan.sql}, {day.sql}) ELSE {day.sql} END"

    def _read_amount(self) -> CurrencyPlan:
        parts = [self.raw.column(name) for name in self.mapping.need("amount").columns]
        names = ("amount",) if len(parts) == 1 else ("quantity", "unit_price")
        plans = [self._amount(name, part) for name, part in zip(names, parts, strict=True)]
        back = self._given_back()
        self.stage.then({"amount_read": plans[0].sql if len(plans) == 1 else _product(plans)})
        self._net_of(back)
        currency = self._read_currency(plans[-1])
        unreadable = f"coalesce(abs(amount) > {_LARGEST}, true)"
        if self.mapping.shape == "shopify":  # further lines of an order leave its total blank
            unreadable += f" AND {text_value(as_said(parts[0]))} IS NOT NULL"
        self.stage.checks.append(Check("bad_amount", unreadable, parts[0]))
        if currency.sql:
            if currency.rates:
                self._convert(currency)
                return currency
            self.stage.then({"currency": currency.sql})
            where = self._column("currency") or parts[-1]
            self.stage.checks.append(Check("other_currency", other_currency(currency), where))
        if len(parts) == 1:
            self.stage.flags.append(flag(ROUNDED, "amount <> round(amount, 2)", parts[0]))
        return currency

    def _amount(self, name: str, column: RawColumn) -> AmountPlan:
        """How a column of numbers is read, with what it needs; numbers of other forms are corrections."""
        plan = plan_amounts(self.engine, self.raw, column, self.settings.corrections)
        self.stage.need(plan.layers)
        self.stage.readings.extend(readings_of_amounts(name, column, plan))
        unit = unit_of(column.name)
        if unit is None or name == "quantity":
            return plan
        self.findings.append(unit_finding(self.raw, column, unit))
        return replace(plan, sql=f"TRY_CAST(({plan.sql}) * {unit.worth} AS {STAGED_MONEY})")

    def _read_currency(self, amount: AmountPlan) -> CurrencyPlan:
        column = self._column("currency")
        plan = plan_currency(self.engine, self.raw, column, amount, self.settings)
        if column and "currency_word" in self.settings.corrections:
            self.stage.readings.extend(readings_of_currencies(column))
        return plan

    def _convert(self, plan: CurrencyPlan) -> None:
        """Convert the amount by the rate of its day, and keep beside it what the source says."""
        said = self.stage.fields.pop("amount")
        self.stage.then({"currency_read": str(plan.sql)})
        self.stage.fields |= {
            "currency": "currency_read",
            "original_amount": said,
            "rate": rate_of(plan),
            "amount": converted("original_amount"),
        }

    def _given_back(self) -> str | None:
        """Return the SQL of what was refunded of an order, where a column says it."""
        column = self._column("refunded_amount")
        if column is None:
            return None
        plan = self._amount("refunded_amount", column)
        return f"abs(coalesce({plan.sql}, 0))"

    def _net_of(self, back: str | None) -> None:
        """Take from the amount what was given back, and turn the amount of a refund note."""
        net = f"CASE WHEN amount_read > 0 THEN amount_read - {back} ELSE amount_read END" if back else "amount_read"
        column = self._column("status")
        if column is None:
            self.stage.fields["amount"] = net
            return
        plan = plan_status(self.engine, self.raw, column)
        self.stage.then({"word": plan.sql, "net": net})
        self.stage.fields["amount"] = "CASE WHEN word = 'refund' THEN -abs(net) ELSE net END"
        kept = f"net > 0 AND {back} > 0" if back else "false"
        self.stage.fields["state"] = (
            "CASE WHEN word IN ('void', 'undone') AND net < 0 THEN 'sale' "
            f"WHEN word = 'undone' THEN CASE WHEN {kept} THEN 'sale' ELSE 'void' END ELSE word END"
        )
        for kind, word in ((UNDONE_ORDERS, "undone"), (REFUND_RECORDS, "refund"), (VOID_ORDERS, "void")):
            self.stage.flags.append(flag(kind, f"coalesce(word = '{word}', false)", column))
        self.findings.extend(unknown_status_finding(plan.unknown))

    def _read_optional(self) -> None:
        for name in MONEY:
            if column := self._column(name):
                plan = self._amount(name, column)
                money = converted(plan.sql) if self.currency.rates else plan.sql
                self.stage.add(name, f"TRY_CAST({money} AS DECIMAL(18, 2))")
                unreadable = f"{name} IS NULL AND {text_value(as_said(column))} IS NOT NULL"
                self.stage.flags.append(flag(UNREADABLE, unreadable, column))
        for name in TEXTS:
            if column := self._column(name):
                self.stage.add(name, text_as_written(column))


def converted(sql: str) -> str:
    """Return an amount times the rate of its row, exact: it is rounded once, when the order is written."""
    return f"(TRY_CAST({sql} AS DECIMAL(20, 4)) * rate)"


def _product(plans: list[AmountPlan]) -> str:
    """Return quantity × unit price, exact, then rounded half up to four places.

    19 and 18 digits make 37, which fit; two of 18 would be multiplied as 18, and overflow.
    """
    quantity, price = plans
    exact = f"TRY_CAST({quantity.sql} AS DECIMAL(19, 4)) * TRY_CAST({price.sql} AS DECIMAL(18, 4))"
    return f"TRY_CAST({exact} AS {STAGED_MONEY})"
