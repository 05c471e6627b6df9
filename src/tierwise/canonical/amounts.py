"""How the amounts of one column are written, decided over the whole column, and how they are read then.

Plain numbers are read wherever they stand, and so are ¥1,234.50, (12.00), 12.00-, full-width digits and amounts
with a currency code. `1.234,56` is read only when no row of the column uses the point for decimals. What `1.234`
means is told in `tierwise.canonical.decimal_marks`, or by the user.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tierwise.canonical.decimal_marks import not_with_a_point, points_part_thousands
from tierwise.canonical.values import FULL_WIDTH, HALF_WIDTH, narrow, translated
from tierwise.contracts.corrections import ALL
from tierwise.contracts.ingest import RawColumn, RawKind, RawTable
from tierwise.engine.duckdb import DuckDBEngine, quoted
from tierwise.errors import ErrorKind, Family, Place
from tierwise.language import Text

CONFLICTING_NUMBERS = ErrorKind(
    "input.conflicting_numbers",
    Family.DATA,
    what=Text(
        "rows of {column} disagree: {first} (row {first_row}) has a decimal comma, {second} (row {second_row}) "
        "a decimal point",
        "“{column}”列的数字写法互相矛盾：第 {first_row} 行 {first} 用逗号作小数点，第 {second_row} 行 {second} 用句点",
    ),
    cause=Text("two exports with different number formats were joined", "可能把两份数字格式不同的导出拼在了一起"),
    cure=Text("write all amounts as 1234.56", "请把金额统一写成 1234.56"),
)

STAGED_MONEY = "DECIMAL(20, 4)"
"""Money while it is added up: four places, and as many digits before them as DECIMAL(18, 2) has."""

_CODES = (
    "CNY|RMB|USD|EUR|GBP|HKD|JPY|TWD|KRW|SGD|AUD|CAD|CHF|INR|MYR|THB|VND|IDR|PHP|BRL|MXN|RUB|SEK|NOK|DKK|PLN|NZD|ZAR|"
    "AED|SAR|QAR|KWD|BHD|OMR|EGP|TRY|ILS|NGN|KES|CZK|HUF|RON|UAH|COP|CLP|ARS|PEN|PKR|BDT|LKR|MOP|KZT"
)
_MARKS = rf"(?:HK|US|NT|AU|CA|SG|A|C|S|R)\$|[¥$€£₩₹₽円]|人民币|港币|美元|欧元|日元|英镑|元|圆|RS\.?|{_CODES}"
_ALIASES = {
    "¥": "CNY", "RMB": "CNY", "人民币": "CNY", "元": "CNY", "圆": "CNY", "HK$": "HKD", "港币": "HKD", "US$": "USD",
    "美元": "USD", "$": "USD", "€": "EUR", "欧元": "EUR", "£": "GBP", "英镑": "GBP", "円": "JPY", "日元": "JPY", "NT$": "TWD",
    "₩": "KRW", "₹": "INR", "₽": "RUB", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "S$": "SGD",
    "SG$": "SGD", "R$": "BRL", "人民幣": "CNY", "CNH": "CNY", "YUAN": "CNY", "美金": "USD",
    "RS": "", "RS.": "",  # rupees of India, Pakistan, Nepal or Sri Lanka: it does not say which
}  # fmt: skip
_COMMA_DECIMALS = r"^[+-]?(\d{1,3}(\.\d{3})+,\d+|\d+,\d{1,2}|\d+,\d{4,}|\d{1,3}(\.\d{3}){2,})$"
_GROUPED_BY_COMMAS = r"^[+-]?(\d{1,3}(,\d{3})+|\d{1,2}(,\d{2})*,\d{3})(\.\d*)?$"
_POINT_DECIMALS = r"^[+-]?(\d{1,3}(,\d{3})+\.\d*|\d{1,3}(,\d{3}){2,}|\d*\.\d{1,2}|\d*\.\d{4,}|\d{4,}\.\d+)$"


@dataclass(frozen=True, slots=True)
class Seen:
    """A currency in a column: in how many rows, and the first of them."""

    rows: int
    first_row: int


@dataclass(frozen=True, slots=True)
class AmountPlan:
    """How one column of numbers is read: `sql` is DECIMAL(20, 4), NULL where a value is no number or too large.

    `layers` are the columns `sql` needs; `currency` is the SQL of the currency a value names, where any does,
    and `currencies` what they are. `rewritten` is the number that the text of another form stands for, where
    `was_rewritten` says so.
    """

    sql: str
    layers: tuple[dict[str, str], ...] = ()
    currency: str | None = None
    currencies: dict[str, Seen] = field(default_factory=dict)
    rewritten: str | None = None
    was_rewritten: str = "false"


def plan_amounts(engine: DuckDBEngine, raw: RawTable, column: RawColumn, on: frozenset[str] = ALL) -> AmountPlan:
    """Look through the whole column and decide how it is read.

    Raises `input.conflicting_numbers` and `input.ambiguous_numbers`.

    Where the correction `number_text` is not `on`, plain numbers alone are read.
    """
    simple = f"TRY_CAST({column.key} AS {STAGED_MONEY})"
    if column.kind is not RawKind.TEXT:
        return AmountPlan(simple if column.kind in _NUMBERS else f"CAST(NULL AS {STAGED_MONEY})")
    if "number_text" not in on:
        return AmountPlan(simple)
    seen = _look_through(engine, raw, column.key, simple)
    comma = _has_decimal_commas(engine, raw, column, seen)
    if not seen and not comma:
        return AmountPlan(simple)
    bare, number = f"{column.key}_bare", f"{column.key}_number"
    layers: list[dict[str, str]] = [
        {bare: _bare(column.key) if comma else f"CASE WHEN {simple} IS NULL THEN {_bare(column.key)} END"},
        {number: _number(bare, comma, strict=raw.decimal_mark is not None)},
    ]
    read = f"TRY_CAST({number} AS {STAGED_MONEY})"
    sql = read if comma else f"coalesce({simple}, {read})"
    currencies = _currencies(seen)
    was_rewritten = f"{'' if comma else f'{simple} IS NULL AND '}{read} IS NOT NULL AND {number} <> {column.key}"
    currency = _currency_of(column.key) if currencies else None
    return AmountPlan(sql, tuple(layers), currency, currencies, number, was_rewritten)


def _has_decimal_commas(engine: DuckDBEngine, raw: RawTable, column: RawColumn, seen: list[dict[str, Any]]) -> bool:
    if raw.decimal_mark is not None:
        return raw.decimal_mark == ","
    comma = [record for record in seen if record["style"] == "comma"]
    if comma:
        _check_no_point(engine, raw, column, comma[0])
        return True
    if any(record["style"] == "point" for record in seen):
        return False
    return points_part_thousands(engine, raw, column)


_NUMBERS = (RawKind.INTEGER, RawKind.DECIMAL, RawKind.FLOAT)


def currency_code(words: str) -> str:
    """Return an SQL expression: the three-letter code that a word or sign stands for, else the word in capitals."""
    aliases = " ".join(f"WHEN {quoted(alias)} THEN {quoted(code)}" for alias, code in _ALIASES.items())
    clean = f"nullif(upper({narrow(words)}), '')"
    return f"nullif(CASE {clean} {aliases} ELSE {clean} END, '')"


def _look_through(engine: DuckDBEngine, raw: RawTable, key: str, simple: str) -> list[dict[str, Any]]:
    """Return what occurs among values that are no plain numbers: sign of currency, style, rows and the first row."""
    return engine.native_records(
        "amount forms",
        f'WITH hard AS (SELECT row_number, {key} AS v FROM "{raw.relation}" WHERE {key} IS NOT NULL AND {simple} IS NULL), '
        f"bare AS (SELECT *, {_bare('v')} AS bare, {_currency_of('v')} AS currency FROM hard) "
        f"SELECT currency, CASE WHEN regexp_matches(bare, {quoted(_COMMA_DECIMALS)}) THEN 'comma' "
        f"WHEN regexp_matches(bare, {quoted(_POINT_DECIMALS)}) THEN 'point' END AS style, "
        "count(*) AS rows, min(row_number) AS row, arg_min(v, row_number) AS example "
        "FROM bare WHERE bare <> '' GROUP BY 1, 2 ORDER BY row",
    )


def _check_no_point(engine: DuckDBEngine, raw: RawTable, column: RawColumn, comma: dict[str, Any]) -> None:
    found = engine.native(
        "decimal points",
        f'SELECT row_number, {column.key} FROM "{raw.relation}" '
        f"WHERE regexp_matches({_bare(column.key)}, {quoted(_POINT_DECIMALS)}) LIMIT 1",
    )
    if found:
        raise CONFLICTING_NUMBERS.error(
            Place(file=raw.file, row=int(comma["row"]), column=column.name, value=comma["example"]),
            column=column.name, first=comma["example"], first_row=comma["row"],
            second=found[0][1], second_row=found[0][0],
        )  # fmt: skip


def _bare(value: str) -> str:
    """Return the number without currency, blanks and thousands' apostrophes; (12) and 12- become -12."""
    half = f"upper({translated(value, FULL_WIDTH, HALF_WIDTH)})"
    digits = f"regexp_replace({half}, '{_MARKS}|[ ''’\\s]', '', 'g')"
    return f"regexp_replace({digits}, '^(?:\\((.*)\\)|([^-].*)-)$', '-\\1\\2')"


def _number(bare: str, decimal_comma: bool, strict: bool) -> str:
    if not decimal_comma:
        return _ten_thousands(bare)
    return f"replace(replace({not_with_a_point(bare) if strict else bare}, '.', ''), ',', '.')"


def _ten_thousands(bare: str) -> str:
    """Write out `1.2万` and `3亿`, exact to four places; other numbers lose their thousands' commas."""
    number = f"TRY_CAST(rtrim({bare}, '万亿') AS DECIMAL(18, 8))"
    factors = " ".join(
        f"WHEN '{mark}' THEN CAST(TRY_CAST({number} * {worth} AS {STAGED_MONEY}) AS VARCHAR)"
        for mark, worth in (("万", 10_000), ("亿", 100_000_000))
    )
    return f"CASE right({bare}, 1) {factors} ELSE {_without_thousands(bare)} END"


def _without_thousands(bare: str) -> str:
    """Drop commas only where they part thousands, as in `1,234` or India's `12,34,567`: `12,5` stays no number."""
    return (
        f"CASE WHEN regexp_matches({bare}, {quoted(_GROUPED_BY_COMMAS)}) THEN replace({bare}, ',', '') ELSE {bare} END"
    )


def _currency_of(value: str) -> str:
    half = f"upper({translated(value, FULL_WIDTH, HALF_WIDTH)})"
    return currency_code(f"regexp_extract({half}, '{_MARKS}')")


def _currencies(seen: list[dict[str, Any]]) -> dict[str, Seen]:
    found: dict[str, Seen] = {}
    for record in seen:
        if record["currency"]:
            before = found.get(record["currency"], Seen(0, int(record["row"])))
            found[record["currency"]] = Seen(before.rows + int(record["rows"]), before.first_row)
    return found
