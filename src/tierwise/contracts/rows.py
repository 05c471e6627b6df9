"""What an engine can attach: Parquet files, or rows that are made of Parquet files each time they are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Derived:
    """Rows that are not stored. `steps(source, target)` are the views that make `target` of the files as `source`."""

    files: tuple[Path, ...]
    steps: Callable[[str, str], tuple[Any, ...]]


Rows = Sequence[Path] | Derived
"""Rows that can be attached as a table."""
