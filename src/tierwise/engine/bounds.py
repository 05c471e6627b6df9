"""What an engine may use, and what a table of results needs: known before anything is computed.

DuckDB spills what it sorts, joins and groups, so that a limit costs time and not the result. What it cannot spill is
what each thread holds while it works: its buffers, and the rows of one row group of the Parquet file that it writes.
"""

from __future__ import annotations

import os
import re
import shutil
from math import ceil
from pathlib import Path

from tierwise.errors import ErrorKind, Family
from tierwise.language import Text

TOO_LITTLE_MEMORY = ErrorKind(
    "resource.memory_needed",
    Family.RESOURCE,
    what=Text("this needs about {needed} MB of memory, and the limit is {limit} MB", "约需内存 {needed} MB，而上限为 {limit} MB"),
    cause=Text(
        "each of {threads} threads holds the rows that it writes, {rows} of {row_bytes} bytes at a time",
        "{threads} 个线程各自需要保留待写入的数据：每批 {rows} 行，每行 {row_bytes} 字节",
    ),
    cure=Text("give --memory {needed}MB or more, or lower --threads", "请用 --memory {needed}MB 或更大，或调低 --threads"),
)  # fmt: skip
TOO_LITTLE_ROOM = ErrorKind(
    "resource.room_needed",
    Family.RESOURCE,
    what=Text(
        "spilling needs about {needed} MB of disk in {folder}, and {free} MB are free",
        "临时文件约需 {folder} 中的 {needed} MB 磁盘空间，而仅剩 {free} MB",
    ),
    cause=Text("the table is larger than the memory limit of {limit} MB", "数据表大于内存上限 {limit} MB"),
    cure=Text(
        "point --temp to a folder with more room, or raise --memory", "请用 --temp 指定空间更大的目录，或调高 --memory"
    ),
)

MB = 1_000_000
BASE_BYTES = 6 * MB
THREAD_BYTES = 4 * MB
READING_THREAD_BYTES = 60 * MB
"""What a thread holds that reads a large file, checks it and deals its rows to shares."""
ROWS_AT_A_TIME = 122_880
"""DuckDB's row group."""
_UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_UNITS |= {"KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}


def bytes_of(size: str) -> int | None:
    """A size as DuckDB writes it (`2GB`, `57.2 MiB`) in bytes; None where it is none."""
    found = re.fullmatch(r"\s*([0-9.]+)\s*([A-Za-z]+)\s*", size)
    unit = _UNITS.get(found[2].upper()) if found else None
    return int(float(found[1]) * unit) if found and unit else None


def threads_within(memory: str) -> int | None:
    """How many threads a memory limit carries, at least one and at most the cores; None where it cannot be read."""
    limit = bytes_of(memory)
    return None if limit is None else max(1, min(os.cpu_count() or 1, limit // READING_THREAD_BYTES))


def needed_bytes(rows: int, row_bytes: int, threads: int) -> int:
    """The memory that writing a sorted table needs at the least, however much of it is spilled."""
    return BASE_BYTES + threads * (THREAD_BYTES + min(rows, ROWS_AT_A_TIME) * row_bytes)


def require_memory(rows: int, row_bytes: int, threads: int, limit: int) -> None:
    """Raise `resource.memory_needed` where a table cannot be written within a limit."""
    needed = needed_bytes(rows, row_bytes, threads)
    if needed > limit:
        held = min(rows, ROWS_AT_A_TIME)
        raise TOO_LITTLE_MEMORY.error(
            needed=ceil(needed / MB), limit=limit // MB, threads=threads, rows=f"{held:,}", row_bytes=row_bytes
        )


def require_room(rows: int, row_bytes: int, limit: int, folder: Path) -> None:
    """Raise `resource.room_needed` where what does not fit into memory does not fit onto the disk either.

    A sort writes each row once, beside the aggregates that it came from.
    """
    spilled = 2 * rows * row_bytes - limit
    free = shutil.disk_usage(folder).free
    if spilled > free:
        raise TOO_LITTLE_ROOM.error(needed=ceil(spilled / MB), folder=folder, free=free // MB, limit=limit // MB)
