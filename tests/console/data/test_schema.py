"""The canonical tables on the page Data."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tierwise.contracts.tables import TABLES
from tierwise.language import Lang
from tierwise_console.runs.schema import schema


def _run(**fields: float) -> Any:
    card = {"fields": [{"table": "orders", "field": name, "completeness": share} for name, share in fields.items()]}
    return SimpleNamespace(manifest=SimpleNamespace(quality=card, currency="CNY"))


def _row(run: Any, table: str, column: str) -> list[Any]:
    found = next(each for each in schema(run) if each.name == table)
    return next(list(row) for row in found.table.rows if row[0] == column)


def test_every_column_of_every_table_is_shown() -> None:
    found = {each.name: [row[0] for row in each.table.rows] for each in schema(None)}
    assert found == {name: [column.name for column in table.columns] for name, table in TABLES.items()}


def test_a_column_says_its_unit_its_share_and_what_needs_it() -> None:
    run = _run(amount=1.0, channel=0.25)
    _, _, kind, unit, need, filled, indicators = _row(run, "orders", "amount")
    assert (kind.en, unit.en, need.en, filled) == ("money, 2 decimals", "CNY", "needed", 1.0)
    assert "days since last purchase" in indicators.to(Lang.EN) and "more" in indicators.to(Lang.EN)
    assert _row(run, "orders", "channel")[5] == 0.25
    assert _row(run, "customers", "name")[5] is None
    assert next(each.name for each in schema(run)) == "orders", "what there is comes first"
