"""What a report is made of, before it is HTML: sections with charts and tables, every word in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tierwise.contracts.model import MethodCard
from tierwise.contracts.scheme import Tier
from tierwise.language import Text


class Format(StrEnum):
    """How a cell is shown. `PERCENT` holds per cent (12.4), `SHARE` a share (0.124).

    Money is in the run's currency; `ROUND_MONEY` shows no cents, `AMOUNT` no currency, for tables
    whose caption names it. `SIGNIFICANT` keeps four significant digits.
    """

    TEXT = "text"
    CODE = "code"
    COUNT = "count"
    MONEY = "money"
    ROUND_MONEY = "round_money"
    PERCENT = "percent"
    SHARE = "share"
    AMOUNT = "amount"
    NUMBER = "number"
    SIGNIFICANT = "significant"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    label: Text
    format: Format = Format.TEXT


@dataclass(frozen=True, slots=True)
class DataTable:
    """A table; the first cell of each row names the row."""

    caption: Text
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]

    @property
    def fits_paper(self) -> bool:
        """Whether its columns find room on a sheet of A4."""
        return len(self.columns) <= 13


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: `kind` names its drawing in charts.js, `data` is all it draws from, `tables` say the same in figures.

    `title` says what is seen, `about` what is drawn and in which units. `wide` charts take the whole line;
    `choices` are the measures a reader may switch between.
    """

    id: str
    kind: str
    title: Text
    about: Text
    data: Mapping[str, Any]
    tables: Sequence[DataTable]
    wide: bool = False
    choices: Sequence[tuple[str, Text]] = ()


@dataclass(frozen=True, slots=True)
class TierRow:
    """One row of the tier table of a model, with the tier it is about."""

    tier: Tier
    figures: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something noticed in the data: `severity` is info or warning."""

    severity: str
    label: Text


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the page, as a model of a run has. `empty` says what to do where there is nothing to show."""

    id: str
    heading: Text
    question: Text | None = None
    charts: Sequence[Chart] = ()
    tiers: Sequence[TierRow] = ()
    tables: Sequence[DataTable] = ()
    notes: Sequence[Text] = ()
    findings: Sequence[Finding] = ()
    empty: Text | None = None
    command: str | None = None


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One figure of the head of the report."""

    label: Text
    value: Any
    format: Format
    hint: Text | None = None


@dataclass(frozen=True, slots=True)
class Headline:
    """One thing that stands out: the id of what shows it, the section it belongs to, and the sentence."""

    target: str
    section: Text
    text: Text


@dataclass(frozen=True, slots=True)
class Quality:
    """What the input is worth."""

    figures: Sequence[KeyFigure]
    set_aside: DataTable
    fields: DataTable
    findings: Sequence[Finding]
    rejects_files: Sequence[str] = ()
    rules: DataTable | None = None
    corrections: DataTable | None = None
    trend: DataTable | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """Which customers are one: figures, merges by what decided them, customers by how many ids they are made of."""

    figures: Sequence[KeyFigure]
    merges: DataTable
    groups: DataTable


@dataclass(frozen=True, slots=True)
class Page:
    """A whole report. `run` is None where it is of no published run, `cards` where it has no method cards."""

    title: Text
    run: str | None
    as_of: str
    calculated_at: str
    data_version: str
    engine: str
    currency: str | None
    figures: Sequence[KeyFigure]
    headlines: Sequence[Headline]
    sections: Sequence[Section]
    quality: Quality
    cards: Sequence[tuple[str, MethodCard]] | None
    manifest: Sequence[DataTable]
    specs_sha256: str
    specs: Mapping[str, str]
    words: Mapping[str, Text] = field(default_factory=dict)
    identity: Identity | None = None

    @property
    def charts(self) -> list[Chart]:
        """The charts of all sections, in the order of the page."""
        return [chart for section in self.sections for chart in section.charts]

    @property
    def tier_counts(self) -> list[int]:
        """The different numbers of tiers that need colours."""
        return sorted({len(section.tiers) for section in self.sections if section.tiers})
