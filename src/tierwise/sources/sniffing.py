"""How a delimited text is laid out, told from its first rows: what parts the columns, and where the header stands."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from tierwise.errors import ErrorKind, Family, Place
from tierwise.language import Text
from tierwise.sources.text import TextFile, open_bytes

LONG_HEADER = ErrorKind(
    "input.long_header",
    Family.DATA,
    what=Text("the header of {path} does not end within 256 KB", "{path} 的表头超过 256 KB 仍未结束"),
    cause=Text(
        "the first line has a quote that is never closed, or the file is no table",
        "首行有未闭合的引号，或该文件不是表格",
    ),
    cure=Text("check the first line of the file", "请检查文件首行"),
)

BLANKS = " "
"""A delimiter of one blank or more, as in files for old statistics programs."""
_DELIMITERS = (",", "\t", ";", "|")
_QUOTED_TWICE, _BACKSLASH = '"', "\\"
_BACKSLASHED = re.compile(r"\\\"[^,;\t|\r\n]")
"""A quote behind a backslash that does not end its cell, as a folder at the end of one would: `"C:\\Temp\\"`."""
_HEAD_BYTES = 256 * 1024
_SNIFFED_RECORDS = 50
_MOST_TITLES = 30
_FEWEST_COLUMNS = 3
"""Titles are told from a header of so many columns; below that a title is as wide as a row."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The first records of a text as one way of parting them has them.

    `starts` are the lines before each record, `header` is the place of the header among them, `escape` the letter
    before a quote within a quoted cell.
    """

    delimiter: str
    escape: str = _QUOTED_TWICE
    records: list[list[str]] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    header: int = 0

    @property
    def names(self) -> list[str]:
        """The header as it is written."""
        return self.records[self.header]

    @property
    def title_lines(self) -> int:
        """The lines above the header."""
        return self.starts[self.header] if self.header else 0

    def fit(self) -> tuple[int, float, int]:
        """Rank it: it splits the header, rows have as many cells as the header, and the more cells the better."""
        if not self.records:
            return (0, 0.0, 0)
        rows, cells = self.records[self.header :], len(self.names)
        return (min(cells, 2), sum(len(row) == cells for row in rows) / len(rows), cells)


def sniff(text: TextFile, delimiter: str | None) -> Layout:
    """Find how the text is laid out; `delimiter` is the one that the user named. Raises `input.long_header`."""
    with open_bytes(text) as file:
        head = file.read(_HEAD_BYTES)
    whole = len(head) < _HEAD_BYTES
    decoded = head.decode("utf-8-sig", "replace")
    if delimiter is None and (said := re.match(r"sep=(.)\r?\n", decoded, re.IGNORECASE)):
        delimiter = said[1]  # Excel's own mark
    escapes = (_BACKSLASH, _QUOTED_TWICE) if _BACKSLASHED.search(decoded) else (_QUOTED_TWICE,)
    tried = [
        _split(decoded, mark, escape, whole)
        for escape in escapes
        for mark in ([delimiter] if delimiter else _DELIMITERS)
    ]
    best = max(tried, key=Layout.fit)
    if not best.records:
        raise LONG_HEADER.error(Place(file=str(text.original), line=1), path=str(text.original))
    return best if delimiter or len(best.names) > 1 else _by_blanks(decoded, whole) or best


def _split(head: str, delimiter: str, escape: str, whole: bool) -> Layout:
    csv.field_size_limit(_HEAD_BYTES)
    doubled = escape == _QUOTED_TWICE
    reader = csv.reader(
        io.StringIO(head, newline=""), delimiter=delimiter, doublequote=doubled, escapechar=None if doubled else escape
    )
    records: list[list[str]] = []
    starts: list[int] = []
    start = 0
    for record in reader:
        if any(cell.strip() for cell in record):
            records.append(record)
            starts.append(start)
        start = reader.line_num
        if len(records) > _SNIFFED_RECORDS:
            whole = False
            break
    kept = len(records) if whole else len(records) - 1
    return Layout(delimiter, escape, records[:kept], starts[:kept], _header_of(records[:kept]))


def _header_of(records: Sequence[Sequence[str]]) -> int:
    """Return the place of the header: behind titles, which fill one or two cells where rows fill three or more."""
    if records and records[0][0].lower().startswith("sep="):
        return 1 if len(records) > 1 else 0
    filled = [sum(bool(cell.strip()) for cell in record) for record in records]
    usual = median(filled) if filled else 0
    if usual < _FEWEST_COLUMNS:
        return 0
    enough = max(_FEWEST_COLUMNS, 0.6 * usual)
    header = next((place for place, count in enumerate(filled) if count >= enough), 0)
    return header if header <= _MOST_TITLES and all(count <= 2 for count in filled[:header]) else 0


def _by_blanks(head: str, whole: bool) -> Layout | None:
    """Columns that only blanks part: every line has the same number of them, three or more, and no quotes."""
    lines = [line for line in head.splitlines() if line.strip()][: _SNIFFED_RECORDS + 1]
    lines = lines if whole and len(lines) <= _SNIFFED_RECORDS else lines[:-1]
    records = [line.split() for line in lines]
    if '"' in head or len(records) < 2 or len(records[0]) < _FEWEST_COLUMNS:
        return None
    if any(len(record) != len(records[0]) for record in records):
        return None
    return Layout(BLANKS, records=records, starts=list(range(len(records))))
