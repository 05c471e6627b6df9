"""Orders: lines are summed to orders, refunds and voids told from sales, everything dated in the business's zone."""

from __future__ import annotations

from pathlib import Path

from tierwise.canonical.rejects import all_rows_bad, count_reasons, write_rejects
from tierwise.canonical.values import id_value, moment_value, money_value, text_value
from tierwise.contracts.ingest import CanonicalTable, IngestSettings, Mapping, RawColumn, RawTable
from tierwise.contracts.tables import ORDERS
from tierwise.engine.duckdb import DuckDBEngine, quoted

_MONEY = ("discount", "cost")
_TEXTS = ("coupon", "channel", "store")


def build_orders(
    engine: DuckDBEngine, raw: RawTable, mapping: Mapping, settings: IngestSettings, target: Path, work: Path
) -> CanonicalTable:
    """Build the orders of one source; see `build_table`."""
    staged_file = work / "staged.parquet"
    _stage(engine, raw, mapping, settings, staged_file)
    staged = f"read_parquet({quoted(str(staged_file))})"
    asides = count_reasons(engine, staged, raw)
    rejects = target / "rejects" / "orders.csv" if asides else None
    if rejects:
        write_rejects(engine, staged, raw, rejects, work)
    rows_aside = sum(aside.rows for aside in asides)
    if rejects and rows_aside == raw.rows_read:
        raise all_rows_bad(raw, asides, _shown(mapping), rejects)
    folder = target / "orders"
    folder.mkdir(parents=True)
    part = quoted(str(folder / "part-0.parquet"))
    columns = _columns(raw, mapping)
    engine.native(
        "write orders",
        f"COPY ({_orders(mapping, columns, staged)}) TO {part} (FORMAT parquet, COMPRESSION zstd)",
    )
    first, last, rows = engine.native(
        "count orders", f"SELECT min(order_date), max(order_date), count(*) FROM read_parquet({part})"
    )[0]
    return CanonicalTable(
        "orders", folder, columns, int(rows), raw.rows_read, raw.rows_read - rows_aside, asides, (), mapping, rejects,
        first, last, settings.currency, raw.file, raw.fingerprint,
    )  # fmt: skip


def _shown(mapping: Mapping) -> str:
    return ", ".join(f"{match.field} = {match.expression}" for match in mapping.matches)


def _column(raw: RawTable, mapping: Mapping, field: str) -> RawColumn | None:
    match = mapping.match(field)
    return raw.column(match.columns[0]) if match else None


def _columns(raw: RawTable, mapping: Mapping) -> tuple[str, ...]:
    moment = _column(raw, mapping, "order_date")
    timed = moment is not None and moment.kind != "date"
    return tuple(
        column.name
        for column in ORDERS.columns
        if column.required or (column.name == "ordered_at" and timed) or mapping.match(column.name)
    )


def _stage(
    engine: DuckDBEngine, raw: RawTable, mapping: Mapping, settings: IngestSettings, file: Path
) -> None:
    """Read every row once: parsed values, and for a row that cannot be used the reason, column and value."""
    fields = {"customer_id": id_value(_must(raw, mapping, "customer_id"))}
    moment = _must(raw, mapping, "order_date")
    fields["ordered_at"] = moment_value(moment, settings.timezone or "UTC")
    amount = mapping.match("amount")
    parts = [raw.column(name) for name in (amount.columns if amount else ())]
    fields["amount"] = " * ".join(money_value(part) for part in parts)
    if len(parts) > 1:
        fields["amount"] = f"TRY_CAST({fields['amount']} AS DECIMAL(20, 4))"
    order = _column(raw, mapping, "order_id")
    if order:
        fields["order_id"] = id_value(order)
    for name in _MONEY:
        if column := _column(raw, mapping, name):
            fields[name] = money_value(column)
    for name in _TEXTS:
        if column := _column(raw, mapping, name):
            fields[name] = text_value(column)
    customer = _must(raw, mapping, "customer_id")
    today = f"DATE '{settings.today.isoformat()}'"
    checks = [
        ("no_customer", "customer_id IS NULL", customer),
        ("bad_date", "ordered_at IS NULL", moment),
        ("future_date", f"CAST(ordered_at AS DATE) > {today}", moment),
        ("bad_amount", "amount IS NULL", parts[0]),
    ]
    reason = " ".join(f"WHEN {test} THEN {quoted(code)}" for code, test, _ in checks)
    name = " ".join(f"WHEN {quoted(code)} THEN {quoted(column.name)}" for code, _, column in checks)
    value = " ".join(f"WHEN {quoted(code)} THEN CAST({column.key} AS VARCHAR)" for code, _, column in checks)
    read = ", ".join(f"{sql} AS {field}" for field, sql in fields.items())
    keys = sorted({column.key for _, _, column in checks})
    engine.native(
        "read orders",
        f'COPY (WITH parsed AS (SELECT row_number, {", ".join(keys)}, {read} FROM "{raw.relation}"), '
        f"judged AS (SELECT *, CASE {reason} END AS reason FROM parsed) "
        f"SELECT row_number, {', '.join(fields)}, reason, CASE reason {name} END AS bad_column, "
        f"CASE reason {value} END AS bad_value FROM judged) "
        f"TO {quoted(str(file))} (FORMAT parquet, COMPRESSION lz4)",
    )


def _must(raw: RawTable, mapping: Mapping, field: str) -> RawColumn:
    column = _column(raw, mapping, field)
    if column is None:
        raise KeyError(field)
    return column


def _orders(mapping: Mapping, columns: tuple[str, ...], staged: str) -> str:
    grouped = mapping.match("order_id") is not None
    amount = "sum(amount)" if grouped else "amount"
    values = {
        "order_id": "order_id" if grouped else "'row-' || row_number",
        "customer_id": "customer_id",
        "order_date": "CAST(min(ordered_at) AS DATE)" if grouped else "CAST(ordered_at AS DATE)",
        "ordered_at": "min(ordered_at)" if grouped else "ordered_at",
        "amount": f"CAST({amount} AS DECIMAL(18, 2))",
        "status": f"CASE WHEN CAST({amount} AS DECIMAL(18, 2)) < 0 THEN 'refund' ELSE 'sale' END",
        **{name: f"CAST({f'sum({name})' if grouped else name} AS DECIMAL(18, 2))" for name in _MONEY},
        **{name: f"arg_min({name}, row_number)" if grouped else name for name in _TEXTS},
    }
    listed = ", ".join(f"{values[name]} AS {name}" for name in columns)
    tail = " GROUP BY order_id, customer_id" if grouped else ""
    return f"SELECT {listed} FROM {staged} WHERE reason IS NULL{tail}"
