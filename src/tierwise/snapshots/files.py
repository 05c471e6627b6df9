"""Writing files so that a crash leaves either the old or the new, on disk and not only in a cache."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any


def encode(value: Any) -> Any:
    """Return what JSON has no word for: money as an exact string, dates as ISO 8601."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not written to JSON")


def to_json(data: Any) -> str:
    """Return data as readable JSON, keys in the order they have: equal data gives equal bytes."""
    return json.dumps(data, ensure_ascii=False, indent=1, default=encode) + "\n"


def sha256(file: Path) -> str:
    """Return the SHA-256 of a file, read in blocks."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def sync_file(file: Path) -> None:
    """Have the disk confirm a file's bytes."""
    with file.open("rb") as stream:
        os.fsync(stream.fileno())


def sync_folder(folder: Path) -> None:
    """Have the disk confirm a folder's entries (created, renamed)."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_synced(file: Path, text: str) -> None:
    """Write a new file and have the disk confirm it."""
    with file.open("x", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def sync_tree(folder: Path) -> None:
    """Have the disk confirm every file and every folder below a folder, and the folder itself."""
    for path in sorted(folder.rglob("*"), reverse=True):
        (sync_folder if path.is_dir() else sync_file)(path)
    sync_folder(folder)


def files_below(folder: Path) -> Iterable[Path]:
    """All files below a folder, in a stable order."""
    return (file for file in sorted(folder.rglob("*")) if file.is_file())
