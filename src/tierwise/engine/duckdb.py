"""DuckDB, embedded: the default engine, and the one that reads raw files for every engine."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import duckdb

from tierwise.contracts.rows import Derived, Rows
from tierwise.engine.base import DISK_FULL, OUT_OF_MEMORY, STEP_FAILED
from tierwise.engine.bounds import bytes_of, require_memory, require_room, threads_within
from tierwise.engine.plans import attach_derived
from tierwise.engine.spill import SpillFolder
from tierwise.errors import ErrorKind, Family, TierwiseError
from tierwise.language import Text
from tierwise.sql.portable import to_dialect
from tierwise.sql.steps import Step

_Result = TypeVar("_Result")

BAD_LIMIT = ErrorKind(
    "config.engine_limit",
    Family.CONFIG,
    what=Text("the engine refuses its limits: {message}", "引擎不接受所给的限制：{message}"),
    cause=Text("the memory limit or the number of threads cannot be read", "内存上限或线程数无法识别"),
    cure=Text("write memory as 2GB or 500MB, threads as a number from 1", "内存请写成 2GB 或 500MB，线程数须从 1 起"),
)


def quoted(text: str) -> str:
    """Return `text` as a SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


_BITS_COUNTED_IN_PLACE = 18
"""Whole numbers of so many bits are counted in a table of all of them, three times as fast as by hashing (12 by default).

A table has an entry for each number, used or not: with a count alone they take 4 MB a thread.
"""

_ROWS_HELD_PER_SHARE = 65_536
_ROWS_A_LOOKUP_READS = 32_768


def _share_of(key: str, shares: int) -> str:
    """SQL: the share, from 0, that a key falls into. Means the same within one version of DuckDB only."""
    return f"CAST(hash({key}) % {shares} AS INTEGER)"


class DuckDBEngine:
    """An in-memory DuckDB session that spills to `temp_folder` beyond `memory_limit` (as '1GB').

    `memory_limit` defaults to DuckDB's own, 80 % of the machine's memory, and `threads` to as many as the machine has
    and a given limit carries.
    """

    name = "duckdb"
    version = duckdb.__version__

    def __init__(
        self, memory_limit: str | None = None, threads: int | None = None, temp_folder: Path | None = None
    ) -> None:
        self._folder = SpillFolder(temp_folder)
        self._spill = self._folder.path
        settings: dict[str, Any] = {"temp_directory": str(self._spill), "autoinstall_known_extensions": False}
        if memory_limit:
            settings["memory_limit"] = memory_limit
        threads = threads or (threads_within(memory_limit) if memory_limit else None)
        if threads:
            settings["threads"] = threads
        try:
            self._connection = duckdb.connect(":memory:", config=settings)
        except duckdb.Error as error:
            self._folder.remove()
            raise BAD_LIMIT.error(message=str(error)) from error
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute(f"SET perfect_ht_threshold = {_BITS_COUNTED_IN_PLACE}")

    def require(self, rows: int, row_bytes: int) -> None:
        """Raise `resource.memory_needed` or `resource.room_needed` where so large a sorted table cannot be written."""
        settings = self.native_records(
            "limits", "SELECT current_setting('memory_limit') AS memory, current_setting('threads') AS threads"
        )[0]
        limit = bytes_of(settings["memory"])
        if limit is not None:
            require_memory(rows, row_bytes, int(settings["threads"]), limit)
            require_room(rows, row_bytes, limit, self._spill)

    def __enter__(self) -> DuckDBEngine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def attach(self, table: str, rows: Rows) -> None:
        """Make Parquet files, or what is derived of them, readable as `table`."""
        if isinstance(rows, Derived):
            attach_derived(self, table, rows)
            return
        paths = ", ".join(quoted(str(file)) for file in rows)
        self.native(
            f"attach {table}", f'CREATE OR REPLACE TEMP VIEW "{table}" AS SELECT * FROM read_parquet([{paths}])'
        )

    def attach_imports(self, table: str, files: Sequence[Path]) -> None:
        """Make the files of several imports readable as one table, joined by name, with a column `import_id`."""
        paths = ", ".join(quoted(str(file)) for file in files)
        rows = f"read_parquet([{paths}], union_by_name = true, filename = '_file')"
        sql = f"SELECT * EXCLUDE (_file), string_split(_file, '/')[-3] AS import_id FROM {rows}"
        self.native(f"attach {table}", f'CREATE OR REPLACE TEMP VIEW "{table}" AS {sql}')

    def take_share(self, table: str, whole: str, key: str, share: int, shares: int) -> None:
        """Make readable as `table` only one share of the table `whole`, as `write_shares` deals."""
        rows = f'SELECT * FROM "{whole}" WHERE {_share_of(key, shares)} = {share}'
        self.native(f"attach {table}", f'CREATE OR REPLACE TEMP VIEW "{table}" AS {rows}')

    def attach_share(self, table: str, files: Sequence[Path], key: str, share: int, shares: int) -> None:
        """Make readable as `table` only the rows whose `key` falls into one of several shares, as `write_shares` deals."""
        paths = ", ".join(quoted(str(file)) for file in files)
        rows = f"SELECT * FROM read_parquet([{paths}]) WHERE {_share_of(key, shares)} = {share}"
        self.native(f"attach {table}", f'CREATE OR REPLACE TEMP VIEW "{table}" AS {rows}')

    def write_shares(self, name: str, query: str, folder: Path, key: str, shares: int) -> int:
        """Write the rows of DuckDB's own SQL as `part-000-0.parquet`, `part-001-0.parquet` … by shares of `key`.

        All rows of one key are in one share, so that whatever is grouped by it can be computed share by share,
        in a fraction of the memory.
        """
        dealt = folder / ".dealt"
        sql = f"SELECT *, {_share_of(key, shares)} AS share FROM ({query})"
        self._connection.execute(f"SET partitioned_write_flush_threshold = {_ROWS_HELD_PER_SHARE}")
        self._connection.execute("SET preserve_insertion_order = false")
        done = self.native(
            name, f"COPY ({sql}) TO {quoted(str(dealt))} (FORMAT parquet, COMPRESSION snappy, PARTITION_BY (share))"
        )
        self._connection.execute("SET preserve_insertion_order = true")
        for file in sorted(dealt.glob("share=*/*.parquet")):
            share, number = file.parent.name.removeprefix("share="), file.stem.rpartition("_")[2]
            file.rename(folder / f"part-{int(share):03d}-{number}.parquet")
        shutil.rmtree(dealt)
        return int(done[0][0])

    def write_sorted(self, name: str, files: Sequence[Path], target: Path, key: str) -> None:
        """Write the rows of Parquet files once more, sorted by `key`, in groups so small that few are read for one key."""
        paths = ", ".join(quoted(str(file)) for file in files)
        query = f"SELECT * FROM read_parquet([{paths}]) ORDER BY {key}"
        options = f"FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE {_ROWS_A_LOOKUP_READS}"
        self.native(name, f"COPY ({query}) TO {quoted(str(target))} ({options})")

    def take_rows(self, table: str, files: Sequence[Path], key: str, values: Sequence[str]) -> None:
        """Make the rows of several imports' files that have one of a few keys a table, with a column `import_id`."""
        paths, wanted = (", ".join(map(quoted, each)) for each in (map(str, files), values))
        rows = f"read_parquet([{paths}], union_by_name = true, filename = '_file')"
        sql = (
            f"SELECT * EXCLUDE (_file), string_split(_file, '/')[-3] AS import_id FROM {rows} WHERE {key} IN ({wanted})"
        )
        self.native(f"rows of {table}", f'CREATE OR REPLACE TEMP TABLE "{table}" AS {sql}')

    def attach_placed(self, table: str, files: Sequence[Path], kinds: Mapping[str, str]) -> frozenset[str]:
        """Make the rows of Parquet files readable with `file_name` and `file_row`, by which they are found again.

        `kinds` are the columns and their types; those that the files lack are blank. Returns the ones they have.
        """
        rows = _placed(files)
        have = {str(row[0]) for row in self.native(f"describe {table}", f"DESCRIBE SELECT * FROM {rows}")}
        listed = ", ".join(name if name in have else f"CAST(NULL AS {kind}) AS {name}" for name, kind in kinds.items())
        sql = f"SELECT {listed}, parse_filename(filename) AS file_name, file_row_number AS file_row FROM {rows}"
        self.native(f"attach {table}", f'CREATE OR REPLACE TEMP VIEW "{table}" AS {sql}')
        return frozenset(have & set(kinds))

    def take_placed(self, table: str, places: Sequence[tuple[Path, int]], kinds: Mapping[str, str]) -> None:
        """Make the rows that stand at some places a table with the columns `kinds`; nothing else is read."""
        files = list(dict.fromkeys(file for file, _ in places))
        have = {str(row[0]) for row in self.native(f"describe {table}", f"DESCRIBE SELECT * FROM {_placed(files)}")}
        listed = ", ".join(name if name in have else f"CAST(NULL AS {kind}) AS {name}" for name, kind in kinds.items())
        parts = []
        for file in files:
            numbers = ", ".join(str(row) for where, row in places if where == file)
            parts.append(f"(filename = {quoted(str(file))} AND file_row_number IN ({numbers}))")
        sql = f"SELECT {listed} FROM {_placed(files)} WHERE {' OR '.join(parts)}"
        self.native(f"rows of {table}", f'CREATE OR REPLACE TEMP TABLE "{table}" AS {sql}')

    def run(self, step: Step) -> None:
        """Make the table of one step."""
        kind = "TABLE" if step.stored else "VIEW"
        self.native(step.name, f'CREATE OR REPLACE TEMP {kind} "{step.name}" AS {to_dialect(step.sql, "duckdb")}')

    def columns(self, table: str) -> list[str]:
        """Return the column names of a table."""
        return [row["column_name"] for row in self.native_records(f"describe {table}", f'DESCRIBE "{table}"')]

    def stream(self, name: str, sql: str, rows: int = 10_000) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the rows of DuckDB's own SQL in batches, for exports that must not hold them all."""
        self._guarded(name, sql, lambda: self._connection.execute(sql))
        while batch := self._guarded(name, sql, lambda: self._connection.fetchmany(rows)):
            yield batch

    def records(self, name: str, sql: str) -> list[dict[str, Any]]:
        """Return the rows of a small portable SELECT."""
        return self.native_records(name, to_dialect(sql, "duckdb"))

    def write(self, table: str, folder: Path, order_by: Sequence[str] = (), part: int = 0) -> int:
        """Write a table as one Parquet file, `part-000.parquet` or as `part` counts, into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        order = f" ORDER BY {', '.join(order_by)}" if order_by else ""
        return self._copy(f"write {table}", f'SELECT * FROM "{table}"{order}', folder / f"part-{part:03d}.parquet")

    def copy(self, name: str, query: str, target: Path) -> int:
        """Write the rows of DuckDB's own SQL as one small Parquet file; returns how many."""
        done = self.native(name, f"COPY ({query}) TO {quoted(str(target))} (FORMAT parquet, COMPRESSION zstd)")
        return int(done[0][0])

    def _copy(self, name: str, query: str, target: Path) -> int:
        done = self.native(name, f"COPY ({query}) TO {quoted(str(target))} (FORMAT parquet, COMPRESSION snappy)")
        return int(done[0][0])

    def native(self, name: str, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run DuckDB's own SQL, for reading raw files only; models never need it."""
        return self._guarded(name, sql, lambda: self._connection.execute(sql, parameters).fetchall())

    def native_records(self, name: str, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Run DuckDB's own SQL and return its rows as dictionaries."""

        def fetch() -> list[dict[str, Any]]:
            cursor = self._connection.execute(sql, parameters)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

        return self._guarded(name, sql, fetch)

    def register(self, table: str, source: Any) -> None:
        """Make an Arrow table or record-batch reader readable as `table`."""
        self._connection.register(table, source)

    def unregister(self, table: str) -> None:
        """Forget a table made by `register`, and let go of what it was made of."""
        self._connection.unregister(table)

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The session itself, for a library that brings its own SQL and is bound by this engine's limits (Splink)."""
        return self._connection

    def interrupt(self) -> None:
        """Stop the statement that is running, from another thread."""
        self._connection.interrupt()

    def close(self) -> None:
        """Close the session and remove its spill folder."""
        self._connection.close()
        self._folder.remove()

    @staticmethod
    def _guarded(name: str, sql: str, action: Callable[[], _Result]) -> _Result:
        try:
            return action()
        except duckdb.OutOfMemoryException as error:
            raise _memory_or_disk(name, error) from error
        except duckdb.IOException as error:
            if "space" in str(error).lower() or "File too large" in str(error):
                raise DISK_FULL.error(message=str(error)) from error
            raise STEP_FAILED.error(step=name, message=str(error), sql=sql) from error
        except duckdb.Error as error:
            raise STEP_FAILED.error(step=name, message=str(error), sql=sql) from error
        except RuntimeError as error:
            if "interrupt" not in str(error).lower():
                raise
            raise KeyboardInterrupt from error  # DuckDB answers Ctrl-C in its own words


def _placed(files: Sequence[Path]) -> str:
    """SQL: the rows of Parquet files, joined by name, with the file of each and its number there."""
    paths = ", ".join(quoted(str(file)) for file in files)
    return f"read_parquet([{paths}], union_by_name = true, filename = true, file_row_number = true)"


def _memory_or_disk(step: str, error: Exception) -> TierwiseError:
    """Tell a full spill disk, which DuckDB reports as lack of memory, from a memory limit that is too low."""
    if "max_temp_directory_size" in str(error) or "No space left" in str(error):
        return DISK_FULL.error(message=str(error))
    return OUT_OF_MEMORY.error(step=step, message=str(error))
