"""The ledger of imports: facts are added and taken back, never changed; a run reads one version of them.

    imports/<import_id>/<table>/part-*.parquet      canonical rows of one import of one source, written whole
    imports/<import_id>/import.json                 an `ImportRecord`
    imports/<import_id>/rejects/<table>.csv         source rows that were set aside, and why
    imports/<import_id>/corrections/<table>.parquet  values that were corrected: row, field, before and after
    imports/<import_id>/superseded/<table>.parquet  keys of earlier imports that this one brings again
    imports/<import_id>/profile.json, drift.json    what it looks like, and how it differs from the import before it
    imports/<import_id>/measures/                   what was counted of its rows; `measures_standing/` without superseded ones
    imports/<import_id>/undone.json                 there while the import is undone: an `Undone`
    identity/CURRENT                                the id of the identity state that holds; no file, no merges
    identity/<state_id>/map.parquet                 customer_id, survivor_id: a row for each id that gave way
    identity/<state_id>/customers.parquet           the merged row of each survivor; it may be missing

Erasure alone rewrites the files of an import, by copy and rename, and counts it in `ImportRecord.erasures`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from tierwise.contracts.corrections import Corrected
from tierwise.contracts.ingest import FieldMatch, Finding, SetAside


class SourceMode(StrEnum):
    """What a new import of a source does to the ones before.

    `snapshot`: it takes their place, for the source always holds everything. `append`: it is added, and a row
    whose key came before takes that row's place. `cursor`: the same, of rows above the last value of a column.
    """

    SNAPSHOT = "snapshot"
    APPEND = "append"
    CURSOR = "cursor"


SUPERSEDING_KEYS: dict[str, tuple[str, ...]] = {
    "customers": ("customer_id",),
    "orders": ("order_id",),
    "order_lines": ("order_id",),
    "events": ("message_id",),
    "balances": ("customer_id", "as_of_date"),
    "referrals": ("referred_customer_id",),
    "points": ("entry_id",),
    "holdouts": ("customer_id", "experiment"),
}
"""By which columns a later import of a source tells that it brings a row again; rows of other tables only add up.

The lines of an order come together: an order that comes again brings all its lines.
"""


@dataclass(frozen=True, slots=True)
class Undone:
    """Who took an import back, and when."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """One import of one source into one table.

    `location` names no password. `fingerprint` is the SHA-256 of what was read and `recipe` that of how it was
    read: where both are known, there is nothing to import. A `listed` source stands in the project file, and its
    rows count as long as it does; others count until they are undone. `cursor` is the highest value read.
    `replaces` are the imports whose place this one took: older states of its source, or the same content read in
    another way; `overlaps` says of how many rows of which earlier imports
    it brings the key again. `currency` is that of its amounts. `corrected` counts the corrections that were made.
    """

    id: str
    source: str
    table: str
    mode: SourceMode
    location: str
    fingerprint: str
    recipe: str
    listed: bool
    imported_at: datetime
    read_on: date
    columns: tuple[str, ...]
    rows: int
    rows_read: int
    rows_used: int
    set_aside: tuple[SetAside, ...]
    findings: tuple[Finding, ...]
    matches: tuple[FieldMatch, ...]
    first_date: date | None = None
    last_date: date | None = None
    currency: str | None = None
    shares: int = 1
    cursor: str | None = None
    replaces: tuple[str, ...] = ()
    overlaps: dict[str, int] = field(default_factory=dict)
    erasures: int = 0
    undone: Undone | None = None
    corrected: tuple[Corrected, ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """What the facts are: which imports hold by table, which identity state, and how often rows were erased.

    Imports stand in the order in which their sources are trusted, those of one source by age.
    """

    imports: Mapping[str, tuple[str, ...]]
    identity: str | None = None
    erasures: int = 0

    def to_json(self) -> dict[str, Any]:
        """As a manifest holds it."""
        return {
            "imports": {table: list(ids) for table, ids in self.imports.items()},
            "identity": self.identity,
            "erasures": self.erasures,
        }


def version_from_json(data: Mapping[str, Any]) -> Version:
    """Return the version that a manifest holds."""
    imports = {table: tuple(ids) for table, ids in data["imports"].items()}
    return Version(imports, data["identity"], data["erasures"])
