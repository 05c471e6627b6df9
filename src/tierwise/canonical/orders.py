"""Orders: lines are summed to orders, refunds and voids told from sales, all dated in the business's zone.

Rows of one order id and customer are one order: its amount is the sum of theirs (four places, then rounded half
up to two), its date the first of theirs. Without an order id every row is an order, `row-1`, `row-2`, ….

Where each row says the amount of the whole order, it counts once: see `tierwise.canonical.order_totals`.

An order below zero is a refund. Status words come first: see `tierwise.canonical.status`. An order whose rows are
all void keeps its amount and counts for nothing.

Exact copies of a row are set aside only in files with one row an order, and only when every order that appears
again is such a copy. In files with lines, two equal lines are two lines.
"""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

from tierwise.canonical.correcting import Corrections
from tierwise.canonical.corrections_list import write_list
from tierwise.canonical.currency import check_rates
from tierwise.canonical.derived import derive
from tierwise.canonical.duplicates import count_copies, has_lines, mark_copies
from tierwise.canonical.findings import (
    all_zero_finding,
    copies_finding,
    guessed_findings,
    one_order_each_finding,
    repeated_amount_finding,
    zeros_finding,
)
from tierwise.canonical.order_rows import MONEY, TEXTS, OrderRows
from tierwise.canonical.order_totals import once, repeats_order_amount
from tierwise.canonical.rejects import set_aside
from tierwise.canonical.staging import mark_rows, work_folder
from tierwise.contracts.ingest import ROWS_PER_SHARE, CanonicalTable, IngestSettings, Mapping
from tierwise.contracts.tables import ORDERS
from tierwise.engine.duckdb import DuckDBEngine, quoted

_OVERFLOW = 9_999_999_999_999_999


def build_orders(
    engine: DuckDBEngine, corrections: Corrections, mapping: Mapping, settings: IngestSettings, target: Path
) -> CanonicalTable:
    """Build the orders of one source in `target`; see `build_table`."""
    return _Orders(engine, corrections, mapping, settings, target).build()


class _Orders:
    """One building of the orders table; `staged` is what to select the read rows from."""

    def __init__(
        self, engine: DuckDBEngine, corrections: Corrections, mapping: Mapping, settings: IngestSettings, target: Path
    ) -> None:
        self.engine, self.mapping, self.target = engine, mapping, target
        self.corrections = corrections
        self.raw = raw = corrections.raw
        self.work = work_folder(target, "orders")
        self.grouped = mapping.match("order_id") is not None
        self.folder = target / "orders"
        self.row_id = f"{quoted(settings.namespace + settings.row_ids)} || row_number"
        self.shares = 1 + raw.rows_read // ROWS_PER_SHARE
        self.rows = OrderRows(engine, raw, mapping, settings)
        self.staged = self.rows.stage.write(engine, self.work / "staged.parquet")
        check_rates(engine, self.staged, self.rows.currency, raw)
        self.used, self.timed, self.total, self.padded = self._facts()
        self.repeats: bool | None = None

    def build(self) -> CanonicalTable:
        if self.grouped and (self.total > _OVERFLOW or self.mapping.shape == "shopify"):
            self._mark_orders_without_amount()
        if not self.used:
            set_aside(self.engine, self.staged, self.raw, self.mapping, self.target)
        columns = self._columns()
        orders = self._write(columns)
        copies = count_copies(self.engine, self.raw, self.staged) if not self.grouped or orders < self.used else 0
        if self.grouped and copies and copies == self.used - orders and not has_lines(self.raw, self.mapping):
            self.staged = mark_copies(self.engine, self.raw, self.staged, self.work / "single.parquet")
            orders, copies = self._write(columns), 0
        asides, rejects = set_aside(self.engine, self.staged, self.raw, self.mapping, self.target)
        findings = [*guessed_findings(self.mapping, self.used), *self.rows.stage.findings(self.engine, self.staged)]
        findings += [*self.rows.findings, *copies_finding(copies), *zeros_finding(*self._apart_by_zeros())]
        findings += all_zero_finding(self.used, self.total, self.mapping.need("amount").columns[0])
        if self.repeats:
            findings += repeated_amount_finding(self.used - orders, self.mapping.need("amount").columns[0])
        stage = self.rows.stage
        file = self.target / "corrections" / "orders.parquet"
        corrected = write_list(
            self.engine, self.corrections, stage.readings, stage.source, self.staged, "customer_id", file
        )
        first, last, customers = self._period()
        findings += one_order_each_finding(orders, customers, self.mapping.need("customer_id").columns[0])
        return CanonicalTable(
            "orders", self.folder, columns, orders, self.raw.rows_read,
            self.raw.rows_read - sum(aside.rows for aside in asides), asides, tuple(findings), self.mapping, rejects,
            first, last, self.rows.currency.currency, self.raw.file, self.raw.fingerprint, self.shares, corrected,
        )  # fmt: skip

    def _facts(self) -> tuple[int, bool, Decimal, bool]:
        """Return the rows in use, whether any has a time of day, what all amounts add up to without their signs, and
        whether any customer's number begins with a zero."""
        used, timed, total, padded = self.engine.native(
            "facts of orders",
            "SELECT count(*), bool_or(ordered_at <> date_trunc('day', ordered_at)), sum(abs(amount)), "
            f"coalesce(bool_or(customer_id[1] = '0'), false) FROM {self.staged} WHERE rejected_for IS NULL",
        )[0]
        return int(used), bool(timed), total or Decimal(0), bool(padded)

    def _apart_by_zeros(self) -> tuple[int, str]:
        """Return how many customers share their number with another but for leading zeros, and one such pair."""
        if not self.padded:
            return 0, ""
        customers, example = self.engine.native(
            "ids apart by leading zeros",
            "SELECT coalesce(sum(n), 0), min(ids) FROM (SELECT count(*) AS n, min(customer_id) || ' / ' || max(customer_id) AS ids "
            f"FROM (SELECT DISTINCT customer_id FROM {self.staged} WHERE rejected_for IS NULL AND "
            "regexp_full_match(customer_id, '[0-9]+')) GROUP BY ltrim(customer_id, '0') HAVING count(*) > 1)",
        )[0]
        return int(customers), str(example)

    def _mark_orders_without_amount(self) -> None:
        """Set aside all rows of orders that have no total, or one that is too large."""
        without = (
            f"SELECT row_number FROM {self.staged} AS staged JOIN (SELECT order_id, customer_id FROM {self.staged} "
            "WHERE rejected_for IS NULL GROUP BY order_id, customer_id HAVING TRY_CAST(sum(amount) AS DECIMAL(18, 2)) IS NULL) "
            "USING (order_id, customer_id) WHERE rejected_for IS NULL"
        )
        column = self.mapping.need("amount").columns[0]
        file = self.work / "marked.parquet"
        self.staged = mark_rows(self.engine, self.staged, "bad_amount", without, column, file)
        self.used, self.timed, self.total, self.padded = self._facts()

    def _columns(self) -> tuple[str, ...]:
        optional = {"ordered_at", "order_hour"} if self.timed else set()
        optional |= {"currency", "original_amount"} if self.rows.currency.rates else set()
        optional |= {name for name in (*MONEY, *TEXTS) if self.mapping.match(name)}
        return tuple(column.name for column in ORDERS.columns if column.required or column.name in optional)

    def _write(self, columns: tuple[str, ...]) -> int:
        """Write the orders, and return how many they are."""
        in_lines = self.grouped and not self._is_one_row_an_order()
        if in_lines and self.repeats is None:
            self.repeats = repeats_order_amount(self.engine, self.raw, self.mapping, self.staged)
        values = self._of_groups() if in_lines else self._of_rows()
        listed = ", ".join(f"{values[name]} AS {name}" for name in columns)
        group = " GROUP BY order_id, customer_id" if in_lines else ""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        sql = f"SELECT {listed} FROM {self.staged} WHERE rejected_for IS NULL{group}"
        if self.shares > 1:
            return self.engine.write_shares("write orders", sql, self.folder, "customer_id", self.shares)
        file = quoted(str(self.folder / "part-000-0.parquet"))
        written = self.engine.native("write orders", f"COPY ({sql}) TO {file} (FORMAT parquet, COMPRESSION zstd)")
        return int(written[0][0])

    def _is_one_row_an_order(self) -> bool:
        """Whether no order id repeats: then nothing need be grouped, which saves most of the time.

        Different hashes prove different orders; equal ones of different orders only cost the grouping.
        """
        counted = self.engine.native(
            "repeated orders",
            f"SELECT count(DISTINCT hash(order_id, customer_id)), count(*) FROM {self.staged} WHERE rejected_for IS NULL",
        )
        return bool(counted[0][0] == counted[0][1])

    def _of_rows(self) -> dict[str, str]:
        state = "state = 'void'" if self.rows.has_state else "false"
        return {
            "order_id": "order_id" if self.grouped else self.row_id,
            "customer_id": "customer_id",
            "order_date": "CAST(ordered_at AS DATE)",
            "ordered_at": "ordered_at",
            "order_hour": derive("order_hour"),
            "amount": "CAST(amount AS DECIMAL(18, 2))",
            "status": f"CASE WHEN {state} THEN 'void' WHEN CAST(amount AS DECIMAL(18, 2)) < 0 THEN 'refund' ELSE 'sale' END",
            "currency": "currency",
            "original_amount": "CAST(original_amount AS DECIMAL(18, 2))",
            **{name: name for name in (*MONEY, *TEXTS)},
        }

    def _of_groups(self) -> dict[str, str]:
        added = once if self.repeats else _summed
        total, void = added("amount"), "false"
        if self.rows.has_state:
            void = "coalesce(bool_and(state = 'void'), false)"
            kept = added("amount", "state IS DISTINCT FROM 'void'")
            total = f"CASE WHEN {void} THEN {total} ELSE {kept} END"
        amount = f"CAST({total} AS DECIMAL(18, 2))"
        return {
            "order_id": "order_id",
            "customer_id": "customer_id",
            "order_date": "CAST(min(ordered_at) AS DATE)",
            "ordered_at": "min(ordered_at)",
            "order_hour": derive("order_hour").replace("ordered_at", "min(ordered_at)"),
            "amount": amount,
            "status": f"CASE WHEN {void} THEN 'void' WHEN {amount} < 0 THEN 'refund' ELSE 'sale' END",
            "currency": "arg_min(currency, row_number)",
            "original_amount": f"CAST({total.replace('(amount)', '(original_amount)')} AS DECIMAL(18, 2))",
            **{name: f"TRY_CAST({added(name)} AS DECIMAL(18, 2))" for name in MONEY},
            **{name: f"arg_min({name}, row_number)" for name in TEXTS},
        }

    def _period(self) -> tuple[date, date, int]:
        """Return the first and the last day, and about how many customers there are: exact where they are few."""
        files = quoted(str(self.folder / "part-*.parquet"))
        first, last, customers = self.engine.native(
            "period of orders",
            f"SELECT min(order_date), max(order_date), count(DISTINCT hash(customer_id)) FROM read_parquet({files})",
        )[0]
        return first, last, int(customers)


def _summed(column: str, condition: str = "") -> str:
    """SQL: the sum of the lines of an order."""
    return f"sum({column}) FILTER ({condition})" if condition else f"sum({column})"
