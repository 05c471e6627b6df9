"""One currency a table: which one it is, and which rows are in another."""

from __future__ import annotations

from dataclasses import dataclass

from tierwise.canonical.amounts import AmountPlan, Seen, currency_code
from tierwise.canonical.values import text_value
from tierwise.contracts.ingest import IngestSettings, Rate, Rates, RawColumn, RawTable
from tierwise.engine.duckdb import DuckDBEngine, quoted
from tierwise.errors import ErrorKind, Family, Place, raise_all
from tierwise.language import Text

MIXED_CURRENCIES = ErrorKind(
    "input.mixed_currencies",
    Family.DATA,
    what=Text("the amounts are in several currencies: {found}", "金额含有多种币种：{found}"),
    cause=Text("amounts of different currencies cannot be added", "不同币种的金额不能相加"),
    cure=Text(
        "give a table of exchange rates (`rates` and `currency` in the project file), or choose one with --currency "
        "{first}: the rows of the others are set aside",
        "请在项目文件中给出汇率表（rates 与 currency），或用 --currency {first} 选定一种（其他币种的行会被剔除）",
    ),
)
MISSING_RATE = ErrorKind(
    "input.missing_rate",
    Family.DATA,
    what=Text("there is no rate for {currency} on {day} ({rows} rows)", "缺少 {currency} 在 {day} 的汇率（{rows} 行）"),
    cause=Text("{file} does not say what it was worth on that day", "{file} 没有给出当日汇率"),
    cure=Text("add a row: {currency},{day},RATE", "请添加一行：{currency},{day},汇率"),
)


@dataclass(frozen=True, slots=True)
class CurrencyPlan:
    """The currency of a table, None where the source names none; `sql` is that of a row, None where all are alike.

    With `rates` rows of other currencies are converted, else they are set aside.
    """

    currency: str | None
    sql: str | None = None
    rates: Rates | None = None


def plan_currency(
    engine: DuckDBEngine, raw: RawTable, column: RawColumn | None, amount: AmountPlan, settings: IngestSettings
) -> CurrencyPlan:
    """Find the currency by its column, else by the signs in the amounts. Raises `input.mixed_currencies`."""
    chosen = settings.currency.upper() if settings.currency else None
    if column:
        word = text_value(column)
        sql: str | None = currency_code(word) if "currency_word" in settings.corrections else word
        seen = _look_through(engine, raw, str(sql))
    else:
        sql, seen = amount.currency, amount.currencies
    if settings.rates and chosen and sql and set(seen) - {chosen}:
        return CurrencyPlan(chosen, sql, settings.rates)
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


def rate_of(plan: CurrencyPlan) -> str:
    """Return the SQL of what one unit of a row's `currency` is worth on the day of `ordered_at`; NULL where unknown."""
    assert plan.rates is not None, "only a plan with rates converts"
    by_currency: dict[str, list[Rate]] = {}
    for rate in plan.rates.rates:
        by_currency.setdefault(rate.currency, []).insert(0, rate)
    whens = " ".join(
        f"WHEN {quoted(code)} THEN CASE "
        + " ".join(f"WHEN ordered_at >= DATE '{rate.since.isoformat()}' THEN {rate.rate:f}" for rate in rates)
        + " END"
        for code, rates in by_currency.items()
        if code != plan.currency
    )
    own = quoted(plan.currency or "")
    found = f"CASE currency {whens} END" if whens else "NULL"
    return f"CAST(CASE WHEN currency IS NULL OR currency = {own} THEN 1 ELSE {found} END AS DECIMAL(18, 8))"


def check_rates(engine: DuckDBEngine, staged: str, plan: CurrencyPlan, raw: RawTable) -> None:
    """Raise `input.missing_rate` where a row in use has a currency that the table does not know on its day."""
    if plan.rates is None:
        return
    missing = engine.native(
        "missing rates",
        f"SELECT currency, count(*), min(CAST(ordered_at AS DATE)), min(row_number) FROM {staged} "
        "WHERE rate IS NULL AND ordered_at IS NOT NULL AND customer_id IS NOT NULL GROUP BY currency ORDER BY currency",
    )
    raise_all(
        [
            MISSING_RATE.problem(
                Place(file=raw.file, row=int(row)), currency=code, day=day, rows=rows, file=plan.rates.file
            )
            for code, rows, day, row in missing
        ]
    )


def _look_through(engine: DuckDBEngine, raw: RawTable, sql: str) -> dict[str, Seen]:
    rows = engine.native(
        "currencies",
        f'SELECT code, count(*), min(row_number) FROM (SELECT row_number, {sql} AS code FROM "{raw.relation}") '
        "WHERE code IS NOT NULL GROUP BY code ORDER BY count(*) DESC, code LIMIT 20",
    )
    return {str(code): Seen(int(count), int(first)) for code, count, first in rows}
