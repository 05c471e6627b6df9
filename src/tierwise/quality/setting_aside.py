"""What reading a source already found, as results of rules: rows set aside, and values that could not be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from tierwise.contracts.ingest import CanonicalTable
from tierwise.contracts.quality import Dimension, RuleResult
from tierwise.contracts.tables import TABLES, Kind, Table
from tierwise.language import Text

WEIGHT = 3
_CURE = Text("the rows are listed in the rejects file, with row number and value", "这些行列在剔除文件中，含行号与原值")

REASONS: Mapping[str, tuple[Dimension, Text]] = {
    "no_customer": (Dimension.COMPLETE, Text("every row names a customer", "每行都有客户编号")),
    "missing_value": (Dimension.COMPLETE, Text("required values are there", "必填项齐全")),
    "bad_row": (Dimension.VALID, Text("every row has the columns of the header", "每行的列与表头一致")),
    "bad_date": (Dimension.VALID, Text("every row has a date that can be read", "每行都有可识别的日期")),
    "future_date": (Dimension.VALID, Text("no row is dated in the future", "没有日期在未来的行")),
    "bad_amount": (Dimension.VALID, Text("every row has an amount that can be read", "每行都有可识别的金额")),
    "other_currency": (Dimension.CONSISTENT, Text("all amounts are in one currency", "所有金额为同一币种")),
    "duplicate_row": (Dimension.UNIQUE, Text("no row is an exact copy of another", "没有完全相同的行")),
}
"""Why rows are set aside, as demands. A reason that is not listed counts as a value that is not valid."""
_IN_THE_SOURCE = Text(
    "they are used as they are; correct them in the source if they should not be", "这些行照常使用；如有误请在来源更正"
)
FINDINGS: Mapping[str, tuple[Dimension, Text]] = {
    "duplicate_rows": (
        Dimension.UNIQUE,
        Text("no row of the source is an exact copy of another", "来源中没有完全相同的行"),
    ),
    "repeated_key": (Dimension.UNIQUE, Text("no row of the source repeats a key", "来源中没有重复的主键")),
    "unreadable_value": (Dimension.VALID, Text("optional values can be read", "选填项可以识别")),
    "unknown_status": (Dimension.VALID, Text("words of the status are known", "状态用词可以识别")),
    "no_order_id": (Dimension.COMPLETE, Text("every row has an order number", "每行都有订单号")),
    "offset_as_utc": (Dimension.CONSISTENT, Text("the time zone of the business is set", "已设置业务时区")),
}
_KINDS = {
    "bad_date": (Kind.DATE, Kind.TIMESTAMP),
    "future_date": (Kind.DATE, Kind.TIMESTAMP),
    "bad_amount": (Kind.MONEY, Kind.QUANTITY),
    "other_currency": (Kind.MONEY,),
}
_FINDING_FIELDS = {"unknown_status": "status", "no_order_id": "order_id"}


def field_at_fault(table: Table, reason: str) -> str | None:
    """Return the field whose value had a row set aside, None where no single field is to blame."""
    if reason == "no_customer":
        return "customer_id"
    kinds = _KINDS.get(reason, ())
    return next((column.name for column in table.given if column.required and column.kind in kinds), None)


def results_of_reading(table: CanonicalTable) -> list[RuleResult]:
    """Every demand that reading a source makes, and how many of its rows did not meet it.

    Demands on rows are always there, so that scores of two imports can be compared; findings where they are.
    """
    schema = TABLES[table.name]
    aside = Counter({found.reason: found.rows for found in table.set_aside})
    asked = [reason for reason in REASONS if reason in aside or _asks(schema, reason)]
    unlisted = [reason for reason in aside if reason not in REASONS]
    labels = {found.reason: found.label for found in table.set_aside}
    demands = [(reason, *REASONS[reason]) for reason in asked]
    demands += [(reason, Dimension.VALID, labels[reason]) for reason in unlisted]
    lost = [
        _result(table, reason, field_at_fault(schema, reason), dimension, label, aside[reason], WEIGHT, True)
        for reason, dimension, label in demands
    ]
    seen = Counter({found.code: found.rows for found in table.findings if found.code in FINDINGS})
    found = [
        _result(table, code, _FINDING_FIELDS.get(code), *FINDINGS[code], rows, 1, False) for code, rows in seen.items()
    ]
    return [*lost, *found]


def _asks(table: Table, reason: str) -> bool:
    return reason == "bad_row" or field_at_fault(table, reason) is not None


def _result(
    table: CanonicalTable, name: str, field: str | None, dimension: Dimension, label: Text, rows: int, weight: int,
    lost: bool,
) -> RuleResult:  # fmt: skip
    severity = "warning" if rows and (lost or name != "duplicate_rows") else "info"
    return RuleResult(
        f"{table.name}.{field or 'row'}.{name}", table.name, field or "", dimension, label,
        _CURE if lost else _IN_THE_SOURCE, weight, severity,
        table.rows_read, min(rows, table.rows_read), of_source=True,
    )  # fmt: skip
