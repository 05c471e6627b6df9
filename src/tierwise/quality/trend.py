"""Scores over time: one point a run, from what the runs' manifests keep."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Point:
    """The scores of one run, and how many of the rows read could be used."""

    run: str
    as_of: date
    calculated_at: datetime
    overall: float
    tables: Mapping[str, float]
    rows_read: int
    rows_used: int

    def to_json(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "run": self.run,
            "as_of": self.as_of.isoformat(),
            "calculated_at": self.calculated_at.isoformat(),
            "overall": self.overall,
            "tables": dict(self.tables),
            "rows_read": self.rows_read,
            "rows_used": self.rows_used,
        }


def trend(runs: Iterable[tuple[str, date, datetime, Mapping[str, Any]]]) -> list[Point]:
    """The points of runs (name, as_of, calculated_at, quality card) that have scores, in the order given."""
    points = []
    for name, as_of, at, card in runs:
        scores = card.get("scores")
        if scores and scores["overall"] is not None:
            points.append(
                Point(name, as_of, at, scores["overall"], scores["tables"], card["rows_read"], card["rows_used"])
            )
    return points
