"""Blank lines of delimited text: they are no records, and the engine counts them when it numbers the rows it refuses."""

from __future__ import annotations

from collections.abc import Sequence

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.sources.text import TextFile, open_bytes

_CHUNK = 1 << 24


def leave_out_blank_lines(engine: DuckDBEngine, text: TextFile, bad: str) -> None:
    """Lower the `row_number` of the refused rows in `bad` by the blank lines before each of them."""
    if not _has_blank_lines(text):
        return
    import pyarrow as pa

    positions = [int(row[0]) for row in engine.native("bad rows", f'SELECT position FROM "{bad}" ORDER BY position')]
    counted = pa.table({"position": positions, "blanks": _blank_lines_before(text, positions)})
    engine.register(f"{bad}_blanks", counted)
    engine.native(
        "number bad rows",
        f'UPDATE "{bad}" AS b SET row_number = b.row_number - c.blanks FROM "{bad}_blanks" AS c '
        "WHERE b.position = c.position",
    )
    engine.unregister(f"{bad}_blanks")


def _has_blank_lines(text: TextFile) -> bool:
    """A quick look, a chunk at a time; most files have none."""
    end = b""
    with open_bytes(text) as file:
        while chunk := file.read(_CHUNK):
            seen = end + chunk
            if b"\n\n" in seen or b"\n\r\n" in seen or b"\r\r" in seen:
                return True
            end = seen[-3:]
    return False


def _blank_lines_before(text: TextFile, positions: Sequence[int]) -> list[int]:
    """Return for each byte position (from 1, ascending) how many blank lines lie before it, outside of quotes."""
    found: list[int] = []
    blanks, start, quoted = 0, 0, False
    with open_bytes(text) as file:
        for line in file:
            while len(found) < len(positions) and positions[len(found)] - 1 <= start:
                found.append(blanks)
            if len(found) == len(positions):
                break
            blanks += not quoted and not line.strip(b"\r\n")
            quoted ^= line.count(b'"') % 2 == 1
            start += len(line)
    return found + [blanks] * (len(positions) - len(found))
