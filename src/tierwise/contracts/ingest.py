"""What passes between reading a file and a canonical table: the raw table, its mapping, what was set aside and found.

Counts are rows of the source unless a name says otherwise; `rows_read = rows_used + rows set aside` always holds.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from tierwise.contracts.corrections import ALL, Corrected
from tierwise.contracts.quality import Assessment
from tierwise.contracts.rest import RestOptions
from tierwise.contracts.tables import Table
from tierwise.language import Text

DecimalMark = Literal[".", ","]


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read a source, where the source does not say it itself.

    `encoding` and `delimiter` are for delimited text, `sheet` for workbooks, `query` or `table` for databases,
    `rest` for HTTP APIs; of these two only rows whose `cursor` column is `after` a value, or at it, can be asked for.
    `decimal_mark` is the mark before the decimals of numbers that are written as text. `header` names the columns of
    delimited text that has no header.
    """

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    query: str | None = None
    table: str | None = None
    cursor: str | None = None
    after: str | None = None
    rest: RestOptions | None = None
    decimal_mark: DecimalMark | None = None
    header: tuple[str, ...] | None = None


class RawKind(StrEnum):
    """What a source column holds, as far as its reader knows: text files know nothing but text."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    INSTANT = "instant"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class RawColumn:
    """One column of a source: its `name` there, its `key` inside the relation, up to twenty different values.

    Where values of it were corrected, `said_key` is the column that holds them as the source says them. `unique`
    tells that no value comes twice; it is asked only of a column called `id`, which may be that of anything.
    """

    name: str
    key: str
    kind: RawKind
    samples: tuple[str, ...] = ()
    said_key: str | None = None
    unique: bool = False

    @property
    def said(self) -> str:
        """The column of the relation that holds what the source says."""
        return self.said_key or self.key


@dataclass(frozen=True, slots=True)
class Example:
    """One row to look at: `row` counts records from 1 below the header, `line` lines of the file from 1."""

    row: int
    column: str | None
    value: str | None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class RawTable:
    """A source opened on the ingest engine.

    `relation` is a view with `row_number` (BIGINT, from 1 below the header) and the source's columns, each under
    its `RawColumn.key`, for the engine cannot tell `ID` from `id`. `fingerprint` is the SHA-256 of the bytes
    read, or of the content for databases.
    `rows_read` counts the rows of `relation` and the `bad_rows` that could not be split into columns; these stand
    in `bad_relation` (row_number, bad_column, bad_value, reason_en, reason_zh), None where there are none.
    `notes` tell how it was read; `lasting_notes` are those that stay with an import, as findings on all its rows.
    `decimal_mark` is the one that the user named.
    """

    name: str
    relation: str
    columns: tuple[RawColumn, ...]
    file: str
    format: Literal["csv", "excel", "parquet", "jsonl", "database", "rest"]
    fingerprint: str
    rows_read: int
    bad_rows: int = 0
    bad_relation: str | None = None
    bad_examples: tuple[Example, ...] = ()
    notes: tuple[Text, ...] = ()
    lasting_notes: tuple[Text, ...] = ()
    decimal_mark: DecimalMark | None = None

    def column(self, name: str) -> RawColumn:
        """Return the column called `name`; KeyError when there is none."""
        return {column.name: column for column in self.columns}[name]


@dataclass(frozen=True, slots=True)
class FieldMatch:
    """Which source columns fill one field: one column, or quantity and unit price whose product is the amount.

    `how` says why: `given` by the user, by `name`, by `type` and content, or as a `product`.
    """

    field: str
    columns: tuple[str, ...]
    how: Literal["given", "name", "type", "product"]

    @property
    def expression(self) -> str:
        """The columns as a person reads them."""
        return " × ".join(self.columns)


@dataclass(frozen=True, slots=True)
class Mapping:
    """How a source fills a canonical table. `shape` names a known export whose rows need special care."""

    table: Table
    matches: tuple[FieldMatch, ...]
    unmapped_columns: tuple[str, ...] = ()
    shape: Literal["plain", "shopify"] = "plain"

    def match(self, field_name: str) -> FieldMatch | None:
        """Return the match of one field, or None where nothing fills it."""
        return next((match for match in self.matches if match.field == field_name), None)

    def need(self, field_name: str) -> FieldMatch:
        """Return the match of a field that is always mapped; KeyError when it is not."""
        return {match.field: match for match in self.matches}[field_name]

    def to_json(self) -> dict[str, str]:
        """Return field → source column, as `tier --json` shows it."""
        return {match.field: match.expression for match in self.matches}


@dataclass(frozen=True, slots=True)
class Rate:
    """One unit of `currency` is worth `rate` units of the one currency, from the day `since` on."""

    currency: str
    since: date
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Rates:
    """The rates that the user gives, and the file they stand in."""

    file: str
    rates: tuple[Rate, ...]


@dataclass(frozen=True, slots=True)
class IngestSettings:
    """How the values of a source are to be read.

    `timezone` (IANA name) is the business's zone: timestamps that carry an offset are converted to it, others
    are taken as they are. `currency` picks one of several. `date_format` is a strptime format for text dates.
    Rows dated after `today` are set aside. `namespace` is put before ids of customers and orders. Orders without an
    id are numbered behind `row_ids`. With `rates` amounts in other currencies are converted to `currency`.
    `corrections` are the codes of those that are made.
    """

    today: date
    timezone: str | None = None
    currency: str | None = None
    date_format: str | None = None
    namespace: str = ""
    row_ids: str = "row-"
    rates: Rates | None = None
    corrections: frozenset[str] = ALL


ROWS_PER_SHARE = 2_500_000
"""Orders are dealt into files by customer, about so many to a file, and worked through file by file."""


@dataclass(frozen=True, slots=True)
class SetAside:
    """Rows that were not used, for one reason."""

    reason: str
    label: Text
    rows: int
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the reader of a source noticed in `rows` rows; all of them are used."""

    code: str
    label: Text
    severity: Literal["info", "warning"]
    rows: int
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class CanonicalTable:
    """A canonical table written as Parquet into `folder`, `part-*.parquet`.

    `columns` are those it has: all required ones, and each optional one that the source fills. `rows` counts
    rows of the table, `rows_used` the source rows they were made of. `rejects_file` lists what was set aside.
    A table of several `shares` keeps each customer's rows in the files of one share. `corrected` counts what was
    corrected, value by value in `corrections_file`.
    """

    name: str
    folder: Path
    columns: tuple[str, ...]
    rows: int
    rows_read: int
    rows_used: int
    set_aside: tuple[SetAside, ...]
    findings: tuple[Finding, ...]
    mapping: Mapping
    rejects_file: Path | None
    first_date: date | None
    last_date: date | None
    currency: str | None
    source: str
    fingerprint: str
    shares: int = 1
    corrected: tuple[Corrected, ...] = ()

    @property
    def corrections_file(self) -> Path:
        """Lists every correction; it is there where something was corrected."""
        return self.folder.parent / "corrections" / f"{self.name}.parquet"

    @property
    def files(self) -> tuple[Path, ...]:
        """The Parquet files, in order."""
        return tuple(sorted(self.folder.glob("part-*.parquet")))

    def share(self, number: int) -> tuple[Path, ...]:
        """The files of one share of the customers, where the table was dealt into `shares`."""
        return tuple(sorted(self.folder.glob(f"part-{number:03d}-*.parquet")))

    @property
    def rows_set_aside(self) -> int:
        """How many source rows were not used."""
        return sum(aside.rows for aside in self.set_aside)


@dataclass(frozen=True, slots=True)
class FieldQuality:
    """How well one field is filled: shares from 0 to 1.

    `completeness` is the share of the table's rows where it is not blank; `accuracy` the share of the source's
    rows that are not set aside for what stood in this field.
    """

    table: str
    field: str
    label: Text
    completeness: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class QualityCard:
    """What the input is worth, in figures a person can check. `basis` is the digest of all that they rest on."""

    rows_read: int
    rows_used: int
    rows_set_aside: int
    set_aside: MappingOf[str, int]
    set_aside_labels: MappingOf[str, Text]
    fields: tuple[FieldQuality, ...]
    findings: tuple[Finding, ...]
    first_date: date | None
    last_date: date | None
    customers: int
    orders: int
    refunds: int
    voids: int
    currency: str | None
    rejects_files: tuple[Path, ...] = field(default=())
    assessment: Assessment | None = None
    sources: tuple[dict[str, Any], ...] = ()
    drift: tuple[dict[str, Any], ...] = ()
    corrections: tuple[dict[str, Any], ...] = ()
    import_trend: tuple[dict[str, Any], ...] = ()
    basis: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the card for `--json`: plain numbers, ISO dates, texts in both languages."""
        return {
            "rows_read": self.rows_read,
            "rows_used": self.rows_used,
            "rows_set_aside": self.rows_set_aside,
            "set_aside": dict(self.set_aside),
            "set_aside_labels": {
                reason: {"en": label.en, "zh-CN": label.zh} for reason, label in self.set_aside_labels.items()
            },
            "first_date": self.first_date.isoformat() if self.first_date else None,
            "last_date": self.last_date.isoformat() if self.last_date else None,
            "customers": self.customers,
            "orders": self.orders,
            "refunds": self.refunds,
            "voids": self.voids,
            "currency": self.currency,
            "fields": [_field_json(quality) for quality in self.fields],
            "findings": [finding_json(finding) for finding in self.findings],
            "rejects_files": [str(path) for path in self.rejects_files],
            "sources": list(self.sources),
            "drift": list(self.drift),
            "corrections": list(self.corrections),
            "import_trend": list(self.import_trend),
            "basis": self.basis,
            **(self.assessment.to_json() if self.assessment else {}),
        }


def _field_json(quality: FieldQuality) -> dict[str, Any]:
    return {
        "table": quality.table,
        "field": quality.field,
        "completeness": round(quality.completeness, 6),
        "accuracy": round(quality.accuracy, 6),
    }


def finding_json(finding: Finding) -> dict[str, Any]:
    """A finding as `--json` shows it."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "rows": finding.rows,
        "en": finding.label.en,
        "zh": finding.label.zh,
    }
