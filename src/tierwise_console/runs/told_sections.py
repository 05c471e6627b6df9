"""Sections of a page that were computed once and are kept in a file: sums and sentences, no customer.

The child process writes them, pages read them. Texts stand in both languages, so one file serves every reader.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from tierwise.language import Lang, Text
from tierwise.reports.page import Chart, Column, DataTable, Finding, Format, KeyFigure, Section
from tierwise.snapshots.files import encode

KEPT = 16
_BOTH = {str(Lang.EN), str(Lang.ZH)}


@dataclass(frozen=True, slots=True)
class Told:
    """Key figures and sections."""

    figures: Sequence[KeyFigure]
    sections: Sequence[Section]


def write_told(told: Told, file: Path) -> None:
    """Write a file, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    data = {"figures": _plain(told.figures), "sections": _plain(told.sections)}
    fresh = file.with_suffix(".writing")
    fresh.write_text(json.dumps(data, ensure_ascii=False, default=encode), encoding="utf-8")
    fresh.replace(file)


def _plain(value: Any) -> Any:
    if isinstance(value, Text):
        return {str(Lang.EN): value.en, str(Lang.ZH): value.zh}
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return float(value) if type(value).__module__ in ("decimal", "numpy") else value


def read_told(file: Path) -> Told | None:
    """What a file holds; None where there is none yet."""
    return _read(str(file), file.stat().st_mtime_ns) if file.is_file() else None


@lru_cache(KEPT)
def _read(file: str, written_ns: int) -> Told:
    data = json.loads(Path(file).read_text(encoding="utf-8"))
    figures = [KeyFigure(_told(f["label"]), f["value"], Format(f["format"]), _told(f["hint"])) for f in data["figures"]]
    return Told(figures, [_section(each) for each in data["sections"]])


def _section(data: dict[str, Any]) -> Section:
    return Section(
        data["id"], _told(data["heading"]), _told(data["question"]), [_chart(each) for each in data["charts"]], (),
        [_table(each) for each in data["tables"]], [_told(each) for each in data["notes"]],
        [Finding(each["severity"], _told(each["label"])) for each in data["findings"]], _told(data["empty"]), data["command"],
    )  # fmt: skip


def _chart(data: dict[str, Any]) -> Chart:
    choices = [(value, _told(label)) for value, label in data["choices"]]
    tables = [_table(each) for each in data["tables"]]
    return Chart(
        data["id"],
        data["kind"],
        _told(data["title"]),
        _told(data["about"]),
        data["data"],
        tables,
        data["wide"],
        choices,
    )


def _table(data: dict[str, Any]) -> DataTable:
    columns = [Column(_told(each["label"]), Format(each["format"])) for each in data["columns"]]
    return DataTable(_told(data["caption"]), columns, [[_told(cell) for cell in row] for row in data["rows"]])


def _told(value: Any) -> Any:
    """A text where there is one, anything else as it is."""
    if isinstance(value, dict) and set(value) == _BOTH:
        return Text(value[str(Lang.EN)], value[str(Lang.ZH)])
    return value
