"""The one door to sources: tell the format of a location and hand it to its reader."""

from __future__ import annotations

import codecs
import os
from dataclasses import replace
from pathlib import Path

from tierwise.contracts.ingest import RawTable, ReadOptions
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.progress import Observer
from tierwise.errors import Place
from tierwise.language import Text
from tierwise.sources.database import is_database, open_database
from tierwise.sources.delimited import open_delimited
from tierwise.sources.excel import OLE_MAGIC, ZIP_MAGIC, open_excel
from tierwise.sources.joined import open_joined
from tierwise.sources.jsonlines import open_jsonlines
from tierwise.sources.locations import files_of, fingerprint_of, is_folder_of_files
from tierwise.sources.parquet import open_parquet
from tierwise.sources.problems import EMPTY, NOT_FOUND, UNKNOWN_FORMAT, UNREADABLE
from tierwise.sources.rest import is_rest, open_rest

SQLITE_MAGIC = b"SQLite format 3\0"
_HEAD_BYTES = 4096


def open_source(
    engine: DuckDBEngine, location: str, options: ReadOptions, scratch: Path, observer: Observer
) -> RawTable:
    """Open a file, a folder or pattern of Parquet files, a database URL or an HTTP API, as a raw table on `engine`.

    Scratch files go into `scratch` and must stay until the raw table is no longer used. Raises
    `input.*` and `source.*` errors that name the place and the cure.
    """
    observer.detail(Text("reading {location}", "正在读取 {location}").fill(location=location))
    raw = _opened(engine, location, options, scratch, observer)
    for note in raw.notes:
        observer.detail(note)
    return replace(raw, decimal_mark=options.decimal_mark)


def _opened(engine: DuckDBEngine, location: str, options: ReadOptions, scratch: Path, observer: Observer) -> RawTable:
    if is_rest(location):
        return open_rest(engine, location, options, scratch, observer)
    if is_database(location):
        return open_database(engine, location, options, scratch)
    path = Path(location).expanduser()
    if options.query and (path.is_dir() or is_folder_of_files(location)):
        return open_joined(engine, location, files_of(location), options, scratch, _opened_file)
    if any(mark in location for mark in "*?") and not path.exists():
        return open_parquet(engine, location, _matching(location))
    if path.is_dir():
        return open_parquet(engine, location, _parts(path))
    return _opened_file(engine, path, options, scratch)


def _opened_file(engine: DuckDBEngine, path: Path, options: ReadOptions, scratch: Path) -> RawTable:
    """Open a file as what its first bytes say it is."""
    _check_readable(path)
    head = _head(path)
    if head.startswith(SQLITE_MAGIC):
        raw = open_database(engine, f"sqlite:///{path.absolute()}", options, scratch)
        return replace(raw, file=str(path), fingerprint=fingerprint_of(str(path)) or raw.fingerprint)
    if page := _page(head):
        raise UNKNOWN_FORMAT.error(Place(file=str(path)), path=str(path), reason=page)
    if head.startswith(b"PAR1"):
        return open_parquet(engine, str(path), [path])
    if head.startswith((ZIP_MAGIC, OLE_MAGIC)):
        return open_excel(engine, path, options, scratch)
    if _is_json(path, head):
        return open_jsonlines(engine, path, options, scratch)
    return open_delimited(engine, path, options, scratch)


def _check_readable(path: Path) -> None:
    if not path.exists():
        raise NOT_FOUND.error(path=str(path))
    if not os.access(path, os.R_OK):
        raise UNREADABLE.error(path=str(path), reason=Text("permission denied", "没有读取权限"))
    if path.stat().st_size == 0:
        raise EMPTY.error(path=str(path))


def _matching(pattern: str) -> list[Path]:
    path = Path(pattern).expanduser()
    return sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor))))


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD_BYTES)
    except OSError as error:
        raise UNREADABLE.error(Place(file=str(path)), path=str(path), reason=error.strerror or str(error)) from error


def _page(head: bytes) -> Text | None:
    """Tell a web page, or an old XML workbook, that some systems write under the name .xls or .csv."""
    start = head.removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if start.startswith((b"<html", b"<!doctype html", b"<table", b"<meta", b"<style", b"<head", b"<div")):
        return Text(
            "it is a web page, whatever its name says; open it in Excel and save it as .xlsx",
            "无论文件名如何，它其实是网页；请用 Excel 打开后另存为 .xlsx",
        )
    if start.startswith(b"<?xml") or start.startswith(b"<workbook"):
        return Text(
            "it is XML; if Excel opens it, save it there as .xlsx",
            "它是 XML 文件；如 Excel 能打开，请另存为 .xlsx",
        )
    return None


def _is_json(path: Path, head: bytes) -> bool:
    """Tell JSON by its first letter, an array only with its suffix: a CSV header may begin with a bracket."""
    named_so = any(suffix in (".json", ".jsonl", ".ndjson") for suffix in path.suffixes)
    first = head.removeprefix(codecs.BOM_UTF8).lstrip()[:2].replace(b" ", b"")
    return named_so or first.startswith((b'{"', b"{}"))


def _parts(folder: Path) -> list[Path]:
    """The parts of the one Parquet table in a folder: its own files, or those of partitions like `year=2025`.

    Other folders inside it, a workspace's results among them, hold other tables and are left alone.
    """
    parts = [
        file for file in folder.rglob("*.parquet") if all("=" in name for name in file.relative_to(folder).parts[:-1])
    ]
    return sorted(parts)
