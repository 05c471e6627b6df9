"""What a back-test cannot turn back: facts that carry no date of their own are taken as they are today.

An order knows when it was placed and not when it was cancelled; a ticket when it was opened and not when it was rated; a
message when it was sent and not when it was read; a customer's profile knows no date at all. Models that read these know a
little more on the day of the split than anybody did then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tierwise.contracts.tables import TABLES
from tierwise.indicators.declaration import Available
from tierwise.language import Text
from tierwise.sql.expressions import literal
from tierwise.sql.steps import Plan, Step

READ = "advisor_undated"
VOID = "status = 'void'"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of undated facts: where they are, and what they are called; `columns` may each be there or not."""

    code: str
    table: str
    columns: tuple[str, ...]
    label: Text
    counted: str = "{column} IS NOT NULL"


KINDS = (
    Kind(
        "order_status", "orders", ("status",),
        Text("the final status of orders: cancelled or given back whole", "订单的最终状态：已取消或已全额退回"), VOID,
    ),
    Kind(
        "ticket_outcome", "tickets", ("first_response_minutes", "resolution_minutes", "satisfaction"),
        Text("how tickets went: response, resolution and rating", "工单的处理结果：响应、解决与评分"),
    ),
    Kind(
        "opened_clicked", "touches", ("opened", "clicked"),
        Text("whether messages were opened or clicked", "消息是否被打开或点击"),
    ),
    Kind(
        "profile", "customers",
        ("kind", "gender", "region", "city", "occupation", "industry", "employees", "annual_revenue", "source_channel",
         "acquisition_cost"),
        Text("profiles of customers", "客户资料"),
    ),
)  # fmt: skip
"""All that the indicators read and no table dates."""


@dataclass(frozen=True, slots=True)
class Undated:
    """A kind that this data has: the columns that are filled, and in how many rows any of them is."""

    kind: Kind
    columns: tuple[str, ...]
    rows: int

    @property
    def text(self) -> Text:
        """In words, with the columns and the rows."""
        labels = [TABLES[self.kind.table].column(name).label for name in self.columns]
        return Text(
            f"{self.kind.label.en} ({', '.join(label.en for label in labels)}; {self.rows:,} rows)",
            f"{self.kind.label.zh}（{'、'.join(label.zh for label in labels)}；{self.rows:,} 行）",
        )


def undated_steps(available: Available) -> Plan:
    """A step to the small table READ: how many rows have each undated column, and any of its kind."""
    counts = [
        f"SELECT {literal(kind.code)} AS kind, {literal(column)} AS filled, COUNT(*) AS times FROM {kind.table} "
        f"WHERE {condition}"
        for kind in KINDS
        for column, condition in _conditions(kind, available).items()
    ]
    nothing = "SELECT CAST('' AS VARCHAR) AS kind, CAST('' AS VARCHAR) AS filled, CAST(0 AS BIGINT) AS times"
    return (Step(READ, " UNION ALL ".join((nothing, *counts)), stored=True),)


def _conditions(kind: Kind, available: Available) -> dict[str, str]:
    """Column → when a row has it; under the empty name, when it has any of them."""
    held = [column for column in kind.columns if column in available.get(kind.table, ())]
    each = {column: kind.counted.format(column=column) for column in held}
    return each | {"": " OR ".join(each.values())} if held else {}


def undated_of(rows: Sequence[Mapping[str, Any]]) -> tuple[Undated, ...]:
    """The kinds of undated facts that the data has, from the table READ."""
    counts = {(row["kind"], row["filled"]): int(row["times"]) for row in rows}
    found = []
    for kind in KINDS:
        filled = tuple(column for column in kind.columns if counts.get((kind.code, column)))
        if filled:
            found.append(Undated(kind, filled, counts[kind.code, ""]))
    return tuple(found)
