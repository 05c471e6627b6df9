"""What a run is asked to do, and with which means."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tierwise.contracts.corrections import ALL
from tierwise.contracts.drift import DriftLimits
from tierwise.contracts.imports import SourceMode
from tierwise.contracts.ingest import Rates, ReadOptions
from tierwise.contracts.model import TierModel
from tierwise.contracts.quality import Rule
from tierwise.engine.base import Engine
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.snapshots.workspace import Workspace


@dataclass(frozen=True)
class Source:
    """One source of one canonical table; `columns` maps fields to the source's columns where that is known.

    Its imports go by its `name`, which is that of the table where none is given. A `listed` source stands in the
    project file; what others brought counts until it is undone. A `mode` of None is told by the location: a source
    with a `cursor` column adds what lies above its last value, a folder of files adds new files, anything else is a
    snapshot. Where it has `own_ids`, ids of customers and orders get its name in front. Its data is stale when the
    newest row or the last import is older than `fresh_days`; `owner` is whom to ask.
    """

    table: str
    location: str
    options: ReadOptions = ReadOptions()
    columns: Mapping[str, str] = field(default_factory=dict)
    date_format: str | None = None
    name: str | None = None
    mode: SourceMode | None = None
    listed: bool = True
    cursor: str | None = None
    own_ids: bool = False
    keep_existing: bool = False
    owner: str | None = None
    fresh_days: int | None = None

    @property
    def called(self) -> str:
        """The name its imports go by."""
        return self.name or self.table


@dataclass(frozen=True)
class Job:
    """All that a run needs to know. `as_of` None means the day of the last order, `rules` None those that are shipped.

    `optional` are the models that nobody asked for by name: where the data lacks what they need they are left out.
    With `keep_state` a run builds on the aggregates that the run before left, where that is valid and `full` does not
    forbid it, and leaves its own for the next one. `corrections` are the codes of those that are made while reading.
    """

    workspace: Workspace
    sources: Sequence[Source]
    models: Sequence[TierModel[Any]]
    as_of: date | None = None
    timezone: str | None = None
    currency: str | None = None
    today: date = field(default_factory=date.today)
    keep_runs_days: int = 365
    rates: Rates | None = None
    phone_region: str = "CN"
    rules: Sequence[Rule] | None = None
    drift_limits: DriftLimits = DriftLimits()
    optional: frozenset[str] = frozenset()
    keep_state: bool = False
    full: bool = False
    corrections: frozenset[str] = ALL


@dataclass(frozen=True)
class Resources:
    """How the engines are made: ingest always runs on DuckDB, the rest on `engine`."""

    ingest: Callable[[], DuckDBEngine] = DuckDBEngine
    engine: Callable[[], Engine] | None = None
