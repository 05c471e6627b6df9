"""What every engine can do. Stages are written against this, and against nothing else of an engine."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from tierwise.contracts.rows import Rows
from tierwise.errors import ErrorKind, Family
from tierwise.language import Text
from tierwise.sql.steps import Step

STEP_FAILED = ErrorKind(
    "engine.step_failed",
    Family.ENGINE,
    what=Text("step {step} failed: {message}", "步骤 {step} 执行失败：{message}"),
    cause=Text("the engine refused this SQL:\n{sql}", "引擎拒绝执行以下 SQL：\n{sql}"),
    cure=Text(
        "check the input for values beyond DECIMAL(18,2); if it looks sound, report the step and the SQL above",
        "请检查输入是否有超出 DECIMAL(18,2) 的数值；若输入正常，请把上面的步骤与 SQL 报告给我们",
    ),
)
DISK_FULL = ErrorKind(
    "resource.disk_full",
    Family.RESOURCE,
    what=Text("the disk is full: {message}", "磁盘已满：{message}"),
    cause=Text("results or spill files no longer fit", "结果文件或临时文件放不下了"),
    cure=Text(
        "free some space, or point --temp and the output to another disk, and run again; nothing published changed",
        "请腾出空间，或把 --temp 与输出目录指向别的磁盘后重试；已发布的结果没有改变",
    ),
)
OUT_OF_MEMORY = ErrorKind(
    "resource.out_of_memory",
    Family.RESOURCE,
    what=Text("step {step} does not fit into the memory limit", "步骤 {step} 超出内存上限"),
    cause=Text("{message}", "{message}"),
    cure=Text(
        "raise --memory, lower --threads, or give a --temp folder with more room to spill",
        "请调高 --memory、调低 --threads，或用 --temp 指定空间更大的临时目录",
    ),
)


_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def telling_full_disks() -> Iterator[None]:
    """Turn the operating system's word for a full disk into `resource.disk_full`; other errors pass."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_SPACE:
            raise DISK_FULL.error(message=str(error)) from error
        raise


class Engine(Protocol):
    """Runs portable steps. Table names are global to the engine's session; `close` forgets them all."""

    name: str

    @property
    def version(self) -> str:
        """The version of the engine's library."""
        ...

    def attach(self, table: str, rows: Rows) -> None:
        """Make Parquet files, or what is derived of them, readable as `table`."""
        ...

    def attach_imports(self, table: str, files: Sequence[Path]) -> None:
        """Make the Parquet files of several imports, `<import_id>/<table>/part-*.parquet`, readable as one `table`.

        Columns are joined by name, null where a file lacks one; `import_id` says which import a row came with.
        """
        ...

    def run(self, step: Step) -> None:
        """Make the table of one step; raises `engine.step_failed` with its name and SQL."""
        ...

    def columns(self, table: str) -> list[str]:
        """Return the column names of a table."""
        ...

    def records(self, name: str, sql: str) -> list[dict[str, Any]]:
        """Return the rows of a small portable SELECT; `name` names it in errors."""
        ...

    def write(self, table: str, folder: Path, order_by: Sequence[str] = (), part: int = 0) -> int:
        """Write a table as Parquet files into a folder; return its number of rows.

        A table that is written in several parts numbers them by `part`.

        The order of rows, and so every byte, depends only on the rows when `order_by` is a key.
        """
        ...

    def close(self) -> None:
        """Release the session and its temporary files."""
        ...


@runtime_checkable
class SharingEngine(Engine, Protocol):
    """An engine on one machine: it works through a big table in shares of customers, to stay within its memory."""

    def require(self, rows: int, row_bytes: int) -> None:
        """Raise `resource.memory_needed` or `resource.room_needed` where a sorted table cannot be written."""
        ...

    def attach_share(self, table: str, files: Sequence[Path], key: str, share: int, shares: int) -> None:
        """Make readable as `table` only the rows whose `key` falls into one of several shares."""
        ...

    def take_share(self, table: str, whole: str, key: str, share: int, shares: int) -> None:
        """Make readable as `table` only one share of the table `whole`, by its `key`."""
        ...
