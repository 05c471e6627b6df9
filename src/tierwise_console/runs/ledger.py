"""What the ledger of imports holds, for pages and API."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from tierwise.config.project import FILE_NAME, SourceSpec, read_project
from tierwise.contracts.imports import ImportRecord
from tierwise.contracts.tables import TABLES
from tierwise.errors import TierwiseError
from tierwise.language import Text
from tierwise.snapshots.imports import holding, record_of, records
from tierwise_console.runs.performing import today, workspace


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """A source of one table: how fresh it is, and how much it holds."""

    name: str
    table: Text
    mode: str
    rows: int
    imports: int
    last_date: date | None
    imported_at: datetime
    owner: str = ""
    fresh_days: int | None = None
    stale: bool = False


def imports() -> list[ImportRecord]:
    """All imports, newest first, undone ones among them."""
    return list(reversed(records(workspace())))


def counting() -> set[str]:
    """The ids of the imports whose rows count now."""
    return {found.id for found in holding(records(workspace()))}


def sources() -> list[SourceFacts]:
    """Every source that holds something, by name."""
    grouped: dict[tuple[str, str], list[ImportRecord]] = {}
    for found in holding(records(workspace())):
        grouped.setdefault((found.source, found.table), []).append(found)
    said = _said()
    return [_facts(name, table, found, said.get(name)) for (name, table), found in sorted(grouped.items())]


def _said() -> dict[str, SourceSpec]:
    """What the project file says of its sources; where it cannot be read, the page Models tells why."""
    file = workspace().root / FILE_NAME
    try:
        return dict(read_project(file)[0].sources) if file.is_file() else {}
    except TierwiseError:
        return {}


def _facts(name: str, table: str, found: list[ImportRecord], said: SourceSpec | None) -> SourceFacts:
    dates = [each.last_date for each in found if each.last_date]
    limit = said.fresh_days if said else None
    newest = max(dates, default=max(each.read_on for each in found))
    return SourceFacts(
        name, TABLES[table].label, str(found[-1].mode), sum(each.rows for each in found), len(found),
        max(dates, default=None), max(each.imported_at for each in found), (said.owner or "") if said else "", limit,
        limit is not None and (date.fromisoformat(today()) - newest).days > limit,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """One row that was set aside: its number below the header, the column at fault, what stood there, and why."""

    number: str
    column: str
    value: str
    reason: Text


@dataclass(frozen=True, slots=True)
class Rejected:
    """What an import set aside: its record, and the first rows of one reason or of all; None where the file is gone."""

    record: ImportRecord
    rows: list[RejectedRow] | None


def rejects_file(name: str) -> Path | None:
    """The file of rows that an import set aside; None where there is none."""
    found = next((each for each in records(workspace()) if each.id == name), None)
    return None if found is None else _rejects_of(found)


def _rejects_of(found: ImportRecord) -> Path | None:
    file = workspace().imports / found.id / "rejects" / f"{found.table}.csv"
    return file if file.is_file() else None


def rejected(name: str, reason: str, most: int) -> Rejected:
    """The first rows that an import set aside, of all reasons where none is named; raises `import.unknown`."""
    record = record_of(workspace(), name)
    file = _rejects_of(record)
    return Rejected(record, None if file is None else list(_rejected_rows(file, reason, most)))


def _rejected_rows(file: Path, reason: str, most: int) -> Iterator[RejectedRow]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            if not reason or row["reason"] == reason:
                yield RejectedRow(row["row"], row["column"], row["value"], Text(row["reason_en"], row["reason_zh"]))
                most -= 1
            if not most:
                return
