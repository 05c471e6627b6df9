"""The days on which two SQL texts disagree, as a condition on the rows of a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import TracebackType
from typing import Self

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.sql.differing import Difference
from tierwise.sql.expressions import literal

FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)
"""Days outside are not looked at one by one: rows dated there always count as reached."""

MOST_RANGES = 100
"""With more ranges than this a condition costs more than it saves."""


@dataclass(frozen=True, slots=True)
class Days:
    """Ranges of days, both ends included, and whether rows without a date belong to them."""

    ranges: tuple[tuple[date, date], ...] = ()
    undated: bool = False

    def condition(self, column: str) -> str:
        """SQL: a row's date is one of these days."""
        tests = [f"{column} BETWEEN {literal(first)} AND {literal(last)}" for first, last in self.ranges]
        tests += [f"{column} < {literal(FIRST)}", f"{column} > {literal(LAST)}"]
        return " OR ".join([*tests, f"{column} IS NULL"] if self.undated else tests)


class Calendar:
    """Every day of three centuries, in an engine of its own that is opened when it is first asked."""

    def __init__(self) -> None:
        self._engine: DuckDBEngine | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._engine is not None:
            self._engine.close()

    def days_of(self, found: Iterable[Difference]) -> dict[str, Days] | None:
        """By date column, the days on which any of its differences shows; None where they are too many to list."""
        by_column: dict[str, list[str]] = {}
        for difference in found:
            by_column.setdefault(difference.column, []).append(difference.differs)
        days = {column: self._days(column, tuple(dict.fromkeys(tests))) for column, tests in by_column.items()}
        return None if any(len(each.ranges) > MOST_RANGES for each in days.values()) else days

    def _days(self, column: str, tests: tuple[str, ...]) -> Days:
        sql = (
            f"SELECT {column} FROM (SELECT day AS {column} FROM calendar) WHERE {' OR '.join(tests)} "
            f"ORDER BY {column} NULLS LAST"
        )
        return _ranges([row[0] for row in self._opened().native(f"days of {column}", sql)])

    def _opened(self) -> DuckDBEngine:
        if self._engine is None:
            self._engine = DuckDBEngine(threads=1)
            days = f"range({literal(FIRST)}, {literal(LAST)} + 1, INTERVAL 1 DAY)"
            self._engine.native(
                "calendar",
                f"CREATE TEMP TABLE calendar AS SELECT CAST(range AS DATE) AS day FROM {days} UNION ALL SELECT NULL",
            )
        return self._engine


def _ranges(days: Sequence[date | None]) -> Days:
    """Days in order, the missing one last, as ranges."""
    ranges: list[tuple[date, date]] = []
    for day in days:
        if day is None:
            return Days(tuple(ranges), undated=True)
        if ranges and ranges[-1][1] == day - timedelta(days=1):
            ranges[-1] = ranges[-1][0], day
        else:
            ranges.append((day, day))
    return Days(tuple(ranges))
