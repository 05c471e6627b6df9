"""What is noticed in rows that are used: the kinds of findings, in words."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from tierwise.canonical.staging import Flag
from tierwise.canonical.units import Unit
from tierwise.contracts.ingest import Finding, Mapping, RawColumn, RawTable
from tierwise.language import Text


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of finding; `{rows}` and `{column}` of its label are filled."""

    code: str
    severity: Literal["info", "warning"]
    label: Text


FLOAT_IDS = Kind(
    "float_id", "info",
    Text(
        "the {rows} ids in {column} were stored as decimal numbers; whole ones are read without .0",
        "“{column}”列的 {rows} 个编号被存成了小数，整数编号已去掉 .0",
    ),
)  # fmt: skip
ADDED_ORDER_ID = Kind(
    "no_order_id", "warning",
    Text("{rows} rows have no order number; each counts as an order of its own", "{rows} 行没有订单号，每行按一张订单计算"),
)  # fmt: skip
ROUNDED = Kind(
    "rounded_amount", "info",
    Text("{rows} amounts have more than two decimals and are rounded half up", "{rows} 个金额超过两位小数，已四舍五入"),
)  # fmt: skip
UNREADABLE = Kind(
    "unreadable_value", "warning",
    Text("{rows} values in {column} cannot be read and are left empty", "“{column}”列有 {rows} 个值无法识别，已留空"),
)  # fmt: skip
MONTHS_ALONE = Kind(
    "month_without_day", "warning",
    Text(
        "{rows} values in {column} name a month and no day; its first day is taken, so that days since then are up to 30 too many",
        "“{column}”列有 {rows} 个值只有年月、没有日，已按当月 1 日计算，距今天数最多偏多 30 天",
    ),
)  # fmt: skip
UNDONE_ORDERS = Kind(
    "refunded_orders", "info",
    Text(
        "{rows} rows are orders that were refunded or returned; only what was kept counts",
        "{rows} 行是已退款或已退货的订单，只计入未退的金额",
    ),
)  # fmt: skip
REFUND_RECORDS = Kind(
    "refund_records", "info",
    Text("{rows} rows are refunds by their status; their amounts are subtracted", "{rows} 行的状态是退款，金额按负数计入"),
)  # fmt: skip
VOID_ORDERS = Kind(
    "void_orders", "info",
    Text("{rows} rows were cancelled or never paid and count for nothing", "{rows} 行已取消或未付款，不计入任何指标"),
)  # fmt: skip
REPEATED_KEY = Kind(
    "repeated_key", "warning",
    Text("{rows} rows repeat a key; the last row of each is used", "{rows} 行的主键重复，以最后一行为准"),
)  # fmt: skip
_COPIES = Kind(
    "duplicate_rows", "warning",
    Text(
        "{rows} rows are exact copies of another; they are used, for lines of an order may be alike",
        "{rows} 行与其他行完全相同；因订单明细可能重复，仍按有效数据计入",
    ),
)  # fmt: skip
_REPEATED_AMOUNT = Kind(
    "repeated_order_amount", "warning",
    Text(
        "{column} says the amount of the whole order on each of its lines; it counts once an order, not {rows} times more",
        "“{column}”列在每行明细上重复了整单金额，每张订单只计一次，其余 {rows} 行不再累加",
    ),
)  # fmt: skip
_OFFSET_AS_UTC = Kind(
    "offset_as_utc", "warning",
    Text(
        "{rows} times carry an offset and no time zone is set: their dates are those of UTC",
        "{rows} 个时间带有时区，但未设置业务时区，日期按 UTC 计算",
    ),
)  # fmt: skip
_CONVERTED = Kind(
    "converted_times", "info",
    Text("{rows} times were converted to {column}", "{rows} 个时间已换算为 {column} 时间"),
)  # fmt: skip
_UNKNOWN_STATUS = Kind(
    "unknown_status", "warning",
    Text("{rows} rows have a status nobody knows and count as sales: {column}", "{rows} 行的状态无法识别，按成交计算：{column}"),
)  # fmt: skip
_UNIT = Kind(
    "amounts_in_unit", "info",
    Text("{column}: its amounts are converted to the currency itself", "{column}：其金额已换算为元（币种本位）"),
)  # fmt: skip
_MASKED = Kind(
    "masked_ids", "warning",
    Text(
        "{column} is masked, as in 138****0000: different people may share one value and be taken for one customer",
        "“{column}”列已脱敏（如 138****0000）：不同的人可能共用同一个值，会被当作同一位客户",
    ),
)  # fmt: skip
_ONE_ORDER_EACH = Kind(
    "one_order_each", "warning",
    Text(
        "no customer has a second order among {rows}: check that {column} names customers, not orders or visits",
        "{rows} 张订单中没有一位客户下过第二单：请确认“{column}”列是客户编号，而不是订单或访问编号",
    ),
)  # fmt: skip
_ALL_ZERO = Kind(
    "all_amounts_zero", "warning",
    Text(
        "all {rows} amounts in {column} are 0: another column may be meant, or formulas were never computed; "
        "then open the workbook in Excel and save it",
        "“{column}”列的 {rows} 个金额全部为 0：可能选错了列，或公式从未计算过（请用 Excel 打开并保存后再导入）",
    ),
)  # fmt: skip
_GUESSED = Kind(
    "guessed_column", "warning",
    Text(
        "no column is named as the {field}; {column} is taken, for it alone could be: check it, or name another",
        "没有一列的名称是“{field}”，已采用唯一可能的“{column}”列：请核对，或另行指定",
    ),
)  # fmt: skip
_ZEROS_APART = Kind(
    "leading_zeros", "warning",
    Text(
        "{rows} customers differ in leading zeros alone, as {column}: they count as different; if a spreadsheet dropped the "
        "zeros, export the ids as text",
        "有 {rows} 位客户的编号只差开头的 0（如 {column}），按不同客户计算；若是表格软件丢掉了开头的 0，请将编号设为文本后重新导出",
    ),
)  # fmt: skip
_ENOUGH_ORDERS = 100
"""Among so many orders of a real shop somebody comes back."""
_SHOWN_WORDS = 8


def flag(kind: Kind, condition: str, column: RawColumn) -> Flag:
    """Return the flag of a kind for the rows that meet a condition."""
    label = Text(*(words.replace("{column}", _unbraced(column.name)) for words in (kind.label.en, kind.label.zh)))
    return Flag(kind.code, label, kind.severity, condition, column)


def offset_finding(rows: int, zone: str | None) -> list[Finding]:
    """Return what was done to times that carry an offset or are on the Unix clock."""
    return [_finding(_CONVERTED if zone else _OFFSET_AS_UTC, rows, zone or "UTC")] if rows else []


def unknown_status_finding(unknown: dict[str, int]) -> list[Finding]:
    """Return the status words that nobody knows, the most frequent ones by name."""
    words = ", ".join(list(unknown)[:_SHOWN_WORDS]) + (" …" if len(unknown) > _SHOWN_WORDS else "")
    return [_finding(_UNKNOWN_STATUS, sum(unknown.values()), words)] if unknown else []


def lasting_findings(raw: RawTable) -> tuple[Finding, ...]:
    """Return what the reader of a source has to say of all its rows."""
    return tuple(Finding("read_as", note, "info", raw.rows_read - raw.bad_rows) for note in raw.lasting_notes)


def unit_finding(raw: RawTable, column: RawColumn, unit: Unit) -> Finding:
    """Return that a column counts in another unit than its currency."""
    return _finding(_UNIT, raw.rows_read, f"{column.name} ({unit.label.en})")


def masked_finding(raw: RawTable, column: RawColumn) -> list[Finding]:
    """Return that ids are masked, where most of those that were looked at are."""
    masked = sum("**" in sample for sample in column.samples)
    return [_finding(_MASKED, raw.rows_read, column.name)] if masked and 2 * masked >= len(column.samples) else []


def all_zero_finding(rows: int, total: Decimal, column: str) -> list[Finding]:
    """Return that no row has an amount other than zero."""
    return [_finding(_ALL_ZERO, rows, column)] if rows and not total else []


def one_order_each_finding(orders: int, customers: int, column: str) -> list[Finding]:
    """Return that nobody came back, where there are orders enough for it to be odd."""
    return [_finding(_ONE_ORDER_EACH, orders, column)] if orders == customers >= _ENOUGH_ORDERS else []


def guessed_findings(mapping: Mapping, rows: int) -> list[Finding]:
    """Return which fields are filled by a column that nothing but its content speaks for."""
    return [
        Finding(
            _GUESSED.code, _GUESSED.label.fill(field=mapping.table.column(match.field).label, column=match.expression),
            "warning", rows,
        )
        for match in mapping.matches
        if match.how == "type"
    ]  # fmt: skip


def zeros_finding(customers: int, example: str) -> list[Finding]:
    """Return how many customers are told apart by the zeros before their number alone."""
    return [_finding(_ZEROS_APART, customers, example)] if customers else []


def copies_finding(rows: int) -> list[Finding]:
    """Return how many rows are exact copies of another."""
    return [_finding(_COPIES, rows)] if rows else []


def repeated_amount_finding(rows: int, column: str) -> list[Finding]:
    """Return how many lines repeat the amount of their order."""
    return [_finding(_REPEATED_AMOUNT, rows, column)] if rows else []


def repeated_key_finding(rows: int) -> list[Finding]:
    """Return how many rows repeat the key of another and gave way to the last of them."""
    return [_finding(REPEATED_KEY, rows)] if rows else []


def _finding(kind: Kind, rows: int, column: str = "") -> Finding:
    return Finding(kind.code, kind.label.fill(rows=f"{rows:,}", column=column), kind.severity, rows)


def _unbraced(words: str) -> str:
    return words.replace("{", "{{").replace("}", "}}")
