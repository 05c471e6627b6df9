"""Spark: the engine for those who outgrow one machine. The same steps, the same tables, the same labels."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from tierwise.config.environment import prepare_java
from tierwise.contracts.rows import Derived, Rows
from tierwise.engine.base import DISK_FULL, STEP_FAILED
from tierwise.engine.plans import attach_derived
from tierwise.errors import ErrorKind, Family
from tierwise.language import Text
from tierwise.sql.portable import to_dialect
from tierwise.sql.steps import Step

_Result = TypeVar("_Result")

NO_SPARK = ErrorKind(
    "engine.spark_missing",
    Family.RESOURCE,
    what=Text("Spark cannot be started: {message}", "无法启动 Spark：{message}"),
    cause=Text("pyspark or a Java runtime (17 or later) is not installed", "未安装 pyspark 或 Java 17 以上运行环境"),
    cure=Text(
        "pip install 'tierwise[spark]' brings both, or use --engine duckdb",
        "执行 pip install 'tierwise[spark]' 可一并安装，或改用 --engine duckdb",
    ),
)


class SparkEngine:
    """A Spark session; `master` is Spark's own notation (`local[2]`, `spark://host:7077`, `yarn`)."""

    name = "spark"

    def __init__(
        self,
        master: str = "local[*]",
        time_zone: str = "UTC",
        memory: str | None = None,
        settings: dict[str, str] | None = None,
    ) -> None:
        prepare_java()
        try:
            from pyspark.sql import SparkSession

            builder = SparkSession.builder.master(master).appName("tierwise")
            chosen = {"spark.sql.session.timeZone": time_zone}
            if memory:
                chosen |= {name: _java_size(memory) for name in ("spark.driver.memory", "spark.executor.memory")}
            shape = _LOCAL if master.startswith("local") else _CLUSTER
            for key, value in (_SETTINGS | shape | chosen | (settings or {})).items():
                builder = builder.config(key, value)
            self._spark = builder.getOrCreate()
            if shape is _CLUSTER:
                self._spread()
        except Exception as error:  # py4j and pyspark raise many types when no Java answers
            raise NO_SPARK.error(message=str(error).split("\n", 1)[0]) from error
        self._spark.sparkContext.setLogLevel("ERROR")
        self._cached: list[Any] = []

    def _spread(self) -> None:
        """Cut the work of a cluster into several parts for each of its cores, so that no part is large."""
        parts = str(max(_FEWEST_PARTS, _PARTS_PER_CORE * self._spark.sparkContext.defaultParallelism))
        for name in ("spark.sql.shuffle.partitions", "spark.sql.files.minPartitionNum"):
            if self._spark.conf.get(name, None) in (None, _SPARKS_OWN_PARTITIONS):
                self._spark.conf.set(name, parts)

    @property
    def version(self) -> str:
        """The version of Spark."""
        return str(self._spark.version)

    def attach(self, table: str, rows: Rows) -> None:
        """Make Parquet files, or what is derived of them, readable as `table`."""
        if isinstance(rows, Derived):
            attach_derived(self, table, rows)
            return
        frame = self._guarded(f"attach {table}", "", lambda: self._spark.read.parquet(*[str(file) for file in rows]))
        frame.createOrReplaceTempView(table)

    def attach_imports(self, table: str, files: Sequence[Path]) -> None:
        """Make the files of several imports readable as one table, joined by name, with a column `import_id`."""
        from pyspark.sql import functions

        paths = [str(file) for file in files]

        def read() -> Any:
            frame = self._spark.read.option("mergeSchema", True).parquet(*paths)
            steps = functions.split(functions.col("_metadata.file_path"), "/")
            return frame.withColumn("import_id", functions.element_at(steps, -3))

        self._guarded(f"attach {table}", "", read).createOrReplaceTempView(table)

    def run(self, step: Step) -> None:
        """Make the table of one step; a stored one is cached on the executors."""
        sql = to_dialect(step.sql, "spark")

        def make() -> None:
            frame = self._spark.sql(sql)
            if step.stored:
                frame = frame.persist()
                self._cached.append(frame)
            frame.createOrReplaceTempView(step.name)

        self._guarded(step.name, sql, make)

    def columns(self, table: str) -> list[str]:
        """Return the column names of a table."""
        return list(self._spark.table(table).columns)

    def records(self, name: str, sql: str) -> list[dict[str, Any]]:
        """Return the rows of a small portable SELECT."""
        spark_sql = to_dialect(sql, "spark")
        return self._guarded(name, spark_sql, lambda: [row.asDict() for row in self._spark.sql(spark_sql).collect()])

    def write(self, table: str, folder: Path, order_by: Sequence[str] = (), part: int = 0) -> int:
        """Write a table as Parquet files into a new folder."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        frame = self._spark.table(table)
        frame = frame.orderBy(*order_by) if order_by else frame

        def save() -> int:
            frame.write.option("compression", "zstd").parquet(str(folder))
            for extra in [*folder.glob("_*"), *folder.glob(".*.crc")]:
                extra.unlink()
            return int(self._spark.read.parquet(str(folder)).count())

        return self._guarded(f"write {table}", f"SELECT * FROM {table}", save)

    @property
    def session(self) -> Any:
        """The session itself, for a library that brings its own SQL (Splink)."""
        return self._spark

    def spread(self, table: str) -> None:
        """Deal the rows of a table evenly over all parts: a small file with much work in each row would stay one part."""
        parts = int(self._spark.conf.get("spark.sql.shuffle.partitions"))
        self._spark.table(table).repartition(parts).createOrReplaceTempView(table)

    def teach(
        self, functions: Mapping[str, tuple[Callable[..., Any], str]], modules: Sequence[ModuleType] = ()
    ) -> None:
        """Give the session functions in Python, each with the SQL type of what it returns.

        They travel to the executors with the `modules` that they call: these need Python, and nothing of ours.
        """
        from pyspark import cloudpickle
        from pyspark.sql.functions import udf

        for module in modules:
            cloudpickle.register_pickle_by_value(module)
        for name, (function, kind) in functions.items():
            # Arrow would be a second thing that executors need
            self._spark.udf.register(name, udf(function, kind, useArrow=False))

    def close(self) -> None:
        """Stop the session."""
        for frame in self._cached:
            frame.unpersist()
        self._spark.stop()

    @staticmethod
    def _guarded(name: str, sql: str, action: Callable[[], _Result]) -> _Result:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        try:
            return action()
        except (PySparkException, Py4JError) as error:
            message = str(error).split("\n\tat ", 1)[0]
            if "No space left" in message:
                raise DISK_FULL.error(message=message) from error
            raise STEP_FAILED.error(step=name, message=message, sql=sql) from error


def _java_size(memory: str) -> str:
    """A size as Java writes it: 2GB is 2g."""
    return memory.strip().lower().removesuffix("b").removesuffix("i").replace(" ", "")


_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.adaptive.enabled": "true",
    # an overflow must be an error, as it is in DuckDB, and never a silent null
    "spark.sql.ansi.enabled": "true",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
}
# one partition per core: small shops are not cut into 200 empty tasks
_LOCAL = {"spark.sql.shuffle.partitions": "8", "spark.pyspark.python": sys.executable}
# parts stay as they were cut: merging them by size would give two cores half of the data each
_CLUSTER = {"spark.sql.adaptive.coalescePartitions.enabled": "false"}
_SPARKS_OWN_PARTITIONS = "200"
_FEWEST_PARTS = 32
_PARTS_PER_CORE = 4
