"""The canonical tables as the page Data shows them: columns, types, units, how far each is filled, what needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from tierwise.contracts.tables import TABLES, Column, Kind, Table
from tierwise.indicators.catalogue import CATALOGUE
from tierwise.language import Text
from tierwise.reports import page
from tierwise.snapshots.runs import Run

KINDS = {
    Kind.TEXT: Text("text", "文本"),
    Kind.DATE: Text("date, YYYY-MM-DD", "日期，YYYY-MM-DD"),
    Kind.TIMESTAMP: Text("moment", "时间点"),
    Kind.MONEY: Text("money, 2 decimals", "金额，两位小数"),
    Kind.QUANTITY: Text("number, 4 decimals", "数值，四位小数"),
    Kind.INTEGER: Text("whole number", "整数"),
}
NAMED = 5
"""So many indicators are named of those that need a column; the rest are counted."""
NEEDED, DERIVED, OPTIONAL = Text("needed", "必填"), Text("made at import", "导入时生成"), Text("optional", "可选")
HEADS = (
    Text("Column", "列"), Text("Meaning", "含义"), Text("Type", "类型"), Text("Unit", "单位"), Text("Needed", "是否必填"),
    Text("Indicators that need it", "依赖该列的指标"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SchemaTable:
    """One canonical table; `filled` counts its columns that the published run has, None where it has none."""

    name: str
    label: Text
    filled: int | None
    columns: int
    table: page.DataTable


def schema(run: Run | None) -> list[SchemaTable]:
    """Every canonical table, those that the run read first."""
    filled, currency = _filled(run), (run.manifest.currency or "") if run else ""
    found = [_shown(table, filled.get(table.name, {}), currency) for table in TABLES.values()]
    return sorted(found, key=lambda each: each.filled is None)


def _filled(run: Run | None) -> dict[str, dict[str, float]]:
    """The share of rows in which a column is filled, by table and column, as the quality card of the run says."""
    found: dict[str, dict[str, float]] = {}
    for field in run.manifest.quality.get("fields", ()) if run else ():
        found.setdefault(field["table"], {})[field["field"]] = field["completeness"]
    return found


def _shown(table: Table, filled: Mapping[str, float], currency: str) -> SchemaTable:
    columns = [page.Column(head) for head in HEADS[:-1]]
    columns += [page.Column(Text("Filled", "填充率"), page.Format.SHARE), page.Column(HEADS[-1])]
    rows = [
        [
            column.name, column.label, KINDS[column.kind], _unit(column, currency), _need(column),
            filled.get(column.name), _named(_needing().get((table.name, column.name), [])),
        ]
        for column in table.columns
    ]  # fmt: skip
    caption = Text("Columns of {table}", "{table}的列").fill(table=table.label)
    count = len(filled) if filled else None
    return SchemaTable(table.name, table.label, count, len(table.columns), page.DataTable(caption, columns, rows))


def _unit(column: Column, currency: str) -> Text:
    if column.kind is Kind.MONEY:
        return Text.same(currency) if currency else Text("the shop's currency", "店铺币种")
    if column.kind is Kind.DATE:
        return Text("day in the business's zone", "业务时区的日期")
    return Text.same("–")


def _need(column: Column) -> Text:
    return DERIVED if column.derived else NEEDED if column.required else OPTIONAL


@lru_cache(1)
def _needing() -> dict[tuple[str, str], list[Text]]:
    """The indicators that cannot be computed without a column, or are better with it."""
    found: dict[tuple[str, str], list[Text]] = {}
    for indicator in CATALOGUE.values():
        refined = (("customers", column) for column in indicator.refines)
        for pair in dict.fromkeys((*indicator.required, *refined)):
            found.setdefault(pair, []).append(indicator.label)
    return found


def _named(labels: list[Text]) -> Text:
    if not labels:
        return Text.same("–")
    shown, more = labels[:NAMED], len(labels) - NAMED
    en, zh = ", ".join(each.en for each in shown), "、".join(each.zh for each in shown)
    return Text(f"{en} and {more} more", f"{zh}等 {len(labels)} 个") if more > 0 else Text(en, zh)
