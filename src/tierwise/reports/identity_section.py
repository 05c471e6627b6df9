"""Which customers are one, by whose decision, and what waits to be decided: figures without names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tierwise.language import Text
from tierwise.reports.page import Column, DataTable, Format, Identity, KeyFigure

BY_A_PERSON = Text("decided by a person", "人工决定")


@dataclass(frozen=True, slots=True)
class IdentityFigures:
    """What holds when the report is written.

    `merges` counts merges in force by what decided them; `groups` counts customers by how many ids they are made of;
    `waiting` pairs are to be reviewed; `apart` pairs were found to be two customers.
    """

    merges: Sequence[tuple[Text, int]]
    groups: Mapping[int, int]
    waiting: int
    apart: int


def identity_section(found: IdentityFigures) -> Identity:
    """The figures, ready to be shown."""
    gone = sum((ids - 1) * customers for ids, customers in found.groups.items())
    figures = (
        ("Merges in force", "有效合并", sum(count for _, count in found.merges)),
        ("Customers of several ids", "拥有多个编号的客户", sum(found.groups.values())),
        ("Ids that gave way", "已并入的编号", gone),
        ("Pairs to review", "待审核", found.waiting),
        ("Pairs kept apart", "确认不同", found.apart),
    )
    return Identity(
        [KeyFigure(Text(en, zh), value, Format.COUNT) for en, zh, value in figures],
        DataTable(
            Text("Merges in force by what decided them", "有效合并（按依据）"),
            (Column(Text("Decided by", "依据")), Column(Text("Merges", "合并数"), Format.COUNT)),
            [[words, count] for words, count in sorted(found.merges, key=lambda entry: -entry[1])],
        ),
        DataTable(
            Text("Customers by number of ids", "客户（按编号数量）"),
            (Column(Text("Ids", "编号数")), Column(Text("Customers", "客户数"), Format.COUNT)),
            [[str(ids), customers] for ids, customers in sorted(found.groups.items())],
        ),
    )
