"""From numpy to the columns of a canonical table, without a Python object per value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tierwise.contracts.tables import Kind, Table

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

ARROW_TYPES: dict[Kind, Any] = {
    Kind.TEXT: pa.string(),
    Kind.DATE: pa.date32(),
    Kind.TIMESTAMP: pa.timestamp("us"),
    Kind.MONEY: pa.decimal128(18, 2),
    Kind.QUANTITY: pa.decimal128(18, 4),
    Kind.INTEGER: pa.int64(),
}

_QUADS = np.array([list(f"{number:04d}".encode()) for number in range(10_000)], np.uint8)


def ids(prefix: str | NDArray[np.uint8], numbers: Ints, digits: int) -> Any:
    """Return fixed-width ids, a letter and `digits` digits (a multiple of 4): C00000012.

    `prefix` is one ASCII letter for all, or the code of the letter of each row.
    """
    letters = np.uint8(ord(prefix)) if isinstance(prefix, str) else prefix
    rows, width = len(numbers), digits + 1
    text = np.empty((rows, width), np.uint8)
    text[:, 0] = letters
    rest = numbers
    for at in range(width - 4, 0, -4):
        rest, quad = np.divmod(rest, 10_000)
        text[:, at : at + 4] = _QUADS[quad]
    offsets = np.arange(rows + 1, dtype=np.int32) * width
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(text))


def _decimal(values: Ints, scale: int, missing: Mask | None) -> Any:
    words = np.empty((len(values), 2), np.int64)  # little-endian 128 bit: value, sign
    words[:, 0] = values
    words[:, 1] = values >> 63
    plain = pa.Array.from_buffers(pa.decimal128(18, scale), len(values), [None, pa.py_buffer(words)])
    return blank(plain, missing)


def money(cents: Ints, missing: Mask | None = None) -> Any:
    """Return DECIMAL(18, 2) from whole cents."""
    return _decimal(cents, 2, missing)


def quantity(ten_thousandths: Ints, missing: Mask | None = None) -> Any:
    """Return DECIMAL(18, 4) from whole ten-thousandths."""
    return _decimal(ten_thousandths, 4, missing)


def dates(days: Ints, missing: Mask | None = None) -> Any:
    """Return dates from days since 1970."""
    return blank(pa.array(days.astype(np.int32)).view(pa.date32()), missing)


def moments(seconds: Ints, missing: Mask | None = None) -> Any:
    """Return timestamps of the shop's own wall clock from seconds since 1970."""
    return blank(pa.array(seconds * 1_000_000).view(pa.timestamp("us")), missing)


def words(codes: NDArray[Any], names: Sequence[str]) -> Any:
    """Return names by their code; code −1 is null. Dictionary-encoded: written to Parquet as plain text.

    A column written as it is needs names that differ: with a repeated one pyarrow does not write the same
    bytes every time.
    """
    small = codes.astype(np.int16)
    return pa.DictionaryArray.from_arrays(pa.array(small, mask=small < 0), pa.array(names, pa.string()))


def plain(array: Any) -> Any:
    """Return the text of a dictionary-encoded column."""
    return array.cast(pa.string())


def join(*parts: Any) -> Any:
    """Return the parts put together, row by row; a string among them is the same in every row."""
    texts = [part if isinstance(part, str) else plain(part) for part in parts]
    return pc.binary_join_element_wise(*texts, "")


def blank(array: Any, missing: Mask | None) -> Any:
    """Return the array with nulls where `missing`."""
    if missing is None or not missing.any():
        return array
    return pc.if_else(pa.array(missing), pa.scalar(None, array.type), array)


def schema_of(table: Table) -> Any:
    """Return the Arrow schema of a canonical table as files carry it (text plain, everything nullable)."""
    return pa.schema([(column.name, ARROW_TYPES[column.kind]) for column in table.given])
