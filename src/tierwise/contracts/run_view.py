"""What a reader of runs may ask of one: its manifest, its schemes, and where its Parquet files lie.

Stages that show runs (reports, exports) are written against this and never import the stage that writes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

from tierwise.contracts.scheme import Scheme


class InputView(Protocol):
    """One input of a run: the table it filled, where it came from, its SHA-256 and its rows."""

    @property
    def table(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def rows_read(self) -> int: ...
    @property
    def rows_used(self) -> int: ...


class ModelView(Protocol):
    """One model of a run: its name and settings, its tier table in rank order, and what it noted."""

    @property
    def model(self) -> str: ...
    @property
    def spec(self) -> Mapping[str, Any]: ...
    @property
    def tiers(self) -> Sequence[Mapping[str, Any]]: ...
    @property
    def notes(self) -> Sequence[Mapping[str, Any]]: ...


class ManifestView(Protocol):
    """All that is known of a run."""

    @property
    def as_of(self) -> date: ...
    @property
    def calculated_at(self) -> datetime: ...
    @property
    def engine(self) -> str: ...
    @property
    def versions(self) -> Mapping[str, str]: ...
    @property
    def specs_sha256(self) -> str: ...
    @property
    def inputs(self) -> Sequence[InputView]: ...
    @property
    def mapping(self) -> Mapping[str, Mapping[str, str]]: ...
    @property
    def quality(self) -> Mapping[str, Any]: ...
    @property
    def indicators(self) -> Sequence[Mapping[str, Any]]: ...
    @property
    def models(self) -> Mapping[str, ModelView]: ...
    @property
    def totals(self) -> Mapping[str, Any]: ...
    @property
    def tables(self) -> str: ...
    @property
    def currency(self) -> str | None: ...
    @property
    def files(self) -> Mapping[str, str]: ...


class RunView(Protocol):
    """A published run, read-only."""

    @property
    def name(self) -> str: ...
    @property
    def manifest(self) -> ManifestView: ...

    def scheme(self, model: str) -> Scheme:
        """The fitted scheme of one of its models."""
        ...

    def label_files(self, model: str) -> Sequence[Path]:
        """The Parquet files of one model's label table."""
        ...

    def indicator_files(self) -> Sequence[Path]:
        """The Parquet files of its indicator table."""
        ...
