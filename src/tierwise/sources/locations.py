"""What a location is, before it is opened: a folder of files, one file, a database; and what its bytes hash to."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tierwise.errors import Place
from tierwise.sources.problems import FOLDER_WITHOUT_DATA, UNREADABLE

_DATA = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".json", ".jsonl", ".ndjson", ".parquet")


def is_folder_of_files(location: str) -> bool:
    """Tell a folder, or a pattern, of files that are tables each; a folder of Parquet is the parts of one table."""
    path = Path(location).expanduser()
    if "://" in location or not (path.is_dir() or _is_pattern(location)):
        return False
    return any(_kind(file) != ".parquet" for file in _found(location))


def files_of(location: str) -> list[Path]:
    """The data files of a folder or a pattern by name, hidden ones left out; a single file is itself."""
    path = Path(location).expanduser()
    if not path.is_dir() and not _is_pattern(location):
        return [path]
    found = _found(location)
    if not found:
        raise FOLDER_WITHOUT_DATA.error(Place(file=location), path=location, example=f"{location}/orders.csv")
    return found


def fingerprint_of(location: str) -> str | None:
    """The SHA-256 of a single file, equal to that of the raw table it is opened as; None where only rows can tell."""
    path = Path(location).expanduser()
    if "://" in location or not path.is_file():
        return None
    try:
        with path.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise UNREADABLE.error(Place(file=location), path=location, reason=error.strerror or str(error)) from error


def _is_pattern(location: str) -> bool:
    return any(mark in location for mark in "*?") and not Path(location).exists()


def _found(location: str) -> list[Path]:
    path = Path(location).expanduser()
    files = path.iterdir() if path.is_dir() else Path(path.anchor).glob(str(path.relative_to(path.anchor)))
    return sorted(file for file in files if file.is_file() and file.name[0] not in ".~" and _kind(file) in _DATA)


def _kind(file: Path) -> str:
    return Path(file.name.removesuffix(".gz")).suffix.lower()
