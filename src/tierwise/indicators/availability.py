"""What can be measured on this data, and what is missing for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tierwise.contracts.tables import TABLES
from tierwise.indicators.catalogue import CATALOGUE
from tierwise.indicators.declaration import Available, Indicator
from tierwise.language import Text


@dataclass(frozen=True, slots=True)
class Availability:
    """An indicator, and the (table, column) pairs that the data lacks for it."""

    indicator: Indicator
    missing: tuple[tuple[str, str], ...]

    @property
    def available(self) -> bool:
        """Whether it can be computed."""
        return not self.missing

    @property
    def reason(self) -> Text:
        """What is missing, in words; a table that is not there at all is named once. Empty when available."""
        return missing_in_words(self.missing)


def availability(available: Available) -> tuple[Availability, ...]:
    """Every indicator of the catalogue with what is missing for it, in the order of the catalogue."""
    return tuple(Availability(indicator, indicator.missing(available)) for indicator in CATALOGUE.values())


def missing_in_words(missing: Sequence[tuple[str, str]]) -> Text:
    """Name tables and columns that are missing, as people call them."""
    by_table: dict[str, list[str]] = {}
    for table, column in missing:
        by_table.setdefault(table, []).append(column)
    parts = [_one_table(table, columns) for table, columns in by_table.items()]
    return Text("; ".join(part.en for part in parts), "；".join(part.zh for part in parts))


def _one_table(name: str, columns: Sequence[str]) -> Text:
    table = TABLES[name]
    required = {column.name for column in table.columns if column.required}
    if required.intersection(columns):
        return Text(f"the table {table.label.en}", f"缺少表“{table.label.zh}”")
    labels = [table.column(column).label for column in columns]
    return Text(
        f"{table.label.en}: {', '.join(label.en for label in labels)}",
        f"“{table.label.zh}”缺少：{'、'.join(label.zh for label in labels)}",
    )
