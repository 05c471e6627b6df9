"""A file that is one JSON object around the list of rows, as the answers of web services are: `{"orders": [...]}`."""

from __future__ import annotations

import json
from typing import Any

from tierwise.sources.text import TextFile, open_bytes

MOST_BYTES_OF_AN_ANSWER = 256_000_000
"""A larger file is not held in memory to look for a list: it is read line by line."""
_LINES = {".jsonl", ".ndjson"}
_FIRST_LINE_BYTES = 16_000_000


def list_within(text: TextFile) -> str | None:
    """Return the name of the one list of objects in the one object of the file; None where the file is not so.

    An object with an id, or in a file of JSON lines, is a row itself, and its list belongs to it.
    """
    if (
        _LINES & set(text.original.suffixes)
        or _first_line_is_a_row(text)
        or text.path.stat().st_size > MOST_BYTES_OF_AN_ANSWER
    ):
        return None
    with open_bytes(text) as file:
        whole = _parsed(file.read())
    if not isinstance(whole, dict) or "id" in whole:
        return None
    lists = [key for key, value in whole.items() if _is_list_of_objects(value) and '"' not in key]
    return lists[0] if len(lists) == 1 else None


def _first_line_is_a_row(text: TextFile) -> bool:
    """Tell JSON lines: the first line is an object by itself, and another line comes after it."""
    with open_bytes(text) as file:
        first = file.readline(_FIRST_LINE_BYTES)
        more = file.read(1024).strip()
    return bool(more) and isinstance(_parsed(first), dict)


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)


def _parsed(content: bytes) -> Any:
    """Return what JSON says, None where it is none: whoever asks wants to know just that."""
    try:
        return json.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except ValueError:
        return None
