"""What a reader of runs may ask of one: its manifest, its schemes, and where its Parquet files lie.

Stages that show runs (reports, exports) are written against this and never import the stage that writes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

from tierwise.contracts.rows import Rows
from tierwise.contracts.scheme import Scheme


class InputView(Protocol):
    """One input of a run: the table it filled, where it came from, its SHA-256 and its rows."""

    @property
    def table(self) -> str:
        """The canonical table it filled."""
        ...

    @property
    def source(self) -> str:
        """Where it came from."""
        ...

    @property
    def sha256(self) -> str:
        """The SHA-256 of what was read."""
        ...

    @property
    def rows_read(self) -> int:
        """Rows of the source."""
        ...

    @property
    def rows_used(self) -> int:
        """Rows that were not set aside."""
        ...


class ModelView(Protocol):
    """One model of a run: its name and settings, its tier table in rank order, and what it noted."""

    @property
    def model(self) -> str:
        """The name of the model."""
        ...

    @property
    def spec(self) -> Mapping[str, Any]:
        """Its settings."""
        ...

    @property
    def tiers(self) -> Sequence[Mapping[str, Any]]:
        """Its tier table, in rank order: key, customers, orders, revenue, shares, medians."""
        ...

    @property
    def notes(self) -> Sequence[Mapping[str, Any]]:
        """What it noted: code, text in both languages, figures."""
        ...


class ManifestView(Protocol):
    """All that is known of a run."""

    @property
    def as_of(self) -> date:
        """The day the labels are true for."""
        ...

    @property
    def calculated_at(self) -> datetime:
        """When they were computed, with its offset."""
        ...

    @property
    def engine(self) -> str:
        """The name of the engine."""
        ...

    @property
    def versions(self) -> Mapping[str, str]:
        """Versions by package."""
        ...

    @property
    def specs_sha256(self) -> str:
        """The SHA-256 of all settings."""
        ...

    @property
    def inputs(self) -> Sequence[InputView]:
        """What was read."""
        ...

    @property
    def mapping(self) -> Mapping[str, Mapping[str, str]]:
        """Source column by field, by table."""
        ...

    @property
    def quality(self) -> Mapping[str, Any]:
        """The quality card as JSON."""
        ...

    @property
    def indicators(self) -> Sequence[Mapping[str, Any]]:
        """The indicator columns: column, unit, label in both languages."""
        ...

    @property
    def models(self) -> Mapping[str, ModelView]:
        """The models by name of instance."""
        ...

    @property
    def totals(self) -> Mapping[str, Any]:
        """Customers, orders and revenue of everyone."""
        ...

    @property
    def tables(self) -> str:
        """The version of the canonical tables."""
        ...

    @property
    def currency(self) -> str | None:
        """The currency of all amounts, where the data names one."""
        ...

    @property
    def files(self) -> Mapping[str, str]:
        """The SHA-256 of every file of the run."""
        ...


class RunView(Protocol):
    """A published run, read-only."""

    @property
    def name(self) -> str:
        """The id of the run."""
        ...

    @property
    def manifest(self) -> ManifestView:
        """Its manifest."""
        ...

    def scheme(self, model: str) -> Scheme:
        """The fitted scheme of one of its models."""
        ...

    def labels(self, model: str) -> Rows:
        """One model's label table, to be attached."""
        ...

    def indicator_files(self) -> Sequence[Path]:
        """The Parquet files of its indicator table."""
        ...
