"""Merged cells of a workbook: a value that stands for several rows, and titles laid over the header.

A merged cell keeps its value in its first cell alone; the others look empty. Readers of the format do not tell, so
the sheet's own list of merged ranges is read, in one pass over its XML.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

_SHEETS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_RANGE = re.compile(r"([A-Z]+)(\d+):([A-Z]+)(\d+)")


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged range; rows and columns count from 0, the last ones belong to it."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


def merged_ranges(path: Path, sheet: str) -> list[Merged]:
    """Return the merged ranges of a sheet of an .xlsx file; none for other formats."""
    if not zipfile.is_zipfile(path):
        return []
    with zipfile.ZipFile(path) as archive:
        part = _part_of(archive, sheet)
        if part is None:
            return []
        with archive.open(part) as opened:
            found = []
            for _, element in ElementTree.iterparse(opened):
                if element.tag == f"{_SHEETS}mergeCell" and (match := _RANGE.fullmatch(element.get("ref", ""))):
                    left, top, right, bottom = match.groups()
                    found.append(Merged(int(top) - 1, _column(left), int(bottom) - 1, _column(right)))
                if element.tag == f"{_SHEETS}row":
                    element.clear()
            return found


def title_rows(merged: Sequence[Merged], rows: Sequence[Sequence[Any]]) -> int:
    """Return how many of the first rows are titles: one merged cell over several columns, and nothing beside it.

    Rows with one cell or none count too, where a row of three cells or more comes below them.
    """
    lone = _lone_rows(rows)
    if lone:
        return lone
    count = 0
    for number, row in enumerate(rows):
        over = [m for m in merged if m.first_row <= number <= m.last_row and m.last_column > m.first_column]
        filled = [place for place, value in enumerate(row) if value not in (None, "")]
        if not over or any(not any(m.first_column <= place <= m.last_column for m in over) for place in filled):
            break
        if len(filled) > 1:
            break
        count = number + 1
    return count


def _lone_rows(rows: Sequence[Sequence[Any]]) -> int:
    """Return how many first rows have at most one cell filled before the first that has three."""
    filled = [sum(value not in (None, "") for value in row) for row in rows]
    header = next((number for number, count in enumerate(filled) if count >= 3), 0)
    return header if all(count <= 1 for count in filled[:header]) else 0


def filled_down(table: Any, merged: Sequence[Merged], skipped: int) -> tuple[Any, int]:
    """Return the table with the value of each merged cell in all its rows, and how many cells were filled."""
    import pyarrow as pa

    cells = 0
    for column in sorted({m.first_column for m in merged if m.first_column < table.num_columns}):
        values = table.column(column).to_pylist()
        for m in (m for m in merged if m.first_column == column and m.first_row >= skipped):
            for row in range(m.first_row + 1 - skipped, min(m.last_row - skipped + 1, len(values))):
                if values[row] in (None, ""):
                    values[row] = values[m.first_row - skipped]
                    cells += 1
        table = table.set_column(column, table.field(column), pa.array(values, table.field(column).type))
    return table, cells


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The file inside the workbook that holds a sheet."""
    names = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return None
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    link = next((s.get(_LINK) for s in book.iter(f"{_SHEETS}sheet") if s.get("name") == sheet), None)
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    target = next((str(r.get("Target")) for r in relations if r.get("Id") == link), None)
    part = None if target is None else target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
    return part if part in names else None


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
