"""Charts and tables as the core makes them, for pages that may not import the core: one look for report and console.

A page makes a `Chart` whose `kind` names a drawing (`drawings/charts.js`, `drawings/value_charts.js`, or one of its
own that adds itself to DRAWINGS), and its template says `{% chart item facts %}`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from tierwise.reports.page import Chart, Column, DataTable, Finding, Format, KeyFigure, Section, TierRow
from tierwise.reports.palette import tier_colours
from tierwise.reports.wording import WORDS

__all__ = [
    "WORDS", "Chart", "Column", "DataTable", "Facts", "Finding", "Format", "KeyFigure", "Section", "TierRow", "tier_colours",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Facts:
    """What every chart says of itself: the day it is true for, when it was computed, and from which data."""

    as_of: date
    calculated_at: datetime
    data_version: str
    currency: str | None
    run: str
