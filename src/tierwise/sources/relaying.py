"""A copy of a text whose first line is its header and whose columns one mark parts, where the file is not so."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from tierwise.sources.sniffing import BLANKS
from tierwise.sources.text import TextFile, open_bytes

_CHUNK = 1 << 20


def relaid(text: TextFile, delimiter: str, titles: int, header: Sequence[str], scratch: Path) -> tuple[TextFile, str]:
    """Return the text without its first lines, under a header that was given, blanks made tabs; and its delimiter."""
    if not titles and not header and delimiter != BLANKS:
        return text, delimiter
    mark = "\t" if delimiter == BLANKS else delimiter
    copy = scratch / f"{text.original.stem}.{text.fingerprint[:12]}.relaid"
    with open_bytes(text) as source, copy.open("wb") as out:
        for _ in range(titles):
            source.readline()
        if header:
            out.write(_line(header, mark))
        _pour(source, out, by_blanks=delimiter == BLANKS)
    before = text.lines_before + titles - bool(header)
    return replace(text, path=copy, compressed=False, lines_before=before), mark


def _line(cells: Sequence[str], delimiter: str) -> bytes:
    line = io.StringIO()
    csv.writer(line, delimiter=delimiter, lineterminator="\n").writerow(cells)
    return line.getvalue().encode()


def _pour(source: BinaryIO, out: BinaryIO, by_blanks: bool) -> None:
    if by_blanks:
        for line in source:
            out.write(b"\t".join(line.split()) + b"\n")
        return
    while chunk := source.read(_CHUNK):
        out.write(chunk)
