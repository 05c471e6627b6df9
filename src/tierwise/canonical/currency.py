"""One currency a table: which one it is, and which rows are in another."""

from __future__ import annotations

from dataclasses import dataclass

from tierwise.canonical.amounts import AmountPlan, Seen, currency_code
from tierwise.canonical.values import text_value
from tierwise.contracts.ingest import IngestSettings, RawColumn, RawTable
from tierwise.engine.duckdb import DuckDBEngine, quoted
from tierwise.errors import ErrorKind, Family, Place
from tierwise.language import Text

MIXED_CURRENCIES = ErrorKind(
    "input.mixed_currencies",
    Family.DATA,
    what=Text("the amounts are in several currencies: {found}", "金额含有多种币种：{found}"),
    cause=Text("amounts of different currencies cannot be added", "不同币种的金额不能相加"),
    cure=Text(
        "choose one with --currency {first} (the rows of the others are set aside), or convert the file to one",
        "请用 --currency {first} 选定一种（其他币种的行会被剔除），或先换算成同一币种",
    ),
)


@dataclass(frozen=True, slots=True)
class CurrencyPlan:
    """The currency of a table, None where the source names none; `sql` is that of a row, None where all are alike."""

    currency: str | None
    sql: str | None = None


def plan_currency(
    engine: DuckDBEngine, raw: RawTable, column: RawColumn | None, amount: AmountPlan, settings: IngestSettings
) -> CurrencyPlan:
    """Find the currency by its column, else by the signs in the amounts. Raises `input.mixed_currencies`."""
    chosen = settings.currency.upper() if settings.currency else None
    if column:
        sql: str | None = currency_code(text_value(column))
        seen = _look_through(engine, raw, str(sql))
    else:
        sql, seen = amount.currency, amount.currencies
    if chosen:
        return CurrencyPlan(chosen, sql if set(seen) - {chosen} else None)
    if len(seen) > 1:
        listed = ", ".join(f"{code} ({found.rows})" for code, found in seen.items())
        second = list(seen.values())[1]
        raise MIXED_CURRENCIES.error(
            Place(file=raw.file, row=second.first_row, column=column.name if column else None),
            found=listed, first=next(iter(seen)),
        )  # fmt: skip
    return CurrencyPlan(next(iter(seen), None))


def other_currency(plan: CurrencyPlan) -> str:
    """Return the SQL test of a row in a currency that was not chosen; rows without one are taken to be in it."""
    return f"coalesce(currency <> {quoted(plan.currency or '')}, false)"


def _look_through(engine: DuckDBEngine, raw: RawTable, sql: str) -> dict[str, Seen]:
    rows = engine.native(
        "currencies",
        f'SELECT code, count(*), min(row_number) FROM (SELECT row_number, {sql} AS code FROM "{raw.relation}") '
        "WHERE code IS NOT NULL GROUP BY code ORDER BY count(*) DESC, code LIMIT 20",
    )
    return {str(code): Seen(int(count), int(first)) for code, count, first in rows}
